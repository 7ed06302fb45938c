"""What a pull did, source by source."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rich.console import RenderableType
from rich.text import Text

from syncd.engine.pull import PullReport
from syncd.reports.text import table

SCHEMA = "syncd.pull/1"


@dataclass(frozen=True, slots=True)
class PulledSource:
    """One source. `state`: read; down (see `error`); fuse (read, but what vanished was not believed)."""

    source: str
    state: str
    first: date | None
    last: date | None
    new: int
    changed: int
    deleted: int
    unchanged: int
    before_start: int
    tasks: int
    vanished: int
    bad_records: int
    fuse: str
    error: str
    fix: str


@dataclass(frozen=True, slots=True)
class Pulled:
    """One run over the sources."""

    company: str
    as_of: datetime
    today: date
    sources: tuple[PulledSource, ...]
    next_command: str

    @property
    def failed(self) -> bool:
        return any(source.state == "down" for source in self.sources)


def report_pull(company: str, reports: Iterable[PullReport], *, now: datetime, today: date) -> Pulled:
    """The sources as they were read; `next_command` mends the first that could not be, or shows what was not read."""
    sources = tuple(_source(report) for report in reports)
    trouble = next((source for source in sources if source.state != "read"), None)
    command = "syncd doctor" if any(source.bad_records for source in sources) else "syncd preview"
    if trouble is not None:
        command = "syncd doctor" if trouble.state == "down" else f"syncd pull --accept-vanished {trouble.source}"
    return Pulled(company, now, today, sources, command)


def _source(report: PullReport) -> PulledSource:
    changes, window = report.changes, report.window
    state = "down" if report.error else "fuse" if report.fuse else "read"
    return PulledSource(
        source=report.source,
        state=state,
        first=window.span.first if window else None,
        last=window.span.last if window else None,
        new=changes.new,
        changed=changes.changed,
        deleted=changes.deleted,
        unchanged=changes.unchanged,
        before_start=changes.before_start,
        tasks=changes.tasks,
        vanished=report.vanished,
        bad_records=report.problems,
        fuse=report.fuse.problem.what if report.fuse else "",
        error=report.error,
        fix=report.fix,
    )


def pull_text(report: Pulled) -> Iterator[RenderableType]:
    """The report for a terminal."""
    columns = ("Source", "New", "Changed", "Deleted", "Vanished", "Unchanged", "Not understood")
    made = table(*columns, "", numbers=tuple(range(1, 7)))
    for row in report.sources:
        counts = (row.new, row.changed, row.deleted, row.vanished, row.unchanged, row.bad_records)
        style = "" if row.state == "read" else "red"
        made.add_row(Text(row.source), *(f"{count:,}" for count in counts), Text(row.state), style=style)
    yield made
    for row in report.sources:
        for said in filter(None, (row.error, row.fix, row.fuse)):
            yield Text(f"  {row.source}: {said}", style="red")
