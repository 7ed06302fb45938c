"""Drift: where QuickBooks differs from what was sent, document by document and field by field."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rich.console import RenderableType
from rich.text import Text
from sqlalchemy import Connection, Row, or_, select

from connectors.quickbooks.entities import NUMBERED
from connectors.quickbooks.wire import parse_json
from mappings.money import plain
from syncd.engine.adopt_unknown import unknown_documents
from syncd.engine.drift import acceptances, differences_of
from syncd.engine.drift_accept import AcceptedDrift
from syncd.engine.drift_applications import Restored
from syncd.reports.text import indented, table
from syncd.store import schema

SCHEMA = "syncd.drift/1"
ACCEPTED_SCHEMA = "syncd.drift-accepted/1"
RESTORED_SCHEMA = "syncd.drift-restored/1"
_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_NAMED = {"customer": "customer", "terms": "term", "department": "department", "item": "item", "tax code": "tax-code",
          "class": "class"}  # fmt: skip
"""Fields that hold an id of a list, and the list."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One field: what we expect there, and what is there. Names stand for QuickBooks' ids."""

    field: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Drifted:
    """One document that differs. `code`: edited, tax-variance, voided, deleted, missing; claimed: a copy of ours."""

    code: str
    number: str
    client: str
    what: str
    differences: tuple[Difference, ...]
    quickbooks_type: str
    quickbooks_id: str
    changed_at: datetime | None
    """When QuickBooks last wrote it; it does not tell who did."""
    found_at: datetime | None
    command: str
    """What settles it."""


@dataclass(frozen=True, slots=True)
class Acceptance:
    """One edit that a person accepted. `difference`: before tax."""

    number: str
    client: str
    what: str
    expected: str
    found: str
    difference: str
    accepted_by: str
    accepted_at: datetime


@dataclass(frozen=True, slots=True)
class DriftReport:
    """All that differs, and all that was accepted."""

    company: str
    as_of: datetime
    drifts: tuple[Drifted, ...]
    accepted: tuple[Acceptance, ...]
    next_command: str


def report_drift(connection: Connection, company: str, *, now: datetime) -> DriftReport:
    """Read what differs, oldest first."""
    names = _names(connection, company)
    drifts = (*_ours(connection, company, names), *_copies(connection, company))
    following = drifts[0].command if drifts else "syncd status"
    return DriftReport(company, now, drifts, tuple(_accepted(connection, company)), following)


def _names(connection: Connection, company: str) -> dict[tuple[str, str], str]:
    table_ = schema.reference.c
    query = select(table_.kind, table_.id, table_.name).where(table_.company == company)
    return {(row.kind, row.id): row.name for row in connection.execute(query)}


def _ours(connection: Connection, company: str, names: dict[tuple[str, str], str]) -> Iterator[Drifted]:
    drift, document, remote, sent = (
        schema.drift.c, schema.document.c, schema.remote_document.c, schema.outbox.c,
    )  # fmt: skip
    query = (
        select(schema.drift, document.number, document.client, document.decision, remote.raw, remote.last_updated,
               sent.payload)
        .join(schema.document, document.id == drift.document_id)
        .outerjoin(
            schema.remote_document,
            (remote.company == drift.company) & (remote.type == drift.type) & (remote.id == drift.quickbooks_id),
        )
        .outerjoin(schema.outbox, (sent.document_id == document.id) & (sent.operation == "create")
                   & (sent.state == "done"))
        .where(drift.company == company, drift.settled_at.is_(None), document.decision.is_(None))
        .order_by(drift.id)
    )  # fmt: skip
    accepted = acceptances(connection, company)
    for row in connection.execute(query):
        name, basis = row.number or row.document_id, accepted.get((row.type, row.quickbooks_id))
        fields: list[Difference] = []
        if row.type != "Payment" and row.code == "edited" and row.raw and row.payload:
            found = differences_of(parse_json(basis.payload if basis else row.payload), parse_json(row.raw))
            fields = [Difference(field, *(_named(names, field, value) for value in pair)) for field, *pair in found]
        yield Drifted(
            row.code,
            name,
            row.client,
            row.what,
            tuple(fields) or (Difference("", row.expected, row.found),),
            row.type,
            row.quickbooks_id,
            row.last_updated,
            row.found_at,
            f"syncd drift restore {shlex.quote(name)}" if _may_be_restored(row) else _command(row.code, name),
        )


