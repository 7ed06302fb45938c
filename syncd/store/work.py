"""Time entries and tasks as the sources have them: compared by content hash first, so that nothing new writes nothing.

All writing functions belong inside `Store.write()`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import Connection, and_, bindparam, func, select

from connectors.source import Record, Span
from mappings.work import Task, WorkItem
from mappings.world import Entry
from syncd.store import schema
from syncd.store.bulk import Row, chunks, insert_many, update_many
from syncd.store.changes import mark_clients, next_change
from syncd.store.comparing import differing, encode

_READ_ITEM = msgspec.json.Decoder(WorkItem)
_READ_TASK = msgspec.json.Decoder(Task)

_WORK = (
    *("company", "source", "entry", "revision", "content_hash", "worked_on", "seconds", "deleted", "client", "task"),
    "scaled_quantity",
)
_REVISION = ("company", "source", "entry", "revision", "item", "raw", "deleted", "seen_at")
_LATEST = and_(*(schema.work_revision.c[name] == schema.work.c[name] for name in _WORK[:4]))
_LATEST_ENTRIES = (
    select(schema.work_revision.c.item, schema.work.c.revision, schema.work.c.deleted)
    .join(schema.work_revision, _LATEST)
    .where(schema.work.c.company == bindparam("of_company"))
)
_OF_SOURCE = _LATEST_ENTRIES.where(schema.work.c.source == bindparam("of_source"))
_OF_CLIENTS = _OF_SOURCE.where(schema.work.c.client.in_(bindparam("some", expanding=True)))
_BY_KEY = _OF_SOURCE.where(schema.work.c.entry.in_(bindparam("some", expanding=True)))
_TASKS = (
    select(schema.task.c.item)
    .where(schema.task.c.company == bindparam("of_company"), schema.task.c.source == bindparam("of_source"))
    .where(schema.task.c.id.in_(bindparam("some", expanding=True)))
)
_TASKS_BY_ID = (
    select(schema.task.c.item)
    .where(schema.task.c.company == bindparam("of_company"), schema.task.c.id.in_(bindparam("some", expanding=True)))
    .order_by(schema.task.c.source, schema.task.c.id)
)
_PULLED = ("waiting", "pulled", "Pulled, and not drafted yet.")
_STANDING = (
    *("company", "source", "entry", "position", "seconds", "state", "code", "what", "client", "worked_on"),
    "scaled_quantity",
)

_New: TypeAlias = tuple[WorkItem, bytes, str, str]
"""An entry that was not there: the item, its encoding, its content hash, and the record as received."""


@dataclass(frozen=True, slots=True)
class Changes:
    """How many entries (and tasks) were written, and how many needed no write."""

    new: int = 0
    changed: int = 0
    deleted: int = 0
    unchanged: int = 0
    before_start: int = 0
    """Worked before go-live and never seen since: not looked at."""
    tasks: int = 0

    def __add__(self, other: Changes) -> Changes:
        return Changes(*(getattr(self, name) + getattr(other, name) for name in self.__slots__))


@dataclass(frozen=True, slots=True)
class _State:
    """One state of an entry, as it is to be stored."""

    entry: str
    item: str
    content_hash: str
    raw: str
    worked_on: str
    seconds: int
    client: str
    task: str
    scaled_quantity: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    """A state and what it replaces; no seconds and no quantity if that was a deleted one."""

    state: _State
    revision_before: int
    seconds_before: int
    client_before: str
    quantity_before: int

    @property
    def difference(self) -> tuple[int, int]:
        """Seconds and quantity that came (or went, negative); a deleted entry counts for none."""
        state = self.state
        seconds, quantity = (0, 0) if state.deleted else (state.seconds, state.scaled_quantity)
        return seconds - self.seconds_before, quantity - self.quantity_before


def upsert_records(
    connection: Connection,
    company: str,
    source: str,
    records: Sequence[Record],
    now: datetime,
    since: date | None = None,
) -> Changes:
    """Store what is new or changed of the entries and tasks among these records.

    A new state becomes a revision, and the seconds (of a priced item, the quantity) by which it differs stand as
    waiting (`pulled`) until the next draft says where they belong. An entry worked before `since` counts only if it was
    seen later than that before.
    """
    changes = _upsert_entries(connection, company, source, records, now, since)
    return changes + _upsert_tasks(connection, company, source, records, now)


def _upsert_entries(
    connection: Connection,
    company: str,
    source: str,
    records: Sequence[Record],
    now: datetime,
    since: date | None,
) -> Changes:
    found = {_entry_key(record): record for record in records if _is_entry(record)}
    encoded = {key: encode(each.item) for key, each in found.items() if isinstance(each.item, WorkItem)}
    hashes = {key: "" if each.deleted else encoded[key][1] for key, each in found.items()}
    gone: dict[str, str] = {}
    new: list[_New] = []
    steps: list[_Step] = []
    before_start = 0
    for key, before in differing(connection, company, source, hashes).items():
        record = found[key]
        if record.deleted:
            if before is not None and not before.deleted:
                gone[key] = record.raw
            continue
        assert isinstance(record.item, WorkItem)
        if before is not None:
            state = _state(record.item, *encoded[key], record.raw)
            held = (0, 0) if before.deleted else (before.seconds, before.scaled_quantity)
            steps.append(_Step(state, before.revision, held[0], before.client, held[1]))
        elif since is not None and record.item.worked_on < since:
            before_start += 1
        else:
            new.append((record.item, *encoded[key], record.raw))
    changed = len(steps)
    steps += _gone_steps(connection, company, source, gone)
    clients = _add(connection, company, source, new, now) | _clients(steps)
    _change(connection, company, source, steps, now)
    mark_clients(connection, company, ((source, name) for name in clients))
    unchanged = len(found) - len(new) - changed - len(gone) - before_start
    return Changes(len(new), changed, len(gone), unchanged, before_start)


def _upsert_tasks(
    connection: Connection, company: str, source: str, records: Iterable[Record], now: datetime
) -> Changes:
    """A task that is gone stays: entries refer to it."""
    found = {each.item.id: each for each in records if isinstance(each.item, Task) and not each.deleted}
    table = schema.task.c
    known: dict[str, str] = {}
    for some in chunks(list(found)):
        rows = connection.execute(
            select(table.id, table.content_hash).where(
                table.company == company, table.source == source, table.id.in_(some)
            )
        )
        known.update((row.id, row.content_hash) for row in rows)
    new, changed = [], []
    change = 0
    for key, record in found.items():
        assert isinstance(record.item, Task)
        encoded, content_hash = encode(record.item)
        if known.get(key) == content_hash:
            continue
        item = encoded.decode()
        change = change or next_change(connection, company)
        values = (content_hash, item, _text(record.raw), schema.instant_text(now), change)
        if key not in known:
            new.append((company, source, key, *values))
        else:
            changed.append((*values, company, source, key))
    columns, keys = ("content_hash", "item", "raw", "seen_at", "change"), ("company", "source", "id")
    insert_many(connection, schema.task, (*keys, *columns), new)
    update_many(connection, schema.task, columns, keys, changed)
    return Changes(tasks=len(new) + len(changed))


def mark_vanished(connection: Connection, company: str, source: str, entries: Sequence[str], now: datetime) -> None:
    """Record live entries as deleted of which the source no longer tells; no record was received for that."""
    steps = _gone_steps(connection, company, source, dict.fromkeys(entries, ""))
    _change(connection, company, source, steps, now)
    mark_clients(connection, company, ((source, name) for name in _clients(steps)))


def count_live(connection: Connection, company: str, source: str) -> int:
    """How many entries of a source are not deleted."""
    table = schema.work.c
    query = select(func.count()).where(table.company == company, table.source == source, table.deleted.is_(False))
    return connection.execute(query).scalar_one()


def live_entries(connection: Connection, company: str, source: str, span: Span, *, most: bool = False) -> Iterator[str]:
    """Ids of the entries worked in a span that are not deleted. `most`: the span covers most of what there is."""
    table = schema.work.c
    query = select(table.entry).where(
        table.company == company,
        table.source == source,
        table.worked_on.between(span.first, span.last),
        table.deleted.is_(False),
    )
    if most:
        # By the index on days SQLite would fetch every row by itself, in an order that no cache can follow.
        query = query.with_hint(schema.work, "NOT INDEXED", "sqlite")
    rows = connection.execute(query.execution_options(yield_per=5_000))
    return iter(rows.scalars())


def load_entries(connection: Connection, company: str) -> Iterator[Entry]:
    """The latest revision of every entry, deleted ones too, by source and id."""
    work = schema.work.c
    query = _LATEST_ENTRIES.order_by(work.source, work.entry).execution_options(yield_per=5_000)
    yield from _entries(connection.execute(query, {"of_company": company}))


def load_entries_of_clients(
    connection: Connection, company: str, clients: Collection[tuple[str, str]]
) -> Iterator[Entry]:
    """The latest revision of every entry of these clients: the source, and the client's name there."""
    for source, names in by_source(clients):
        for some in chunks(names):
            values = {"of_company": company, "of_source": source, "some": some}
            yield from _entries(connection.execute(_OF_CLIENTS, values))


