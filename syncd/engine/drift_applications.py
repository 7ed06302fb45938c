"""Drift of applications: a payment of 0 of ours that a person deleted, voided or changed; restored or accepted."""

from __future__ import annotations

import shlex
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, func, or_, select, update

from mappings.money import plain
from mappings.problems import Problem
from syncd.config import Config
from syncd.engine.drift import Drift, update_drift
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.events import append_event

_application, _drift = schema.application.c, schema.drift.c
_credit, _invoice = schema.document.alias("credit"), schema.document.alias("invoice")
_IDS_A_QUERY = 300
_GONE = ("deleted", "voided", "missing")
_UNDONE = ("deleted", "voided")


def drifted_applications(
    connection: Connection, company: str, only: Collection[tuple[str, str]] | None, missing: Collection[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], list[Drift]]]:
    """Each payment of 0 of ours (of `only`, or beside a document of it) with what differs."""
    if only is None:
        rows = connection.execute(_with_mirror(company)).all()
    else:
        rows = []
        ids = sorted({object_id for _, object_id in only})
        for start in range(0, len(ids), _IDS_A_QUERY):
            portion = ids[start : start + _IDS_A_QUERY]
            touched = or_(
                _application.quickbooks_id.in_(portion),
                _credit.c.quickbooks_id.in_(portion),
                _invoice.c.quickbooks_id.in_(portion),
            )
            rows += connection.execute(_with_mirror(company).where(touched)).all()
    for row in {row.quickbooks_id: row for row in rows}.values():
        key = ("Payment", row.quickbooks_id)
        yield key, list(_drifts_of(row, key in missing))


def _with_mirror(company: str) -> Any:
    """Applications that QuickBooks had, with its present state of all three documents and what the payment links."""
    payment, credit, invoice = (
        schema.remote_document.alias(name) for name in ("payment", "their_credit", "their_invoice")
    )
    mirrors = (
        (payment, "Payment", _application.quickbooks_id),
        (credit, "CreditMemo", _credit.c.quickbooks_id),
        (invoice, "Invoice", _invoice.c.quickbooks_id),
    )
    query = (
        select(
            schema.application,
            _credit.c.currency,
            func.coalesce(_invoice.c.number, _invoice.c.id).label("invoice_name"),
            payment.c.state.label("payment_state"),
            credit.c.state.label("credit_state"),
            invoice.c.state.label("invoice_state"),
            _linked("CreditMemo", _credit.c.quickbooks_id).label("credit_linked"),
            _linked("Invoice", _invoice.c.quickbooks_id).label("invoice_linked"),
        )
        .join(_credit, _credit.c.id == _application.credit_id)
        .join(_invoice, _invoice.c.id == _application.invoice_id)
        .where(_application.company == company, _application.quickbooks_id.is_not(None))
        .order_by(_application.outbox_id)
    )
    for mirror, kind, quickbooks_id in mirrors:
        here = and_(mirror.c.company == company, mirror.c.type == kind, mirror.c.id == quickbooks_id)
        query = query.outerjoin(mirror, here)
    return query


def _linked(kind: str, quickbooks_id: ColumnElement[Any]) -> Any:
    """How much of a document the payment of 0 links now."""
    link = schema.remote_link.c
    return (
        select(func.coalesce(func.sum(link.amount_minor), 0))
        .where(link.company == _application.company, link.type == "Payment", link.id == _application.quickbooks_id)
        .where(link.linked_type == kind, link.linked_id == quickbooks_id)
        .scalar_subquery()
    )


