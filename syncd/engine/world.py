"""Read the store into the values that billing is a function of: all that concerns some clients, and nothing else.

What concerns a client are the entries that are its work by the tables, or stand on its documents. An entry that moved
from one client to another concerns both until the move is billed: then they are read together.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import BindParameter, Connection, Row, Select, and_, bindparam, exists, func, select

from mappings.catalogue import Estimate
from mappings.documents import Allocation, FeeAllocation, HoursAllocation, Posted, PostedFee, PostedHours
from mappings.rules.clients import Clients
from mappings.rules.day_split import days_of
from mappings.rules.deposits import KIND as MONEY
from mappings.rules.estimates import estimate_number
from mappings.rules.grouping import DRAW_GROUP, looks_above
from mappings.rules.intercompany import GROUP as INTERCOMPANY_GROUP
from mappings.rules.ledger import settled
from mappings.rules.names import fold
from mappings.work import Task
from mappings.world import Entry, Run, World
from syncd.config import Config
from syncd.engine.deposits import read_open_items, read_paid
from syncd.engine.directory import Directory
from syncd.engine.estimates import load_estimates
from syncd.engine.held import held_documents
from syncd.engine.rerate_rows import read_rerates
from syncd.store import schema
from syncd.store.bulk import chunks
from syncd.store.changes import change_counter
from syncd.store.work import by_source, load_entries_by_key, load_entries_of_clients, load_tasks, load_tasks_by_id

_READ_ALLOCATION = msgspec.json.Decoder(Allocation)
_READ_FEE = msgspec.json.Decoder(FeeAllocation)

Key = tuple[str, str, str, int]
"""A draft's key: client, period, group, sequence."""
EntryKey = tuple[str, str]
"""An entry's source and id."""

UNSENT = ("ready", "refused")
"""Outbox states in which nothing can have been posted, unless it is in doubt: the document may still be withdrawn."""

# The statements are built once: for one client, building them took longer than the database took to answer.
_DOCUMENT, _LEDGER, _OUTBOX, _DRAFT, _WORKED = (
    schema.document.c,
    schema.ledger.c,
    schema.outbox.c,
    schema.draft.c,
    schema.work.c,
)
_COMPANY: BindParameter[str] = bindparam("of_company")
_SOURCE: BindParameter[str] = bindparam("of_source")
_NAMES: BindParameter[list[str]] = bindparam("of_names", expanding=True)
_SOME: BindParameter[list[str]] = bindparam("some", expanding=True)

_UNSENT_DOCUMENTS = (
    select(_DOCUMENT.id, _DOCUMENT.client, _DOCUMENT.period, _DOCUMENT.group_name, _DOCUMENT.sequence)
    .add_columns(_DOCUMENT.period_last, _DOCUMENT.version, _DOCUMENT.content_hash)
    .add_columns(_OUTBOX.id.label("outbox_id"), _OUTBOX.state.label("outbox_state"))
    .join(schema.outbox, _OUTBOX.document_id == _DOCUMENT.id)
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.withdrawn_at.is_(None))
    # What is billed to another company is drafted by that company's draft, with what it belongs to.
    .where(_DOCUMENT.group_name.not_like(f"{INTERCOMPANY_GROUP}%"))
    .where(_OUTBOX.operation == "create", _OUTBOX.state.in_(UNSENT), _OUTBOX.doubted.is_(False))
    .order_by(_DOCUMENT.id)
)
_UNSENT_OF_SOME = _UNSENT_DOCUMENTS.where(_DOCUMENT.client.in_(_NAMES))

