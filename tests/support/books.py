"""A connected company for engine tests: its config, the emulator over real HTTP, and documents approved by hand."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import insert, select, update

from connectors.emulator import Emulator, play, running
from connectors.quickbooks.marker import marker_of
from connectors.quickbooks.payloads import document_payload
from connectors.quickbooks.wire import write_json
from mappings.documents import Allocation, Document, DocumentKey, FeeAllocation, Line, TaxLine, Terms
from mappings.periods import Period, month_of
from syncd.config import Config, load_config
from syncd.engine.connect import begin, finish
from syncd.engine.content import content_hash, encode
from syncd.engine.document_state import document_status
from syncd.engine.outbox import enqueue
from syncd.engine.payments import PaymentsReport, read_payments
from syncd.engine.push import push
from syncd.engine.push_report import PushReport
from syncd.engine.quickbooks import QuickBooks, open_quickbooks
from syncd.engine.reference import load_books, refresh
from syncd.engine.tokens import Connected
from syncd.store import schema
from syncd.store.database import Store
from tests.support.clock import FakeClock

COMPANY = "Atelier Boréal inc."
CONFIG = """\
[company]
name = "{company}"
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[quickbooks]
environment = "emulator"
base_url = "{url}"
invoice_number = "{numbers}"
send_by = "{send_by}"
"""
TABLES = {
    "clients": "source_client,quickbooks_customer\nClinique,Clinique du Lac\n",
    "services": "source_service,service,quickbooks_item\nconsulting,Consultation,Consultation\n",
    "rates": "service,rate\nConsultation,84.00\n",
}
OCTOBER = month_of(date(2026, 10, 1))
CUSTOMER, ITEM, TAX = "Clinique du Lac", "Consultation", "GST/QST QC - 9.975"


def write_config(
    folder: Path,
    url: str,
    *,
    company: str = COMPANY,
    send_by: str = "none",
    more: str = "",
    numbers: str = "AB-{year}-{seq:04}",
) -> Config:
    """A small configuration that points at `url`; `more` goes into [quickbooks]."""
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    text = CONFIG.format(company=company, url=url, send_by=send_by, numbers=numbers) + more
    (folder / "config.toml").write_text(text, encoding="utf-8")
    for name, rows in TABLES.items():
        (folder / "mappings" / f"{name}.csv").write_text(rows, encoding="utf-8")
    return load_config(folder / "config.toml")


@dataclass
class Desk:
    """Everything a step is handed, and the other side's books to look at."""

    store: Store
    clock: FakeClock
    config: Config
    emulator: Emulator
    opened: QuickBooks
    holder: str = "test"
    numbers: int = 0
    ids: dict[str, str] = field(default_factory=dict)

    def push(self, holder: str = "", **more: Any) -> PushReport:
        return push(self.store, self.config, self.opened, clock=self.clock, holder=holder or self.holder, **more)

    def invoices(self) -> list[dict[str, Any]]:
        return self.emulator.all("Invoice")

    def creates(self) -> list[Any]:
        """The requests that wanted to create an invoice or credit memo, in order of arrival."""
        return [entry for entry in self.emulator.requests() if entry.operation == "create"]

    def rows(self, table: Any, **where: Any) -> list[dict[str, Any]]:
        """Rows of a table, oldest first."""
        query = select(table)
        for name, value in where.items():
            query = query.where(table.c[name] == value)
        order = table.c.get("id", table.c.company)
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(query.order_by(order)).mappings()]

    def outbox(self, document_id: str, operation: str = "create") -> dict[str, Any]:
        return self.rows(schema.outbox, document_id=document_id, operation=operation)[-1]

    def states(self) -> list[str]:
        return [row["state"] for row in self.rows(schema.outbox)]

    def document(self, document_id: str) -> dict[str, Any]:
        return self.rows(schema.document, id=document_id)[0]

    def remote(self, entity: str, quickbooks_id: str) -> dict[str, Any]:
        return self.rows(schema.remote_document, type=entity, id=quickbooks_id)[0]

    def read_payments(self, **more: Any) -> PaymentsReport:
        return read_payments(self.store, self.config, self.opened, clock=self.clock, holder=self.holder, **more)

    def drifts(self) -> list[tuple[str, str]]:
        """What is open: code and what."""
        return [(row["code"], row["what"]) for row in self.rows(schema.drift) if row["settled_at"] is None]

    def state_of(self, document_id: str, today: date = date(2026, 11, 2)) -> str:
        """The document's state by the mirror."""
        document = self.document(document_id)
        entity = "Invoice" if document["kind"] == "invoice" else "CreditMemo"
        row = self.remote(entity, document["quickbooks_id"])
        names = ("state", "total_minor", "balance_minor", "due")
        return document_status(**{name: row[name] for name in names}, today=today)

    def approve(self, amounts: Sequence[str] = ("210.00",), **more: Any) -> str:
        """Approve one document straight into the store and return its id."""
        self.numbers += 1
        return approve(self, f"AB-2026-{self.numbers:04}", amounts, **more)

    def play(self, act: str, **members: Any) -> dict[str, Any]:
        """What a customer or bookkeeper does in QuickBooks: pay, void, delete, edit …"""
        result: dict[str, Any] = getattr(play, act)(self.emulator, **members)
        return result


