"""Drafting and approving on both databases: versions, hashes, numbers, and what takes an approval back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.source import Record
from mappings.documents import DocumentKey
from mappings.money import plain
from mappings.periods import parse_period
from mappings.work import WorkItem
from mappings.world import Run
from syncd.config import load_config
from syncd.engine.approve import ApproveReport, approve, auto_approve, remember_shown
from syncd.engine.draft import DraftReport, draft
from syncd.engine.reference import ensure_exchange_rates, refresh
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.work import mark_vanished, upsert_records
from tests.support.books import COMPANY, Desk, open_desk
from tests.support.clock import FakeClock

NOVEMBER = date(2026, 11, 3)
KEY = DocumentKey("Clinique du Lac", "2026-10")


def entry(number: int, seconds: int = 9000, **changes: Any) -> WorkItem:
    item = WorkItem("timesheets", str(number), date(2026, 10, 5), seconds, "Marie", "Clinique", service="consulting")
    return replace(item, **changes)


@dataclass
class Office:
    """The desk, with what a person does before anything is sent."""

    desk: Desk

    def pull(self, *items: WorkItem) -> None:
        records = [Record(item.id, "{}", item) for item in items]
        with self.desk.store.write() as connection:
            upsert_records(connection, COMPANY, "timesheets", records, self.desk.clock.now())

    def draft(self, today: date = NOVEMBER, run: Run = Run()) -> DraftReport:
        return draft(self.desk.store, self.desk.config, today=today, clock=self.desk.clock, run=run)

    def show(self) -> None:
        """What `syncd preview` does."""
        remember_shown(self.desk.store, COMPANY, self.draft().documents)

    def approve(self, today: date = NOVEMBER, **more: Any) -> ApproveReport:
        wanted = {"wanted": lambda _: True} | more
        return approve(self.desk.store, self.desk.config, today=today, clock=self.desk.clock, by="Marie", **wanted)

    def documents(self) -> list[tuple[Any, ...]]:
        table = schema.document.c
        query = select(table.number, table.subtotal_minor, table.withdrawn_at).order_by(table.version)
        with self.desk.store.read() as connection:
            return [(row.number, row.subtotal_minor, row.withdrawn_at is None) for row in connection.execute(query)]

    def seconds(self) -> int:
        """Every second that stands somewhere: in the ledger of live documents, or in a standing."""
        live = select(schema.document.c.id).where(schema.document.c.withdrawn_at.is_(None))
        with self.desk.store.read() as connection:
            ledger = connection.execute(
                select(schema.ledger.c.seconds).where(schema.ledger.c.document_id.in_(live))
            ).scalars()
            standing = connection.execute(select(schema.standing.c.seconds)).scalars()
            return sum(ledger) + sum(standing)

    def dump(self) -> dict[str, list[Any]]:
        with self.desk.store.read() as connection:
            return {
                table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
                for table in schema.metadata.sorted_tables
            }


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_desk(store, tmp_path, clock, more='\n[billing]\ntax_code = "GST/QST QC - 9.975"\n') as desk:
        yield Office(desk)


def test_what_is_owed_is_drafted_with_ids_and_taxes(office: Office) -> None:
    office.pull(entry(1))

    [item] = office.draft().documents

    assert item.document.key == KEY
    assert item.document.problems == ()
    assert plain(item.document.subtotal_minor, "CAD") == "210.00"
    assert [plain(tax.amount_minor, "CAD") for tax in item.document.taxes] == ["10.50", "20.95"]
    assert item.document.customer_id == office.desk.ids["Clinique du Lac"]


def test_drafting_again_writes_nothing(office: Office) -> None:
    office.pull(entry(1))
    office.draft()
    before = office.dump()

    office.draft()

    assert office.dump() == before


def test_changed_work_makes_a_new_version_and_a_note_does_not(office: Office) -> None:
    office.pull(entry(1))
    office.draft()
    office.pull(entry(1, notes="Kick-off"))
    noted = office.draft().documents[0].version
    office.pull(entry(1, seconds=7200))

    assert (noted, office.draft().documents[0].version) == (1, 2)


def test_approving_moves_every_second_from_standing_to_the_ledger(office: Office) -> None:
    office.pull(entry(1), entry(2, seconds=1800, worked_on=date(2026, 11, 2)))

    report = office.approve()

    assert [row.number for row in report.approved] == ["AB-2026-0001"]
    assert office.seconds() == 9000 + 1800


def test_a_draft_that_moved_since_it_was_shown_is_not_approved(office: Office) -> None:
    """Also if the daemon has drafted it anew meanwhile: nobody has seen that."""
    office.pull(entry(1))
    office.show()
    office.pull(entry(1, seconds=7200))
    office.draft()

    report = office.approve()

    assert report.approved == ()
    assert [problem.code for problem in report.refused] == ["draft-changed"]
    assert office.documents() == []


def test_a_draft_that_was_shown_again_is_approved(office: Office) -> None:
    office.pull(entry(1))
    office.show()
    office.pull(entry(1, seconds=7200))
    office.show()

    assert [row.document.subtotal_minor for row in office.approve().approved] == [16800]


def test_a_plan_is_approved_whole_or_not_at_all(office: Office) -> None:
    office.pull(entry(1))
    shown = {item.document.key: item.hash for item in office.draft().documents}
    gone = {**shown, DocumentKey("Nobody", "2026-10"): "0" * 64}

    refused = office.approve(shown=gone)
    approved = office.approve(shown=shown)

    assert [problem.code for problem in refused.refused] == ["draft-gone"]
    assert refused.approved == ()
    assert len(approved.approved) == 1


def test_an_unsent_document_whose_work_changes_is_withdrawn_and_hands_its_number_on(office: Office) -> None:
    office.pull(entry(1))
    office.approve()
    office.pull(entry(1, seconds=7200))

    report = office.draft()
    office.approve()

    assert [row.number for row in report.withdrawn] == ["AB-2026-0001"]
    assert office.documents() == [("AB-2026-0001", 21000, False), ("AB-2026-0001", 16800, True)]
    assert office.seconds() == 7200


def test_an_unsent_document_that_is_still_right_stands(office: Office) -> None:
    office.pull(entry(1))
    office.approve()

    report = office.draft()

    assert report.withdrawn == ()
    assert [item.state for item in report.documents] == ["approved"]
    assert office.seconds() == 9000


def test_an_unsent_document_whose_work_is_gone_is_withdrawn_for_good(office: Office) -> None:
    office.pull(entry(1))
    office.approve()
    with office.desk.store.write() as connection:
        mark_vanished(connection, COMPANY, "timesheets", ["1"], office.desk.clock.now())

    report = office.draft()

    assert len(report.withdrawn) == 1
    assert report.documents == ()
    assert office.seconds() == 0


def test_the_same_work_that_comes_back_is_a_new_version_under_the_same_number(office: Office) -> None:
    office.pull(entry(1))
    office.approve()
    with office.desk.store.write() as connection:
        mark_vanished(connection, COMPANY, "timesheets", ["1"], office.desk.clock.now())
    office.draft()
    office.pull(entry(1))

    report = office.approve()

    assert [row.number for row in report.approved] == ["AB-2026-0001"]
    assert office.seconds() == 9000


def test_an_edit_after_posting_adjusts_the_next_document_at_the_original_rate(office: Office) -> None:
    office.pull(entry(1, seconds=4 * 3600))
    office.approve()
    office.desk.push()
    office.pull(entry(1, seconds=12960))
    assert office.draft().documents == ()
    december = date(2026, 12, 2)

    [item] = office.draft(today=december).documents

    assert item.document.kind == "credit-memo"
    assert plain(item.document.subtotal_minor, "CAD") == "-33.60"
    assert office.seconds() == 12960


def test_only_small_documents_without_holds_are_approved_by_policy(office: Office) -> None:
    office.pull(entry(1))
    limit = 'auto_approve_up_to = "{}"\nhold_when = []\n'
    path = office.desk.config.path
    text = path.read_text(encoding="utf-8")
    approved = []
    for amount in ("209.99", "210.00"):
        path.write_text(f"{text}\n[approval]\n{limit.format(amount)}", encoding="utf-8")
        office.desk.config = load_config(path)
        made = auto_approve(office.desk.store, office.desk.config, office.draft(), clock=office.desk.clock)
        approved.append(len(made))

    assert approved == [0, 1]


def test_an_unknown_item_blocks_with_a_suggestion_and_other_clients_go_on(office: Office) -> None:
    tables = office.desk.config.folder / "mappings"
    (tables / "services.csv").write_text(
        "source_service,service,quickbooks_item\nconsulting,Consultation,Consultation\nhelp,Help,Suport\n"
    )
    (tables / "rates.csv").write_text("service,rate\nConsultation,84.00\nHelp,50.00\n")
    (tables / "clients.csv").write_text(
        "source_client,quickbooks_customer\nClinique,Clinique du Lac\nRimouski,Ville de Rimouski\n"
    )
    office.desk.config = load_config(office.desk.config.path)
    office.pull(entry(1), entry(2, client="Rimouski", service="help"))

    found = {item.document.key.client: item.document.problems for item in office.draft().documents}

    assert found["Clinique du Lac"] == ()
    [problem] = found["Ville de Rimouski"]
    assert problem.code == "unknown-item"
    assert "“Support”" in problem.fix
    with office.desk.store.read() as connection:
        table = schema.standing.c
        query = select(table.client, table.state, table.code).order_by(table.client)
        assert [tuple(row) for row in connection.execute(query)] == [
            ("Clinique du Lac", "waiting", "drafted"),
            ("Ville de Rimouski", "blocked", "unknown-item"),
        ]


def test_a_rename_in_quickbooks_is_followed_by_the_pin(office: Office) -> None:
    office.pull(entry(1))
    office.draft()
    office.desk.play("customer", name="Clinique du Lac", new_name="Clinique du Grand Lac")
    refresh(office.desk.store, office.desk.opened, clock=office.desk.clock)

    [item] = office.draft().documents

    assert item.document.problems == ()
    assert item.document.customer_id == office.desk.ids["Clinique du Lac"]


def test_an_inactive_customer_blocks_its_document(office: Office) -> None:
    office.pull(entry(1))
    office.draft()
    office.desk.play("customer", name="Clinique du Lac", active=False)
    refresh(office.desk.store, office.desk.opened, clock=office.desk.clock)

    [item] = office.draft().documents

    assert [problem.code for problem in item.document.problems] == ["inactive-customer"]


def test_a_foreign_document_needs_its_days_exchange_rate_and_keeps_it(office: Office) -> None:
    tables = office.desk.config.folder / "mappings"
    (tables / "clients.csv").write_text(
        "source_client,quickbooks_customer,currency,tax_code\nNorthwind,Northwind Traders Inc.,USD,Zero-rated\n"
    )
    (tables / "rates.csv").write_text("service,rate,currency\nConsultation,84.00,USD\n")
    office.desk.config = load_config(office.desk.config.path)
    office.pull(entry(1, client="Northwind"))
    without = office.draft().documents[0].document
    ensure_exchange_rates(office.desk.store, office.desk.opened, frozenset({("USD", date(2026, 10, 31))}))

    with_rate = office.draft().documents[0].document

    assert [problem.code for problem in without.problems] == ["no-exchange-rate"]
    assert with_rate.problems == ()
    assert str(with_rate.exchange_rate) == "1.37"


def test_a_document_in_closed_books_is_blocked_until_a_person_dates_it_otherwise(office: Office) -> None:
    office.pull(entry(1))
    office.desk.emulator.seed({"closed_books": "2026-10-31"})
    refresh(office.desk.store, office.desk.opened, clock=office.desk.clock, unresolved=True)
    [blocked] = office.approve().refused

    report = office.approve(dated=date(2026, 11, 1))

    assert "closed up to 2026-10-31" in blocked.what
    assert [row.document.dated for row in report.approved] == [date(2026, 11, 1)]


def test_the_sign_of_the_total_after_tax_decides_between_invoice_and_credit_memo(office: Office) -> None:
    """1.00 outside tax less 0.95 with tax of 0.14 owes the client 0.09, although it is 0.05 before tax."""
    tables = office.desk.config.folder / "mappings"
    (tables / "rates.csv").write_text("service,rate\nConsultation,95.00\nBooks,1.00\n")
    text = office.desk.config.path.read_text(encoding="utf-8")
    office.desk.config.path.write_text(text.replace("tax_code", "#tax_code"), encoding="utf-8")
    (tables / "services.csv").write_text(
        "source_service,service,quickbooks_item,tax_code\n"
        "consulting,Consultation,Consultation,GST/QST QC - 9.975\nbooks,Books,Support,Out of Scope\n"
    )
    office.desk.config = load_config(office.desk.config.path)
    office.pull(entry(1, seconds=3600))
    office.approve()
    office.desk.push()
    office.pull(entry(1, seconds=3564), entry(2, seconds=3600, service="books", worked_on=date(2026, 11, 2)))

    [item] = office.draft(today=date(2026, 12, 2)).documents

    assert (plain(item.document.subtotal_minor, "CAD"), plain(item.document.total_minor, "CAD")) == ("0.05", "-0.09")
    assert item.document.kind == "credit-memo"


def test_looking_at_one_period_leaves_what_was_approved_for_another(office: Office) -> None:
    office.pull(entry(1), entry(2, worked_on=date(2026, 11, 3)))
    december = date(2026, 12, 2)
    office.approve(today=december)

    seen = office.draft(today=december, run=Run(parse_period("2026-10")))

    assert seen.withdrawn == ()
    assert [standing for _, _, standing in office.documents()] == [True, True]
    assert [item.document.key.period for item in seen.documents] == ["2026-10"]
    assert office.seconds() == 2 * 9000


def test_work_that_is_approved_for_another_period_is_not_drafted_twice(office: Office) -> None:
    office.pull(entry(1), entry(2, worked_on=date(2026, 11, 3)))
    december = date(2026, 12, 2)
    office.approve(today=december)

    november = office.draft(today=december, run=Run(parse_period("2026-11"))).documents

    assert [(item.document.key.period, item.document.subtotal_minor) for item in november] == [("2026-11", 21000)]


def test_late_work_goes_on_a_second_document_of_its_period_only_if_that_is_asked_for(office: Office) -> None:
    office.pull(entry(1))
    office.approve()
    office.desk.push()
    office.pull(entry(2, seconds=3600))
    october = Run(parse_period("2026-10"))

    asked = [(item.document.key, item.document.subtotal_minor) for item in office.draft(run=october).documents]
    by_itself = office.draft()

    assert asked == [(replace(KEY, sequence=2), 8400)]
    assert by_itself.documents == ()
    assert [(row.code, row.seconds) for row in by_itself.standings] == [("late-work", 3600)]


def test_a_client_billed_by_hand_is_drafted_for_the_range_that_is_asked_for_and_kept_once_approved(
    office: Office,
) -> None:
    table = office.desk.config.path.parent / "mappings" / "clients.csv"
    table.write_text("source_client,quickbooks_customer,period\nClinique,Clinique du Lac,manual\n", encoding="utf-8")
    office.desk.config = load_config(office.desk.config.path)
    run = Run(parse_period("2026-10-01..2026-10-17"))
    office.pull(entry(1), entry(2, worked_on=date(2026, 10, 20)))

    shown = [item.document.key.period for item in office.draft(run=run).documents]
    by_itself = office.draft().documents
    office.approve(run=run)
    kept = office.draft()

    assert (shown, by_itself) == (["2026-10-01..2026-10-17"], ())
    assert [(item.document.key.period, item.state) for item in kept.documents] == [(shown[0], "approved")]
    assert [(row.entry, row.code) for row in kept.standings] == [("2", "manual-period")]
    office.desk.push()
    assert office.draft().documents == ()
    assert office.seconds() == 2 * 9000
