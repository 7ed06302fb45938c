"""Expenses and products on their whole way: from a file to QuickBooks, corrected, voided, decided, and proven."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from rich.console import Console
from sqlalchemy import update

from connectors.emulator import play
from syncd.engine.decide import By, Decided, release, write_off, write_off_entry
from syncd.reports.explain import explain_entry
from syncd.reports.explain_text import entry_text
from syncd.reports.items import ItemsProof
from syncd.reports.status import StatusReport, check, report_status
from syncd.reports.status_text import status_text
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 4)
HEAD = "id,kind,date,hours,quantity,amount,rebate_percent,client,service\n"
WORK = "1,,2026-10-05,2,,,,Hydro,consulting\n"
HOTEL = "2,expense,2026-10-05,,2,180.00,10,Hydro,Hotel\n"
TONER = "3,product,2026-10-06,,3,19.99,,Hydro,consulting\n"
TABLES = {"expenses": "category,quickbooks_item,markup_percent\nHotel,Consultation,8\n"}


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock, **TABLES) as office:
        yield office


def month(office: Office, today: date, *rows: str) -> None:
    """What the folder holds now, and what the daemon and a person who approves everything make of it."""
    office.folder.inbox(HEAD + "".join(rows))
    office.cycle(today)


def status(office: Office, today: date = JANUARY) -> StatusReport:
    return report_status(office.snapshot(today))


def items(office: Office) -> tuple[str, dict[str, str], bool]:
    """Proof 1 of priced items: pulled, where they stand, and whether it holds."""
    proof = status(office).items
    assert isinstance(proof, ItemsProof)
    return proof.pulled, {row.code: row.quantity for row in proof.rows if row.quantity != "0"}, proof.holds


def sold(office: Office, entity: str = "Invoice") -> list[list[tuple[object, object, object]]]:
    """The lines in QuickBooks as (quantity, unit price, amount)."""
    found = []
    for one in office.emulator.all(entity):
        lines = [(line["SalesItemLineDetail"], line["Amount"]) for line in one["Line"] if "SalesItemLineDetail" in line]
        found.append([(line.get("Qty"), line.get("UnitPrice"), amount) for line, amount in lines])
    return found


def by(office: Office) -> By:
    return By("Marie", "agreed", office.clock.now(), DECEMBER)


def test_items_reach_quickbooks_once_and_every_one_is_accounted_for(office: Office) -> None:
    month(office, NOVEMBER, WORK, HOTEL, TONER)
    month(office, NOVEMBER, WORK, HOTEL, TONER)

    assert [[tuple(map(float, line)) for line in one] for one in sold(office)] == [  # type: ignore[arg-type]
        [(2, 84, 168), (3, 19.99, 59.97), (2, 174.96, 349.92)]
    ]
    assert items(office) == ("5", {"invoiced": "5"}, True)
    assert [(proof.code, proof.holds) for proof in status(office).proofs] == [
        ("hours", True),
        ("items", True),
        ("invoices", True),
        ("receivables", True),
    ]


def test_corrections_are_billed_as_differences(office: Office) -> None:
    month(office, NOVEMBER, WORK, HOTEL, TONER)
    month(office, DECEMBER, WORK, HOTEL.replace(",2,180.00", ",1,180.00"), TONER.replace("19.99", "18.00"))

    (lines,) = sold(office, "CreditMemo")
    assert [float(amount) for _, _, amount in lines] == [5.97, 174.96]  # type: ignore[arg-type]
    assert items(office) == ("4", {"invoiced": "4"}, True)
    month(office, JANUARY, WORK)
    assert items(office) == ("0", {}, True) or status(office).items is None
    assert len(sold(office, "CreditMemo")) == 2


def voided(office: Office) -> str:
    month(office, NOVEMBER, WORK, HOTEL, TONER)
    (number,) = office.documents()
    office.clock.advance(60)
    play.void(office.emulator, doc_number=number)
    office.read()
    return number


def test_a_released_document_bills_its_items_again(office: Office) -> None:
    number = voided(office)
    office.draft(DECEMBER)
    assert items(office) == ("5", {"invoiced": "5"}, True)

    released = release(office.store, office.config, number, by(office))

    assert isinstance(released, Decided)
    assert (released.seconds, released.scaled_quantity) == (7200, 500_000)
    assert items(office) == ("5", {"waiting": "5"}, True)
    month(office, DECEMBER, WORK, HOTEL, TONER)
    assert len(sold(office)) == 2
    assert items(office) == ("5", {"invoiced": "5"}, True)


def test_a_written_off_document_bills_its_items_never(office: Office) -> None:
    number = voided(office)

    let_go = write_off(office.store, office.config, number, by(office))

    assert isinstance(let_go, Decided)
    assert items(office) == ("5", {"written-down": "5"}, True)
    month(office, DECEMBER, WORK, HOTEL, TONER)
    assert len(sold(office)) == 1
    month(office, JANUARY, WORK, HOTEL.replace(",2,180.00", ",3,180.00"), TONER)
    assert items(office) == ("6", {"written-down": "5", "invoiced": "1"}, True)


def test_an_item_that_is_written_off_before_it_was_billed_stays_so(office: Office) -> None:
    office.folder.inbox(HEAD + HOTEL)
    office.steps.pull(NOVEMBER)
    assert items(office) == ("2", {"waiting": "2"}, True)

    let_go = write_off_entry(office.store, office.config, "timesheets", "2", by(office))

    assert isinstance(let_go, Decided)
    assert (let_go.seconds, let_go.scaled_quantity) == (0, 200_000)
    month(office, DECEMBER, HOTEL)
    assert sold(office) == []
    month(office, DECEMBER, HOTEL.replace("180.00", "190.00"))
    assert (sold(office), items(office)) == ([], ("2", {"written-down": "2"}, True))


def test_an_item_that_is_lost_is_named(office: Office) -> None:
    month(office, NOVEMBER, WORK, HOTEL, TONER)
    with office.store.write() as connection:
        ledger = schema.ledger.c
        connection.execute(update(schema.ledger).where(ledger.entry == "2").values(scaled_quantity=100_000))
        connection.execute(update(schema.ledger).where(ledger.entry == "3").values(scaled_quantity=400_000))

    report = status(office)

    assert report.items is not None
    assert (report.items.difference, report.items.holds, report.items.uneven_count) == ("0", False, 2)
    assert [(one.entry, one.pulled, one.held) for one in report.items.uneven] == [("2", "2", "1"), ("3", "3", "4")]
    assert not report.proofs_hold
    assert "items differ by 0 pieces" in check(report)[1]
    console = Console(width=120, record=True)
    console.print(*status_text(report, ZoneInfo("America/Toronto")), sep="\n")
    assert "timesheets/2: pulled 2, accounted for 1" in console.export_text()


def test_an_item_is_explained_with_its_arithmetic(office: Office) -> None:
    month(office, NOVEMBER, HOTEL)

    with office.store.read() as connection:
        report = explain_entry(connection, office.config.company.name, "timesheets", "2")
    console = Console(width=120, record=True)
    console.print(*entry_text(report, ZoneInfo("America/Toronto")), sep="\n")
    text = console.export_text()

    assert (report.pulled_quantity, report.accounted_quantity) == ("2", "2")
    for said in (
        "timesheets/2 · 2 items",
        "2026-10-05 · expense 2 × 180, rebate 10 % · client Hydro · service Hotel",
        "AB-2026-0001 (approved), line 1: invoiced 2 items at 174.96 each = 349.92 CAD",
        "service: mappings/expenses.csv:2",
        "· 2 at 180 CAD.",
        "· Less a rebate of 10 %.",
        "· Plus its category's markup of 8 %.",
        "2 items pulled, 2 items accounted for",
    ):
        assert said in text, text


def test_items_that_an_older_copy_does_not_know_to_be_billed_are_not_billed_again(office: Office) -> None:
    office.folder.inbox(HEAD + WORK + HOTEL + TONER)
    office.steps.pull(NOVEMBER)
    office.copy("before")
    month(office, NOVEMBER, WORK, HOTEL, TONER)
    office.put_back("before")
    more = (WORK, HOTEL.replace(",2,180.00", ",3,180.00"), TONER, "4,expense,2026-10-07,,1,40.00,,Hydro,Hotel\n")
    office.folder.inbox(HEAD + "".join(more))
    office.steps.pull(NOVEMBER)

    with office.steps.quickbooks() as opened:
        office.steps.reference(opened)
        office.steps.meet(opened, NOVEMBER)
        office.steps.adopt(opened, NOVEMBER, "AB-2026-0001", by_lines=True)
    month(office, DECEMBER, *more)

    first, second = sold(office)
    assert [float(amount) for _, _, amount in first] == [168, 59.97, 349.92]  # type: ignore[arg-type]
    assert sorted(float(amount) for _, _, amount in second) == [43.2, 174.96]  # type: ignore[arg-type]
    assert items(office) == ("7", {"invoiced": "7"}, True)
