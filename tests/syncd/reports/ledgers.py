"""Small books written by hand, row by row, so that a report is compared with what was never computed by syncd."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import delete, insert, update

from connectors.quickbooks.marker import marker_of
from mappings.documents import Allocation, Document, DocumentKey, Effect, Hold, Line, Reason, TaxLine, Terms
from mappings.periods import month_of
from mappings.problems import Problem
from mappings.work import WorkItem
from syncd.engine.content import encode
from syncd.reports.snapshot import Snapshot
from syncd.reports.status import StatusReport, report_status
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store

COMPANY = "Atelier"
NOON = datetime(2026, 11, 3, 17, tzinfo=UTC)
EVERYTHING = Selection()
OCTOBER = month_of(date(2026, 10, 1))
HASH = "0123456789abcdef" * 4


class Books:
    """Writes rows; every method gives what one of the journey's steps would have left behind."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self._positions = 0

    def insert(self, table: Any, **values: Any) -> None:
        with self.store.write() as connection:
            connection.execute(insert(table).values(company=COMPANY, **values))

    def change(self, table: Any, where: Mapping[str, Any], **values: Any) -> None:
        with self.store.write() as connection:
            changed = connection.execute(update(table).where(*_matches(table, where)).values(**values))
        assert changed.rowcount == 1, where

    def remove(self, table: Any, **where: Any) -> None:
        with self.store.write() as connection:
            removed = connection.execute(delete(table).where(*_matches(table, where)))
        assert removed.rowcount == 1, where

    def work(self, entry: str, seconds: int, day: date = date(2026, 10, 5), *, deleted: bool = False) -> None:
        """An entry as pulled."""
        self.insert(
            schema.work,
            source="times",
            entry=entry,
            revision=1,
            content_hash=entry,
            worked_on=day,
            seconds=seconds,
            deleted=deleted,
        )
        item = WorkItem("times", entry, day, seconds, person="Marie", client="Hydro", service="consulting")
        self.insert(
            schema.work_revision,
            source="times",
            entry=entry,
            revision=1,
            item=encode(item),
            raw=f'{{"id": "{entry}"}}',
            deleted=deleted,
            seen_at=NOON,
        )

    def stand(self, entry: str, seconds: int, state: str, code: str, client: str = "Hydro") -> None:
        """Seconds that no document holds."""
        self._positions += 1
        self.insert(
            schema.standing,
            source="times",
            entry=entry,
            position=self._positions,
            seconds=seconds,
            state=state,
            code=code,
            what=f"It is {code}.",
            client=client,
            worked_on=date(2026, 10, 5),
        )

    def document(
        self,
        number: str,
        subtotal: int,
        tax: int = 0,
        *,
        client: str = "Hydro",
        kind: str = "invoice",
        currency: str = "CAD",
        outbox: str = "done",
        quickbooks_id: str | None = "",
        changed_at: datetime = datetime(2026, 11, 1, tzinfo=UTC),
        allocations: tuple[Allocation, ...] = (),
    ) -> None:
        """An approved document with its outbox row; `quickbooks_id` "" is the number's last digits."""
        line = Line(1, "time", "Consultation", "Consultation", "GST", subtotal, Decimal("2.5"), Decimal(84), "hour")
        taxes = (TaxLine("GST", "GST", Decimal(5), subtotal, tax),)
        content = Document(
            DocumentKey(client, "2026-10", "", 1),
            "invoice",
            OCTOBER,
            OCTOBER.last,
            currency,
            "en-CA",
            (replace(line, seconds=9000),),
            allocations,
            subtotal_minor=subtotal,
            taxes=taxes,
        )
        sent = outbox == "done"
        self.insert(
            schema.document,
            id=number,
            realm="9",
            kind=kind,
            client=client,
            period="2026-10",
            group_name=number,
            sequence=1,
            version=1,
            content_hash=HASH,
            number=number,
            customer_id=client,
            period_first=OCTOBER.first,
            period_last=OCTOBER.last,
            dated=OCTOBER.last,
            currency=currency,
            subtotal_minor=subtotal,
            tax_minor=tax,
            content=encode(content),
            approved_by="Marie",
            approved_at=NOON,
            quickbooks_id=(quickbooks_id or number[-2:]) if sent else None,
        )
        self.insert(
            schema.outbox,
            realm="9",
            operation="create",
            document_id=number,
            generation=1,
            request_id=f"request {number}",
            payload="{}",
            payload_hash="",
            state=outbox,
            doubted=outbox == "unknown",
            changed_at=changed_at,
        )
        for position, row in enumerate(allocations):
            self.ledger(number, position, row)

    def ledger(self, document: str, position: int, row: Allocation) -> None:
        self.insert(
            schema.ledger,
            document_id=document,
            position=position,
            line=row.line,
            source=row.source,
            entry=row.entry,
            revision=row.revision,
            effect=row.effect,
            seconds=row.seconds,
            billed_seconds=row.billed_seconds,
            amount_minor=row.amount_minor,
            worked_on=row.worked_on,
            client=row.terms.client,
            detail=encode(row),
        )

    def remote(
        self,
        identity: str,
        total: int,
        *,
        tax: int = 0,
        balance: int | None = None,
        kind: str = "Invoice",
        customer: str = "Hydro",
        currency: str = "CAD",
        dated: date = OCTOBER.last,
        due: date | None = None,
        state: str = "live",
        marker: str = "",
    ) -> None:
        """A row of QuickBooks' mirror."""
        self.insert(
            schema.remote_document,
            type=kind,
            id=identity,
            sync_token="0",
            number=f"Q{identity}",
            customer_id=customer,
            currency=currency,
            dated=dated,
            due=due,
            total_minor=total,
            tax_minor=tax,
            balance_minor=total if balance is None else balance,
            state=state,
            marker=marker,
            email_status="NotSet",
            last_updated=NOON,
            raw="{}",
        )

    def customer(self, name: str, balance: int, currency: str = "CAD") -> None:
        """A mapped customer, whose id is its name, with what QuickBooks says it owes."""
        self.insert(schema.pin, kind="customer", name=name, quickbooks_id=name, pinned_at=NOON)
        self.insert(
            schema.reference,
            kind="customer",
            id=name,
            name=name,
            active=True,
            currency=currency,
            email="",
            balance_minor=balance,
            detail="null",
            seen_at=NOON,
        )

    def read_at(self, moment: datetime = NOON) -> None:
        """When QuickBooks' mirror was read."""
        self.insert(schema.watermark, name="payments", value=moment.isoformat())

    def draft(self, client: str, *, problems: tuple[Problem, ...] = (), holds: tuple[Hold, ...] = ()) -> None:
        self.insert(
            schema.draft,
            client=client,
            period="2026-10",
            group_name="",
            sequence=1,
            period_last=OCTOBER.last,
            version=1,
            content_hash=HASH,
            problems=encode(problems),
            holds=encode(holds),
            state="open",
        )

    def snapshot(self, selection: Selection = EVERYTHING, today: date = date(2026, 11, 3)) -> Snapshot:
        with self.store.read() as connection:
            return take_snapshot(
                connection,
                COMPANY,
                currency="CAD",
                now=NOON,
                today=today,
                selection=selection,
                sources=("times",),
                environment="sandbox",
            )

    def status(self, selection: Selection = EVERYTHING, today: date = date(2026, 11, 3)) -> StatusReport:
        return report_status(self.snapshot(selection, today))


