"""Matching names in tables: case does not count, `*` at an end matches any ending, an empty cell matches all."""

from __future__ import annotations

import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from datetime import date, timedelta
from functools import lru_cache

from mappings.rows import Patterns

EXACT, PATTERN, BLANK, NO_MATCH = 2, 1, 0, -1
"""How strongly a cell speaks of a name: an exact value beats a pattern, a pattern an empty cell."""


@lru_cache(maxsize=65536)
def fold(name: str) -> str:
    """A name as it is compared: composed accents, no case, no space around."""
    return unicodedata.normalize("NFC", name).strip().casefold()


class Matcher:
    """One cell of a matching column."""

    __slots__ = ("blank", "exact", "prefixes")

    def __init__(self, patterns: Patterns) -> None:
        folded = [fold(pattern) for pattern in patterns]
        self.exact = frozenset(pattern for pattern in folded if not pattern.endswith("*"))
        self.prefixes = tuple(pattern[:-1] for pattern in folded if pattern.endswith("*"))
        self.blank = not folded

    def strength(self, folded: str) -> int:
        """EXACT, PATTERN, BLANK or NO_MATCH; the name must be folded."""
        if self.blank:
            return BLANK
        if folded in self.exact:
            return EXACT
        if self.prefixes and folded.startswith(self.prefixes):
            return PATTERN
        return NO_MATCH

    def matches(self, folded: str) -> bool:
        return self.strength(folded) != NO_MATCH


class Seasons:
    """The stretches of days in which the same rows of a table are in force, so that a look-up can be remembered."""

    def __init__(self, windows: Iterable[tuple[date | None, date | None]]) -> None:
        edges = set()
        for first, last in windows:
            if first is not None:
                edges.add(first)
            if last is not None and last < date.max:
                edges.add(last + timedelta(days=1))
        self.edges = sorted(edges)
        """The days on which another stretch begins."""

    def of(self, day: date) -> int:
        """The number of the stretch that a day lies in."""
        return bisect_right(self.edges, day)


def in_window(day: date, first: date | None, last: date | None) -> bool:
    """Whether a day lies in first..last, both included; None is open."""
    return (first is None or first <= day) and (last is None or day <= last)
