"""Days: with `day_split = "split"` an entry is cut at local midnight, and each part has its own day, rate and period.

Inside billing each day of a cut entry stands for itself; documents and standings speak of the entry again. What was
billed whole stays whole, and what was billed in parts stays in parts, whatever the policy says later.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from mappings.documents import Allocation, Posted
from mappings.rules.ledger import Key
from mappings.rules.premium_windows import stretches
from mappings.rules.work_parts import part_of
from mappings.work import WorkItem
from mappings.world import Entry, World


@dataclass(frozen=True, slots=True)
class _Day:
    day: date
    started_at: datetime | None
    seconds: int


@dataclass(slots=True)
class _Billed:
    """The ledger's rows of one entry: whole, and by the number of the day."""

    whole: list[Posted] = field(default_factory=list)
    parts: dict[int, list[Posted]] = field(default_factory=lambda: defaultdict(list))


def split_days(world: World) -> World:
    """The same world with entries cut into their days where they are to be billed so."""
    splits = world.company.billing.day_split == "split"
    if not splits and not any(posted.allocation.part for posted in world.ledger):
        return world
    billed = _billed(world.ledger)
    entries: list[Entry] = []
    moved: dict[int, list[Posted]] = {}
    keys: dict[Key, list[Key]] = {}
    for entry in world.entries:
        own = billed.get(entry.work.key)
        days = _days_of(entry, own, splits, world.company.timezone)
        if days is None:
            entries.append(entry)
            continue
        parts = list(_parts(entry, days, own.parts if own else {}))
        entries += parts
        keys[entry.work.key] = [part.work.key for part in parts]
        if own and own.whole:
            moved.update(_placed(own, parts))
    ledger = tuple(row for posted in world.ledger for row in moved.get(id(posted), (posted,)))
    return replace(
        world, entries=tuple(entries), ledger=ledger, frozen=_of_parts(world.frozen, keys),
        released=_of_parts(world.released, keys),
    )  # fmt: skip


def _billed(ledger: Iterable[Posted]) -> dict[Key, _Billed]:
    found: dict[Key, _Billed] = defaultdict(_Billed)
    for posted in ledger:
        row = posted.allocation
        own = found[row.source, row.entry]
        (own.parts[row.part] if row.part else own.whole).append(posted)
    return found


def _days_of(entry: Entry, own: _Billed | None, splits: bool, zone: ZoneInfo) -> list[_Day] | None:
    """The days of an entry that is billed in parts; None: it is billed whole."""
    work = entry.work
    in_parts = bool(own and own.parts)
    if work.kind != "time" or (not in_parts and (not splits or work.started_at is None)):
        return None
    if own and not in_parts and sum(posted.allocation.seconds for posted in own.whole):
        return None
    return list(days_of(work, zone))


def days_of(work: WorkItem, zone: ZoneInfo) -> Iterator[_Day]:
    """The local days of a piece of work, cut at midnight; one without clock times, or with those of another day, is
    of its day alone."""
    start = work.started_at
    if start is None or not work.seconds or start.astimezone(zone).date() != work.worked_on:
        yield _Day(work.worked_on, start, work.seconds)
        return
    sign = 1 if work.seconds > 0 else -1
    seconds: dict[date, int] = defaultdict(int)
    begins: dict[date, int] = {}
    for one in stretches(start, abs(work.seconds), zone, {0}):
        begins.setdefault(one.wall.date(), one.begins)
        seconds[one.wall.date()] += one.seconds
    for day in sorted(seconds):
        yield _Day(day, start + timedelta(seconds=begins[day]), sign * seconds[day])


def _parts(entry: Entry, days: Sequence[_Day], billed: Mapping[int, Sequence[Posted]]) -> Iterator[Entry]:
    """An entry for each day; and one that is gone for each day on which it was billed and has no time any more."""
    work = entry.work
    siblings = tuple(day.seconds for day in days)
    for number, day in enumerate(days, start=1):
        part = part_of(
            work, worked_on=day.day, seconds=day.seconds, started_at=day.started_at, part=number, siblings=siblings
        )
        yield Entry(part, entry.revision, entry.deleted)
    for number in sorted(billed):
        if number > len(days):
            last = billed[number][-1].allocation
            part = part_of(work, worked_on=last.worked_on, seconds=0, started_at=None, part=number)
            yield Entry(part, entry.revision, deleted=True)


def _placed(own: _Billed, parts: Sequence[Entry]) -> Iterator[tuple[int, list[Posted]]]:
    """Rows about a whole entry that is billed in parts (a write-off of what waited): spread over what its days owe."""
    owed = []
    for part in parts:
        number = part.work.part  # type: ignore[attr-defined]
        seconds = 0 if part.deleted else part.work.seconds
        owed.append([number, seconds - sum(posted.allocation.seconds for posted in own.parts.get(number, ()))])
    for posted in own.whole:
        row = posted.allocation
        rest, shares = row.seconds, []
        for one in owed:
            taken = max(min(rest, one[1]), 0) if rest > 0 else min(max(rest, one[1]), 0)
            rest -= taken
            one[1] -= taken
            shares.append(taken)
        shares[-1] += rest
        yield id(posted), list(_shared(posted, [one[0] for one in owed], shares))


def _shared(posted: Posted, numbers: Sequence[int], shares: Sequence[int]) -> Iterator[Posted]:
    row: Allocation = posted.allocation
    first = True
    for number, seconds in zip(numbers, shares, strict=True):
        if seconds or (first and number == numbers[-1]):
            amount = row.amount_minor if first else 0
            billed = seconds if row.billed_seconds == row.seconds else (row.billed_seconds if first else 0)
            part = replace(row, part=number, seconds=seconds, billed_seconds=billed, amount_minor=amount)
            first = False
            yield replace(posted, allocation=part)


def _of_parts(keys: frozenset[Key], parts: Mapping[Key, Sequence[Key]]) -> frozenset[Key]:
    """What is said of an entry is said of each of its days."""
    if not keys:
        return keys
    return keys | {part for key in keys for part in parts.get(key, ())}
