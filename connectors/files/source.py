"""Reads every file that matches a path, and says which days the files are the whole truth for."""

from __future__ import annotations

import glob
import json
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

from connectors.files.grid import UnreadableFileError, read_grid
from connectors.files.layout import Layout, LayoutError, load_layout
from connectors.files.rows import Reading, RowReader, bind
from connectors.files.settings import FilesSettings
from connectors.files.settling import read_settled
from connectors.pages import RECORDS_PER_PAGE
from connectors.ports import Clock, Ports
from connectors.source import Cursor, Health, Incremental, Page, Record, SourceError, Span, Window
from mappings.problems import Place, Problem
from mappings.work import Task, WorkItem


@dataclass(frozen=True, slots=True)
class FileReading:
    """One file: its rows, or the problems for which none of it was read. `settled` False: still being written."""

    file: str
    readings: tuple[Reading, ...] = ()
    problems: tuple[Problem, ...] = ()
    settled: bool = True

    @property
    def whole(self) -> bool:
        """Whether each row was understood: a bad one may be any entry, so that none can be said to be gone."""
        return self.settled and not self.problems and not any(each.record.problem for each in self.readings)

    @property
    def days(self) -> Span | None:
        """From the first worked day to the last."""
        items = [each.record.item for each in self.readings]
        days = sorted(item.worked_on for item in items if isinstance(item, WorkItem))
        return Span(days[0], days[-1]) if days else None


