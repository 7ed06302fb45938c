"""Premiums and entries over midnight on their whole way: pulled, sent, corrected, written off, explained."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from rich.console import Console

from syncd.engine.decide import By, write_off_entry
from syncd.reports.explain import explain_entry
from syncd.reports.explain_text import entry_text
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 4), date(2027, 2, 3)
HEAD = "id,start,end,person,client,service\n"
NIGHT = "1,2026-10-31T22:00,2026-11-01T02:00,Marie,{client},consulting\n"
TABLES = {
    "premiums": "name,when,factor\nnight,23:00-05:00,1.5\nweekend,weekend,1.25\n",
    "clients": "source_client,quickbooks_customer,since,until\nHydro,Hydro-Québec,,\n"
    "Nord,Nord Ltd,,2026-10-31\nNord,Sud,2026-11-01,\n",
}


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock, **TABLES) as office:
        company = office.config.company
        billing = replace(company.billing, day_split="split")
        office.config = replace(office.config, company=replace(company, billing=billing))
        yield office


def month(office: Office, today: date, *rows: str) -> None:
    office.folder.inbox(HEAD + "".join(rows))
    office.cycle(today)


def sold(office: Office, entity: str = "Invoice") -> list[tuple[str, list[tuple[float, float]]]]:
    """Per document its customer and the lines as (quantity, unit price)."""
    found = []
    for one in office.emulator.all(entity):
        details = [line["SalesItemLineDetail"] for line in one["Line"] if "SalesItemLineDetail" in line]
        lines = [(float(detail["Qty"]), float(detail["UnitPrice"])) for detail in details]
        found.append((one["CustomerRef"]["name"], lines))
    return found


def test_a_night_at_a_month_s_end_is_billed_in_both_months_and_once(office: Office) -> None:
    row = NIGHT.format(client="Hydro")
    month(office, NOVEMBER, row)
    # Saturday from 22:00, then the night from 23:00; after midnight are three hours, since one of them comes twice.
    assert sold(office) == [("Hydro-Québec", [(1, 105), (1, 126)])]
    month(office, DECEMBER, row)
    writes = office.writes()
    month(office, DECEMBER, row)

    assert sold(office)[1:] == [("Hydro-Québec", [(3, 126)])]
    assert office.writes() == writes
    assert office.billed() == {("timesheets", "1"): (5 * 3600, 10500 + 12600 + 37800)}
    assert set(office.proofs(DECEMBER)) <= {"0", "0.00"}


def test_its_second_day_may_be_another_customer_s(office: Office) -> None:
    month(office, DECEMBER, NIGHT.format(client="Nord"))

    assert sorted(sold(office)) == [("Nord Ltd", [(1, 105), (1, 126)]), ("Sud", [(3, 126)])]
    assert set(office.proofs(DECEMBER)) <= {"0", "0.00"}


def test_an_edit_and_a_deletion_find_the_pieces_that_were_billed(office: Office) -> None:
    row = NIGHT.format(client="Hydro")
    month(office, DECEMBER, row)
    month(office, JANUARY, row.replace("T22:00", "T21:00").replace("T02:00", "T03:00"))
    assert sold(office)[-1] == ("Hydro-Québec", [(1, 105), (1, 126)])
    month(office, FEBRUARY)

    assert office.billed() == {}
    assert set(office.proofs(FEBRUARY)) <= {"0", "0.00"}


def test_what_waits_of_it_can_be_written_off(office: Office) -> None:
    row = NIGHT.format(client="Hydro")
    month(office, NOVEMBER, row)
    by = By("Marie", "agreed", office.clock.now(), NOVEMBER)
    write_off_entry(office.store, office.config, "timesheets", "1", by)
    month(office, DECEMBER, row)

    assert len(sold(office)) == 1
    assert office.billed() == {("timesheets", "1"): (5 * 3600, 10500 + 12600)}
    assert set(office.proofs(DECEMBER)) <= {"0", "0.00"}


def test_explain_tells_which_premium_won_and_which_did_not(office: Office) -> None:
    month(office, NOVEMBER, NIGHT.format(client="Hydro"))
    with office.store.read() as connection:
        report = explain_entry(connection, office.config.company.name, "timesheets", "1")
    console = Console(width=200, record=True)
    console.print(*entry_text(report, office.config.company.timezone), sep="\n")
    said = console.export_text()

    assert "Premium night (23:00-05:00, mappings/premiums.csv:2): 1.00 h at 126.00 instead of 84.00." in said
    assert "The premium weekend (weekend, mappings/premiums.csv:3) applied as well" in said
