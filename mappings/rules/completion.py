"""Completion: on which day work is due that is billed when a task is done, or why it waits.

On completion, work is due when its gathering task is done (`grouping`). With periods of the calendar and an invoice per
parent task, billing is progressive: each piece of work is due when its own task, a sub-task, is done.
"""

from __future__ import annotations

from datetime import date

from mappings.problems import Problem
from mappings.rules.clients import Clients
from mappings.rules.grouping import gathering_task
from mappings.rules.names import fold
from mappings.values import value
from mappings.work import WorkItem
from mappings.world import Policy, World

TaskKey = tuple[str, str]


@value(frozen=True, slots=True)
class Due:
    """The day on which work is due; None: its task is not done. `completed`: its invoice is of that day alone."""

    day: date | None
    completed: bool = False
    problem: Problem | None = None


class Completion:
    """When the work of one client is due."""

    def __init__(self, world: World, policy: Policy, clients: Clients) -> None:
        self._world, self._policy, self._clients = world, policy, clients
        self._on_completion = policy.period == "on-completion"
        self._progressive = not self._on_completion and policy.one_invoice_per == "parent-task"
        self._last_worked: dict[TaskKey, date] | None = None

    def due(self, work: WorkItem) -> Due:
        """When a piece of work is due."""
        if self._on_completion:
            if not work.task:
                return Due(None, problem=_without_task(work, self._policy.client))
            return Due(self.day(self._gathering(work)), completed=True)
        if self._progressive and work.task:
            done = self.day((work.source, work.task))
            return Due(None if done is None else max(done, work.worked_on))
        return Due(work.worked_on)

    def day(self, key: TaskKey) -> date | None:
        """The day on which a task was done; where its source says none, the last on which it was worked on."""
        task = self._world.tasks.get(key)
        if task is None or not task.done:
            return None
        done_on = task.done_on or self._worked().get(key)
        return done_on if done_on is not None and done_on <= self._world.today else None

    def _gathering(self, work: WorkItem) -> TaskKey:
        return gathering_task((work.source, work.task), self._policy.one_invoice_per, self._world.tasks)

    def _worked(self) -> dict[TaskKey, date]:
        if self._last_worked is None:
            found: dict[TaskKey, date] = {}
            for entry in self._world.entries:
                work = entry.work
                if work.task and not entry.deleted and self._is_mine(work):
                    for key in {(work.source, work.task), self._gathering(work)}:
                        found[key] = max(work.worked_on, found.get(key, work.worked_on))
            self._last_worked = found
        return self._last_worked

    def _is_mine(self, work: WorkItem) -> bool:
        match = self._clients.find(work.source, work.client, work.worked_on)
        return fold(match.name) == fold(self._policy.client)


def _without_task(work: WorkItem, client: str) -> Problem:
    what = f"{client} is billed when a task is done, and the work of {work.worked_on} by {work.person} names none."
    fix = "Name its task in the source, or give the client another period."
    return Problem("work-without-task", what, fix, None, client)
