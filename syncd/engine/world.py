"""Read the store into the values that billing is a function of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, and_, exists, func, select

from mappings.documents import Allocation, FeeAllocation, Posted, PostedFee
from mappings.world import Run, World
from syncd.config import Config
from syncd.engine.held import held_documents
from syncd.store import schema
from syncd.store.work import load_entries, load_tasks

_READ_ALLOCATION = msgspec.json.Decoder(Allocation)
_READ_FEE = msgspec.json.Decoder(FeeAllocation)

Key = tuple[str, str, str, int]
"""A draft's key: client, period, group, sequence."""

UNSENT = ("ready", "refused")
"""Outbox states in which nothing can have been posted: the document may still be withdrawn."""


def key_of(row: Row[Any]) -> Key:
    """The draft key of a row that has its columns."""
    return (row.client, row.period, row.group_name, row.sequence)


@dataclass(frozen=True, slots=True)
class Unsent:
    """An approved document that was never sent; it stands only as long as drafting it again gives the same."""

    document_id: str
    outbox_id: int
    outbox_state: str
    key: Key
    period_last: date
    version: int
    content_hash: str


def unsent_documents(connection: Connection, company: str) -> list[Unsent]:
    """Live documents whose sending has not begun."""
    document, outbox = schema.document.c, schema.outbox.c
    query = (
        select(schema.document, outbox.id.label("outbox_id"), outbox.state.label("outbox_state"))
        .join(schema.outbox, outbox.document_id == document.id)
        .where(document.company == company, document.withdrawn_at.is_(None))
        .where(outbox.operation == "create", outbox.state.in_(UNSENT), outbox.doubted.is_(False))
        .order_by(document.id)
    )
    return [
        Unsent(row.id, row.outbox_id, row.outbox_state, key_of(row), row.period_last, row.version, row.content_hash)
        for row in connection.execute(query)
    ]


