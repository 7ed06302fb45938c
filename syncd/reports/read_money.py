"""Reads both sides of the proofs about documents and receivables: ours, and QuickBooks' mirror and balances."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Subquery, and_, case, func, literal, or_, select, tuple_

from connectors.quickbooks.marker import marker_of
from syncd.reports.read_hours import NAMED_AT_MOST
from syncd.reports.snapshot import CustomerBalance, DocumentSum, Mismatch, Movement, OpenItem, RemoteSum
from syncd.reports.values import Selection
from syncd.store import schema

_document, _outbox, _remote = schema.document.c, schema.outbox.c, schema.remote_document.c
_pin, _reference = schema.pin.c, schema.reference.c
TYPE_OF_KIND = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_TYPES = ("Invoice", "CreditMemo")
_DOUBTED = ("sending", "unknown")
_STRANGE = ("claimed", "foreign")
"""Origins of what is in the mirror and not ours."""
LAG = timedelta(minutes=5)
"""How long QuickBooks' change feed may take to show a document that it has answered for."""


def pairs(company: str, selection: Selection) -> Subquery:
    """Each live document of ours with its row in the mirror, if there is one; credit memos negative on both sides."""
    kind = case((_document.kind == "credit-memo", "CreditMemo"), else_="Invoice")
    sign = case((_document.kind == "credit-memo", -1), else_=1)
    conditions = [
        _document.company == company,
        _document.kind != "settlement",
        _document.withdrawn_at.is_(None),
    ]
    if selection.client:
        conditions.append(_document.client == selection.client)
    if selection.period:
        conditions.append(_document.dated.between(selection.period.first, selection.period.last))
    return (
        select(
            _document.id,
            _document.number,
            _document.client,
            _document.currency,
            _document.quickbooks_id,
            _document.content_hash,
            kind.label("type"),
            func.coalesce(_outbox.state, "none").label("outbox_state"),
            _outbox.changed_at,
            func.coalesce(_remote.state, "").label("remote_state"),
            (_document.subtotal_minor + _document.tax_minor).label("total_minor"),
            _document.subtotal_minor,
            _document.tax_minor,
            _document.accepted_minor,
            (sign * _remote.total_minor).label("remote_total_minor"),
            (sign * _remote.tax_minor).label("remote_tax_minor"),
        )
        .select_from(schema.document)
        .outerjoin(
            schema.outbox,
            and_(_outbox.document_id == _document.id, _outbox.operation == "create", _outbox.state != "withdrawn"),
        )
        .outerjoin(
            schema.remote_document,
            and_(_remote.company == _document.company, _remote.type == kind, _remote.id == _document.quickbooks_id),
        )
        .where(*conditions)
        .subquery("pairs")
    )


def _state_of(pair: Any, read_at: datetime | None) -> ColumnElement[str]:
    """The outbox state; `unread` for what was sent after the mirror was read, and is not in it for that reason."""
    if read_at is None:
        return case((pair.outbox_state == "done", "unread"), else_=pair.outbox_state)
    unread = and_(pair.outbox_state == "done", pair.remote_state == "", pair.changed_at > read_at - LAG)
    return case((unread, "unread"), else_=pair.outbox_state)


def _differs(pair: Any) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Whether a pair's two sides differ before tax, and whether in tax; unknown where the mirror has none."""
    before_tax = pair.subtotal_minor + pair.accepted_minor != pair.remote_total_minor - pair.remote_tax_minor
    return before_tax, pair.tax_minor != pair.remote_tax_minor