def load_entries_by_key(connection: Connection, company: str, keys: Collection[tuple[str, str]]) -> Iterator[Entry]:
    """The latest revision of those of these entries (source, id) that were ever seen."""
    for source, entries in by_source(keys):
        for some in chunks(entries):
            values = {"of_company": company, "of_source": source, "some": some}
            yield from _entries(connection.execute(_BY_KEY, values))


def load_tasks(
    connection: Connection, company: str, keys: Collection[tuple[str, str]]
) -> Mapping[tuple[str, str], Task]:
    """Those of these tasks (source, id) that are known."""
    found: dict[tuple[str, str], Task] = {}
    for source, ids in by_source(keys):
        for some in chunks(ids):
            values = {"of_company": company, "of_source": source, "some": some}
            items = connection.execute(_TASKS, values).scalars()
            found |= {(source, each.id): each for each in map(_READ_TASK.decode, items)}
    return found


def load_tasks_by_id(connection: Connection, company: str, ids: Collection[str]) -> Iterator[Task]:
    """All tasks with these ids, of whatever source."""
    for some in chunks(sorted(ids)):
        items = connection.execute(_TASKS_BY_ID, {"of_company": company, "some": some}).scalars()
        yield from map(_READ_TASK.decode, items)


def load_all_tasks(connection: Connection, company: str) -> Iterator[Task]:
    """Every task that was ever seen."""
    query = select(schema.task.c.item).where(schema.task.c.company == company).execution_options(yield_per=5_000)
    yield from map(_READ_TASK.decode, connection.execute(query).scalars())


