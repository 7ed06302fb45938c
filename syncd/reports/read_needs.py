"""Reads what may need a person: open drafts, the outbox, drift, sources, and the connection to QuickBooks."""

from __future__ import annotations

import json

import msgspec
from sqlalchemy import Connection, and_, case, false, func, literal, select

from mappings.documents import Hold
from mappings.problems import Problem
from syncd.reports.snapshot import ConnectionState, DraftState, DriftState, OutboxState, SourceState
from syncd.reports.values import Selection
from syncd.store import schema

_PROBLEMS_AT_MOST = 5
_read_problem = msgspec.json.Decoder(Problem).decode
_read_problems = msgspec.json.Decoder(tuple[Problem, ...]).decode
_read_holds = msgspec.json.Decoder(tuple[Hold, ...]).decode
_document, _outbox = schema.document.c, schema.outbox.c


def read_drafts(connection: Connection, company: str, selection: Selection) -> tuple[DraftState, ...]:
    """Drafts that nobody has approved yet, with why they are blocked or held."""
    draft = schema.draft.c
    query = (
        select(
            draft.client,
            draft.period,
            draft.group_name,
            draft.sequence,
            draft.problems,
            draft.holds,
            func.coalesce(draft.shown_hash == draft.content_hash, false()).label("shown"),
        )
        .where(draft.company == company, draft.state == "open")
        .order_by(draft.client, draft.period, draft.group_name, draft.sequence)
    )
    if selection.client:
        query = query.where(draft.client == selection.client)
    if selection.period:
        query = query.where(draft.period_last.between(selection.period.first, selection.period.last))
    return tuple(
        DraftState(
            row.client,
            row.period,
            row.group_name,
            row.sequence,
            _read_problems(row.problems),
            tuple((hold.code, hold.what) for hold in _read_holds(row.holds)),
            bool(row.shown),
        )
        for row in connection.execute(query)
    )


def read_outbox(connection: Connection, company: str, selection: Selection) -> tuple[OutboxState, ...]:
    """Rows that are not at their good end."""
    query = (
        select(_document.number, _document.client, _document.period, schema.outbox)
        .join(schema.document, _document.id == _outbox.document_id)
        .where(_outbox.company == company, _outbox.state.in_(("ready", "sending", "unknown", "refused")))
        .order_by(_outbox.id)
    )
    if selection.client:
        query = query.where(_document.client == selection.client)
    if selection.period:
        query = query.where(_document.dated.between(selection.period.first, selection.period.last))
    return tuple(
        OutboxState(
            row.document_id,
            row.number or "",
            row.client,
            row.period,
            row.operation,
            row.state,
            _read_problem(row.problem) if row.problem else None,
            row.not_before,
            row.last_sent_at,
        )
        for row in connection.execute(query)
    )


def read_drifts(connection: Connection, company: str, selection: Selection) -> tuple[DriftState, ...]:
    """What people changed in QuickBooks and nobody has settled."""
    drift = schema.drift.c
    query = (
        select(schema.drift, _document.number, _document.client, _document.decision)
        .outerjoin(schema.document, _document.id == drift.document_id)
        .where(drift.company == company, drift.settled_at.is_(None))
        .order_by(drift.id)
    )
    if selection.client:
        query = query.where(_document.client == selection.client)
    if selection.period:
        query = query.where(_document.dated.between(selection.period.first, selection.period.last))
    return tuple(
        DriftState(
            row.code,
            row.what,
            row.expected,
            row.found,
            row.type,
            row.quickbooks_id,
            row.number or row.document_id or "",
            row.client or "",
            row.decision or "",
        )
        for row in connection.execute(query)
    )


def read_sources(connection: Connection, company: str) -> tuple[SourceState, ...]:
    """How reading each source goes, with the first records that were not understood."""
    state, bad = schema.source_state.c, schema.record_problem.c
    counts: dict[str, int] = {}
    for row in connection.execute(select(bad.source, func.count()).where(bad.company == company).group_by(bad.source)):
        counts[row[0]] = int(row[1])
    query = select(schema.source_state).where(state.company == company).order_by(state.source)
    states = {row.source: row for row in connection.execute(query)}
    found = []
    for name in sorted({*states, *counts}):
        known = states.get(name)
        problems = select(bad.problem).where(bad.company == company, bad.source == name).order_by(bad.record)
        first = connection.execute(problems.limit(_PROBLEMS_AT_MOST)).scalars() if counts.get(name) else ()
        found.append(
            SourceState(
                name,
                known.last_complete_at if known else None,
                known.down_since if known else None,
                (known.last_error if known else None) or "",
                json.loads(known.fuse)["what"] if known and known.fuse else "",
                tuple(_read_problem(text) for text in first),
                counts.get(name, 0),
            )
        )
    return tuple(found)


def read_connection(connection: Connection, company: str, environment: str = "") -> ConnectionState | None:
    """The connection to QuickBooks; None before `syncd connect quickbooks`. Never reads the tokens."""
    table = schema.connection.c
    dead = case((and_(table.tokens.is_(None), table.broken_because.is_(None)), "no tokens are kept"), else_="")
    row = connection.execute(
        select(
            table.environment,
            literal(environment),
            table.company_name,
            table.refresh_expires_at,
            table.hard_expires_at,
            func.coalesce(table.broken_because, dead),
            table.paused_until,
        ).where(table.company == company)
    ).one_or_none()
    return None if row is None else ConnectionState(*row)