def read_documents(
    connection: Connection, company: str, selection: Selection, read_at: datetime | None
) -> tuple[DocumentSum, ...]:
    """Our side of the second proof, the mirror having been read at `read_at`.

    Of those in doubt, the ones that the mirror shows by their marker are `found`.
    """
    table = pairs(company, selection)
    pair = table.c
    keys = (pair.currency, _state_of(pair, read_at), pair.remote_state)
    query = (
        select(
            *keys,
            func.count(),
            func.sum(pair.total_minor),
            func.sum(pair.tax_minor),
            func.sum(case((pair.accepted_minor != 0, 1), else_=0)),
            func.sum(pair.accepted_minor),
            func.sum(case((or_(*_differs(pair)), 1), else_=0)),
        )
        .where(pair.outbox_state.not_in(_DOUBTED))
        .group_by(*keys)
        .order_by(*keys)
    )
    sums = [
        DocumentSum(row[0], row[1], row[2], *(int(number) for number in row[3:])) for row in connection.execute(query)
    ]
    if not _in_doubt(connection, company):
        return tuple(sums)
    found = found_markers(connection, company)
    doubted = select(table).where(pair.outbox_state.in_(_DOUBTED)).order_by(pair.id)
    for row in connection.execute(doubted):
        there = marker_of(row.id, row.content_hash) in found
        state = "found" if there else row.outbox_state
        sums.append(DocumentSum(row.currency, state, "", 1, int(row.total_minor), int(row.tax_minor)))
    return tuple(sums)


def _in_doubt(connection: Connection, company: str) -> list[tuple[str, str]]:
    """Id and content hash of the documents of which nobody knows yet whether they arrived."""
    query = (
        select(_document.id, _document.content_hash)
        .select_from(schema.outbox.join(schema.document, _document.id == _outbox.document_id))
        .where(_outbox.company == company, _outbox.operation == "create", _outbox.state.in_(_DOUBTED))
        .where(schema.UNDER_WAY)
    )
    return [(row.id, row.content_hash) for row in connection.execute(query)]


def found_markers(connection: Connection, company: str) -> frozenset[str]:
    """Markers of documents in doubt that QuickBooks' mirror shows: they arrived, and are about to be adopted."""
    markers = [marker_of(*row) for row in _in_doubt(connection, company)]
    seen = select(_remote.marker).where(
        _remote.company == company, _remote.state == "live", _remote.marker.in_(markers)
    )
    return frozenset(connection.execute(seen).scalars()) if markers else frozenset()


def read_remote(connection: Connection, company: str, currency: str, selection: Selection) -> tuple[RemoteSum, ...]:
    """QuickBooks' side of the second proof: what its mirror holds, each document ours, claimed or foreign."""
    rows = _remote_rows(company, currency, selection, found_markers(connection, company)).c
    query = (
        select(
            rows.currency,
            rows.type,
            rows.origin,
            func.count(),
            func.sum(rows.total_minor),
            func.sum(rows.tax_minor),
        )
        .where(rows.state == "live")
        .group_by(rows.currency, rows.type, rows.origin)
        .order_by(rows.currency, rows.type, rows.origin)
    )
    return tuple(
        RemoteSum(row[0], row[1], row[2], int(row[3]), int(row[4]), int(row[5])) for row in connection.execute(query)
    )


def _is_ours(company: str, client: str = "") -> ColumnElement[bool]:
    """Whether a row of the mirror is a live document of ours.

    Asked as a set of keys: a join, or a question for each row, would go through an index that is not about them, and
    be quadratic (a minute for 10,000 invoices on PostgreSQL without statistics).
    """
    kind = case((_document.kind == "credit-memo", "CreditMemo"), else_="Invoice")
    keys = select(kind, _document.quickbooks_id).where(
        _document.company == company,
        _document.quickbooks_id.is_not(None),
        _document.withdrawn_at.is_(None),
        _document.kind != "settlement",
    )
    if client:
        keys = keys.where(_document.client == client)
    return tuple_(_remote.type, _remote.id).in_(keys)


def _is_accepted(company: str) -> ColumnElement[bool]:
    """Whether a person has said of a copy with our mark that it is not ours."""
    accepted = schema.acceptance.c
    keys = select(accepted.type, accepted.quickbooks_id).where(
        accepted.company == company, accepted.document_id.is_(None)
    )
    return tuple_(_remote.type, _remote.id).in_(keys)