class FilesSource:
    """CSV and XLSX files in a folder. They are all read again on each pull; the engine compares.

    Files are taken in the order of their names. Of two rows with the same id, the later one counts, unless both say
    `updated_at`: then the newer one. A row without an id is known by its day and names, and its number among equals.
    """

    incremental: Incremental = Incremental.WORK_DATES
    settings_type: ClassVar[type[FilesSettings]] = FilesSettings

    def __init__(
        self,
        name: str,
        path_glob: str,
        base_folder: Path,
        timezone: ZoneInfo,
        layout: str,
        complete: bool,
        hours_per_day: Decimal | None,
        clock: Clock,
    ) -> None:
        self.name = name
        self._path_glob = path_glob
        self._base_folder = base_folder
        self._timezone = timezone
        self._layout = layout
        self._complete = complete
        self._hours_per_day = hours_per_day
        self._clock = clock

    @classmethod
    def open(cls, name: str, settings: FilesSettings, ports: Ports) -> FilesSource:
        """The source that a `[sources.NAME]` block describes."""
        return cls(
            name=name,
            path_glob=settings.path,
            base_folder=ports.base_folder,
            timezone=ports.timezone,
            layout=settings.layout,
            complete=settings.complete,
            hours_per_day=ports.hours_per_day,
            clock=ports.clock,
        )

    def check(self) -> Health:
        """Read everything once and tell what was found: files, rows, and each problem with its fix."""
        try:
            files = self._read_files()
        except LayoutError as error:
            return Health("The layout cannot be used.", error.problems)
        except SourceError as error:
            return Health(error.what, (Problem("folder-missing", error.what, error.fix),))
        problems = [problem for each in files for problem in each.problems]
        rows = [each for file in files for each in file.readings]
        problems += [record.problem for record in _row_records(files) if record.problem]
        if not files:
            problems.append(self._no_files())
        unnamed = sum(not each.has_id for each in rows)
        if unnamed and not self._complete:
            what = (
                f"Rows without an id: {unnamed}. One that moves to another day or client is then billed a second time."
            )
            fix = "Give each row an id, or set complete = true if the files are the whole truth for their days."
            problems.append(Problem("rows-without-id", what, fix, warning=True))
        return Health(f"{self._path_glob}: {len(rows)} rows, files: {len(files)}.", tuple(problems))

    def _no_files(self) -> Problem:
        """That nothing matches; files that lie there under another ending or case are named."""
        folder = self._base_folder / _folder_of(self._path_glob)
        beside = sorted(each.name for each in folder.iterdir() if each.suffix.lower() in (".csv", ".xlsx"))
        if not beside:
            what = f"No file matches {self._path_glob}."
            return Problem("no-files", what, "Drop a CSV or XLSX file there.", warning=True)
        what = f"No file matches {self._path_glob}, but there are {len(beside)} others, such as {beside[0]}."
        return Problem("no-files", what, "Correct `path`, or rename the files: .CSV is not .csv.", warning=True)

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        """Yield every row of every file, tasks first; the files' days are complete when the settings say so."""
        try:
            files = self._read_files()
        except LayoutError as error:
            raise SourceError(f"The layout of {self.name} cannot be used: {error}", "Correct the layout.") from error
        # Also when everything is read again: a day whose only row was deleted is in no file any more.
        spans = _grown(_remembered(cursor), files)
        records = [*_file_records(files), *_row_records(files)]
        after: Cursor = {"spans": {file: [str(span.first), str(span.last)] for file, span in spans.items()}}
        for first in range(0, len(records), RECORDS_PER_PAGE):
            yield Page(tuple(records[first : first + RECORDS_PER_PAGE]), after)
        if self._complete and all(file.whole for file in files):
            for span in _merged(spans.values()):
                yield Page((), after, complete=span)

    def _read_files(self) -> list[FileReading]:
        """Every matching file in the order of names; raises LayoutError, or SourceError when the folder is gone."""
        layout = load_layout(self._layout, self._base_folder)
        folder = self._base_folder / _folder_of(self._path_glob)
        if not folder.is_dir():
            raise SourceError(f"The folder {folder} does not exist.", "Create it, or correct `path`.")
        names = sorted(glob.glob(self._path_glob, root_dir=self._base_folder, recursive=True))
        # "~$" marks the lock that Excel leaves beside an open workbook.
        names = [
            name for name in names if not Path(name).name.startswith("~$") and (self._base_folder / name).is_file()
        ]
        contents = read_settled({name: self._base_folder / name for name in names}, self._clock)
        return [self._read_file(Path(name).as_posix(), contents[name], layout) for name in names]

    def _read_file(self, file: str, content: bytes | OSError | None, layout: Layout) -> FileReading:
        if content is None:
            return FileReading(file, settled=False)
        if isinstance(content, OSError):
            what = f"{file} cannot be opened: {content.strerror}."
            return FileReading(file, problems=(Problem("file-unreadable", what, "Allow it to be read.", Place(file)),))
        try:
            grid = read_grid(file, content, sheet=layout.sheet)
        except UnreadableFileError as error:
            return FileReading(file, problems=(Problem(error.code, error.what, error.fix, Place(file)),))
        columns, problems = bind(grid, layout)
        if problems:
            return FileReading(file, problems=tuple(problems))
        reader = RowReader(self.name, grid, layout, columns, self._timezone, self._hours_per_day)
        return FileReading(file, tuple(reader.read(row) for row in grid.rows))


def _folder_of(path_glob: str) -> Path:
    """The part of the path before its first wildcard."""
    parts: list[str] = []
    for part in Path(path_glob).parent.parts:
        if glob.has_magic(part):
            break
        parts.append(part)
    return Path(*parts)


def _file_records(files: list[FileReading]) -> Iterator[Record]:
    for file in files:
        for number, problem in enumerate(file.problems, start=1):
            yield Record(f"{file.file}:{number}", json.dumps({"file": file.file}), problem=problem)


def _row_records(files: list[FileReading]) -> list[Record]:
    """One record a key, tasks first: the row that counts among those with the same key."""
    chosen: dict[tuple[bool, str], Reading] = {}
    replaced: list[Record] = []
    for file in files:
        here: dict[tuple[bool, str], Reading] = {}
        for each in file.readings:
            key = (not each.is_task, each.record.key)
            here[key] = _same_file(here[key], each) if key in here else each
        for key, each in here.items():
            if key in chosen and (replacement := _replacement(chosen[key], each)):
                replaced.append(replacement)
            chosen[key] = _newer(chosen[key], each) if key in chosen else each
    rows = [chosen[key] for key in sorted(chosen, key=lambda key: key[0])]
    named = {each.record.key for each in rows if each.is_task}
    return [*_tasks_beside(rows, named), *(each.record for each in rows), *replaced]


