"""Billed work at another rate, on its whole way: decided once, drafted, sent to QuickBooks, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from connectors.emulator import play
from mappings.periods import month_of
from syncd.config import load_config
from syncd.engine.decide import By
from syncd.engine.draft import draft
from syncd.engine.rerate import Rerated, rerate
from syncd.reports.rerate import report_rerate
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY, FEBRUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 4), date(2027, 2, 3)
OCTOBER = month_of(date(2026, 10, 1))
HEAD = "id,date,hours,client,service\n"
WORK = "1,2026-10-05,2,Hydro,consulting\n2,2026-10-06,1.5,Hydro,consulting\n3,2026-10-06,1,Sud,consulting\n"
CHEAPER, DEARER = "service,rate\nConsultation,80.00\n", "service,rate\nConsultation,90.00\n"


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock) as office:
        office.folder.inbox(HEAD + WORK)
        office.cycle(NOVEMBER)
        yield office


def table(office: Office, text: str) -> None:
    office.folder.table("rates", text)
    office.config = load_config(office.config.path)


def decide(office: Office, today: date = DECEMBER, *, record: bool = True, client: str = "Hydro-Québec") -> Rerated:
    by = By("Marie", "new contract", office.clock.now(), today)
    return rerate(office.store, office.config, OCTOBER, client, by, record=record)


def sold(office: Office, entity: str = "Invoice") -> list[list[tuple[Decimal, Decimal]]]:
    """The lines of all documents in QuickBooks as (quantity, unit price)."""
    found = []
    for one in office.emulator.all(entity):
        details = [line["SalesItemLineDetail"] for line in one["Line"] if "SalesItemLineDetail" in line]
        found.append([(detail["Qty"], detail["UnitPrice"]) for detail in details])
    return found


def rows(office: Office, table: Any) -> int:
    with office.store.read() as connection:
        return len(connection.execute(select(table)).all())


def test_another_rate_bills_nothing_and_showing_it_records_nothing(office: Office) -> None:
    table(office, DEARER)
    before = rows(office, schema.event)
    found = decide(office, record=False)
    report = report_rerate(
        "Boréal", found, "Hydro-Québec", OCTOBER, recording=False, now=office.clock.now(), today=DECEMBER
    )

    assert [(str(row.billed), str(row.rerated), str(row.difference), row.state) for row in report.rows] == [
        ("294.00", "315.00", "21.00", "open")
    ]
    assert report.next_command == "syncd rerate --period 2026-10 --client 'Hydro-Québec' --draft"
    assert (rows(office, schema.rerate), rows(office, schema.event)) == (0, before)
    office.cycle(DECEMBER)
    assert sold(office) == [[(Decimal("3.5"), Decimal(84))], [(Decimal(1), Decimal(84))]]


def test_what_is_decided_is_sent_once_with_the_next_document(office: Office) -> None:
    table(office, DEARER)
    assert decide(office).recorded == 2
    assert decide(office).recorded == 0
    # The rate is that of the decision, whatever the table says when it is drafted.
    table(office, CHEAPER)
    office.cycle(DECEMBER)
    writes = office.writes()
    office.cycle(DECEMBER)
    office.cycle(JANUARY)

    assert sold(office)[2:] == [[(Decimal("-3.5"), Decimal(84)), (Decimal("3.5"), Decimal(90))]]
    assert office.writes() == writes
    assert office.billed()["timesheets", "1"] == (7200, 18000)
    assert office.billed()["timesheets", "3"] == (3600, 8400)
    assert office.proofs(JANUARY) == ["0", "0.00", "0.00"]


def test_less_for_a_half_paid_invoice_is_a_credit_memo_applied_to_the_rest(office: Office) -> None:
    number = _invoice(office)["DocNumber"]
    play.pay(office.emulator, doc_number=number, amount=Decimal("100.00"))
    office.read()
    table(office, CHEAPER)
    decide(office)
    office.cycle(DECEMBER)
    office.cycle(JANUARY)

    (memo,) = office.emulator.all("CreditMemo")
    assert (memo["TotalAmt"], memo["Balance"]) == (Decimal("16.10"), 0)
    invoice = _invoice(office)
    assert invoice["TotalAmt"] - invoice["Balance"] == Decimal("116.10")
    assert office.proofs(JANUARY) == ["0", "0.00", "0.00"]


def test_a_decision_that_is_taken_back_before_it_is_sent_bills_nothing(office: Office) -> None:
    table(office, DEARER)
    decide(office)
    office.draft(DECEMBER)
    assert [row.state for row in _drafts(office)] == ["open"]
    table(office, "service,rate\nConsultation,84.00\n")
    assert decide(office).recorded == 2
    office.cycle(DECEMBER)

    assert [row.state for row in _drafts(office)] == ["gone"]
    assert len(office.emulator.all("Invoice")) == 2


def test_a_daemon_drafts_whom_a_decision_concerns_and_nobody_else(office: Office) -> None:
    table(office, DEARER)
    office.draft(DECEMBER)
    how: dict[str, Any] = {"today": DECEMBER, "clock": office.clock, "only_changed": True}
    assert draft(office.store, office.config, **how).clients == 0
    decide(office)

    report = draft(office.store, office.config, **how)

    assert report.clients == 1
    assert [item.document.subtotal_minor for item in report.documents] == [2100]


def test_without_a_client_it_is_about_all(office: Office) -> None:
    table(office, DEARER)
    found = decide(office, client="")

    assert found.recorded == 3
    assert {line.client for line in found.lines} == {"Hydro-Québec", "Sud"}
    office.cycle(DECEMBER)
    assert sorted(map(len, sold(office)[2:])) == [2, 2]


def test_an_edit_after_it_is_at_the_new_rate(office: Office) -> None:
    table(office, DEARER)
    decide(office)
    office.cycle(DECEMBER)
    office.folder.inbox(HEAD + WORK.replace("1,2026-10-05,2,", "1,2026-10-05,3,"))
    table(office, CHEAPER)
    office.cycle(JANUARY)

    assert sold(office)[-1] == [(Decimal(1), Decimal(90))]
    assert decide(office, FEBRUARY, record=False).lines[0].before_minor == 40500


def _invoice(office: Office) -> Any:
    """Hydro-Québec's first in QuickBooks."""
    mine = [one for one in office.emulator.all("Invoice") if one["CustomerRef"]["name"] == "Hydro-Québec"]
    return mine[0]


def _drafts(office: Office) -> list[Any]:
    query = select(schema.draft.c.state).where(schema.draft.c.period == "2026-11")
    with office.store.read() as connection:
        return list(connection.execute(query))
