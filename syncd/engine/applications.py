"""Applications: which credit memo of ours is applied to which invoice of ours, as this database knows it.

QuickBooks applies a credit memo by a payment of 0 that links both. What was applied once counts for good, also after a
person has undone it in QuickBooks: that is drift, and nothing is applied a second time by itself.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, func, insert, or_, select

from connectors.quickbooks.marker import marker_of
from connectors.quickbooks.payloads import application_payload
from connectors.quickbooks.wire import write_json
from mappings.catalogue import Books
from mappings.documents import DEPOSIT
from syncd.engine import outbox
from syncd.engine.content import decode_document
from syncd.engine.deposits import draws_since
from syncd.engine.outbox import Answer, OutboxRow
from syncd.store import schema
from syncd.store.events import append_event
from syncd.store.leases import Lease, check

_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_document, _remote, _outbox = schema.document.c, schema.remote_document.c, schema.outbox.c
_application, _fee = schema.application.c, schema.fee_ledger.c


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """An invoice or credit memo of ours that may be open in QuickBooks. `total_minor` is positive, with tax."""

    id: str
    type: str
    client: str
    customer_id: str
    currency: str
    dated: date
    quickbooks_id: str
    number: str
    total_minor: int
    applied_minor: int
    """What applications of ours have taken of it, under way or done."""
    under_way_minor: int
    """Of these what QuickBooks does not have yet, or not surely."""
    since: date | None = None
    """Of what was drawn from a deposit: it is for invoices from that day on."""

    @property
    def left_minor(self) -> int:
        """At most so much can still be applied, whatever QuickBooks' lists say meanwhile."""
        return self.total_minor - self.applied_minor

    def available_minor(self, balance_minor: int) -> int:
        """How much of it can be applied, when QuickBooks says that so much is open."""
        return min(self.left_minor, balance_minor - self.under_way_minor)


def open_credits(connection: Connection, company: str) -> list[OpenDocument]:
    """Credit memos of ours with something to apply, oldest first; not those with an application under way."""
    flying = select(_outbox.document_id).where(
        _outbox.company == company, _outbox.operation == "apply", _outbox.state.not_in(("done", "withdrawn"))
    )
    return _open(connection, company, "credit-memo", _document.id.not_in(flying))


def open_invoices(connection: Connection, company: str, clients: Collection[str]) -> list[OpenDocument]:
    """Invoices of ours of these clients that may be open, oldest first."""
    # A deposit is paid in money: no credit makes it smaller.
    alone = select(_fee.document_id).where(_fee.company == company, _fee.due == DEPOSIT)
    condition = and_(_document.client.in_(sorted(clients)), _document.id.not_in(alone))
    return _open(connection, company, "invoice", condition)


def _open(connection: Connection, company: str, kind: str, condition: Any) -> list[OpenDocument]:
    query = (
        select(schema.document, _remote.total_minor, _remote.balance_minor)
        .outerjoin(
            schema.remote_document,
            and_(_remote.company == company, _remote.type == _TYPES[kind], _remote.id == _document.quickbooks_id),
        )
        .where(_document.company == company, _document.kind == kind, _document.quickbooks_id.is_not(None), condition)
        .where(_document.withdrawn_at.is_(None), _document.decision.is_(None))
        # What was sent after QuickBooks was last read is not in the mirror yet.
        .where(or_(_remote.state.is_(None), and_(_remote.state == "live", _remote.balance_minor > 0)))
        .order_by(_document.dated, _document.approved_at, _document.number, _document.id)
    )
    rows = connection.execute(query).all()
    ids = [row.id for row in rows]
    taken, since = _taken(connection, company, kind, ids), draws_since(connection, company, ids)
    found = [replace(_open_document(row, *taken.get(row.id, (0, 0))), since=since.get(row.id)) for row in rows]
    return [document for document in found if document.left_minor > 0]