def _remote_rows(company: str, currency: str, selection: Selection, found: frozenset[str]) -> Subquery:
    conditions = [_remote.company == company, _remote.type.in_(_TYPES)]
    if selection.period:
        conditions.append(_remote.dated.between(selection.period.first, selection.period.last))
    if selection.client:
        mine = select(_pin.quickbooks_id).where(
            _pin.company == company, _pin.kind == "customer", _pin.name == selection.client
        )
        conditions.append(or_(_is_ours(company, selection.client), _remote.customer_id.in_(mine)))
    origin = case(
        (_is_ours(company), literal("ours")),
        (_remote.marker.in_(sorted(found)), literal("found")),
        (and_(_remote.marker != "", ~_is_accepted(company)), literal("claimed")),
        else_="foreign",
    )
    return (
        select(
            case((_remote.currency == "", currency), else_=_remote.currency).label("currency"),
            _remote.type,
            _remote.id,
            _remote.number,
            _remote.customer_id,
            _remote.state,
            _remote.total_minor,
            _remote.tax_minor,
            origin.label("origin"),
        )
        .where(*conditions)
        .subquery("remote_rows")
    )


def read_mismatches(
    connection: Connection,
    company: str,
    currency: str,
    selection: Selection,
    read_at: datetime | None,
    documents: Sequence[DocumentSum],
    remote: Sequence[RemoteSum],
) -> tuple[Mismatch, ...]:
    """Documents whose two sides differ, the first of each sort by name.

    `documents` and `remote` are the sums over the same rows: without a difference in them, nothing is looked for.
    """
    found: list[Mismatch] = []
    if any(row.outbox_state == "done" and (row.remote_state != "live" or row.differing) for row in documents):
        found += _ours_differing(connection, company, selection, read_at)
    if any(row.origin in _STRANGE for row in remote):
        found += _not_ours(connection, company, currency, selection)
    return tuple(found)


def _ours_differing(
    connection: Connection, company: str, selection: Selection, read_at: datetime | None
) -> list[Mismatch]:
    table = pairs(company, selection)
    pair = table.c
    code = case(
        (pair.remote_state == "", "missing"),
        (pair.remote_state != "live", pair.remote_state),
        else_="edited",
    )
    subtotal_differs, tax_differs = _differs(pair)
    ours = (
        select(table, case((and_(code == "edited", ~subtotal_differs), "tax-variance"), else_=code).label("code"))
        .where(_state_of(pair, read_at) == "done")
        .where(or_(pair.remote_state != "live", subtotal_differs, tax_differs))
        .order_by(pair.number)
        .limit(NAMED_AT_MOST)
    )
    return [
        Mismatch(
            row.code,
            row.number or row.id,
            row.client,
            row.currency,
            int(row.total_minor),
            0 if row.remote_total_minor is None or row.code in ("voided", "deleted") else int(row.remote_total_minor),
            row.type,
            row.quickbooks_id or "",
        )
        for row in connection.execute(ours)
    ]


def _not_ours(connection: Connection, company: str, currency: str, selection: Selection) -> list[Mismatch]:
    rows = _remote_rows(company, currency, selection, found_markers(connection, company))
    client = _client_names(company)
    query = (
        select(rows, func.coalesce(client.c.client, "").label("client"))
        .select_from(rows)
        .outerjoin(client, client.c.customer_id == rows.c.customer_id)
        .where(rows.c.state == "live", rows.c.origin.in_(_STRANGE))
        .order_by(rows.c.origin, rows.c.type, rows.c.id)
        .limit(NAMED_AT_MOST)
    )
    return [
        Mismatch(
            row.origin,
            row.number or row.id,
            row.client,
            row.currency,
            0,
            -int(row.total_minor) if row.type == "CreditMemo" else int(row.total_minor),
            row.type,
            row.id,
        )
        for row in connection.execute(query)
    ]


def _client_names(company: str) -> Subquery:
    """Mapped customers: QuickBooks' id and our name. Two of our names for one customer: the first."""
    return (
        select(_pin.quickbooks_id.label("customer_id"), func.min(_pin.name).label("client"))
        .where(_pin.company == company, _pin.kind == "customer")
        .group_by(_pin.quickbooks_id)
        .subquery("client_names")
    )


