"""A tool that a test owns: what is in it, what it tells of, and how it fails. One for each way to tell of changes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

from connectors.source import Cursor, Health, Incremental, Page, Record, SourceError, Span, Window
from mappings.problems import Problem
from mappings.work import Task, WorkItem


def entry(number: int, seconds: int = 3_600, day: int = 2, **changes: object) -> WorkItem:
    """An entry of October 2026."""
    item = WorkItem("tracker", str(number), date(2026, 10, day), seconds, person="Ana", client="Hydro")
    return replace(item, **changes)  # type: ignore[arg-type]


@dataclass
class Tool:
    """Entries with the number of the change in which each was last written; what is deleted is remembered."""

    entries: dict[str, tuple[int, WorkItem]] = field(default_factory=dict)
    deletions: dict[str, int] = field(default_factory=dict)
    tasks: list[Task] = field(default_factory=list)
    unreadable: dict[str, str] = field(default_factory=dict)
    changes: int = 0

    def save(self, *items: WorkItem) -> None:
        for item in items:
            self.changes += 1
            self.entries[item.id] = (self.changes, item)

    def delete(self, *numbers: int) -> None:
        for number in numbers:
            self.changes += 1
            del self.entries[str(number)]
            self.deletions[str(number)] = self.changes


@dataclass
class ToolSource:
    """Reads a `Tool` as a source of the given class would. `fails_after` pages it breaks down; `windows` were asked."""

    tool: Tool
    incremental: Incremental = Incremental.WORK_DATES
    name: str = "tracker"
    page_size: int = 2
    fails_after: int | None = None
    fails_with: Exception = field(default_factory=lambda: SourceError("The tracker does not answer.", "Start it."))
    windows: list[Window] = field(default_factory=list)
    cursors: list[Cursor] = field(default_factory=list)

    def check(self) -> Health:
        return Health("fine")

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        self.windows.append(window)
        self.cursors.append(cursor)
        for number, page in enumerate(self._pages(cursor, window)):
            if number == self.fails_after:
                raise self.fails_with
            yield page

    def _pages(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        if self.incremental in (Incremental.WORK_DATES, Incremental.PER_TASK):
            records = self._records(0, window.span)
            yield from self._split(records, {}, window.span)
            return
        after = {"change": self.tool.changes}
        since = 0 if window.full else int(str(cursor.get("change", 0)))
        records = self._records(since, None)
        if self.incremental is Incremental.CHANGES_AND_DELETIONS:
            gone = [Record(key, "{}", deleted=True) for key, at in self.tool.deletions.items() if at > since]
            # It claims to be complete although it gave changes alone; for this class that must mean nothing.
            yield from self._split([*records, *gone], after, window.span)
        else:
            yield from self._split(records, after, window.span if window.full else None)

    def _records(self, since: int, span: Span | None) -> list[Record]:
        tasks = [Record(task.id, f"<task {task.id}>", task) for task in self.tool.tasks]
        entries = [
            Record(item.id, f"<{item.id} {changed}>", item)
            for changed, item in self.tool.entries.values()
            if changed > since and (span is None or item.worked_on in span)
        ]
        bad = [
            Record(key, raw, problem=Problem("hours-not-a-number", f"{raw} is no number of hours."))
            for key, raw in self.tool.unreadable.items()
        ]
        return [*tasks, *entries, *bad]

    def _split(self, records: list[Record], cursor: Cursor, complete: Span | None) -> Iterator[Page]:
        firsts = range(0, len(records), self.page_size) or range(1)
        for first in firsts:
            last = first + self.page_size >= len(records)
            page = tuple(records[first : first + self.page_size])
            yield Page(page, cursor if last else {}, complete if last else None)
