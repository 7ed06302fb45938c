"""A deposit from its invoice to the last cent drawn, in the books of the emulator, on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from connectors.source import Record
from mappings.work import WorkItem
from syncd.config import load_config
from syncd.engine.approve import approve
from syncd.engine.draft import draft
from syncd.reports.status import report_status
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.work import upsert_records
from tests.support.books import COMPANY, Desk, open_desk
from tests.support.clock import FakeClock

BILLING = '\n[billing]\ntax_code = "GST/QST QC - 9.975"\nno_tax_code = "Out of Scope"\n'
RETAINERS = "client,name,kind,fee,from,item\nClinique du Lac,Entente 2026,money,300.00,2026-10-01,Acompte\n"
NOVEMBER, DECEMBER = date(2026, 11, 3), date(2026, 12, 2)


@pytest.fixture
def clinic(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """A company whose one client paid in advance; nothing is drafted yet."""
    with open_desk(store, tmp_path, clock, more=BILLING) as desk:
        (tmp_path / "mappings" / "retainers.csv").write_text(RETAINERS, encoding="utf-8")
        desk.config = load_config(tmp_path / "config.toml")
        yield desk


def work(desk: Desk, number: int, day: date, hours: int) -> None:
    item = WorkItem("timesheets", str(number), day, hours * 3600, "Marie", "Clinique", service="consulting")
    with desk.store.write() as connection:
        upsert_records(connection, COMPANY, "timesheets", [Record(item.id, "{}", item)], desk.clock.now())


def send(desk: Desk, today: date) -> list[tuple[str, str, Decimal]]:
    """Approve all that is due, send it and read QuickBooks: kind, group and total before tax of each."""
    made = approve(desk.store, desk.config, today=today, clock=desk.clock, by="Marie", wanted=lambda _: True)
    assert made.refused == ()
    desk.push()
    desk.read_payments()
    return [
        (one.document.kind, one.document.key.group, Decimal(one.document.subtotal_minor) / 100) for one in made.approved
    ]


def balance(desk: Desk, number: str) -> Decimal:
    found: Decimal = next(
        row["Balance"]
        for entity in ("Invoice", "CreditMemo")
        for row in desk.emulator.all(entity)
        if row["DocNumber"] == number
    )
    return found


def test_a_deposit_is_invoiced_paid_and_drawn_after_tax(clinic: Desk) -> None:
    work(clinic, 1, date(2026, 10, 5), 2)  # 168.00, with tax 193.16

    assert send(clinic, NOVEMBER) == [("invoice", "", Decimal(168)), ("invoice", "deposit:Entente 2026", Decimal(300))]
    deposit = clinic.emulator.all("Invoice")[-1]
    assert (deposit["TotalAmt"], deposit["TxnTaxDetail"]["TotalTax"]) == (Decimal(300), 0)
    assert send(clinic, NOVEMBER) == []  # nothing is paid, so nothing can be drawn

    clinic.play("pay", doc_number=deposit["DocNumber"])
    clinic.read_payments()
    assert send(clinic, NOVEMBER) == [("credit-memo", "deposit-used:Entente 2026", Decimal("-193.16"))]

    assert balance(clinic, "AB-2026-0001") == 0
    [zero] = [row for row in clinic.emulator.all("Payment") if row["TotalAmt"] == 0]
    assert [line["Amount"] for line in zero["Line"]] == [Decimal("193.16")] * 2
    assert send(clinic, NOVEMBER) == []


def test_the_rest_stays_and_pays_the_next_invoice_as_far_as_it_goes(clinic: Desk) -> None:
    work(clinic, 1, date(2026, 10, 5), 2)
    send(clinic, NOVEMBER)
    clinic.play("pay", doc_number="AB-2026-0002")
    clinic.read_payments()
    send(clinic, NOVEMBER)
    work(clinic, 2, date(2026, 11, 10), 2)

    assert send(clinic, DECEMBER) == [("invoice", "", Decimal(168))]
    assert send(clinic, DECEMBER) == [("credit-memo", "deposit-used:Entente 2026", Decimal("-106.84"))]

    assert balance(clinic, "AB-2026-0004") == Decimal("193.16") - Decimal("106.84")
    assert send(clinic, DECEMBER) == []


def test_a_part_payment_lets_that_part_be_drawn(clinic: Desk) -> None:
    work(clinic, 1, date(2026, 10, 5), 2)
    send(clinic, NOVEMBER)
    clinic.play("pay", doc_number="AB-2026-0002", amount="50.00")
    clinic.read_payments()

    assert send(clinic, NOVEMBER) == [("credit-memo", "deposit-used:Entente 2026", Decimal(-50))]


def test_no_credit_of_ours_pays_the_deposit_itself(clinic: Desk) -> None:
    send(clinic, NOVEMBER)

    clinic.numbers = 9
    clinic.approve(["40.00"], kind="credit-memo")
    clinic.push()

    assert balance(clinic, "AB-2026-0001") == 300
    assert clinic.rows(schema.application) == []


def test_what_was_paid_marks_the_client_for_the_daemons_drafts(clinic: Desk) -> None:
    work(clinic, 1, date(2026, 10, 5), 2)
    send(clinic, NOVEMBER)
    drafted(clinic)
    clinic.play("pay", doc_number="AB-2026-0002")
    clinic.read_payments()

    assert [row.document.subtotal_minor for row in drafted(clinic)] == [-19316]


def drafted(desk: Desk) -> list[Any]:
    made = draft(desk.store, desk.config, today=NOVEMBER, clock=desk.clock, only_changed=True)
    return [item for item in made.documents if item.state == "open"]


def test_status_shows_what_is_left_and_counts_no_deposit_as_income(clinic: Desk) -> None:
    work(clinic, 1, date(2026, 10, 5), 2)
    send(clinic, NOVEMBER)
    clinic.play("pay", doc_number="AB-2026-0002")
    clinic.read_payments()
    send(clinic, NOVEMBER)

    with clinic.store.read() as connection:
        snapshot = take_snapshot(
            connection, COMPANY, currency="CAD", now=clinic.clock.now(), today=NOVEMBER, selection=Selection(),
            retainers=clinic.config.tables.retainers,
        )  # fmt: skip
    report = report_status(snapshot)

    [row] = report.deposits
    assert (row.name, *map(str, (row.invoiced, row.paid, row.drawn, row.left))) == (
        "Entente 2026", "300.00", "300.00", "193.16", "106.84"
    )  # fmt: skip
    [invoices] = report.invoices
    told = {one.code: (str(one.amount), one.counts) for one in invoices.rows}
    assert (told["approved"], told["deposits"]) == (("300.00", True), ("106.84", False))
    [receivables] = report.receivables
    payments = {one.code: (one.documents, str(one.amount)) for one in receivables.rows}["payments"]
    assert payments == (1, "-300.00")  # the payment of 0 is no cash
    assert (invoices.holds, receivables.holds) == (True, True)