def _entries(rows: Iterable[Any]) -> Iterator[Entry]:
    for item, number, deleted in rows:
        work = _READ_ITEM.decode(item)
        if "\0" in work.client:
            # Such an entry is found, and stands, by the name as it is stored.
            work = replace(work, client=_text(work.client))
        yield Entry(work, number, deleted)


def by_source(keys: Iterable[tuple[str, str]]) -> Iterator[tuple[str, list[str]]]:
    """What has a source and a name or id there, a source at a time."""
    found: dict[str, list[str]] = {}
    for source, key in sorted(keys):
        found.setdefault(source, []).append(key)
    yield from found.items()


def _is_entry(record: Record) -> bool:
    return isinstance(record.item, WorkItem) or (record.deleted and record.item is None)


def _entry_key(record: Record) -> str:
    return record.item.id if isinstance(record.item, WorkItem) else record.key


def _state(item: WorkItem, encoded: bytes, content_hash: str, raw: str) -> _State:
    day = item.worked_on.isoformat()
    names = (_text(item.client), _text(item.task))
    return _State(item.id, encoded.decode(), content_hash, _text(raw), day, item.seconds, *names, item.scaled_quantity)


def _text(value: str) -> str:
    """PostgreSQL stores no NUL in a text; a note that holds one must not stop the pull."""
    return value.replace("\0", "\N{REPLACEMENT CHARACTER}")


