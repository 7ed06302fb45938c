"""Periods that no calendar makes: of a client billed by hand, and of one billed on completion.

By hand, only a range of days that a run names is billed; nothing is due by itself. On completion, each day on which a
gathering task is done is a period of its own; fees, changes, and work on what was completed and billed before go by
the month.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from mappings.periods import Period, parse_period, single_day
from mappings.rules.due_periods import DuePeriods
from mappings.world import Run, World


def due_periods(world: World, run: Run, client: str, kind: str) -> DuePeriods:
    """The periods of one client, by its policy."""
    if kind == "manual":
        return _ByHand(world, run, client, kind)
    if kind == "on-completion":
        return _OnCompletion(world, run, client, kind)
    return DuePeriods(world, run, client, kind)


class _ByHand(DuePeriods):
    """The range that a run names; without one, ranges of which something is approved and not sent yet."""

    waits = "manual-period"

    @property
    def until(self) -> date:
        return max((period.last for period in self._ranges()), default=date.min)

    def _of_run(self) -> Iterable[Period]:
        return self._ranges()

    def _of_days(self, days: Iterable[date]) -> Iterable[Period]:
        return self._ranges()

    def _ranges(self) -> list[Period]:
        if self._run.period is not None:
            return [self._run.period]
        return list(self._of_drafts())

    def own(self, day: date) -> Period:
        """The first range to be billed that reaches a day; what was billed up to a day is one period."""
        ranges = [period for period in self._ranges() if day <= period.last]
        is_open = any(day in period for period in self._of_drafts())
        if self.posted_until is not None and day <= self.posted_until and not is_open:
            return Period(date.min, self.posted_until, "")
        return min(ranges, key=lambda period: (period.last, period.first), default=Period(day, date.max, ""))


class _OnCompletion(DuePeriods):
    """Months, and the days on which something was completed."""

    def __init__(self, world: World, run: Run, client: str, kind: str) -> None:
        names = [name for owner, name, _ in world.sequences if owner == client]
        self._sent = {period.name: period for period in map(parse_period, names)}
        self._completed: dict[date, Period] = {}
        super().__init__(world, run, client, kind)
        self.posted_until = max((period.last for period in self._sent.values() if not _is_day(period)), default=None)

    def settle(self, days: Iterable[date], completed: Iterable[date] = ()) -> None:
        self._completed = {day: single_day(day) for day in sorted(set(completed)) if self._is_of_run(day)}
        super().settle(days)
        self._periods = tuple(
            sorted((*self._periods, *self._completed.values()), key=lambda period: (period.last, period.first))
        )

    def _is_of_run(self, day: date) -> bool:
        return self._run.period is None or day in self._run.period

    def _of_drafts(self) -> Iterable[Period]:
        return (period for period in super()._of_drafts() if not _is_day(period))

    def is_posted(self, period: Period) -> bool:
        """A completion by its own document: tasks are not completed in the order in which that is told."""
        if _is_day(period):
            return period.name in self._sent and period.name not in self._open
        return super().is_posted(period)

    def is_over(self, period: Period) -> bool:
        """What is completed is to be billed on the same day."""
        return period.last <= self._today if _is_day(period) else super().is_over(period)

    def place(self, due: date) -> Period | None:
        """Fees, changes and late work go by the month."""
        if due not in self._places:
            months = (period for period in self._periods if not _is_day(period))
            self._places[due] = next((period for period in months if period.last >= due), None)
        return self._places[due]

    def place_completed(self, day: date) -> Period | None:
        return self._completed.get(day)


def _is_day(period: Period) -> bool:
    return period.first == period.last
