"""Caps, discounts and currencies on their whole way: through the store to QuickBooks, and never twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from syncd.config import load_config
from syncd.engine.decide import By, Decided, release_entry, write_off_entry
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 4)
HEAD = "id,date,hours,client,service\n"
OCTOBER = "1,2026-10-05,2,Hydro,consulting\n"
LATER = "2,2026-11-05,2,Hydro,consulting\n"
LAST = "3,2026-12-05,2,Hydro,consulting\n"
CAP = "client,amount,alerts,over\nHydro-Québec,252.00,60%|100%,{over}\n"


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock) as office:
        yield office


def table(office: Office, name: str, text: str) -> None:
    office.folder.table(name, text)
    office.config = load_config(office.config.path)


def month(office: Office, today: date, *rows: str) -> None:
    """What the folder holds now, and what the daemon and a person who approves everything make of it."""
    office.folder.inbox(HEAD + "".join(rows))
    office.cycle(today)


def events(office: Office) -> list[str]:
    query = select(schema.event.c.subject).where(schema.event.c.kind == "cap-alert").order_by(schema.event.c.id)
    with office.store.read() as connection:
        return [row.rsplit("|", 1)[1] for row in connection.execute(query).scalars()]


def lines(office: Office, entity: str = "Invoice") -> list[list[Any]]:
    """The lines of all documents in QuickBooks, as their amounts."""
    return [
        [line["Amount"] for line in one["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        for one in office.emulator.all(entity)
    ]


def by(office: Office) -> By:
    return By("Marie", "agreed", office.clock.now(), DECEMBER)


def test_work_beyond_a_cap_is_written_down_once_and_every_second_stands(office: Office) -> None:
    table(office, "caps", CAP.format(over="write-down"))
    month(office, NOVEMBER, OCTOBER)
    month(office, DECEMBER, OCTOBER, LATER)
    month(office, JANUARY, OCTOBER, LATER, LAST)
    month(office, JANUARY, OCTOBER, LATER, LAST)

    assert lines(office) == [[Decimal(168)], [Decimal(84)]]
    assert office.billed()["timesheets", "2"] == (7200, 8400)
    assert office.proofs(JANUARY) == ["0", "0.00", "0.00"]


def test_an_alert_is_told_once_when_what_was_sent_reaches_it(office: Office) -> None:
    table(office, "caps", CAP.format(over="write-down"))
    month(office, NOVEMBER, OCTOBER)
    assert events(office) == []

    month(office, NOVEMBER, OCTOBER)
    assert events(office) == ["15120 CAD"]
    month(office, DECEMBER, OCTOBER, LATER)
    month(office, JANUARY, OCTOBER, LATER)
    assert events(office) == ["15120 CAD", "25200 CAD"]


def test_held_work_is_released_or_written_off(office: Office) -> None:
    table(office, "caps", CAP.format(over="hold"))
    month(office, NOVEMBER, OCTOBER)
    month(office, DECEMBER, OCTOBER, LATER)
    month(office, JANUARY, OCTOBER, LATER, LAST)
    assert lines(office) == [[Decimal(168)], [Decimal(84)]]

    released = release_entry(office.store, office.config, "timesheets", "2", by(office))
    written = write_off_entry(office.store, office.config, "timesheets", "3", by(office))
    assert isinstance(released, Decided)
    assert isinstance(written, Decided)
    assert (released.seconds, written.seconds) == (3600, 7200)
    month(office, JANUARY, OCTOBER, LATER, LAST)

    assert lines(office) == [[Decimal(168)], [Decimal(84)], [Decimal(84)]]
    assert office.proofs(JANUARY) == ["0", "0.00", "0.00"]


@pytest.mark.parametrize(("base", "taxed"), [("net", "22.64"), ("gross", "25.16")])
def test_a_discount_is_a_negative_line_that_quickbooks_taxes_or_not(office: Office, base: str, taxed: str) -> None:
    text = office.config.path.read_text(encoding="utf-8")
    setting = '[billing]\nno_tax_code = "Out of Scope"\n'
    office.config.path.write_text(text.replace("[billing]\n", setting), encoding="utf-8")
    table(office, "discounts", f"client,percent,base,quickbooks_item\nHydro-Québec,10,{base},Services\n")
    month(office, NOVEMBER, OCTOBER)
    month(office, NOVEMBER, OCTOBER)

    (invoice,) = office.emulator.all("Invoice")
    assert lines(office) == [[Decimal(168), Decimal("-16.80")]]
    assert invoice["TxnTaxDetail"]["TotalTax"] == Decimal(taxed)
    assert office.proofs(NOVEMBER) == ["0", "0.00", "0.00"]

    month(office, DECEMBER, OCTOBER.replace(",2,", ",1,"))
    assert lines(office, "CreditMemo") == [[Decimal(84), Decimal("-8.40")]]
    assert office.proofs(DECEMBER) == ["0", "0.00", "0.00"]


@pytest.mark.parametrize(
    ("currency", "rate", "amounts", "tax", "total"),
    [
        ("JPY", "9999", ["19998", "-2000"], "2695", "20693"),
        ("KWD", "25.1255", ["50.251", "-5.025"], "6.772", "51.998"),
    ],
)
def test_a_currency_without_cents_or_with_mills_reaches_quickbooks_and_is_proven(
    office: Office, currency: str, rate: str, amounts: list[str], tax: str, total: str
) -> None:
    office.emulator.seed(
        {"customers": [{"name": "Abroad", "currency": currency, "email": "ap@abroad.example"}],
         "exchange_rates": {currency: "0.0093"}}
    )  # fmt: skip
    table(office, "clients", f"source_client,quickbooks_customer,currency\nAbroad,Abroad,{currency}\n")
    table(office, "rates", f"rate\n{rate}\n")
    table(office, "discounts", "client,percent,quickbooks_item\nAbroad,10,Services\n")
    for _ in range(2):
        month(office, NOVEMBER, "1,2026-10-05,2,Abroad,consulting\n")

    (invoice,) = office.emulator.all("Invoice")
    assert lines(office) == [[Decimal(amount) for amount in amounts]]
    assert (invoice["TxnTaxDetail"]["TotalTax"], invoice["TotalAmt"]) == (Decimal(tax), Decimal(total))
    with office.store.read() as connection:
        drifts = connection.execute(select(schema.drift.c.code)).scalars().all()
        (row,) = connection.execute(select(schema.document.c.subtotal_minor, schema.document.c.tax_minor)).all()
    assert drifts == []
    digits = {"JPY": 0, "KWD": 3}[currency]
    assert Decimal(row.subtotal_minor + row.tax_minor).scaleb(-digits) == Decimal(total)
    assert set(office.proofs(NOVEMBER)) <= {"0", "0.00", "0.000"}
