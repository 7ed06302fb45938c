"""Premiums: which row of the table prices each second of a piece of work.

Of rows of one name that hold at the same second the one that says most exactly for whom counts (an exact client beats
a pattern, that an empty cell; then so for the service). Of what is left the highest resulting rate wins, the first row
where two are equal; premiums never stack. What wins replaces the rate, also downwards.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from mappings.rows import HolidayRow, PremiumRow
from mappings.rules.names import NO_MATCH, Matcher, fold, in_window
from mappings.rules.premium_windows import Stretch, edges_of, holds_at, holds_on, stretches
from mappings.work import WorkItem

_RATE_DECIMALS = Decimal("0.00001")


@dataclass(frozen=True, slots=True, eq=False)
class PremiumRule:
    """A row that speaks of a piece of work, and how exactly: the higher, the more. Each is made once, and is itself."""

    row: PremiumRow
    strength: tuple[int, int]

    def rate(self, base: Decimal) -> Decimal:
        """What a unit costs with it: at most 5 decimals, half-up."""
        row = self.row
        if row.rate is not None:
            return row.rate
        if row.add is not None:
            return base + row.add
        assert row.factor is not None
        product = base * row.factor
        exact = product.quantize(_RATE_DECIMALS, ROUND_HALF_UP)
        return _short(exact)


@dataclass(frozen=True, slots=True)
class Piece:
    """Seconds of an entry, from `begins` after its start, that one premium prices; `rule` None: its own rate."""

    begins: int
    seconds: int
    rule: PremiumRule | None
    rate: Decimal
    lost: tuple[PremiumRule, ...] = ()
    """What held as well at some of them."""


class Premiums:
    """The tables premiums and holidays."""

    def __init__(self, rows: tuple[PremiumRow, ...], holidays: Iterable[HolidayRow]) -> None:
        self._rows = [(row, Matcher(row.client), Matcher(row.service)) for row in rows]
        self.holidays: Mapping[date, str] = {row.day: row.name for row in holidays}
        self.overtime = frozenset(row.name for row in rows if row.when.is_overtime)
        """The names of the premiums for overtime."""
        self._found: dict[tuple[str, str], tuple[PremiumRule, ...]] = {}

    def __bool__(self) -> bool:
        return bool(self._rows)

    def of(self, client: str, service: str, day: date) -> list[PremiumRule]:
        """The rows that speak of work for a client, of a service (our names), on a worked day."""
        key = (client, service)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = tuple(self._of(fold(client), fold(service)))
        return [rule for rule in found if in_window(day, rule.row.valid_from, rule.row.valid_until)]

    def _of(self, client: str, service: str) -> Iterator[PremiumRule]:
        for row, clients, services in self._rows:
            strength = (clients.strength(client), services.strength(service))
            if NO_MATCH not in strength:
                yield PremiumRule(row, strength)

    def names_overtime(self, client: str) -> bool:
        """Whether any row about a client is about overtime, so that its people's hours are to be counted."""
        folded = fold(client)
        return any(row.when.is_overtime and clients.matches(folded) for row, clients, _ in self._rows)


def pieces(
    work: WorkItem,
    base: Decimal,
    rules: Sequence[PremiumRule],
    overtime: Mapping[PremiumRule, tuple[int, int]],
    holidays: Mapping[date, str],
    zone: ZoneInfo,
) -> list[Piece]:
    """An entry cut where another premium begins to win. `overtime` says which seconds are over each limit.

    The time is placed from the start of the work on, for as long as it took. Without clock times, windows are left
    out.
    """
    length = abs(work.seconds)
    clocked = work.started_at is not None
    ours = rules if clocked else [rule for rule in rules if not rule.row.when.needs_clock]
    limits = {edge for span in overtime.values() for edge in span}
    found: list[Piece] = []
    for stretch in _stretches(work, length, ours, limits, zone):
        holding = [rule for rule in ours if _holds(rule, stretch, clocked, overtime, holidays)]
        won, lost = _winner(holding, base)
        rate = won.rate(base) if won else base
        last = found[-1] if found else None
        if last is not None and last.rule is won:
            others = tuple(dict.fromkeys((*last.lost, *lost)))
            found[-1] = Piece(last.begins, last.seconds + stretch.seconds, won, rate, others)
        else:
            found.append(Piece(stretch.begins, stretch.seconds, won, rate, lost))
    if work.seconds >= 0:
        return found
    return [Piece(one.begins, -one.seconds, one.rule, one.rate, one.lost) for one in found]


def _stretches(
    work: WorkItem, length: int, rules: Sequence[PremiumRule], limits: set[int], zone: ZoneInfo
) -> Iterator[Stretch]:
    """The entry cut at all edges of windows, days and limits of overtime."""
    if work.started_at is None:
        whole = [Stretch(0, length, datetime.combine(work.worked_on, time()))]
    else:
        whole = stretches(work.started_at, length, zone, edges_of(rule.row.when for rule in rules))
    for one in whole:
        ends = one.begins + one.seconds
        marks = [one.begins, *sorted(limit for limit in limits if one.begins < limit < ends), ends]
        for first, last in pairwise(marks):
            yield Stretch(first, last - first, one.wall + timedelta(seconds=first - one.begins))


def _holds(
    rule: PremiumRule,
    stretch: Stretch,
    clocked: bool,
    overtime: Mapping[PremiumRule, tuple[int, int]],
    holidays: Mapping[date, str],
) -> bool:
    when = rule.row.when
    if when.is_overtime:
        first, end = overtime.get(rule, (0, 0))
        return first <= stretch.begins < end
    if clocked:
        return holds_at(when, stretch.wall, holidays)
    return holds_on(when, stretch.wall.date(), holidays)


def _winner(holding: Sequence[PremiumRule], base: Decimal) -> tuple[PremiumRule | None, tuple[PremiumRule, ...]]:
    """The premium that counts, and those that held as well and give less; the first of equals counts."""
    strongest: dict[str, tuple[int, int]] = {}
    for rule in holding:
        name = fold(rule.row.name)
        strongest[name] = max(rule.strength, strongest.get(name, rule.strength))
    left = [rule for rule in holding if rule.strength == strongest[fold(rule.row.name)]]
    left.sort(key=lambda rule: -rule.rate(base))
    return (left[0], tuple(left[1:])) if left else (None, ())


def _short(rate: Decimal) -> Decimal:
    """A rate without idle zeros beyond two decimals."""
    shortest = rate.normalize()
    return shortest if -int(shortest.as_tuple().exponent) > 2 else rate.quantize(Decimal("0.01"))
