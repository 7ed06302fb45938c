"""P1, P2 and P3: a first load of all entries, the same again, and again with one in a hundred changed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import func, select

from bench import raw_load
from bench.goals import Row, seconds_text, share
from bench.measure import Measured, Stopwatch, in_child
from bench.place import Place
from bench.timesheets import FIRST_DAY, kept
from syncd.clock import SystemClock
from syncd.config.sections import SafetySection
from syncd.engine.pull import pull_source
from syncd.store import schema
from syncd.store.database import Store, open_store

CHANGES = (0, 0, 100)
"""Which entries have changed at each reading: none at the first two, then each hundredth."""
MOST_MB = 250


@dataclass(frozen=True, slots=True)
class Loaded:
    """One reading of the source: what it took, and how many rows it left behind."""

    measured: Measured
    new: int
    changed: int
    rows: int


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The rows of P1 to P3, on both databases."""
    path = place.folder / "load.db"
    raw = in_child(raw_load.sqlite, place.folder / "raw.db", entries, CHANGES)
    (place.folder / "raw.db").unlink()
    ours = in_child(pull, f"sqlite:///{path}", entries, CHANGES)
    yield from _rows("SQLite", "sqlite3", entries, raw, ours, cpu_seconds_of)
    with place.database() as url:
        raw = in_child(raw_load.postgres, url, entries, CHANGES)
    with place.database() as url:
        ours = in_child(pull, url, entries, CHANGES)
    # The server's part is another process' CPU time: here only the clock on the wall counts both.
    yield from _rows("PostgreSQL", "COPY, merge", entries, raw, ours, seconds_of)


def cpu_seconds_of(measured: Measured) -> float:
    return measured.cpu_seconds


def seconds_of(measured: Measured) -> float:
    return measured.seconds


def _rows(
    database: str,
    yardstick: str,
    entries: int,
    raw: list[Measured],
    ours: list[Loaded],
    by: Callable[[Measured], float],
) -> Iterator[Row]:
    what = ("first load", "the same again", "1 % changed")
    expected = ((entries, 0), (0, 0), (0, -(-entries // 100)))
    for number, (code, goal_seconds) in enumerate((("P1", 30), ("P2", 15), ("P3", 15))):
        goal, one, other = share(goal_seconds, entries), ours[number], raw[number]
        right = (one.new, one.changed) == expected[number]
        written = one.rows - (ours[number - 1].rows if number else 0)
        goals, reached = [f"{seconds_text(goal)}", f"{MOST_MB} MB"], one.measured.seconds <= goal and right
        reached = reached and one.measured.rss_mb <= MOST_MB
        told = f"{seconds_text(one.measured.seconds)}, {one.measured.rss_mb:.0f} MB"
        if code == "P2":
            goals.append("0 rows")
            told += f", {written} rows"
            reached = reached and written == 0
        yield Row(
            code,
            f"{entries:,} entries, {what[number]}, {database}",
            ", ".join(goals),
            f"{yardstick} {seconds_text(other.seconds)}",
            told,
            reached,
            ratio=by(one.measured) / by(other),
            ratio_most=RATIOS[database][number],
        )


RATIOS = {"SQLite": (1.6, 1.4, 1.5), "PostgreSQL": (1.6, 1.6, 1.6)}
"""How far from the yardstick is too far, at each reading."""


def pull(url: str, entries: int, changes: tuple[int, ...]) -> list[Loaded]:
    """Read the source by the engine's own pull, once for each of `changes`."""
    store, loaded = open_store(url, SystemClock()), []
    for changed_each in changes:
        watch = Stopwatch()
        with kept(entries, changed_each) as source, watch.running():
            report = pull_source(
                store,
                "bench",
                source,
                clock=store.clock,
                today=date(2026, 11, 2),
                since=FIRST_DAY,
                safety=SafetySection(),
                full=True,
            )
        assert not report.error, report.error
        loaded.append(Loaded(watch.read(), report.changes.new, report.changes.changed, _count(store)))
    store.close()
    return loaded


def _count(store: Store) -> int:
    """The rows of all tables: nothing that a pull writes is ever overwritten without a row beside it."""
    tables: list[Any] = [schema.work, schema.work_revision, schema.standing, schema.event, schema.client_change]
    with store.read() as connection:
        return sum(connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables)