def _named(names: dict[tuple[str, str], str], field: str, value: str) -> str:
    kind = _NAMED.get(field.split(" ", 2)[-1] if field.startswith("line ") else field)
    return names.get((kind or "", value), value)


def _may_be_restored(row: Row[Any]) -> bool:
    """Whether it is a payment of 0 that a person took away."""
    return bool(row.type == "Payment" and row.code in ("deleted", "voided", "missing"))


def _command(code: str, name: str) -> str:
    quoted = shlex.quote(name)
    if code in ("voided", "deleted"):
        return f"syncd release {quoted}"
    return "syncd reconcile" if code == "missing" else f"syncd drift accept {quoted}"


def _copies(connection: Connection, company: str) -> Iterator[Drifted]:
    """Documents with our mark that are none of ours, and that nobody has accepted."""
    remote, document, accepted = schema.remote_document.c, schema.document.c, schema.acceptance.c
    kinds = [(document.kind == kind) & (remote.type == type_) for kind, type_ in _TYPES.items()]
    ours = (
        select(document.id)
        .where(document.company == remote.company, document.quickbooks_id == remote.id, or_(*kinds))
        .exists()
    )
    known = (
        select(accepted.id)
        .where(accepted.company == remote.company, accepted.type == remote.type, accepted.quickbooks_id == remote.id)
        .exists()
    )
    query = (
        select(schema.remote_document)
        # Nobody copies a payment of 0; the next push takes over one that this database does not know.
        .where(remote.company == company, remote.type.in_(NUMBERED), remote.marker != "", remote.state == "live")
        .where(~ours, ~known)
        .order_by(remote.type, remote.id)
    )
    older = {(one.type, one.id) for one in unknown_documents(connection, company)}
    for row in connection.execute(query):
        if (row.type, row.id) in older:
            continue  # It is ours, and needs `syncd adopt`.
        name = row.number or row.id
        what = "It carries our mark and is no document of ours: a copy that somebody made."
        yield Drifted(
            "claimed", name, "", what, (), row.type, row.id, row.last_updated, None,
            f"syncd drift accept {shlex.quote(row.id)}",
        )  # fmt: skip


def _accepted(connection: Connection, company: str) -> Iterator[Acceptance]:
    table_, document = schema.acceptance.c, schema.document.c
    query = (
        select(schema.acceptance, document.number, document.client, document.currency)
        .outerjoin(schema.document, document.id == table_.document_id)
        .where(table_.company == company)
        .order_by(table_.id)
    )
    for row in connection.execute(query):
        yield Acceptance(
            row.number or row.quickbooks_id,
            row.client or "",
            row.what,
            row.expected,
            row.found,
            plain(row.difference_minor, row.currency or ""),
            row.accepted_by,
            row.accepted_at,
        )


def drift_text(report: DriftReport, command: Callable[[str], str] = str) -> Iterator[RenderableType]:
    """The report for a terminal; `command` gives each command the config and company that this one was called with."""
    if not report.drifts:
        yield Text("QuickBooks has every document as it was sent, or as it was accepted.")
    for row in report.drifts:
        since = f" (changed {row.changed_at:%Y-%m-%d %H:%M} UTC)" if row.changed_at else ""
        yield Text(f"{row.number} {row.client}: {row.what}{since}", style="yellow")
        if row.differences:
            made = table("Field", "Ours", "QuickBooks'")
            for one in row.differences:
                made.add_row(one.field, Text(one.expected), Text(one.found))
            yield indented(made, 2)
        yield indented(Text(command(row.command)), 2)
    for accepted in report.accepted:
        said = f"{accepted.number} {accepted.client}".strip()
        when = f"{accepted.accepted_at:%Y-%m-%d}"
        yield Text(f"Accepted on {when} by {accepted.accepted_by}: {said}: {accepted.found}", style="dim")


def restored_text(found: Restored) -> Iterator[RenderableType]:
    """What one restoring did."""
    yield Text(f"{found.amount} of {found.number} {found.client} is applied again by the next push.")


def accepted_text(found: AcceptedDrift) -> Iterator[RenderableType]:
    """What one acceptance did."""
    name = f"{found.number} {found.client}".strip()
    if not found.what:
        yield Text(f"{name}: nothing differs.")
        return
    yield Text(f"Accepted {name} as it is in QuickBooks: {found.found}.")
    if found.difference not in ("0.00", "0"):
        yield Text(f"The difference before tax, {found.difference}, has its own row in the second proof.")
