"""One document whole: its lines, where it stands in QuickBooks, its payments, and each attempt to send it."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, select

from mappings.documents import Document
from mappings.problems import Problem
from syncd.engine.content import decode_document
from syncd.engine.document_state import document_status
from syncd.reports.preview import PreviewLine, preview_line
from syncd.reports.read_money import TYPE_OF_KIND
from syncd.reports.values import Money
from syncd.store import schema

SCHEMA = "syncd.show/1"
_read_problem = msgspec.json.Decoder(Problem).decode


@dataclass(frozen=True, slots=True)
class Remote:
    """The document as QuickBooks has it. Amounts of a credit memo are positive there."""

    type: str
    id: str
    state: str
    number: str
    dated: date
    due: date | None
    total: Money
    tax: Money
    balance: Money
    email_status: str
    last_updated: datetime


@dataclass(frozen=True, slots=True)
class Link:
    """What settles the document (a payment, a credit), or what it settles, as QuickBooks links it now."""

    type: str
    id: str
    dated: date | None
    amount: Money


@dataclass(frozen=True, slots=True)
class Attempt:
    """One row of the record of sending: `phase` sending (before), result (after), look."""

    at: datetime
    operation: str
    phase: str
    outcome: str
    http_status: int | None
    intuit_tid: str
    request_id: str


@dataclass(frozen=True, slots=True)
class Sending:
    """One operation on the document: create, send (e-mail), or apply (a credit memo to an invoice)."""

    operation: str
    state: str
    generation: int
    problem: Problem | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class DriftShown:
    """What a person changed in QuickBooks."""

    code: str
    what: str
    expected: str
    found: str
    found_at: datetime
    settled_at: datetime | None


@dataclass(frozen=True, slots=True)
class ShownDocument:
    """`state`: to-send, in-doubt, refused, withdrawn, settled (goes nowhere), or as QuickBooks has it: open, partial,
    paid, overdue, voided, deleted; sent when it was not read there yet.
    """

    company: str
    document_id: str
    number: str
    kind: str
    client: str
    period: str
    group: str
    state: str
    decision: str
    dated: date
    currency: str
    lines: tuple[PreviewLine, ...]
    subtotal: Money
    tax: Money | None
    total: Money
    approved_by: str
    approved_at: datetime
    withdrawn_because: str
    remote: Remote | None
    links: tuple[Link, ...]
    sendings: tuple[Sending, ...]
    attempts: tuple[Attempt, ...]
    drifts: tuple[DriftShown, ...]
    next_command: str


def show_document(connection: Connection, company: str, row: Row[Any], today: date) -> ShownDocument:
    """Everything that is known of one document of ours."""
    document = decode_document(row.content)
    currency = document.currency
    remote = _remote(connection, company, row)
    sendings = _sendings(connection, row.id)
    state = _state(row, remote, sendings, today)
    return ShownDocument(
        company=company,
        document_id=row.id,
        number=row.number or "",
        kind=row.kind,
        client=row.client,
        period=row.period,
        group=row.group_name,
        state=state,
        decision=row.decision or "",
        dated=row.dated,
        currency=currency,
        lines=tuple(preview_line(line, currency) for line in document.lines),
        subtotal=Money(document.subtotal_minor, currency),
        tax=_tax(document),
        total=Money(document.total_minor, currency),
        approved_by=row.approved_by,
        approved_at=row.approved_at,
        withdrawn_because=row.withdrawn_because or "",
        remote=remote,
        links=_links(connection, company, remote) if remote else (),
        sendings=sendings,
        attempts=_attempts(connection, row.id),
        drifts=_drifts(connection, row.id),
        next_command=_next(row, state),
    )


def _tax(document: Document) -> Money | None:
    return Money(document.tax_minor, document.currency) if document.tax_computed else None


def _remote(connection: Connection, company: str, row: Row[Any]) -> Remote | None:
    kind = TYPE_OF_KIND.get(row.kind)
    if kind is None or row.quickbooks_id is None:
        return None
    table = schema.remote_document.c
    found = connection.execute(
        select(schema.remote_document).where(
            table.company == company, table.type == kind, table.id == row.quickbooks_id
        )
    ).one_or_none()
    if found is None:
        return None
    currency = found.currency or row.currency
    return Remote(
        found.type,
        found.id,
        found.state,
        found.number,
        found.dated,
        found.due,
        Money(found.total_minor, currency),
        Money(found.tax_minor, currency),
        Money(found.balance_minor, currency),
        found.email_status,
        found.last_updated,
    )


def _links(connection: Connection, company: str, remote: Remote) -> tuple[Link, ...]:
    """Links are kept on the side that pays: what points at this document, and what this one points at."""
    link, other = schema.remote_link.c, schema.remote_document.c
    points_here = select(link.type, link.id, other.dated, link.amount_minor).select_from(
        schema.remote_link.outerjoin(
            schema.remote_document,
            and_(other.company == link.company, other.type == link.type, other.id == link.id),
        )
    )
    here = points_here.where(
        link.company == company, link.linked_type == remote.type, link.linked_id == remote.id
    ).order_by(link.type, link.id, link.position)
    points_there = (
        select(link.linked_type, link.linked_id, link.amount_minor)
        .where(link.company == company, link.type == remote.type, link.id == remote.id)
        .order_by(link.position)
    )
    currency = remote.total.currency
    found = [Link(row[0], row[1], row[2], Money(row[3], currency)) for row in connection.execute(here)]
    found += [Link(row[0], row[1], None, Money(row[2], currency)) for row in connection.execute(points_there)]
    return tuple(found)


def _sendings(connection: Connection, document_id: str) -> tuple[Sending, ...]:
    table = schema.outbox.c
    query = select(schema.outbox).where(table.document_id == document_id).order_by(table.id)
    return tuple(
        Sending(
            row.operation,
            row.state,
            row.generation,
            _read_problem(row.problem) if row.problem else None,
            row.not_before,
        )
        for row in connection.execute(query)
    )


def _attempts(connection: Connection, document_id: str) -> tuple[Attempt, ...]:
    attempt, outbox = schema.attempt.c, schema.outbox.c
    query = (
        select(schema.attempt, outbox.operation)
        .join(schema.outbox, outbox.id == attempt.outbox_id)
        .where(outbox.document_id == document_id)
        .order_by(attempt.id)
    )
    return tuple(
        Attempt(row.at, row.operation, row.phase, row.outcome, row.http_status, row.intuit_tid or "", row.request_id)
        for row in connection.execute(query)
    )


def _drifts(connection: Connection, document_id: str) -> tuple[DriftShown, ...]:
    table = schema.drift.c
    query = (
        select(table.code, table.what, table.expected, table.found, table.found_at, table.settled_at)
        .where(table.document_id == document_id)
        .order_by(table.id)
    )
    return tuple(DriftShown(*row) for row in connection.execute(query))


def _state(row: Row[Any], remote: Remote | None, sendings: tuple[Sending, ...], today: date) -> str:
    if row.withdrawn_at is not None:
        return "withdrawn"
    if row.kind == "settlement":
        return "settled"
    creating = next((item.state for item in sendings if item.operation == "create" and item.state != "withdrawn"), "")
    if creating != "done":
        return {"ready": "to-send", "sending": "in-doubt", "unknown": "in-doubt", "refused": "refused"}[creating]
    if remote is None:
        return "sent"
    return document_status(
        state=remote.state,
        total_minor=remote.total.minor,
        balance_minor=remote.balance.minor,
        due=remote.due,
        today=today,
    )


def _next(row: Row[Any], state: str) -> str:
    name = shlex.quote(row.number or row.id)
    if state in ("to-send", "in-doubt"):
        return "syncd push"
    if state == "refused":
        return f"syncd retry {name}"
    if state in ("voided", "deleted") and row.decision is None:
        return f"syncd release {name}"
    return "syncd reconcile" if state == "sent" else f"syncd explain {name}"
