"""Periods: on which document of a client something that is owed goes.

A period is drafted when it is over. What belongs to a period that was posted already goes on the next one that has
something of its own, or else on the latest that is over; until there is one it waits.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from mappings.periods import Period, following, parse_period, period_of
from mappings.world import Run, World


class DuePeriods:
    """The periods of one client that a run may put something on, in order; the last of them may still be running."""

    waits = "running-period"
    """Why new work waits that none of them takes."""

    def __init__(self, world: World, run: Run, client: str, kind: str) -> None:
        self._today, self._run, self._kind = world.today, run, kind
        self.posted_until = world.last_posted.get(client)
        self._open = {name for owner, name in world.open_keys if owner == client}
        self.running = period_of(kind, world.today)
        self._own: dict[date, Period] = {}
        self._places: dict[date, Period | None] = {}
        self._periods: tuple[Period, ...] = ()
        self.settle(())

    @property
    def until(self) -> date:
        """The last day on which something may be due that is looked at."""
        return self.running.last

    def settle(self, days: Iterable[date], completed: Iterable[date] = ()) -> None:
        """Fix the periods, now that the days on which something is owed are known; `completed`: on completion."""
        assert not set(completed), "periods of the calendar know no completion"
        found = set(self._of_run() if self._run.period else self._of_days(days))
        self._periods = tuple(sorted(found, key=lambda period: (period.last, period.first)))
        self._places.clear()

    def _of_run(self) -> Iterable[Period]:
        """Each own period that ends in the run's; posted or not, it yields what is new."""
        asked = self._run.period
        assert asked is not None
        period = period_of(self._kind, asked.first)
        while period.last <= asked.last:
            yield period
            period = following(self._kind, period)

    def _of_days(self, days: Iterable[date]) -> Iterable[Period]:
        """Those with something of their own. If none of them is over, the latest that is takes late work, too."""
        found = [self.running, *self._of_drafts()]
        for day in days:
            own = self.own(day)
            if own.last <= self.running.last and not self.is_posted(own):
                found.append(own)
        latest = period_of(self._kind, self.running.first - timedelta(days=1))
        if self.posted_until is not None and not self.is_posted(latest) and not any(map(self.is_over, found)):
            found.append(latest)
        return found

    def _of_drafts(self) -> Iterable[Period]:
        """Those of which a draft is open, or a document is approved and not sent yet."""
        return map(parse_period, sorted(self._open))

    def own(self, day: date) -> Period:
        """The client's period that a day lies in."""
        found = self._own.get(day)
        if found is None:
            found = self._own[day] = period_of(self._kind, day)
        return found

    def is_posted(self, period: Period) -> bool:
        """Whether a document of this period, or a later one, was sent, and none of it is still open."""
        return self.posted_until is not None and period.last <= self.posted_until and period.name not in self._open

    def is_over(self, period: Period) -> bool:
        return period.last < self._today

    def place(self, due: date) -> Period | None:
        """The first period whose document can carry what is due on a day; None: not in this run, or not yet."""
        if due not in self._places:
            self._places[due] = next((period for period in self._periods if period.last >= due), None)
        return self._places[due]

    def place_completed(self, day: date) -> Period | None:
        """The period of this day alone, if something that was completed then goes on a document of its own."""
        raise AssertionError("periods of the calendar know no completion")

    def all(self) -> tuple[Period, ...]:
        return self._periods