def _drifts_of(row: Row[Any], missing: bool) -> Iterator[Drift]:
    if row.ended_at is not None or row.accepted_at is not None:
        return
    if row.credit_state in _UNDONE or row.invoice_state in _UNDONE:
        return  # QuickBooks has taken the application back by itself, and what was voided is drift of its own.
    applied = f"The payment of 0 that applied {plain(row.amount_minor, row.currency)} of it to {row.invoice_name}"

    def drift(code: str, what: str, found: str) -> Drift:
        expected = f"applied: {plain(row.amount_minor, row.currency)}"
        return Drift(row.credit_id, "Payment", row.quickbooks_id, code, f"{applied} {what}", expected, found)

    if row.payment_state in _UNDONE:
        yield drift(row.payment_state, f"was {row.payment_state} in QuickBooks.", row.payment_state)
    elif row.payment_state is None or missing:
        if missing:
            yield drift("missing", "is not shown by QuickBooks.", "missing")
    elif (int(row.credit_linked), int(row.invoice_linked)) != (row.amount_minor, row.amount_minor):
        yield drift("edited", "was edited in QuickBooks.", f"applied: {plain(int(row.invoice_linked), row.currency)}")


@dataclass(frozen=True, slots=True)
class Restored:
    """A credit memo whose deleted payments of 0 the next push makes anew. `amount`: what they had applied."""

    document_id: str
    number: str
    client: str
    amount: str


def restore(store: Store, config: Config, name: str, *, by: str, now: datetime) -> Restored | Problem:
    """Free what a person's deletion left reserved, so that the next push applies it once more.

    `name`: the credit memo's number or id, or the id of the payment of 0 in QuickBooks. It goes to the oldest invoice
    that is open then. Asked twice, the second time there is nothing to restore.
    """
    company = config.company.name
    with store.write() as connection:
        rows = open_drifts(connection, company, name)
        if not rows:
            what = f"There is no deleted payment of 0 of {name}."
            return Problem("nothing-to-restore", what, "Type `syncd drift` for what differs.")
        edited = [row for row in rows if row.code not in _GONE]
        if edited:
            what = f"The payment of 0 with id {edited[0].quickbooks_id} is still in QuickBooks, and was edited there."
            fix = f"Delete it in QuickBooks to have it made anew, or type `syncd drift accept {shlex.quote(name)}`."
            return Problem("payment-still-there", what, fix)
        for row in rows:
            _end(connection, row, now, ended_at=now)
            append_event(connection, company, "application-restored", row.credit_id, {"by": by}, now)
        update_drift(connection, company, now, only={("Payment", row.quickbooks_id) for row in rows})
    first = rows[0]
    amount = plain(sum(row.amount_minor for row in rows), first.currency)
    return Restored(first.credit_id, first.number or "", first.client, amount)


def accept_undone(connection: Connection, company: str, name: str, by: str, now: datetime) -> list[Row[Any]]:
    """Leave it as a person made it in QuickBooks: what was applied once is not applied by us again."""
    rows = open_drifts(connection, company, name)
    for row in rows:
        _end(connection, row, now, accepted_at=now)
        detail = {"by": by, "what": row.what}
        append_event(connection, company, "drift-accepted", row.credit_id, detail, now)
    update_drift(connection, company, now, only={("Payment", row.quickbooks_id) for row in rows})
    return rows


def _end(connection: Connection, row: Row[Any], now: datetime, **values: datetime) -> None:
    connection.execute(update(schema.application).where(_application.outbox_id == row.outbox_id).values(**values))
    connection.execute(update(schema.drift).where(_drift.id == row.drift_id).values(settled_at=now))


def open_drifts(connection: Connection, company: str, name: str) -> list[Row[Any]]:
    """The open drift of payments of 0 of one credit memo, or of one payment by its id."""
    query = (
        select(
            schema.application, _drift.id.label("drift_id"), _drift.code, _drift.what, _drift.expected, _drift.found,
            _credit.c.number, _credit.c.client, _credit.c.currency,
        )
        .join(schema.drift, and_(_drift.type == "Payment", _drift.quickbooks_id == _application.quickbooks_id))
        .join(_credit, _credit.c.id == _application.credit_id)
        .where(_application.company == company, _drift.company == company, _drift.settled_at.is_(None))
        .where(or_(_credit.c.number == name, _credit.c.id == name, _application.quickbooks_id == name))
        .order_by(_application.outbox_id)
    )  # fmt: skip
    return list(connection.execute(query))
