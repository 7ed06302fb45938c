"""The retainers' own ledger: what each period was handed, bought, let lapse and handed on, as documents recorded it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from mappings.documents import HoursAllocation

CoverKey = tuple[str, str]
"""(retainer, its period)."""


class HoursLedger:
    """The sums of what documents recorded, by (retainer, period)."""

    def __init__(self, rows: Iterable[HoursAllocation]) -> None:
        self._sums: dict[CoverKey, HoursAllocation] = {}
        self.book(rows)

    def book(self, rows: Iterable[HoursAllocation]) -> None:
        """Count more rows: a run's earlier drafts stand, while it makes the later ones."""
        for row in rows:
            key = (row.retainer, row.period)
            self._sums[key] = added(self._sums.get(key, HoursAllocation(*key)), row)

    def of(self, key: CoverKey) -> HoursAllocation | None:
        """What stands of one period; None when nothing does: it was never recorded, or all of it was taken back."""
        found = self._sums.get(key)
        return None if found is None or is_empty(found) else found


def added(one: HoursAllocation, other: HoursAllocation, sign: int = 1) -> HoursAllocation:
    """One row and another (less it, with sign -1)."""
    return replace(
        one,
        opening_seconds=one.opening_seconds + sign * other.opening_seconds,
        bought_seconds=one.bought_seconds + sign * other.bought_seconds,
        lapsed_seconds=one.lapsed_seconds + sign * other.lapsed_seconds,
        closing_seconds=one.closing_seconds + sign * other.closing_seconds,
    )


def is_empty(row: HoursAllocation) -> bool:
    """Whether a row says nothing."""
    return not (row.opening_seconds or row.bought_seconds or row.lapsed_seconds or row.closing_seconds)
