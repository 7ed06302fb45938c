"""Days between two rates for the same work that no row as strong covers: work on them finds a weaker rate, or none."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from mappings.problems import Problem
from mappings.rows import RateRow, Tables
from mappings.rules.names import Matcher, fold
from mappings.tables.checks.words import entries, hours
from mappings.tables.rates import MATCHING
from mappings.tables.ties import Key, rate_claim

if TYPE_CHECKING:
    from mappings.tables.checks.known import Known


@dataclass(frozen=True, slots=True)
class Gap:
    """The days first..last between two rows that speak of the same work."""

    before: RateRow
    after: RateRow
    key: Key
    first: date
    last: date


def rate_gaps(tables: Tables, known: Known | None = None) -> Iterator[Problem]:
    """Each gap once, with the work that lies in it."""
    reported = set()
    for gap in _gaps(tables):
        place = (gap.before.place, gap.after.place, gap.first)
        if place not in reported:
            reported.add(place)
            yield _problem(gap, known)


def _problem(gap: Gap, known: Known | None) -> Problem:
    one = gap.first == gap.last
    when = f"On {gap.first}" if one else f"From {gap.first} until {gap.last}"
    what = f"{when}, neither this rate nor the one in {gap.before.place} counts."
    inside = [one.piece for one in known.placed if _lies_in(one.piece.first, one.names, gap)] if known else []
    if inside:
        seconds, count = sum(piece.seconds for piece in inside), sum(piece.entries for piece in inside)
        what += f" {hours(seconds)} of work lie there ({entries(count)})."
    fix = (
        f"Write until = {gap.after.valid_from - timedelta(days=1)} in {gap.before.place}"
        if gap.after.valid_from
        else ""
    )
    fix += f", or from = {gap.first} here."
    return Problem("rates-gap", what, fix, gap.after.place, warning=True)


def _lies_in(day: date, names: tuple[str, ...] | None, gap: Gap) -> bool:
    return (
        names is not None
        and gap.first <= day <= gap.last
        and all(
            Matcher((pattern,) if pattern else ()).matches(name)
            for pattern, name in zip(gap.key[: len(MATCHING)], names, strict=True)
        )
    )


def _gaps(tables: Tables) -> Iterator[Gap]:
    by_key: dict[Key, list[RateRow]] = defaultdict(list)
    for row in tables.rates:
        for key in rate_claim(row).keys:
            by_key[key].append(row)
    for key, rows in by_key.items():
        ordered = sorted(rows, key=lambda row: rate_claim(row).first)
        for before, after in pairwise(ordered):
            if before.valid_until is None or after.valid_from is None:
                continue
            free = (before.valid_until + timedelta(days=1), after.valid_from - timedelta(days=1))
            if free[0] <= free[1]:
                others = [row for row in tables.rates if row is not before and row is not after]
                for first, last in _uncovered(free, [row for row in others if _speaks_of(row, key)]):
                    yield Gap(before, after, key, first, last)


def _uncovered(free: tuple[date, date], rows: list[RateRow]) -> list[tuple[date, date]]:
    """The days of a stretch that none of these rows covers."""
    parts = [free]
    for row in rows:
        claim = rate_claim(row)
        parts = [left for part in parts for left in _without(part, claim.first, claim.last)]
    return parts


def _without(part: tuple[date, date], first: date, last: date) -> Iterator[tuple[date, date]]:
    """What is left of a stretch of days when those of first..last are taken out."""
    if first > part[1] or last < part[0]:
        yield part
        return
    if first > part[0]:
        yield part[0], first - timedelta(days=1)
    if last < part[1]:
        yield last + timedelta(days=1), part[1]


def _speaks_of(row: RateRow, key: Key) -> bool:
    """Whether a row is as strong for all that a claim speaks of, and in a currency that counts there."""
    currency, each = key[len(MATCHING) :]
    if (row.unit == "each") != (each == "each") or (row.currency and row.currency.casefold() != currency):
        return False
    for column, wanted in zip(MATCHING, key, strict=False):
        cell = Matcher(getattr(row, column))
        if not wanted:
            same = cell.blank
        elif wanted.endswith("*"):
            same = any(fold(wanted[:-1]).startswith(prefix) for prefix in cell.prefixes)
        else:
            same = fold(wanted) in cell.exact
        if not same:
            return False
    return True
