"""All work that is known, as `mappings check` looks at it: summed by names and days where it lies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import msgspec
from sqlalchemy import JSON, Connection, Text, and_, bindparam, case, cast, func, literal, select
from sqlalchemy.sql.elements import ColumnElement

from mappings.rows import Tables
from mappings.tables.checks.known import Known
from mappings.tables.checks.pieces import Piece, edges, piece_of
from mappings.work import WorkItem
from syncd.config import Config
from syncd.engine.reference import load_catalogue
from syncd.engine.world import go_live_of
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.work import load_all_tasks

_WORK, _REVISION, _STANDING = schema.work.c, schema.work_revision.c, schema.standing.c
_READ_ITEM = msgspec.json.Decoder(WorkItem)
_ENTRY = ("company", "source", "entry")
_LATEST = and_(*(_REVISION[name] == _WORK[name] for name in (*_ENTRY, "revision")))
# What no approved document holds: a draft's work is waiting until it is approved.
_OPEN = (
    select(func.sum(_STANDING.seconds))
    .where(*(_STANDING[name] == _WORK[name] for name in _ENTRY), _STANDING.state != "not-billable")
    .correlate(schema.work)
    .scalar_subquery()
)
_MINE = (_WORK.company == bindparam("of_company"), _WORK.deleted.is_(False))


def read_known(store: Store, config: Config) -> Known:
    """The work of all sources beside the tables as they are now, and the names that QuickBooks and the tools have."""
    company = config.company.name
    with store.read() as connection:
        pieces = [*_time(connection, company, config.tables, go_live_of(config)), *_priced(connection, company)]
        tasks = list(load_all_tasks(connection, company)) if pieces else []
        named = load_catalogue(connection, company).named
    return Known(
        config.tables,
        config.company,
        go_live_of(config),
        pieces,
        customers=[row.name for row in named if row.kind == "customer" and row.active],
        projects={task.project for task in tasks},
        tasks={name for task in tasks for name in (task.id, f"{task.source}:{task.id}")},
    )


_MEMBERS = ("project", "person", "service", "billable", "source_rate", "purchase_order", "kind")
_READ_MEMBERS = msgspec.json.Decoder(tuple[str, str, str, bool, str | None, str | None, str | None])


def _time(connection: Connection, company: str, tables: Tables, go_live: date | None) -> Iterator[Piece]:
    """Time entries summed by their names, between two days on which a row begins or ends.

    Tasks and orders are told apart only where a row names some.
    """
    order = any(row.purchase_order for row in tables.caps)
    members = [name if name != "purchase_order" or order else "no_order" for name in _MEMBERS]
    task = _WORK.task if any(row.task for row in tables.rates) else literal("")
    entry = select(
        *(_WORK.source, _WORK.client, task.label("task"), _WORK.worked_on, _WORK.seconds),
        _members(connection, members).label("members"),
        _season(edges(tables, go_live)).label("season"),
        func.coalesce(_OPEN, 0).label("open_seconds"),
    )
    each = entry.join(schema.work_revision, _LATEST).where(*_MINE, _WORK.scaled_quantity == 0).subquery()
    query = select(
        *(each.c.source, each.c.client, each.c.task, each.c.members),
        *(func.min(each.c.worked_on), func.max(each.c.worked_on), func.count(), func.sum(each.c.seconds)),
        *(func.sum(case((each.c.open_seconds == 0, 0), else_=1)), func.sum(each.c.open_seconds)),
    ).group_by(each.c.source, each.c.client, each.c.task, each.c.members, each.c.season)
    rows = connection.execute(query, {"of_company": company})
    for source, client, task_id, told, first, last, entries, seconds, open_entries, open_seconds in rows:
        project, person, service, billable, own_rate, purchase_order, kind = _READ_MEMBERS.decode(told)
        if kind is None:
            yield Piece(
                *(source, first, last, client, project, task_id, person, service, purchase_order or ""),
                *(billable, own_rate is not None, "time", entries),
                *(int(seconds), int(open_entries), int(open_seconds)),
            )


def _members(connection: Connection, names: Sequence[str]) -> ColumnElement[str]:
    """These members of an item as one JSON text, read in one go; null for those that it lacks."""
    if connection.dialect.name == "sqlite":
        return func.json_extract(_REVISION.item, *(f"$.{name}" for name in names))
    item = cast(_REVISION.item, JSON)
    return cast(func.json_build_array(*(func.json_extract_path(item, name) for name in names)), Text)


def _season(days: Sequence[date]) -> ColumnElement[int]:
    """The number of the stretch between two of these days (in order) that an entry was worked in."""
    if not days:
        return literal(0)
    stretches = [(_WORK.worked_on < day, number) for number, day in enumerate(days)]
    return case(*stretches, else_=len(days))


def _priced(connection: Connection, company: str) -> Iterator[Piece]:
    """Expenses and products, each by itself: their amounts are no numbers to a database."""
    is_open = (
        select(func.count())
        .where(*(_STANDING[name] == _WORK[name] for name in _ENTRY), _STANDING.state != "not-billable")
        .correlate(schema.work)
        .scalar_subquery()
    )
    query = select(_REVISION.item, is_open).join(schema.work, _LATEST).where(*_MINE, _WORK.scaled_quantity != 0)
    for item, standing in connection.execute(query, {"of_company": company}):
        yield piece_of(_READ_ITEM.decode(item), is_open=bool(standing))