def connect(store: Store, config: Config, clock: FakeClock, holder: str = "test") -> Connected:
    """Connect as a person does, with a browser that follows no redirect."""
    connecting = begin(store, config, clock)
    try:
        answer = httpx.get(connecting.attempt.url)
        result = finish(store, config, clock, connecting, answer.headers["location"], holder)
    finally:
        connecting.http.close()
    assert isinstance(result, Connected), result
    return result


@contextmanager
def open_desk(
    store: Store,
    folder: Path,
    clock: FakeClock,
    *,
    country: str = "ca",
    send_by: str = "none",
    more: str = "",
    numbers: str = "AB-{year}-{seq:04}",
) -> Iterator[Desk]:
    """An emulator on the test's clock, connected, its lists read."""
    emulator = Emulator(country, now=clock.now, limits=False)
    with running(emulator) as url:
        config = write_config(folder, url, send_by=send_by, more=more, numbers=numbers)
        connect(store, config, clock)
        opened = open_quickbooks(store, config, clock, "test")
        try:
            refresh(store, opened, clock=clock)
            yield Desk(store, clock, config, emulator, opened, ids=_ids(emulator))
        finally:
            opened.close()


def _ids(emulator: Emulator) -> dict[str, str]:
    named = [*emulator.all("Customer"), *emulator.all("Item"), *emulator.all("TaxCode")]
    return {row.get("DisplayName") or row["Name"]: row["Id"] for row in named}


def a_document(
    desk: Desk,
    amounts: Sequence[str],
    *,
    kind: str = "invoice",
    sequence: int = 1,
    customer: str = CUSTOMER,
    period: Period = OCTOBER,
    email: str = "",
    fee: str = "",
) -> Document:
    """A document whose lines have these amounts, one hour each, and one entry a line (a fee's has none)."""
    sign = -1 if kind == "credit-memo" else 1
    minors = [sign * int(Decimal(amount) * 100) for amount in amounts]
    lines = tuple(
        Line(
            number=number,
            kind="time",
            description=f"Consultation {number}",
            item=ITEM,
            tax_code=TAX,
            amount_minor=minor,
            quantity=Decimal(sign),
            rate=Decimal(minor * sign) / 100,
            unit="hour",
            seconds=sign * 3600,
            item_id=desk.ids[ITEM],
            tax_code_id=desk.ids[TAX],
        )
        for number, minor in enumerate(minors, start=1)
    )
    terms = Terms(customer, "", "", ITEM, ITEM, Decimal(84), "hour", 3600, "CAD", TAX, "", "2026-10")
    allocations = tuple(
        Allocation(
            source="timesheets",
            entry=f"{sequence}-{line.number}-{desk.numbers}",
            revision=1,
            effect="invoiced",
            seconds=line.seconds,
            billed_seconds=line.seconds,
            amount_minor=line.amount_minor,
            line=line.number,
            worked_on=date(2026, 10, 5),
            person="Marie",
            source_client="Clinique",
            project="",
            task="",
            source_service="consulting",
            terms=terms,
        )
        for line in (lines[1:] if fee else lines)
    )
    return Document(
        key=DocumentKey(customer, period.name, "", sequence),
        kind=kind,  # type: ignore[arg-type]
        period=period,
        dated=period.last,
        currency="CAD",
        language="en-CA",
        lines=lines,
        allocations=allocations,
        fees=(FeeAllocation(fee, period.name, minors[0], 1),) if fee else (),
        email_to=email,
        subtotal_minor=sum(minors),
        taxes=tuple(_tax(name, percent, sum(minors)) for name, percent in (("GST", "5"), ("QST", "9.975"))),
        customer_id=desk.ids[customer],
    )