_LEDGER_ROWS = (
    select(_LEDGER.id.label("row_id"), _LEDGER.source, _LEDGER.entry, _LEDGER.detail)
    .add_columns(_DOCUMENT.id, _DOCUMENT.client, _DOCUMENT.number, _DOCUMENT.period_last)
    .join(schema.document, _DOCUMENT.id == _LEDGER.document_id)
    .where(_LEDGER.company == _COMPANY, _DOCUMENT.withdrawn_at.is_(None))
)
_ROWS_OF_CLIENTS = _LEDGER_ROWS.where(_LEDGER.client.in_(_SOME))
_ROWS_ELSEWHERE = _LEDGER_ROWS.where(_LEDGER.client.not_in(_NAMES))
_ROWS_OF_WORK = _ROWS_ELSEWHERE.where(
    *(_WORKED[name] == _LEDGER[name] for name in ("company", "source", "entry")), _WORKED.client.in_(_SOME)
)
_ROWS_OF_ENTRIES = _ROWS_ELSEWHERE.where(_LEDGER.source == _SOURCE, _LEDGER.entry.in_(_SOME))

_SENT_DOCUMENTS = (
    select(_DOCUMENT.id, _DOCUMENT.client, _DOCUMENT.period, _DOCUMENT.group_name, _DOCUMENT.sequence)
    .add_columns(_DOCUMENT.period_last, _DOCUMENT.decision)
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.client.in_(_NAMES), _DOCUMENT.withdrawn_at.is_(None))
    .where(
        exists().where(
            *(_DOCUMENT[name] == _DRAFT[name] for name in ("company", "client", "period", "group_name", "sequence"))
        )
    )
    .order_by(_DOCUMENT.sequence)
)
_FEES = (
    select(_DOCUMENT.id, _DOCUMENT.period_last, schema.fee_ledger.c.detail)
    .join(schema.fee_ledger, schema.fee_ledger.c.document_id == _DOCUMENT.id)
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.client.in_(_NAMES), _DOCUMENT.withdrawn_at.is_(None))
    .order_by(schema.fee_ledger.c.id)
)
_HOURS = (
    select(_DOCUMENT.id.label("document"), *(schema.retainer_ledger.c[field.name] for field in fields(HoursAllocation)))
    .join(schema.retainer_ledger, schema.retainer_ledger.c.document_id == _DOCUMENT.id)
    .where(_DOCUMENT.company == _COMPANY, _DOCUMENT.client.in_(_NAMES), _DOCUMENT.withdrawn_at.is_(None))
    .order_by(schema.retainer_ledger.c.id)
)
# A later sequence was asked for by name, after the period had been posted: that does not keep the period open.
_OPEN_DRAFTS = select(_DRAFT.client, _DRAFT.period, _DRAFT.group_name).where(
    _DRAFT.company == _COMPANY, _DRAFT.client.in_(_NAMES), _DRAFT.state == "open", _DRAFT.sequence == 1
)
_WITH_THIS_NAME = (
    select(_WORKED.entry)
    .where(_WORKED.company == _COMPANY, _WORKED.source == _SOURCE, _WORKED.client == bindparam("of_name"))
    .limit(1)
)
_MOMENT = select(
    select(func.max(schema.event.c.id)).where(schema.event.c.company == _COMPANY).scalar_subquery(),
    change_counter().scalar_subquery(),
)
_DECISION, _REVISION = schema.decision.c, schema.work_revision.c
_RELEASED = (
    select(_DECISION.source, _DECISION.entry)
    .distinct()
    .join(schema.work, and_(*(_WORKED[name] == _DECISION[name] for name in ("company", "source", "entry"))))
    .join(
        schema.work_revision,
        and_(*(_REVISION[name] == _WORKED[name] for name in ("company", "source", "entry", "revision"))),
    )
    .where(_DECISION.company == _COMPANY, _DECISION.kind == "release", _REVISION.seen_at <= _DECISION.decided_at)
)


def key_of(row: Row[*tuple[Any, ...]]) -> Key:
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


def unsent_documents(connection: Connection, company: str, names: Collection[str] | None = None) -> list[Unsent]:
    """Live documents whose sending has not begun, of all clients or of these (our names)."""
    if names is None:
        rows = connection.execute(_UNSENT_DOCUMENTS, {"of_company": company})
    else:
        rows = connection.execute(_UNSENT_OF_SOME, {"of_company": company, "of_names": list(names)})
    return [
        Unsent(row.id, row.outbox_id, row.outbox_state, key_of(row), row.period_last, row.version, row.content_hash)
        for row in rows
    ]


