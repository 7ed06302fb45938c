"""Records that were not understood: shown until the source gives them in a form that is, or no longer gives them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import Connection, bindparam, delete, func, insert, select, update

from connectors.source import Record
from syncd.store import schema

_TABLE = schema.record_problem.c
_HERE = (_TABLE.company == bindparam("of_company"), _TABLE.source == bindparam("of_source"))
_ALL = select(schema.record_problem).where(*_HERE)
_OLDEST = select(func.min(_TABLE.seen_at)).where(*_HERE)


def record_problems(connection: Connection, company: str, source: str, records: Sequence[Record], now: datetime) -> int:
    """Store new problems, forget those of records that are understood now; gives back how many rows changed."""
    mine = (_TABLE.company == company, _TABLE.source == source)
    rows = connection.execute(_ALL, {"of_company": company, "of_source": source})
    known = {row.record: (row.problem, row.raw) for row in rows}
    changes = 0
    for record in records:
        if record.problem is None and record.key not in known:
            # Nearly every record: a statement built for each of them took a third of a pull.
            continue
        raw = record.raw.replace("\0", "\N{REPLACEMENT CHARACTER}")
        this = (*mine, _TABLE.record == record.key)
        if record.problem is None:
            del known[record.key]
            connection.execute(delete(schema.record_problem).where(*this))
            changes += 1
            continue
        problem = msgspec.json.encode(record.problem).decode()
        if record.key not in known:
            row = {"company": company, "source": source, "record": record.key, "problem": problem, "raw": raw}
            connection.execute(insert(schema.record_problem).values(**row, seen_at=now))
        elif known[record.key] != (problem, raw):
            # When it was first seen stays: that tells how far back it must be looked for.
            connection.execute(update(schema.record_problem).where(*this).values(problem=problem, raw=raw))
        changes += known.get(record.key) != (problem, raw)
        known[record.key] = (problem, raw)
    return changes


def forget_unseen(connection: Connection, company: str, source: str, seen: Collection[str]) -> int:
    """Forget the problems of records that a whole reading no longer gave; gives back how many."""
    mine = (_TABLE.company == company, _TABLE.source == source)
    gone = set(connection.execute(select(_TABLE.record).where(*mine)).scalars()).difference(seen)
    for key in gone:
        connection.execute(delete(schema.record_problem).where(*mine, _TABLE.record == key))
    return len(gone)


def oldest_problem(connection: Connection, company: str, source: str) -> datetime | None:
    """When the oldest problem of a source that still stands was first seen."""
    oldest: datetime | None = connection.execute(_OLDEST, {"of_company": company, "of_source": source}).scalar_one()
    return oldest