def _matches(table: Any, where: Mapping[str, Any]) -> list[Any]:
    return [table.c[name] == value for name, value in where.items()]


def billed(
    entry: str,
    seconds: int,
    amount: int,
    *,
    billed_seconds: int | None = None,
    effect: Effect = "invoiced",
    client: str = "Hydro",
) -> Allocation:
    """What a document does to an entry."""
    terms = Terms(
        client,
        "",
        "Consultation",
        "Consultation",
        "Consultation",
        Decimal("84.00"),
        "hour",
        3600,
        "CAD",
        "GST",
        "",
        "2026-10",
    )
    reason = Reason(
        client_row="mappings/clients.csv:2",
        rate_row="mappings/rates.csv:3",
        rate_dates="2026-01-01..",
        runner_up="mappings/rates.csv:2 names no client",
        steps=("Billed to the second.",),
    )
    return Allocation(
        source="times",
        entry=entry,
        revision=1,
        effect=effect,
        seconds=seconds,
        billed_seconds=seconds if billed_seconds is None else billed_seconds,
        amount_minor=amount,
        line=1 if effect == "invoiced" else None,
        worked_on=date(2026, 10, 5),
        source_client="Hydro",
        person="Marie",
        project="",
        task="",
        source_service="consulting",
        terms=terms,
        reason=reason,
    )


def marker(number: str) -> str:
    """Our marker in a document that QuickBooks has."""
    return marker_of(number, HASH)