@dataclass(frozen=True, slots=True)
class Reading:
    """What is the same for all clients of a run."""

    config: Config
    today: date
    run: Run
    directory: Directory
    find: Clients
    """Which client an entry is of on its day, in any spelling."""

    @property
    def company(self) -> str:
        return self.config.company.name

    @property
    def go_live(self) -> date | None:
        return go_live_of(self.config)

    def clients_of(self, entry: Entry) -> set[str]:
        """The client of an entry; of one that is cut at midnight, those of all its days."""
        work, company = entry.work, self.config.company
        if work.started_at is None or company.billing.day_split != "split":
            return {fold(self.find.find(work.source, work.client, work.worked_on).name)}
        days = [one.day for one in days_of(work, company.timezone)]
        return {fold(self.find.find(work.source, work.client, day).name) for day in days}


def go_live_of(config: Config) -> date | None:
    """The earliest day of work that may be billed; None: no limit is set."""
    starts = [source.since for source in config.sources.values()]
    return min((since for since in starts if since), default=None) if all(starts) else None


@dataclass(frozen=True, slots=True)
class ClientsWorld:
    """The world of some clients, with their documents that this run drafts again and their names in our tables."""

    world: World
    unsent: tuple[Unsent, ...]
    names: frozenset[str]


def read_world(connection: Connection, reading: Reading, clients: Iterable[str]) -> ClientsWorld:
    """All that decides what these clients (folded) owe, as if what is approved but unsent had not been drafted yet.

    That holds for the unsent documents that this run drafts again, which are given back; one of another period than
    the run's stands, so that its work is not drafted twice. Clients that share an entry with these come with them.
    """
    closed = frozenset(clients)
    while True:
        found = _read_work(connection, reading, closed)
        linked = frozenset(_linked(reading, found)) - closed
        if not linked:
            return _read_rest(connection, reading, closed, found)
        closed |= linked


@dataclass(frozen=True, slots=True)
class _Work:
    """Entries, all ledger rows of them, and the clients' unsent documents."""

    entries: Mapping[EntryKey, Entry]
    ledger: tuple[Posted, ...]
    unsent: tuple[Unsent, ...]
    """Those that this run drafts again: their rows are not in the ledger."""
    all_unsent: tuple[Unsent, ...]
    names: frozenset[str]
    """Of the clients asked for, in our tables."""
    around: frozenset[str]
    """And of all others that were billed for these entries."""


def _read_work(connection: Connection, reading: Reading, clients: frozenset[str]) -> _Work:
    company, run = reading.company, reading.run
    names, theirs = reading.directory.ours(clients), reading.directory.theirs(clients)
    loaded = load_entries_of_clients(connection, company, theirs)
    entries = {entry.work.key: entry for entry in loaded if reading.clients_of(entry) & clients}
    rows = {row.row_id: row for row in _ledger_rows(connection, _ROWS_OF_CLIENTS, names, of_company=company)}
    billed = {(row.source, row.entry) for row in rows.values()} - entries.keys()
    entries |= {entry.work.key: entry for entry in load_entries_by_key(connection, company, billed)}
    for row in _rows_elsewhere(connection, company, theirs, billed, names):
        if (row.source, row.entry) in entries:
            rows[row.row_id] = row
    around = names | {row.client for row in rows.values()}
    all_unsent = unsent_documents(connection, company, around)
    again = {row.document_id for row in all_unsent if run.period is None or row.period_last in run.period}
    ledger = tuple(_posted(rows[row_id]) for row_id in sorted(rows) if rows[row_id].id not in again)
    mine = tuple(row for row in all_unsent if row.key[0] in names)
    unsent = tuple(row for row in mine if row.document_id in again)
    return _Work(entries, ledger, unsent, mine, frozenset(names), frozenset(around))


def _linked(reading: Reading, work: _Work) -> Iterator[str]:
    """The clients that entries in flux concern: what is billed of them as it is binds nobody."""
    rows: dict[EntryKey, list[Posted]] = {}
    for posted in work.ledger:
        rows.setdefault((posted.allocation.source, posted.allocation.entry), []).append(posted)
    for key, entry in work.entries.items():
        mine = rows.get(key, [])
        now = (0, 0) if entry.deleted else (entry.work.seconds, entry.work.scaled_quantity)
        if not settled(mine, entry.revision, *now):
            yield from reading.clients_of(entry)
            yield from (fold(posted.allocation.terms.client) for posted in mine)