def _open_document(row: Row[Any], applied: int, under_way: int) -> OpenDocument:
    total = abs(row.subtotal_minor + row.tax_minor) if row.total_minor is None else row.total_minor
    if row.total_minor is None and not decode_document(row.content).tax_computed:
        # QuickBooks' tax is not known before it was read: nothing is applied on a guess.
        total = 0
    names = ("id", "client", "customer_id", "currency", "dated", "quickbooks_id")
    known = {name: getattr(row, name) for name in names}
    return OpenDocument(
        **known,
        type=_TYPES[row.kind],
        number=row.number or "",
        total_minor=total,
        applied_minor=applied,
        under_way_minor=under_way,
    )


def _taken(connection: Connection, company: str, kind: str, ids: Collection[str]) -> dict[str, tuple[int, int]]:
    """Per document what applications have taken of it, and of that what is under way.

    What was applied to an invoice that is voided or deleted since, QuickBooks has given back by itself.
    """
    here = _application.credit_id if kind == "credit-memo" else _application.invoice_id
    there = _application.invoice_id if kind == "credit-memo" else _application.credit_id
    other, other_remote = schema.document.alias("other"), schema.remote_document.alias("other_remote")
    query = (
        select(here, _outbox.state, func.sum(_application.amount_minor))
        .select_from(schema.application)
        .join(schema.outbox, _outbox.id == _application.outbox_id)
        .join(other, other.c.id == there)
        .outerjoin(
            other_remote,
            and_(
                other_remote.c.company == company,
                other_remote.c.type == ("Invoice" if kind == "credit-memo" else "CreditMemo"),
                other_remote.c.id == other.c.quickbooks_id,
            ),
        )
        .where(_application.company == company, here.in_(list(ids)), _application.ended_at.is_(None))
        .where(or_(other_remote.c.state.is_(None), other_remote.c.state == "live"))
        .group_by(here, _outbox.state)
    )
    taken: dict[str, tuple[int, int]] = {}
    for document_id, state, amount in connection.execute(query):
        applied, under_way = taken.get(document_id, (0, 0))
        taken[document_id] = (applied + int(amount), under_way + (0 if state == "done" else int(amount)))
    return taken


def plan(
    connection: Connection,
    books: Books,
    lease: Lease,
    credit: OpenDocument,
    invoice: OpenDocument,
    amount_minor: int,
    now: datetime,
) -> None:
    """Record the intent to apply an amount of a credit memo to an invoice; a further one is a new generation."""
    company = lease.company
    check(connection, lease)
    assert 0 < amount_minor <= min(credit.left_minor, invoice.left_minor), "never more than either has"
    assert (credit.customer_id, credit.currency) == (invoice.customer_id, invoice.currency), "both are one customer's"
    highest = select(func.max(_outbox.generation)).where(_outbox.document_id == credit.id, _outbox.operation == "apply")
    generation = (connection.execute(highest).scalar_one() or 0) + 1
    content = connection.execute(select(_document.content).where(_document.id == invoice.id)).scalar_one()
    outbox_id = outbox.enqueue(
        connection,
        company=company,
        realm=books.realm,
        operation="apply",
        document_id=credit.id,
        generation=generation,
        payload=write_json(
            application_payload(
                customer_id=credit.customer_id,
                dated=max(credit.dated, invoice.dated),
                currency=credit.currency,
                exchange_rate=decode_document(content).exchange_rate,
                credit_id=credit.quickbooks_id,
                invoice_id=invoice.quickbooks_id,
                amount_minor=amount_minor,
                marker=_marker(credit.id, generation, invoice.id, amount_minor),
                books=books,
            )
        ),
        now=now,
    )
    _insert(connection, company, outbox_id, credit.id, invoice.id, amount_minor)
    detail = {"invoice": invoice.id, "amount_minor": amount_minor}
    append_event(connection, company, "application-planned", credit.id, detail, now)