def _tax(component: str, percent: str, base_minor: int) -> TaxLine:
    amount = (Decimal(base_minor) * Decimal(percent) / 100).quantize(Decimal(1), ROUND_HALF_UP)
    return TaxLine(TAX, component, Decimal(percent), base_minor, int(amount))


def approve(desk: Desk, number: str | None, amounts: Sequence[str], **more: Any) -> str:
    """Write what approving writes: document, ledger rows, and the outbox row with its exact payload."""
    document = a_document(desk, amounts, **({"sequence": desk.numbers} | more))
    digest = content_hash(document)
    document_id = str(uuid.uuid5(uuid.NAMESPACE_OID, f"{document.key}"))
    now = desk.clock.now()
    with desk.store.write() as connection:
        books = load_books(connection, COMPANY)
        assert books is not None
        connection.execute(insert(schema.document).values(**_columns(desk, document, document_id, number, digest)))
        for position, row in enumerate(document.allocations):
            connection.execute(insert(schema.work).values(**_work(row)))
            connection.execute(insert(schema.ledger).values(**_ledger(document_id, position, row)))
        for fee in document.fees:
            connection.execute(
                insert(schema.fee_ledger).values(
                    company=COMPANY,
                    document_id=document_id,
                    fee=fee.fee,
                    due=fee.due,
                    amount_minor=fee.amount_minor,
                    detail=encode(fee),
                )
            )
        payload = document_payload(document, doc_number=number, marker=marker_of(document_id, digest), books=books)
        enqueue(
            connection,
            company=COMPANY,
            realm=desk.opened.realm,
            operation="create",
            document_id=document_id,
            payload=write_json(payload),
            now=now,
        )
    return document_id


def _columns(desk: Desk, document: Document, document_id: str, number: str | None, digest: str) -> dict[str, Any]:
    key = document.key
    return {
        "id": document_id,
        "company": COMPANY,
        "realm": desk.opened.realm,
        "kind": document.kind,
        "client": key.client,
        "period": key.period,
        "group_name": key.group,
        "sequence": key.sequence,
        "version": 1,
        "content_hash": digest,
        "number": number,
        "customer_id": document.customer_id,
        "period_first": document.period.first,
        "period_last": document.period.last,
        "dated": document.dated,
        "currency": document.currency,
        "subtotal_minor": document.subtotal_minor,
        "tax_minor": document.tax_minor,
        "content": encode(document),
        "approved_by": "Marie",
        "approved_at": desk.clock.now(),
    }


def _work(row: Allocation) -> dict[str, Any]:
    """The entry, as pulled, that a ledger row has billed whole."""
    return {
        "company": COMPANY,
        "source": row.source,
        "entry": row.entry,
        "revision": row.revision,
        "content_hash": "",
        "worked_on": row.worked_on,
        "seconds": row.seconds,
        "deleted": False,
    }


def _ledger(document_id: str, position: int, row: Allocation) -> dict[str, Any]:
    return {
        "company": COMPANY,
        "document_id": document_id,
        "position": position,
        "line": row.line,
        "source": row.source,
        "entry": row.entry,
        "revision": row.revision,
        "effect": row.effect,
        "seconds": row.seconds,
        "billed_seconds": row.billed_seconds,
        "amount_minor": row.amount_minor,
        "worked_on": row.worked_on,
        "client": row.terms.client,
        "detail": encode(row),
    }


def set_row(store: Store, table: Any, values: dict[str, Any], **where: Any) -> None:
    """Change a row behind everybody's back."""
    change = update(table).values(**values)
    for name, value in where.items():
        change = change.where(table.c[name] == value)
    with store.write() as connection:
        assert connection.execute(change).rowcount == 1


def read_json(text: str) -> Any:
    """Plain JSON, its numbers as Decimal."""
    return json.loads(text, parse_float=Decimal)
