"""P4, P5 and the tick of P8: rate and group, draft and keep, and nothing to do."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

from bench.goals import FULL, Row, seconds_text, share
from bench.measure import Measured, Stopwatch, in_child
from bench.office import TODAY, Office, office
from bench.place import Place
from bench.timesheets import CLIENTS, Timesheets
from mappings.world import Run
from syncd.engine.computing import Computer
from syncd.engine.directory import portions
from syncd.engine.draft import draft
from syncd.engine.payments import read_payments

PART = 5
"""A fifth of the entries, and of the clients: all would take minutes, and the time grows with their number."""
TICKS = 50


@dataclass(frozen=True, slots=True)
class Drafting:
    """What was measured over one database."""

    entries: int
    raw: Measured
    computed: Measured
    documents: int
    drafted: Measured
    tick_raw: float
    tick_cpu: float
    tick_requests: int


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The rows of P4, P5 and P8's tick."""
    found: Drafting = in_child(run, place.folder / "drafts", entries // PART, max(1, CLIENTS * entries // FULL // PART))
    goal = share(8, found.entries)
    yield Row(
        "P4",
        f"{found.entries:,} entries rated and grouped, nothing kept",
        f"{seconds_text(goal)}, 100 MB",
        f"integer loop {seconds_text(found.raw.seconds)}",
        f"{seconds_text(found.computed.seconds)}, {found.computed.rss_mb:.0f} MB",
        found.computed.seconds <= goal and found.computed.rss_mb <= 100,
        required=False,
        ratio=found.computed.cpu_seconds / found.raw.cpu_seconds,
    )
    goal = share(20, found.entries)
    yield Row(
        "P5",
        f"{found.entries:,} entries drafted, {found.documents:,} documents kept",
        seconds_text(goal),
        "",
        f"{seconds_text(found.drafted.seconds)}, {found.drafted.rss_mb:.0f} MB",
        found.drafted.seconds <= goal,
        required=False,
    )
    yield Row(
        "P8",
        "a tick with nothing to do: source, drafts, payments",
        f"{seconds_text(0.005)} CPU, 1 read",
        f"sqlite3 {seconds_text(found.tick_raw)}",
        f"{seconds_text(found.tick_cpu)} CPU, {found.tick_requests} read",
        found.tick_cpu <= 0.005 and found.tick_requests == 1,
    )


def run(folder: Path, entries: int, clients: int) -> Drafting:
    """Measure all of it over one database."""
    with office(folder, clients) as desk:
        desk.pull(Timesheets(entries, clients=clients))
        path = folder / "syncd.db"
        raw, computed = _watched(lambda: _rate(path)), _watched(lambda: _compute(desk))
        documents: list[int] = []
        drafted = _watched(lambda: documents.append(_draft(desk)))
        # What the first draft approved, pinned or withdrew is drafted again once, and then all is at rest.
        _draft(desk, only_changed=True)
        tick_cpu, requests = _tick(desk)
        tick_raw = median(_timed(lambda: _look(path)) for _ in range(TICKS))
        return Drafting(entries, raw, computed, documents[0], drafted, tick_raw, tick_cpu, requests)


def _watched(work: Callable[[], object]) -> Measured:
    watch = Stopwatch()
    with watch.running():
        work()
    return watch.read()


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _compute(desk: Office) -> None:
    computer = Computer(desk.store, desk.config, TODAY, Run())
    done: set[str] = set()
    for some in portions(computer.due.clients):
        if some - done:
            done |= computer.compute(some - done).clients


def _draft(desk: Office, *, only_changed: bool = False) -> int:
    report = draft(desk.store, desk.config, today=TODAY, clock=desk.clock, only_changed=only_changed)
    return len(report.documents)


def _tick(desk: Office) -> tuple[float, int]:
    """The CPU seconds of this thread (the emulator has its own), and the requests that one tick makes."""
    quiet = Timesheets(0)

    def tick() -> None:
        desk.pull(quiet, full=False)
        draft(desk.store, desk.config, today=TODAY, clock=desk.clock, only_changed=True)
        read_payments(desk.store, desk.config, desk.opened, clock=desk.clock, holder="bench")

    # The first one reads the documents of all time.
    quiet.incremental = quiet.incremental.CHANGES_AND_DELETIONS
    tick()
    seconds = []
    before = len(desk.emulator.requests())
    for _ in range(TICKS):
        began = time.thread_time()
        tick()
        seconds.append(time.thread_time() - began)
    return median(seconds), round((len(desk.emulator.requests()) - before) / TICKS)


class _Item(msgspec.Struct):
    client: str
    service: str
    worked_on: str
    seconds: int
    billable: bool


_DECODE = msgspec.json.Decoder(_Item)


def _rate(path: Path) -> dict[tuple[str, str], int]:
    """The yardstick: a rate by service, half-up in whole cents, summed by client and month; no other rule."""
    connection = sqlite3.connect(path)
    query = (
        "SELECT r.item FROM work AS w JOIN work_revision AS r ON r.entry = w.entry AND r.source = w.source"
        " AND r.company = w.company AND r.revision = w.revision WHERE NOT w.deleted"
    )
    rates = {f"Service {number}": 8_000 + 100 * number for number in range(8)}
    totals: dict[tuple[str, str], int] = {}
    for (text,) in connection.execute(query):
        item = _DECODE.decode(text)
        if item.billable:
            minor, rest = divmod(rates[item.service] * item.seconds, 3_600)
            key = (item.client, item.worked_on[:7])
            totals[key] = totals.get(key, 0) + minor + (rest >= 1_800)
    connection.close()
    return totals


def _look(path: Path) -> None:
    """The yardstick of a tick: is there anything new, due or unsent?"""
    connection = sqlite3.connect(path)
    connection.execute("SELECT cursor FROM source_state").fetchall()
    connection.execute("SELECT value FROM watermark WHERE name = 'changes'").fetchall()
    connection.execute("SELECT id FROM outbox WHERE state IN ('ready', 'sending', 'unknown') LIMIT 1").fetchall()
    connection.close()