def _marker(credit_id: str, generation: int, invoice_id: str, amount_minor: int) -> str:
    return marker_of(f"{credit_id}.{generation}", outbox.payload_hash_of(f"{invoice_id}|{amount_minor}"))


def _insert(
    connection: Connection, company: str, outbox_id: int, credit_id: str, invoice_id: str, amount_minor: int
) -> None:
    connection.execute(
        insert(schema.application).values(
            outbox_id=outbox_id,
            company=company,
            credit_id=credit_id,
            invoice_id=invoice_id,
            amount_minor=amount_minor,
        )
    )


def take_back_unsent(connection: Connection, company: str, lease: Lease, now: datetime) -> None:
    """Withdraw what an earlier run planned and did not begin to send: balances have moved since."""
    for row in outbox.open_rows(connection, company):
        if row.operation == "apply" and row.state == "ready" and not row.doubted:
            outbox.withdraw_application(connection, row, lease, "planned anew", now)


def adopt_applications(connection: Connection, company: str, realm: str, lease: Lease, now: datetime) -> int:
    """Take over the payments of 0 with our mark that this database, an older copy, does not know.

    Told by what they link: a credit memo and an invoice of ours. What is in doubt here, its own look finds.
    """
    known = select(_application.quickbooks_id).where(
        _application.company == company, _application.quickbooks_id.is_not(None)
    )
    query = (
        select(_remote.id, _remote.marker)
        .where(_remote.company == company, _remote.type == "Payment", _remote.state == "live")
        .where(_remote.marker != "", _remote.total_minor == 0, _remote.id.not_in(known))
        .order_by(_remote.last_updated, _remote.id)
    )
    in_doubt = {
        f"syncd:{row.document_id}.{row.generation}"
        for row in outbox.open_rows(connection, company)
        if row.operation == "apply"
    }
    adopted = 0
    for payment in connection.execute(query).all():
        if payment.marker.partition(" ")[0] not in in_doubt:
            adopted += _adopt(connection, company, realm, lease, payment, now)
    return adopted


def _adopt(connection: Connection, company: str, realm: str, lease: Lease, payment: Any, now: datetime) -> bool:
    linked = _linked(connection, company, payment.id)
    if set(linked) != {"CreditMemo", "Invoice"}:
        return False
    credit_id, amount = linked["CreditMemo"]
    highest = select(func.max(_outbox.generation)).where(_outbox.document_id == credit_id, _outbox.operation == "apply")
    generation = (connection.execute(highest).scalar_one() or 0) + 1
    outbox_id = outbox.enqueue(
        connection,
        company=company,
        realm=realm,
        operation="apply",
        document_id=credit_id,
        generation=generation,
        payload=write_json({"Id": payment.id, "PrivateNote": payment.marker}),
        now=now,
    )
    _insert(connection, company, outbox_id, credit_id, linked["Invoice"][0], amount)
    query = select(*(_outbox[name] for name in OutboxRow.__dataclass_fields__)).where(_outbox.id == outbox_id)
    row = OutboxRow(*connection.execute(query).one())
    answer = Answer("found", detail=f"Payment {payment.id} carries our marker; this database did not know it")
    moved = outbox.record_done(connection, row, lease, payment.id, answer, now)
    assert moved, "it was written in this transaction"
    return True


def _linked(connection: Connection, company: str, payment_id: str) -> dict[str, tuple[str, int]]:
    """By type the document of ours that a payment links, and with how much."""
    link = schema.remote_link.c
    kinds = [and_(_document.kind == kind, link.linked_type == type_) for kind, type_ in _TYPES.items()]
    query = (
        select(link.linked_type, _document.id, link.amount_minor)
        .join(schema.document, and_(_document.quickbooks_id == link.linked_id, or_(*kinds)))
        .where(link.company == company, link.type == "Payment", link.id == payment_id)
        .where(_document.company == company, link.amount_minor > 0)
    )
    return {row[0]: (row[1], int(row[2])) for row in connection.execute(query)}