def _gone_steps(connection: Connection, company: str, source: str, raws: Mapping[str, str]) -> list[_Step]:
    """Steps that delete live entries; their last state is kept beside the mark."""
    work, revision = schema.work.c, schema.work_revision.c
    steps = []
    for keys in chunks(list(raws)):
        query = (
            select(revision.item, work.revision, work.content_hash)
            .join(schema.work_revision, _LATEST)
            .where(work.company == company, work.source == source, work.entry.in_(keys), work.deleted.is_(False))
        )
        for item, number, content_hash in connection.execute(query):
            last = _READ_ITEM.decode(item)
            state = _state(last, item.encode(), content_hash, raws[last.id])
            gone = replace(state, deleted=True)
            steps.append(_Step(gone, number, last.seconds, state.client, last.scaled_quantity))
    return steps


def _add(connection: Connection, company: str, source: str, new: Sequence[_New], now: datetime) -> set[str]:
    """Entries that were not there: a first revision each, and their seconds wait for the next draft.

    Gives back their clients. Each row is made in one go: a first pull makes three million of them.
    """
    seen_at, clients = schema.instant_text(now), set()
    works: list[Row] = []
    revisions: list[Row] = []
    standings: list[Row] = []
    for item, encoded, content_hash, raw in new:
        entry, seconds, day, client = item.id, item.seconds, item.worked_on.isoformat(), _text(item.client)
        quantity = item.scaled_quantity
        clients.add(client)
        works.append((company, source, entry, 1, content_hash, day, seconds, False, client, _text(item.task), quantity))
        revisions.append((company, source, entry, 1, encoded.decode(), _text(raw), False, seen_at))
        if seconds or quantity:
            standings.append((company, source, entry, 0, seconds, *_PULLED, client, day, quantity))
    insert_many(connection, schema.work, _WORK, works)
    insert_many(connection, schema.work_revision, _REVISION, revisions)
    insert_many(connection, schema.standing, _STANDING, standings)
    return clients


def _change(connection: Connection, company: str, source: str, steps: Sequence[_Step], now: datetime) -> None:
    """Entries of which another state is known."""
    key, seen_at = (company, source), schema.instant_text(now)
    changed, revisions = [], []
    for step in steps:
        state, revision = step.state, step.revision_before + 1
        seen = (revision, state.content_hash, state.worked_on, state.seconds, state.deleted)
        values = (*seen, state.client, state.task, state.scaled_quantity)
        changed.append((*values, *key, state.entry))
        revisions.append((*key, state.entry, revision, state.item, state.raw, state.deleted, seen_at))
    update_many(connection, schema.work, _WORK[3:], _WORK[:3], changed)
    insert_many(connection, schema.work_revision, _REVISION, revisions)
    _stand(connection, company, source, [step for step in steps if any(step.difference)])


def _clients(steps: Iterable[_Step]) -> set[str]:
    """Whose drafts rest on these entries, or did."""
    return {name for step in steps for name in (step.state.client, step.client_before)}


def _stand(connection: Connection, company: str, source: str, steps: Sequence[_Step]) -> None:
    """Every second pulled stands somewhere from the same transaction on: the difference waits for the next draft."""
    table = schema.standing.c
    last: dict[str, int] = {}
    for keys in chunks([step.state.entry for step in steps]):
        query = (
            select(table.entry, func.max(table.position).label("position"))
            .where(table.company == company, table.source == source, table.entry.in_(keys))
            .group_by(table.entry)
        )
        last.update((row.entry, row.position) for row in connection.execute(query))
    rows = []
    for step in steps:
        state = step.state
        position = last.get(state.entry, -1) + 1
        seconds, quantity = step.difference
        place = (company, source, state.entry, position)
        rows.append((*place, seconds, *_PULLED, state.client, state.worked_on, quantity))
    insert_many(connection, schema.standing, _STANDING, rows)
