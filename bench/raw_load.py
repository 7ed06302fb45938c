"""The yardsticks of loading: the same pages into the same tables, with the least that each database needs for it.

No lease, no cursor, no events, no fuse; on SQLite plain sqlite3, on PostgreSQL COPY into a temporary table and a merge.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from bench.measure import Measured, Stopwatch
from bench.timesheets import SOURCE, Timesheets, kept
from connectors.source import Record
from mappings.work import WorkItem
from syncd.clock import SystemClock
from syncd.store.comparing import encode
from syncd.store.database import open_store

if TYPE_CHECKING:
    import psycopg

AT_ONCE = 10_000
_NOW = "2026-11-02T09:00:00.000000Z"
_STANDS = ("waiting", "pulled", "Pulled, and not drafted yet.")
_WORK = "company, source, entry, revision, content_hash, worked_on, seconds, deleted, client, task"
_REVISION = "company, source, entry, revision, item, raw, deleted, seen_at"
_STANDING = "company, source, entry, position, seconds, state, code, what, client, worked_on"

Row = tuple[WorkItem, str, str, str]
"""An item with its encoding, the encoding's hash, and the record as received."""


def _batches(source: Timesheets) -> Iterator[list[Row]]:
    rows: list[Row] = []
    for records in source.records():
        rows += map(_row, records)
        if len(rows) >= AT_ONCE:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(record: Record) -> Row:
    assert isinstance(record.item, WorkItem)
    encoded, content_hash = encode(record.item)
    return record.item, encoded.decode(), content_hash, record.raw


def sqlite(path: Path, entries: int, changes: tuple[int, ...]) -> list[Measured]:
    """Load, and load again with every n-th entry changed for each n of `changes` (0: none)."""
    open_store(f"sqlite:///{path}", SystemClock()).close()
    connection = sqlite3.connect(path, isolation_level=None)
    for pragma in ("synchronous = FULL", "foreign_keys = ON", "temp_store = MEMORY", "cache_size = -65536"):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("PRAGMA wal_autocheckpoint = 8000")
    measured = []
    for changed_each in changes:
        watch = Stopwatch()
        with kept(entries, changed_each) as source, watch.running():
            for rows in _batches(source):
                _into_sqlite(connection, rows)
        measured.append(watch.read())
    connection.close()
    return measured


def _into_sqlite(connection: sqlite3.Connection, rows: list[Row]) -> None:
    connection.execute("BEGIN IMMEDIATE")
    known = dict(
        connection.execute(
            "SELECT entry, content_hash FROM work WHERE entry IN (SELECT value FROM json_each(?))"
            " AND source = ? AND company = 'bench'",
            (json.dumps([row[0].id for row in rows]), SOURCE),
        )
    )
    new = [row for row in rows if row[0].id not in known]
    changed = [row for row in rows if known.get(row[0].id, row[2]) != row[2]]
    connection.executemany(
        f"INSERT INTO work ({_WORK}) VALUES ('bench', ?, ?, 1, ?, ?, ?, 0, ?, ?)",  # noqa: S608
        [
            (SOURCE, item.id, digest, item.worked_on.isoformat(), item.seconds, item.client, item.task)
            for item, _, digest, _ in new
        ],
    )
    connection.executemany(
        "UPDATE work SET revision = 2, content_hash = ?, seconds = ? WHERE entry = ? AND source = ?"
        " AND company = 'bench'",
        [(digest, item.seconds, item.id, SOURCE) for item, _, digest, _ in changed],
    )
    for number, some in ((1, new), (2, changed)):
        connection.executemany(
            f"INSERT INTO work_revision ({_REVISION}) VALUES ('bench', ?, ?, {number}, ?, ?, 0, ?)",  # noqa: S608
            [(SOURCE, item.id, encoded, raw, _NOW) for item, encoded, _, raw in some],
        )
        connection.executemany(
            f"INSERT INTO standing ({_STANDING}) VALUES ('bench', ?, ?, {number}, ?, ?, ?, ?, ?, ?)",  # noqa: S608
            [
                (SOURCE, item.id, item.seconds, *_STANDS, item.client, item.worked_on.isoformat())
                for item, _, _, _ in some
            ],
        )
    connection.execute("COMMIT")


_STAGE = (
    "CREATE TEMP TABLE stage (entry text, content_hash text, worked_on date, seconds int, client text, task text,"
    " item text, raw text) ON COMMIT DELETE ROWS"
)
_MERGE = f"""
WITH merged AS (
    INSERT INTO work ({_WORK})
    SELECT 'bench', '{SOURCE}', entry, 1, content_hash, worked_on, seconds, false, client, task FROM stage
    ON CONFLICT (entry, source, company) DO UPDATE
    SET revision = work.revision + 1, content_hash = excluded.content_hash, seconds = excluded.seconds
    WHERE work.content_hash <> excluded.content_hash
    RETURNING entry, revision
), revised AS (
    INSERT INTO work_revision ({_REVISION})
    SELECT 'bench', '{SOURCE}', entry, revision, item, raw, false, '{_NOW}' FROM stage JOIN merged USING (entry)
)
INSERT INTO standing ({_STANDING})
SELECT 'bench', '{SOURCE}', entry, revision, seconds, '{_STANDS[0]}', '{_STANDS[1]}', '{_STANDS[2]}', client, worked_on
FROM stage JOIN merged USING (entry)
"""  # noqa: S608


def postgres(url: str, entries: int, changes: tuple[int, ...]) -> list[Measured]:
    """The same on PostgreSQL."""
    import psycopg

    open_store(url, SystemClock()).close()
    measured = []
    with psycopg.connect(url) as connection:
        connection.execute(_STAGE)
        connection.commit()
        for changed_each in changes:
            watch = Stopwatch()
            with kept(entries, changed_each) as source, watch.running():
                for rows in _batches(source):
                    _into_postgres(connection, rows)
            measured.append(watch.read())
    return measured


def _into_postgres(connection: psycopg.Connection, rows: list[Row]) -> None:
    with connection.cursor() as cursor:
        with cursor.copy("COPY stage FROM STDIN (FORMAT binary)") as copy:
            copy.set_types(["text", "text", "date", "int4", "text", "text", "text", "text"])
            for item, encoded, digest, raw in rows:
                copy.write_row((item.id, digest, item.worked_on, item.seconds, item.client, item.task, encoded, raw))
        cursor.execute(_MERGE)
    connection.commit()