def _read_rest(connection: Connection, reading: Reading, clients: frozenset[str], work: _Work) -> ClientsWorld:
    company, names = reading.company, work.names
    sent = _sent(connection, company, names, {row.document_id for row in work.all_unsent})
    open_drafts = {key for key in _open_drafts(connection, company, names) if not _is_by_hand(reading, key[0])}
    again = {row.document_id for row in work.unsent}
    entries = [(key, work.entries[key]) for key in sorted(work.entries)]
    world = World(
        company=reading.config.company,
        tables=reading.config.tables,
        today=reading.today,
        go_live=reading.go_live,
        entries=tuple(entry for _, entry in entries),
        tasks=_tasks(connection, reading, clients, entries),
        ledger=work.ledger,
        fees=tuple(_posted_fees(connection, company, names, again)),
        estimates=_estimates(connection, reading, clients),
        hours=tuple(_posted_hours(connection, company, names, again)),
        last_posted=sent.last_posted,
        open_keys=frozenset(
            {row.key[:2] for row in work.unsent if _keeps_open(row.key[2])} | sent.reopened | open_drafts
        ),
        sequences=sent.sequences,
        frozen=_frozen(connection, company, work),
        rerates=read_rerates(connection, company, names),
        **_deposits(connection, reading, names),
        released=frozenset(_released(connection, company)),
        clients=clients,
        names=_other_names(connection, reading, clients, work),
    )
    return ClientsWorld(world, work.unsent, names)


def _deposits(connection: Connection, reading: Reading, names: Collection[str]) -> dict[str, Any]:
    """What deposits rest on, of those of these clients that have one."""
    rows = [row for row in reading.config.tables.retainers if row.kind == MONEY]
    mine = {name for name in names if fold(name) in {fold(row.client) for row in rows}}
    if not mine:
        return {}
    items, paid = read_open_items(connection, reading.company, mine), read_paid(connection, reading.company, mine)
    return {"open_items": items, "deposits_paid": paid}


def _keeps_open(group: str) -> bool:
    """Whether an unsent document keeps its period open: what is drawn from a deposit bills nothing of a period."""
    return not group.startswith(DRAW_GROUP)


def _tasks(
    connection: Connection,
    reading: Reading,
    clients: frozenset[str],
    entries: Iterable[tuple[EntryKey, Entry]],
) -> Mapping[EntryKey, Task]:
    """The tasks that work and milestones name; and all above them, where these decide on which document it goes."""
    asked = {(entry.work.source, entry.work.task) for _, entry in entries if entry.work.task}
    found = dict(load_tasks(connection, reading.company, asked))
    names = {row.milestone for row in reading.config.tables.fixed_fees if row.milestone and fold(row.client) in clients}
    # A name may be source:id, and an id may itself have a colon.
    ids = names | {name.partition(":")[2] for name in names if ":" in name}
    found |= {task.key: task for task in load_tasks_by_id(connection, reading.company, ids)}
    if looks_above(reading.config.company, reading.config.tables):
        level = found
        while level:
            above = {(task.source, task.parent) for task in level.values() if task.parent} - found.keys()
            level = dict(load_tasks(connection, reading.company, above))
            found |= level
    return found


def _estimates(connection: Connection, reading: Reading, clients: frozenset[str]) -> tuple[Estimate, ...]:
    """The estimates that fixed fees of these clients are shares of."""
    rows = (row for row in reading.config.tables.fixed_fees if fold(row.client) in clients)
    numbers = {number for row in rows if (number := estimate_number(row))}
    return load_estimates(connection, reading.company, numbers) if numbers else ()