def read_world(connection: Connection, config: Config, today: date, run: Run) -> tuple[World, list[Unsent]]:
    """All that decides what is owed, as if what is approved but unsent had not been drafted yet.

    That holds for the unsent documents that this run drafts again, which are given back; one of another period than
    the run's stands, so that its work is not drafted twice.
    """
    company = config.company.name
    all_unsent = unsent_documents(connection, company)
    unsent = [row for row in all_unsent if run.period is None or row.period_last in run.period]
    left_out = {row.document_id for row in unsent}
    starts = [source.since for source in config.sources.values()]
    sent = _sent(connection, company, {row.document_id for row in all_unsent})
    world = World(
        company=config.company,
        tables=config.tables,
        today=today,
        go_live=min((since for since in starts if since), default=None) if all(starts) else None,
        entries=tuple(load_entries(connection, company)),
        tasks=load_tasks(connection, company),
        ledger=tuple(_posted(connection, company, left_out)),
        fees=tuple(_posted_fees(connection, company, left_out)),
        last_posted=sent.last_posted,
        open_keys=frozenset({row.key[:2] for row in unsent} | sent.reopened | _open_drafts(connection, company)),
        sequences=sent.sequences,
        frozen=frozenset(_frozen(connection, company)),
        released=frozenset(_released(connection, company)),
    )
    return world, unsent


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the documents that were sent say of their periods; the fields are those of `World`."""

    last_posted: dict[str, date]
    sequences: dict[tuple[str, str, str], int]
    reopened: set[tuple[str, str]]
    """(client, period) of released documents: they are to be billed again, in their own period."""


def _sent(connection: Connection, company: str, left_out: set[str]) -> _Sent:
    document, draft = schema.document.c, schema.draft.c
    same_key = [document[name] == draft[name] for name in ("company", "client", "period", "group_name", "sequence")]
    query = (
        select(schema.document)
        .where(document.company == company, document.withdrawn_at.is_(None), exists().where(*same_key))
        .order_by(document.sequence)
    )
    last_posted: dict[str, date] = {}
    sequences: dict[tuple[str, str, str], int] = {}
    reopened: set[tuple[str, str, str]] = set()
    for row in connection.execute(query):
        place = (row.client, row.period, row.group_name)
        if row.id in left_out:
            continue
        sequences[place] = row.sequence
        if row.decision == "release":
            reopened.add(place)
        else:
            # What was sent after a release closes the period again.
            reopened.discard(place)
            last_posted[row.client] = max(row.period_last, last_posted.get(row.client, row.period_last))
    return _Sent(last_posted, sequences, {place[:2] for place in reopened})


def fingerprint(connection: Connection, company: str) -> tuple[object, ...]:
    """Changes whenever something was written that a draft rests on, so that a draft is recorded over what it read."""
    events = select(func.max(schema.event.c.id)).where(schema.event.c.company == company).scalar_subquery()
    ledger = select(func.max(schema.ledger.c.id)).where(schema.ledger.c.company == company).scalar_subquery()
    outbox = select(func.max(schema.outbox.c.changed_at)).where(schema.outbox.c.company == company).scalar_subquery()
    return tuple(connection.execute(select(events, ledger, outbox)).one())


def _posted(connection: Connection, company: str, left_out: set[str]) -> Iterator[Posted]:
    document = schema.document.c
    query = (
        select(document.id, document.number, document.period_last, schema.ledger.c.detail)
        .join(schema.ledger, schema.ledger.c.document_id == document.id)
        .where(document.company == company, document.withdrawn_at.is_(None))
        .order_by(schema.ledger.c.id)
    )
    for row in connection.execute(query):
        if row.id not in left_out:
            yield Posted(row.id, row.number or "", row.period_last, _READ_ALLOCATION.decode(row.detail))


def _posted_fees(connection: Connection, company: str, left_out: set[str]) -> Iterator[PostedFee]:
    document = schema.document.c
    query = (
        select(document.id, document.period_last, schema.fee_ledger.c.detail)
        .join(schema.fee_ledger, schema.fee_ledger.c.document_id == document.id)
        .where(document.company == company, document.withdrawn_at.is_(None))
        .order_by(schema.fee_ledger.c.id)
    )
    for row in connection.execute(query):
        if row.id not in left_out:
            yield PostedFee(row.id, row.period_last, _READ_FEE.decode(row.detail))


def _open_drafts(connection: Connection, company: str) -> set[tuple[str, str]]:
    # A later sequence was asked for by name, after the period had been posted: that does not keep the period open.
    query = select(schema.draft.c.client, schema.draft.c.period).where(
        schema.draft.c.company == company, schema.draft.c.state == "open", schema.draft.c.sequence == 1
    )
    return {(row.client, row.period) for row in connection.execute(query)}


def _frozen(connection: Connection, company: str) -> Iterator[tuple[str, str]]:
    """Entries on documents that wait for a person's decision."""
    held = [row.id for row in held_documents(connection, company)]
    ledger = schema.ledger.c
    query = select(ledger.source, ledger.entry).distinct().where(ledger.document_id.in_(held))
    for row in connection.execute(query) if held else ():
        yield (row.source, row.entry)


def _released(connection: Connection, company: str) -> Iterator[tuple[str, str]]:
    """Entries released as they are now: what changes after a decision is asked about again."""
    decision, work, revision = schema.decision.c, schema.work.c, schema.work_revision.c
    latest = (revision.company == work.company, revision.source == work.source, revision.entry == work.entry)
    query = (
        select(decision.source, decision.entry)
        .distinct()
        .join(
            schema.work,
            and_(work.company == decision.company, work.source == decision.source, work.entry == decision.entry),
        )
        .join(schema.work_revision, and_(*latest, revision.revision == work.revision))
        .where(decision.company == company, decision.kind == "release", revision.seen_at <= decision.decided_at)
    )
    for row in connection.execute(query):
        yield (row.source, row.entry)
