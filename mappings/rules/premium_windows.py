"""Local time of an entry: where its seconds cross the edges of windows, days and holidays, and what holds there.

All is said in wall-clock time of the company's zone: on the night on which clocks are put back an hour counts twice,
and it is inside a window both times; the hour that is skipped in spring is nobody's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

from mappings.when import DAY_SECONDS, When


@dataclass(frozen=True, slots=True)
class Stretch:
    """Seconds of an entry between two edges: from `begins` after its start, at `wall` by the clock on the wall."""

    begins: int
    seconds: int
    wall: datetime
    """Without a zone."""


def stretches(start: datetime, seconds: int, zone: ZoneInfo, edges: Collection[int]) -> list[Stretch]:
    """An entry cut at these seconds of each local day, and wherever clocks are changed; in order, without gaps."""
    found: list[Stretch] = []
    for begins, length, wall in _of_one_offset(start, seconds, zone):
        ends = wall + timedelta(seconds=length)
        marks = sorted({wall, ends, *(mark for mark in _marks(wall.date(), ends.date(), edges) if wall < mark < ends)})
        for first, last in pairwise(marks):
            found.append(Stretch(begins + _between(wall, first), _between(first, last), first))
    return found


def _marks(first: date, last: date, edges: Collection[int]) -> Iterator[datetime]:
    day = first
    while day <= last:
        for edge in edges:
            yield datetime.combine(day, time()) + timedelta(seconds=edge)
        day += timedelta(days=1)


def _of_one_offset(start: datetime, seconds: int, zone: ZoneInfo) -> Iterator[tuple[int, int, datetime]]:
    """(begin, length, wall clock) of the stretches in which the zone's offset from UTC is the same."""
    instant = start.astimezone(UTC).replace(microsecond=0)

    def local(elapsed: int) -> datetime:
        return (instant + timedelta(seconds=elapsed)).astimezone(zone)

    begins = 0
    while begins < seconds:
        here = local(begins)
        # A zone changes its offset at most once in a day.
        ends = min(begins + DAY_SECONDS, seconds)
        if local(ends).utcoffset() != here.utcoffset():
            same, changed = begins, ends
            while changed - same > 1:
                middle = (same + changed) // 2
                if local(middle).utcoffset() == here.utcoffset():
                    same = middle
                else:
                    changed = middle
            ends = changed
        yield begins, ends - begins, here.replace(tzinfo=None)
        begins = ends


def _between(first: datetime, last: datetime) -> int:
    return int((last - first).total_seconds())


def edges_of(whens: Iterable[When]) -> set[int]:
    """The seconds of a local day at which any of these may begin or end to hold."""
    edges: set[int] = set()
    for when in whens:
        if when.needs_clock:
            edges.update((when.begins, when.ends))
        elif when.kind in ("weekend", "holiday"):
            edges.add(0)
    return edges


def holds_at(when: When, wall: datetime, holidays: Collection[date]) -> bool:
    """Whether it holds at an instant of local time, and until the next edge; overtime is not a matter of the clock."""
    if when.needs_clock:
        return _in_window(when, wall) == (when.kind == "window")
    return holds_on(when, wall.date(), holidays)


def holds_on(when: When, day: date, holidays: Collection[date]) -> bool:
    """Whether it holds all through a local day: what can be told of work without clock times."""
    if when.kind == "weekend":
        return day.weekday() >= 5
    if when.kind == "holiday":
        return day in holidays
    return when.kind == "always"


def _in_window(when: When, wall: datetime) -> bool:
    second = wall.hour * 3600 + wall.minute * 60 + wall.second
    if when.begins < when.ends:
        return wall.weekday() in when.days and when.begins <= second < when.ends
    yesterday = (wall.weekday() - 1) % 7
    return (wall.weekday() in when.days and second >= when.begins) or (yesterday in when.days and second < when.ends)


def day_offset(instant: datetime, day: date, zone: ZoneInfo) -> int:
    """Seconds that have passed since a local day began."""
    midnight = datetime.combine(day, time(), tzinfo=zone)
    return _between(midnight.astimezone(UTC), instant.astimezone(UTC))