def _other_names(connection: Connection, reading: Reading, clients: frozenset[str], work: _Work) -> frozenset[str]:
    """Names in the sources that are these clients' own, though the work under them is another's."""
    shown = {entry.work.client for entry in work.entries.values()}
    asked = {(source, name) for source, name in reading.directory.theirs(clients) if fold(name) in clients}
    asked = {(source, name) for source, name in asked if name not in shown}
    here = {"of_company": reading.company}
    return frozenset(
        name
        for source, name in asked
        if connection.execute(_WITH_THIS_NAME, {**here, "of_source": source, "of_name": name}).first() is not None
    )


def _ledger_rows(
    connection: Connection, query: Select[*tuple[Any, ...]], values: Iterable[str], **others: object
) -> Iterator[Row[*tuple[Any, ...]]]:
    """The rows of live documents that a query over `some` of these values finds."""
    for some in chunks(sorted(values)):
        yield from connection.execute(query, {**others, "some": some})


def _rows_elsewhere(
    connection: Connection, company: str, theirs: Collection[EntryKey], keys: Collection[EntryKey], names: set[str]
) -> Iterator[Row[*tuple[Any, ...]]]:
    """What other clients were billed of the work under these names in the sources, and of these entries."""
    here = {"of_company": company, "of_names": sorted(names)}
    yield from _ledger_rows(connection, _ROWS_OF_WORK, {name for _, name in theirs}, **here)
    for source, entries in by_source(keys):
        yield from _ledger_rows(connection, _ROWS_OF_ENTRIES, entries, **here, of_source=source)


def _posted(row: Row[*tuple[Any, ...]]) -> Posted:
    return Posted(row.id, row.number or "", row.period_last, _READ_ALLOCATION.decode(row.detail))


@dataclass(frozen=True, slots=True)
class _Sent:
    """What the documents that were sent say of their periods; the fields are those of `World`."""

    last_posted: dict[str, date]
    sequences: dict[tuple[str, str, str], int]
    reopened: set[tuple[str, str]]
    """(client, period) of released documents: they are to be billed again, in their own period."""


def _sent(connection: Connection, company: str, names: Collection[str], left_out: set[str]) -> _Sent:
    last_posted: dict[str, date] = {}
    sequences: dict[tuple[str, str, str], int] = {}
    reopened: set[tuple[str, str, str]] = set()
    for row in connection.execute(_SENT_DOCUMENTS, {"of_company": company, "of_names": list(names)}):
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
    return tuple(connection.execute(_MOMENT, {"of_company": company}).one())


def _posted_fees(
    connection: Connection, company: str, names: Collection[str], left_out: set[str]
) -> Iterator[PostedFee]:
    for row in connection.execute(_FEES, {"of_company": company, "of_names": list(names)}):
        if row.id not in left_out:
            yield PostedFee(row.id, row.period_last, _READ_FEE.decode(row.detail))


def _posted_hours(
    connection: Connection, company: str, names: Collection[str], left_out: set[str]
) -> Iterator[PostedHours]:
    for document, *values in connection.execute(_HOURS, {"of_company": company, "of_names": list(names)}):
        if document not in left_out:
            yield PostedHours(document, HoursAllocation(*values))


def _open_drafts(connection: Connection, company: str, names: Collection[str]) -> set[tuple[str, str]]:
    rows = connection.execute(_OPEN_DRAFTS, {"of_company": company, "of_names": list(names)})
    return {(row.client, row.period) for row in rows if _keeps_open(row.group_name)}


def _is_by_hand(reading: Reading, client: str) -> bool:
    """Whether a client's open drafts go, unless their range is named: a preview of it makes nothing due."""
    return reading.run.period is None and reading.find.settings(client).policy.period == "manual"


def _frozen(connection: Connection, company: str, work: _Work) -> frozenset[EntryKey]:
    """Entries on documents that wait for a person's decision."""
    if not work.ledger:
        return frozenset()
    held = {row.id for row in held_documents(connection, company, work.around)}
    return frozenset((row.allocation.source, row.allocation.entry) for row in work.ledger if row.document in held)


def _released(connection: Connection, company: str) -> Iterator[EntryKey]:
    """Entries released as they are now: what changes after a decision is asked about again."""
    for row in connection.execute(_RELEASED, {"of_company": company}):
        yield (row.source, row.entry)
