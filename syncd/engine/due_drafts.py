"""Which clients are to be drafted: all of them, those that something concerns since the last time, or none.

The watermark `drafted` says up to which change every draft of the daemon is made, and over which basis: tables,
policies and the business date. Any other basis concerns everybody. A client that is noted in it is drafted again
whatever happens, because its draft was not at rest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

import msgspec
from sqlalchemy import Connection, bindparam, select

from mappings.rules.grouping import looks_above
from syncd import __version__
from syncd.config import Config
from syncd.engine.content import encode
from syncd.engine.directory import Directory
from syncd.engine.marks import read_value, set_value
from syncd.store import schema
from syncd.store.changes import EVERYTHING, last_change
from syncd.store.work import load_all_tasks

_MARK = "drafted"
_MANY_TASKS = 1_000
"""So many changed tasks concern everybody: finding out whom would take as long as drafting."""

_TASK = schema.task.c
_TASKS_SINCE = (
    select(_TASK.source, _TASK.id)
    .where(_TASK.company == bindparam("of_company"), _TASK.change > bindparam("of_change"))
    .limit(_MANY_TASKS + 1)
)


@dataclass(frozen=True, slots=True)
class DraftedMark:
    """Up to what the drafts are made."""

    change: int
    basis: str
    again: tuple[str, ...] = ()
    """Clients (folded) whose drafts were not at rest."""


_READ_MARK = msgspec.json.Decoder(DraftedMark | None)


@dataclass(frozen=True, slots=True)
class Due:
    """What a run of drafting is over: `clients` folded."""

    change: int
    clients: frozenset[str]
    mark: DraftedMark | None
    """As it stood before."""


def basis_of(config: Config, today: date, rows: str, lenders: tuple[object, ...] = ()) -> str:
    """A digest of all that drafts rest on and no change is counted for; `rows` is that of policies and tables."""
    starts = sorted((name, str(source.since)) for name, source in config.sources.items())
    return digest_of((__version__, today.isoformat(), repr(config.quickbooks), starts, rows, *lenders))


def digest_of(value: object) -> str:
    """A short text that differs where the value does."""
    # A time zone is no value of JSON; its name says all of it.
    encoded = msgspec.json.encode(value, order="deterministic", enc_hook=str)
    return hashlib.blake2b(encoded, digest_size=16).hexdigest()


def due_drafts(connection: Connection, config: Config, basis: str, directory: Directory, *, only_changed: bool) -> Due:
    """The clients to draft: all, or `only_changed` those that are concerned since the last whole draft."""
    company = config.company.name
    mark, change = read_drafted(connection, company), last_change(connection, company)
    if only_changed and mark == DraftedMark(change, basis):
        return Due(change, frozenset(), mark)
    directory.refresh(connection, company)
    if only_changed and mark is not None and mark.basis == basis:
        changed = _changed_since(connection, config, mark.change, directory)
        if changed is not None:
            return Due(change, changed.union(mark.again), mark)
    directory.add_ours(_with_open_drafts(connection, company))
    return Due(change, frozenset(directory.everybody()), mark)


def _changed_since(connection: Connection, config: Config, change: int, directory: Directory) -> frozenset[str] | None:
    """The clients that what came after a change concerns; None: everybody."""
    company, names = config.company.name, directory.changed_since(change)
    tasks = _tasks_since(connection, company, change)
    if EVERYTHING in names or len(tasks) > _MANY_TASKS:
        return None
    if tasks and looks_above(config.company, config.tables):
        tasks = _with_below(connection, company, tasks)
    names += _clients_of_tasks(connection, company, tasks)
    milestones = {name for source, task in tasks for name in (task, f"{source}:{task}")}
    names += [("", row.client) for row in config.tables.fixed_fees if row.milestone in milestones]
    return frozenset(client for key in names for client in directory.clients_of(*key))


def _tasks_since(connection: Connection, company: str, change: int) -> list[tuple[str, str]]:
    rows = connection.execute(_TASKS_SINCE, {"of_company": company, "of_change": change})
    return [(source, task_id) for source, task_id in rows]


def _with_below(connection: Connection, company: str, tasks: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """These tasks, and all below them: where they belong, and when they are billed, may have changed."""
    below: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for task in load_all_tasks(connection, company):
        below.setdefault((task.source, task.parent), []).append(task.key)
    found = dict.fromkeys(tasks)
    waiting = list(tasks)
    while waiting:
        new = [key for key in below.get(waiting.pop(), ()) if key not in found]
        found |= dict.fromkeys(new)
        waiting += new
    return list(found)


def _clients_of_tasks(connection: Connection, company: str, tasks: list[tuple[str, str]]) -> set[tuple[str, str]]:
    """Whose work refers to these tasks: their titles may stand on its lines, their ends decide when it is billed."""
    work = schema.work.c
    if not tasks:
        return set()
    # No index leads from a task to its work: one look through all of it costs less than keeping one would.
    query = select(work.source, work.client).distinct()
    query = query.where(work.company == company, work.task.in_({task_id for _, task_id in tasks}))
    return {(source, client) for source, client in connection.execute(query)}


def _with_open_drafts(connection: Connection, company: str) -> list[str]:
    """Also clients that no table names any more: their drafts are to go."""
    draft = schema.draft.c
    query = select(draft.client).where(draft.company == company, draft.state == "open").distinct()
    return list(connection.execute(query).scalars())


def read_drafted(connection: Connection, company: str) -> DraftedMark | None:
    """The mark; None when everything is to be drafted."""
    value = read_value(connection, company, _MARK)
    return _READ_MARK.decode(value) if value else None


def write_drafted(connection: Connection, company: str, mark: DraftedMark | None) -> None:
    """Move the mark, or take it away."""
    set_value(connection, company, _MARK, encode(mark))
