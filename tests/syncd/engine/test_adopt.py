"""A database is lost and an older copy put back: what QuickBooks has of ours is adopted, and nothing is created.

One journey of two clients over two months (late work, an edit after posting, a payment, an invoice that a person
voids), copied after every step. Each copy is put back at the journey's end, and half way.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from connectors.emulator import play
from mappings.problems import Problem
from mappings.world import Run
from syncd.config import load_config
from syncd.engine.adopt import AdoptReport
from syncd.engine.marks import set_mark
from syncd.engine.quickbooks import NotConnectedError, QuickBooksFailure
from syncd.engine.restored import COPIED_AT, accept_deleted
from syncd.reports.needs import needs_of
from syncd.store import schema
from syncd.store.database import Store
from tests.e2e.company import entry, timesheet
from tests.support.books import connect
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER = date(2026, 11, 3), date(2026, 12, 3)
FIRST = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord", day="2026-10-07"), entry(3, "1.25", "Nord"))
SECOND = (
    entry(1, "4.00", "Hydro"),
    entry(2, "1.50", "Nord", day="2026-10-07"),  # was 2.00 when it was billed
    entry(3, "1.25", "Nord"),
    entry(4, "0.75", "Hydro", day="2026-10-20"),  # came when October was billed
    entry(5, "3.00", "Hydro", day="2026-11-04"),
    entry(6, "2.50", "Nord", day="2026-11-05"),
)


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock) as office:
        yield office


def first_month(office: Office) -> None:
    """October, as far as paid in part."""
    office.copy("connected")
    office.pull(NOVEMBER, *FIRST)
    office.copy("pulled")
    office.draft(NOVEMBER)
    office.copy("drafted")
    office.approve(NOVEMBER)
    office.copy("approved")
    office.push(NOVEMBER, "Nord Ltd")
    office.copy("one of two sent")
    office.push(NOVEMBER)
    office.copy("sent")
    play.pay(office.emulator, doc_number="AB-2026-0001", amount="100.00")
    office.read()
    office.copy("paid in part")


def second_month(office: Office) -> None:
    """November: late work, an edit after posting, an invoice that a person voids."""
    office.clock.advance(30 * 86_400)
    office.pull(DECEMBER, *SECOND)
    office.copy("late work and an edit pulled")
    office.draft(DECEMBER)
    office.approve(DECEMBER)
    office.copy("second month approved")
    office.push(DECEMBER)
    office.copy("second month sent")
    play.void(office.emulator, doc_number="AB-2026-0004")
    office.read()
    office.steps.draft(DECEMBER, Run())
    office.copy("one voided")


def recover(office: Office, today: date) -> list[str]:
    """What the person does who put the copy back; gives back the documents that needed a word of theirs."""
    try:
        office.cycle(today)
    except (NotConnectedError, *QuickBooksFailure):
        connect(office.store, office.config, office.clock)
        office.cycle(today)
    asked = []
    while unknown := office.snapshot(today).unknown:
        asked.append(unknown[0].name)
        with office.steps.quickbooks() as opened:
            found = office.steps.adopt(opened, today, unknown[0].name, by_lines=True)
        assert isinstance(found, AdoptReport), found
    office.cycle(today)
    return asked


def assert_recovered(office: Office, today: date, *copies: str) -> None:
    """From every copy (or these) to the same end, with nothing new in QuickBooks."""
    writes, billed, documents = office.writes(), office.billed(), office.documents()
    for name in copies or office.copies:
        office.put_back(name)
        recover(office, today)
        assert office.writes() == writes, f"{name}: something was created"
        assert office.documents() == documents, name
        assert office.billed() == billed, name
        assert office.proofs(today) == ["0", "0.00", "0.00"], name


def test_every_copy_of_the_first_month_converges_by_adoption_alone(office: Office) -> None:
    first_month(office)
    assert_recovered(office, NOVEMBER)


@pytest.mark.parametrize(
    "copies",
    [
        ("connected", "drafted"),
        ("approved", "one of two sent", "sent", "paid in part"),
        ("late work and an edit pulled", "second month approved", "second month sent", "one voided"),
    ],
)
def test_every_copy_converges_after_late_work_an_edit_and_a_void(office: Office, copies: tuple[str, ...]) -> None:
    first_month(office)
    second_month(office)
    assert_recovered(office, DECEMBER, *copies)


def _pretend_copied(office: Office) -> None:
    with office.store.write() as connection:
        set_mark(connection, office.config.company.name, COPIED_AT, office.clock.now())


def test_a_copy_knows_that_it_is_one_until_it_has_caught_up(office: Office) -> None:
    first_month(office)
    office.put_back("approved")
    _pretend_copied(office)
    assert [need.code for need in needs_of(office.snapshot(NOVEMBER)) if need.code == "restored-copy"]

    recover(office, NOVEMBER)
    assert office.snapshot(NOVEMBER).copied_at is None


def test_what_was_deleted_since_the_copy_waits_for_a_person(office: Office) -> None:
    """QuickBooks tells of a deleted document its id alone: whether it was ours, a person must say."""
    office.emulator.fault("ignore-requestid", times=None)
    first_month(office)
    play.delete(office.emulator, doc_number="AB-2026-0002")
    writes = office.writes()
    office.put_back("drafted")
    _pretend_copied(office)

    recover(office, NOVEMBER)
    assert office.writes() == writes
    needs = {need.code: need.command for need in needs_of(office.snapshot(NOVEMBER))}
    assert needs["deleted-unknown"] == "syncd adopt --accept-deleted"

    with office.store.write() as connection:
        assert accept_deleted(connection, office.config.company.name, "Marie", office.clock.now())
    office.cycle(NOVEMBER)
    assert office.writes() == writes + 1
    assert office.proofs(NOVEMBER) == ["0", "0.00", "0.00"]


def test_a_document_of_other_work_than_the_drafts_keeps_its_client_waiting_and_no_other(office: Office) -> None:
    first_month(office)
    writes = office.writes()
    office.put_back("connected")
    # Hydro's work is another now, and a client has come that QuickBooks has nothing of.
    office.folder.inbox(timesheet(entry(1, "5.00", "Hydro"), *FIRST[1:], entry(9, "1.00", "Sud")))
    office.cycle(NOVEMBER)

    assert office.writes() == writes + 1, "Sud alone was sent"
    assert [row.name for row in office.snapshot(NOVEMBER).unknown] == ["AB-2026-0001"]
    # Hydro's own new draft waits with the number between: one that QuickBooks has is not given out again.
    assert set(office.documents()) == {"AB-2026-0002", "AB-2026-0004"}


def test_later_documents_of_a_client_are_adopted_after_the_earlier_ones(office: Office) -> None:
    first_month(office)
    second_month(office)
    office.put_back("connected")
    with pytest.raises(QuickBooksFailure):
        office.cycle(DECEMBER)
    connect(office.store, office.config, office.clock)
    office.cycle(DECEMBER)
    with office.steps.quickbooks() as opened:
        refused = office.steps.adopt(opened, DECEMBER, "AB-2026-0004", by_lines=True)
        unknown = office.steps.adopt(opened, DECEMBER, "AB-2026-0099", by_lines=True)
    assert isinstance(refused, Problem)
    assert isinstance(unknown, Problem)
    assert (refused.code, unknown.code) == ("adopt-in-order", "nothing-to-adopt")


def test_a_copy_that_a_person_makes_of_our_invoice_holds_nobody_back(office: Office) -> None:
    first_month(office)
    [invoice, *_] = office.emulator.all("Invoice")
    kept = ("CustomerRef", "TxnDate", "PrivateNote", "CurrencyRef", "Line", "GlobalTaxCalculation")
    office.emulator.write("Invoice", "create", {name: invoice[name] for name in kept if name in invoice})
    office.read()
    assert office.snapshot(NOVEMBER).unknown == ()


def test_a_copy_made_in_the_middle_of_sending_looks_for_what_was_in_flight(office: Office) -> None:
    first_month(office)
    rows = office.copies["approved"]["outbox"]
    flying = [row | {"state": "sending", "last_sent_at": office.clock.now(), "lease_token": 1} for row in rows]
    office.copies["sending"] = office.copies["approved"] | {"outbox": flying}
    office.clock.advance(86_400)
    writes, billed, documents = office.writes(), office.billed(), office.documents()

    office.put_back("sending")
    recover(office, NOVEMBER)

    assert (office.writes(), office.billed(), office.documents()) == (writes, billed, documents)
    assert office.proofs(NOVEMBER) == ["0", "0.00", "0.00"]


def test_what_was_taken_back_here_before_quickbooks_was_read_is_put_in_force_again(office: Office) -> None:
    """The copy has the approved document; its work has changed since, and a draft comes before the first reading."""
    first_month(office)
    writes, documents = office.writes(), office.documents()
    office.put_back("approved")
    office.pull(NOVEMBER, entry(1, "4.50", "Hydro"), *FIRST[1:])
    office.steps.draft(NOVEMBER, Run())
    with office.store.read() as connection:
        withdrawn = connection.execute(
            select(schema.document.c.number).where(schema.document.c.withdrawn_at.is_not(None))
        )
        assert withdrawn.scalars().all() == ["AB-2026-0001"]

    recover(office, NOVEMBER)

    assert (office.writes(), office.documents()) == (writes, documents)
    assert office.billed()["timesheets", "1"] == (4 * 3600, 33600), "what was sent then, and not what is owed now"
    assert office.proofs(NOVEMBER) == ["0", "0.00", "0.00"]


def test_what_was_billed_before_go_live_is_adopted_and_never_credited(office: Office) -> None:
    """A database that begins anew, later: no source tells of the work that QuickBooks has billed."""
    first_month(office)
    writes = office.writes()
    office.put_back("connected")
    path = office.folder.folder / "config.toml"
    path.write_text(path.read_text(encoding="utf-8").replace("2026-09-01", "2026-11-01"), encoding="utf-8")
    office.config = load_config(path)
    office.pull(NOVEMBER)

    asked = recover(office, NOVEMBER)

    assert (sorted(asked), office.writes()) == (["AB-2026-0001", "AB-2026-0002"], writes)
    office.cycle(DECEMBER)
    assert (office.emulator.all("CreditMemo"), office.writes()) == ([], writes)
    assert office.proofs(NOVEMBER) == ["0", "0.00", "0.00"]


def test_credit_memos_are_adopted_by_their_lines_too(office: Office) -> None:
    """What was billed and then taken away in the source is a credit in QuickBooks: both are known again, and cancel."""
    first_month(office)
    office.clock.advance(30 * 86_400)
    office.pull(DECEMBER, entry(2, "0.50", "Nord", day="2026-10-07"), entry(3, "1.25", "Nord"))
    office.cycle(DECEMBER)
    assert len(office.emulator.all("CreditMemo")) == 2
    assert_recovered(office, DECEMBER, "connected", "one of two sent")


RETAINERS = """\
client,name,kind,services,projects,hours,fee,currency,every,from,until,unused,draw,extra_rate,prorate,item,note
Hydro-Québec,Forfait,minimum,Consultation,,3,300.00,CAD,month,2026-10-01,,lost,chronological,90.00,no,Consultation,
"""


def test_covered_time_and_fees_are_billed_once_after_adoption(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    """Of a retainer's client: 3 h are covered each month, the rest is extra at another rate."""
    with open_office(sqlite_store, tmp_path, clock, retainers=RETAINERS) as office:
        first_month(office)
        second_month(office)
        assert_recovered(office, DECEMBER, "connected", "late work and an edit pulled")