def _mapped(company: str, selection: Selection) -> Subquery:
    named = _client_names(company)
    query = select(named)
    if selection.client:
        query = query.where(
            named.c.customer_id.in_(
                select(_pin.quickbooks_id).where(
                    _pin.company == company, _pin.kind == "customer", _pin.name == selection.client
                )
            )
        )
    return query.subquery("mapped")


def read_movements(connection: Connection, company: str, currency: str, selection: Selection) -> tuple[Movement, ...]:
    """The mirror's documents of mapped customers, by when they are dated."""
    first = selection.period.first if selection.period else _first_day(connection, company)
    phase = case((_remote.dated < first, "before"), else_="during") if first else literal("during")
    if selection.period:
        phase = case(
            (_remote.dated < first, "before"), (_remote.dated > selection.period.last, "after"), else_="during"
        )
    effective = case((_remote.currency == "", currency), else_=_remote.currency)
    ours = case((_is_ours(company), 1), else_=0)
    mapped = _mapped(company, selection)
    moved = (
        select(
            _remote.customer_id,
            effective.label("currency"),
            _remote.type,
            ours.label("ours"),
            phase.label("phase"),
            _remote.total_minor,
        )
        .where(_remote.company == company, _remote.state == "live")
        # A payment of 0 applies a credit: no cash was received.
        .where(or_(_remote.type != "Payment", _remote.total_minor != 0))
        .where(_remote.customer_id.in_(select(mapped.c.customer_id)))
        .cte("moved")
        # Each row is asked once whether it is ours: folded into the grouping, the question is repeated in every part.
        .prefix_with("MATERIALIZED")
    ).c
    keys = (moved.customer_id, moved.currency, moved.type, moved.ours, moved.phase)
    query = select(*keys, func.count(), func.sum(moved.total_minor)).group_by(*keys).order_by(*keys)
    return tuple(
        Movement(row[0], row[1], row[2], bool(row[3]), row[4], int(row[5]), int(row[6]))
        for row in connection.execute(query)
    )


def _first_day(connection: Connection, company: str) -> object:
    """The day of our first document: what is older was there before syncd."""
    return connection.execute(
        select(func.min(_document.dated)).where(
            _document.company == company, _document.kind != "settlement", _document.withdrawn_at.is_(None)
        )
    ).scalar_one()


def read_balances(
    connection: Connection, company: str, currency: str, selection: Selection
) -> tuple[CustomerBalance, ...]:
    """What QuickBooks says each mapped customer owes."""
    mapped = _mapped(company, selection)
    effective = case((_reference.currency == "", currency), else_=_reference.currency)
    query = (
        select(_reference.id, mapped.c.client, effective, _reference.balance_minor)
        .select_from(schema.reference.join(mapped, mapped.c.customer_id == _reference.id))
        .where(_reference.company == company, _reference.kind == "customer")
        .order_by(mapped.c.client)
    )
    return tuple(CustomerBalance(row[0], row[1], row[2], int(row[3])) for row in connection.execute(query))


def read_open_items(connection: Connection, company: str, currency: str, selection: Selection) -> tuple[OpenItem, ...]:
    """What is open in QuickBooks' mirror: invoices by due day, and payments and credits not yet applied."""
    mapped = _mapped(company, selection)
    effective = case((_remote.currency == "", currency), else_=_remote.currency)
    due = func.coalesce(_remote.due, _remote.dated)
    keys = (_remote.customer_id, effective, _remote.type, due)
    query = (
        select(*keys, func.count(), func.sum(_remote.balance_minor))
        .where(_remote.company == company, _remote.state == "live", _remote.balance_minor != 0)
        .where(_remote.customer_id.in_(select(mapped.c.customer_id)))
        .group_by(*keys)
        .order_by(*keys)
    )
    return tuple(
        OpenItem(row[0], row[1], row[2], row[3], int(row[4]), int(row[5])) for row in connection.execute(query)
    )
