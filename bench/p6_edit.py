"""P6: one entry of one client is edited, and what that client owes is drafted again."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import msgspec

from bench.goals import Row, seconds_text
from bench.measure import in_child
from bench.place import Place
from bench.ticks import CLIENTS, ENTRIES_EACH, at_rest, edits

GOAL_SECONDS = 0.020
EDITS = 50


@dataclass(frozen=True, slots=True)
class Edited:
    """The medians of many edits, in seconds."""

    raw: float
    wall: float
    cpu: float


def measure(place: Place, _entries: int) -> Iterator[Row]:
    """The row of P6."""
    found: Edited = in_child(run, place.folder / "edits")
    yield Row(
        "P6",
        f"one of {CLIENTS:,} clients with {ENTRIES_EACH} entries drafted after an edit",
        seconds_text(GOAL_SECONDS),
        f"sqlite3, loop {seconds_text(found.raw)}",
        f"{seconds_text(found.wall)}, {seconds_text(found.cpu)} CPU",
        found.wall <= GOAL_SECONDS,
    )


def run(folder: Path, clients: int = CLIENTS) -> Edited:
    """Edit entries of different clients one after another, and draft after each as the daemon does."""
    folder.mkdir()
    path = folder / "syncd.db"
    with at_rest(f"sqlite:///{path}", folder, clients) as ledgers:
        found = edits(ledgers, EDITS, clients)
        raw = [_raw(path, f"client {number * 7 % clients:05} src") for number in range(EDITS)]
    return Edited(median(raw), median(each.seconds for each in found), median(each.cpu_seconds for each in found))


class _Item(msgspec.Struct):
    worked_on: str
    seconds: int


_DECODE = msgspec.json.Decoder(_Item)
_ENTRIES = (
    "SELECT r.item FROM work AS w JOIN work_revision AS r ON r.company = w.company AND r.source = w.source"
    " AND r.entry = w.entry AND r.revision = w.revision"
    " WHERE w.company = 'Bench' AND w.source = 'tracker' AND w.client = ? AND NOT w.deleted"
)


def _raw(path: Path, client: str) -> float:
    """The yardstick: the client's entries with one rate, half-up in whole cents, summed by month; nothing is kept."""
    began = time.perf_counter()
    connection = sqlite3.connect(path)
    totals: dict[str, int] = {}
    for (text,) in connection.execute(_ENTRIES, (client,)):
        item = _DECODE.decode(text)
        minor, rest = divmod(10_000 * item.seconds, 3_600)
        month = item.worked_on[:7]
        totals[month] = totals.get(month, 0) + minor + (rest >= 1_800)
    connection.close()
    assert totals
    return time.perf_counter() - began
