"""Placing: which of a client's documents carries what is owed, and why the rest waits.

Work goes on the document of its own period, or of the period in which its retainer's ends. What comes late, and what
changed, goes on the next one.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from mappings.documents import State
from mappings.periods import Period, single_day
from mappings.problems import Problem
from mappings.rules.completion import Completion, Due
from mappings.rules.due_periods import DuePeriods
from mappings.rules.retainers import Cover
from mappings.rules.selection import Owed, Placed, Selection
from mappings.values import value
from mappings.world import World

WAITS = {
    "running-period": "Its period is not over.",
    "manual-period": "Its client is billed by hand: `--period` names the days to bill.",
    "task-not-done": "It is billed when its task is done.",
    "retainer-period-running": "Its retainer's period is not over.",
    "late-work": "It came after its period was billed; it goes on the next document.",
    "changed-after-posting": "It changed after it was billed; the difference goes on the next document.",
    "not-in-this-run": "It is on no document of this run.",
}
"""Codes of what waits for a period, with the sentence."""


@value(frozen=True, slots=True)
class _Due:
    owed: Owed
    day: date
    status: str
    completed: bool = False
    """It goes on the document of that day alone."""
    overdue: bool = False
    """The document of that day was sent already."""


class Placing:
    """Places what is owed to one client."""

    def __init__(
        self,
        world: World,
        periods: DuePeriods,
        completion: Completion,
        selection: Selection,
        in_force: Callable[[Cover, Period], bool],
    ) -> None:
        self._world, self._periods, self._completion = world, periods, completion
        self._selection, self._in_force = selection, in_force

    def place(self, owed: Iterable[Owed], fee_days: Iterable[date]) -> dict[Period, list[Placed]]:
        """Everything owed by the period whose document carries it; what no document carries gets its standing."""
        dues = [due for one in owed if (due := self._due(one)) is not None]
        self._periods.settle(
            {due.day for due in dues if not due.completed} | set(fee_days), {due.day for due in dues if due.completed}
        )
        placed: dict[Period, list[Placed]] = defaultdict(list)
        for due in dues:
            period = self._periods.place_completed(due.day) if due.completed else self._periods.place(due.day)
            if period is None:
                self._wait(due)
            else:
                late = due.owed.kind == "new" and (due.day < period.first or due.overdue)
                placed[period].append(Placed(due.owed, late, due.status))
        return placed

    def _due(self, owed: Owed) -> _Due | None:
        if owed.kind != "new":
            return _Due(owed, owed.due, "changed-after-posting")
        rated = owed.rated
        assert rated is not None
        ends: list[date] = []
        if rated.covers:
            covers = tuple(cover for cover in rated.covers if self._in_force(cover, cover.period(owed.due)))
            ends = [cover.waits_until(owed.due) for cover in covers if cover.kind == "minimum"]
            if covers != rated.covers:
                owed = replace(owed, rated=replace(rated, covers=covers))
        # What a retainer covers goes with its fee, whether or not its task is done.
        done = Due(owed.due) if ends else self._completion.due(owed.entry.work)
        if done.day is None:
            self._not_due(owed, done.problem)
            return None
        return self._new(owed, done.day, max(ends, default=done.day), done.completed)

    def _new(self, owed: Owed, done: date, day: date, completed: bool) -> _Due | None:
        own = single_day(day) if completed else self._periods.own(day)
        if owed.after_change:
            on_its_day = completed and not self._periods.is_posted(own)
            return _Due(owed, day, "changed-after-posting", completed=on_its_day)
        if self._periods.is_posted(own):
            if self._world.company.billing.late_work == "ask" and owed.entry.work.key not in self._world.released:
                what = "It came after its period was billed; `syncd release` bills it, `syncd write-off` does not."
                work = owed.entry.work
                self._selection.stand(work, work.seconds, "waiting", ("late-work-ask", what), owed.client)
                return None
            return _Due(owed, day, "late-work", overdue=completed)
        if completed:
            return _Due(owed, day, self._periods.waits, completed=True)
        if day > done and not self._periods.is_over(own) and self._periods.is_over(self._periods.own(done)):
            return _Due(owed, day, "retainer-period-running")
        return _Due(owed, day, self._periods.waits)

    def _not_due(self, owed: Owed, problem: Problem | None) -> None:
        """Its task is not done, or it names none."""
        work = owed.entry.work
        state: State = "waiting"
        why = ("task-not-done", WAITS["task-not-done"])
        if problem is not None:
            self._selection.problems.setdefault((problem.code, problem.what), problem)
            state, why = "blocked", (problem.code, problem.what)
        self._selection.stand(work, owed.seconds, state, why, owed.client, owed.scaled_quantity)

    def _wait(self, due: _Due) -> None:
        status = due.status
        over = not due.completed and self._periods.is_over(self._periods.own(due.day))
        if due.completed or (over and status == self._periods.waits):
            status = "not-in-this-run"
        work = due.owed.entry.work
        why, owed = (status, WAITS[status]), due.owed
        if owed.kind == "rerated":
            return  # No second of it stands elsewhere meanwhile.
        self._selection.stand(work, owed.seconds, "waiting", why, owed.client, owed.scaled_quantity)
