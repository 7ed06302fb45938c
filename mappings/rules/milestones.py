"""Milestones: fees that are due when a task is done (`on = done:TASK`)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from mappings.problems import Problem
from mappings.rows import FixedFeeRow
from mappings.work import Task


class Milestones:
    """The tasks of a company, asked for as a table names them: by id, or as source:id."""

    def __init__(self, tasks: Mapping[tuple[str, str], Task], today: date) -> None:
        self._tasks, self._today = tasks, today

    def task(self, row: FixedFeeRow) -> Task | None:
        """The task that a fee waits for; None: it waits for none, or for one that is not known or not the only one."""
        found = self._find(row.milestone)
        return found[0] if len(found) == 1 else None

    def day(self, row: FixedFeeRow) -> date | None:
        """The day on which a fee is due that is billed once; None: its task is not done."""
        if not row.milestone:
            return date.fromisoformat(row.on)
        task = self.task(row)
        if task is None or not task.done or task.done_on is None or task.done_on > self._today:
            return None
        return task.done_on

    def problem(self, row: FixedFeeRow) -> Problem | None:
        """Why nobody can say when a fee is due; a warning, because all else of its client can be billed."""
        if not row.milestone:
            return None
        about, found = f"{row.description} of {row.client}", self._find(row.milestone)
        if not found:
            what = f"{about} is due when the task {row.milestone} is done, and no source has told of such a task."
            fix = "Write the task's number as its source has it."
        elif len(found) > 1:
            named = " and ".join(f"done:{task.source}:{task.id}" for task in found)
            what, fix = f"{about} waits for the task {row.milestone}, of which there are several.", f"Write {named}."
        elif found[0].done and found[0].done_on is None:
            what = f"{about} is due: {row.milestone} is done. Its source does not say since when."
            fix = "Write the day into on, or into the source (task_done)."
        else:
            return None
        return Problem("milestone-unclear", what, fix, row.place, row.client, warning=True)

    def _find(self, name: str) -> list[Task]:
        if not name:
            return []
        source, _, task = name.partition(":")
        named = self._tasks.get((source, task))
        if named is not None:
            return [named]
        return sorted((task for task in self._tasks.values() if task.id == name), key=lambda task: task.key)
