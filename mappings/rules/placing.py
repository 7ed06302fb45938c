"""Placing: which of a client's documents carries what is owed, and why the rest waits.

Work goes on the document of its own period, or of the period in which its retainer's ends. What comes late, and what
changed, goes on the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date

from mappings.periods import Period
from mappings.rules.due_periods import DuePeriods
from mappings.rules.retainers import Cover
from mappings.rules.selection import Owed, Placed, Selection
from mappings.world import World

WAITS = {
    "running-period": "Its period is not over.",
    "retainer-period-running": "Its retainer's period is not over.",
    "late-work": "It came after its period was billed; it goes on the next document.",
    "changed-after-posting": "It changed after it was billed; the difference goes on the next document.",
    "not-in-this-run": "It is on no document of this run.",
}
"""Codes of what waits for a period, with the sentence."""


@dataclass(frozen=True, slots=True)
class _Due:
    owed: Owed
    day: date
    status: str


class Placing:
    """Places what is owed to one client."""

    def __init__(
        self, world: World, periods: DuePeriods, selection: Selection, in_force: Callable[[Cover, Period], bool]
    ) -> None:
        self._world, self._periods = world, periods
        self._selection, self._in_force = selection, in_force

    def place(self, owed: Iterable[Owed], fee_days: Iterable[date]) -> dict[Period, list[Placed]]:
        """Everything owed by the period whose document carries it; what no document carries gets its standing."""
        dues = [due for one in owed if (due := self._due(one)) is not None]
        self._periods.settle({due.day for due in dues} | set(fee_days))
        placed: dict[Period, list[Placed]] = defaultdict(list)
        for due in dues:
            period = self._periods.place(due.day)
            if period is None:
                self._wait(due)
            else:
                late = due.owed.kind == "new" and due.day < period.first
                placed[period].append(Placed(due.owed, late, due.status))
        return placed

    def _due(self, owed: Owed) -> _Due | None:
        if owed.kind != "new":
            return _Due(owed, owed.due, "changed-after-posting")
        rated = owed.rated
        assert rated is not None
        day = owed.due
        if rated.covers:
            covers = tuple(cover for cover in rated.covers if self._in_force(cover, cover.period(day)))
            ends = [cover.period(day).last for cover in covers if cover.retainer is not None]
            owed = replace(owed, rated=replace(rated, covers=covers))
            day = max([day, *ends])
        own = self._periods.own(day)
        if owed.after_change:
            return _Due(owed, day, "changed-after-posting")
        if self._periods.is_posted(own):
            if self._world.company.billing.late_work == "ask" and owed.entry.work.key not in self._world.released:
                what = "It came after its period was billed; `syncd release` bills it, `syncd write-off` does not."
                work = owed.entry.work
                self._selection.stand(work, work.seconds, "waiting", ("late-work-ask", what), owed.client)
                return None
            return _Due(owed, day, "late-work")
        if day > owed.due and not self._periods.is_over(own) and self._periods.is_over(self._periods.own(owed.due)):
            return _Due(owed, day, "retainer-period-running")
        return _Due(owed, day, "running-period")

    def _wait(self, due: _Due) -> None:
        status = due.status
        if status == "running-period" and self._periods.is_over(self._periods.own(due.day)):
            status = "not-in-this-run"
        work = due.owed.entry.work
        self._selection.stand(work, due.owed.seconds, "waiting", (status, WAITS[status]), due.owed.client)