def _tasks_beside(rows: Iterable[Reading], named: Container[str]) -> Iterator[Record]:
    """Tasks that have no row of their own, from rows of time and items: each column by the last that fills it."""
    found: dict[str, Record] = {}
    for each in rows:
        task = each.task
        if task is None or task.id in named:
            continue
        before = found[task.id].item if task.id in found else None
        if isinstance(before, Task):
            task = replace(task, parent=task.parent or before.parent)
            task = task if each.says_done else replace(task, done=before.done, done_on=before.done_on)
        found[task.id] = Record(task.id, each.record.raw, task)
    yield from found.values()


def _replacement(earlier: Reading, later: Reading) -> Record | None:
    """Rows without an id that are alike but for their values: perhaps a correction, perhaps other work that is lost."""
    one, two = earlier.record.item, later.record.item
    if earlier.has_id or one == two or not (isinstance(one, WorkItem) and isinstance(two, WorkItem)):
        return None
    if earlier.updated_at and later.updated_at:
        return None
    what = (
        f"This row ({_told(two)}) replaces the one at {earlier.place} ({_told(one)}):"
        " without an id, the same day and names are taken for the same work."
    )
    fix = "If it is other work, give both rows an id; if it is a correction, remove the earlier row."
    problem = Problem("row-replaced", what, fix, later.place, warning=True)
    return Record(f"{later.record.key} replaces {earlier.place}", later.record.raw, problem=problem)


def _told(work: WorkItem) -> str:
    """How much a row is of, for the eye."""
    if work.kind == "time":
        return f"{work.seconds / 3600:.2f} h"
    return f"{work.quantity} × {'the rate' if work.amount is None else work.amount}"


def _newer(earlier: Reading, later: Reading) -> Reading:
    if earlier.updated_at and later.updated_at and earlier.updated_at > later.updated_at:
        return earlier
    return later


def _same_file(earlier: Reading, later: Reading) -> Reading:
    """Two different rows with one id in one file are a mistake, unless they say which is newer."""
    if earlier.record == later.record or (earlier.updated_at and later.updated_at):
        return _newer(earlier, later)
    what = f"The id {later.record.key} stands twice, here and at {earlier.place}, with different values."
    problem = Problem("id-twice", what, "Give one of the rows another id, or remove it.", later.place)
    return Reading(Record(later.record.key, later.record.raw, problem=problem), later.place, is_task=later.is_task)


def _remembered(cursor: Cursor) -> dict[str, Span]:
    spans = cursor.get("spans", {})
    assert isinstance(spans, dict)
    return {file: Span(date.fromisoformat(first), date.fromisoformat(last)) for file, (first, last) in spans.items()}


def _grown(before: dict[str, Span], files: list[FileReading]) -> dict[str, Span]:
    """The days of each file that is there, with those it had at the last pull.

    Otherwise a file whose last day lost its only row would no longer speak about that day. A file that is gone says
    nothing about its days any more.
    """
    spans: dict[str, Span] = {}
    for file in files:
        known = [span for span in (before.get(file.file), file.days) if span]
        if known:
            spans[file.file] = Span(min(span.first for span in known), max(span.last for span in known))
    return spans


def _merged(spans: Iterable[Span]) -> list[Span]:
    """The same days in as few spans as can be, in order."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda span: (span.first, span.last)):
        if merged and span.first <= merged[-1].last + timedelta(days=1):
            merged[-1] = Span(merged[-1].first, max(merged[-1].last, span.last))
        else:
            merged.append(span)
    return merged
