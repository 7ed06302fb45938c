"""What every source of work is to the engine: a check, and a pull that yields pages. A source stores nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from typing import Protocol

from mappings.problems import Problem
from mappings.work import Task, WorkItem


class Incremental(Enum):
    """How a tool tells what changed; what the engine may conclude from silence."""

    CHANGES_AND_DELETIONS = "A"
    """A real change cursor, deletions included: absence means nothing."""
    CHANGES = "B"
    """Changes without all deletions (Request Tracker's transactions): a complete window re-scan finds those."""
    WORK_DATES = "C"
    """Only a window of worked days can be asked for (Redmine, files): it is read again, whole, each time."""
    PER_TASK = "D"
    """No list at all, only entries per ticket: the tickets' own changes lead to them."""


@dataclass(frozen=True, slots=True)
class Span:
    """A range of worked days, both included."""

    first: date
    last: date

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Window:
    """What the engine asks a source to read: worked days, never before go-live. `full`: ignore the cursor."""

    span: Span
    full: bool = False


Cursor = Mapping[str, object]
"""A source's own memory between pulls: a JSON object that the engine keeps and does not read."""


@dataclass(frozen=True, slots=True)
class Record:
    """One record of the tool: understood as `item`, or not, as `problem`.

    `key` is the tool's id; `raw` the record as received (JSON text), kept with its revision for `explain`.
    `deleted` is only for what the tool itself says was deleted: the item then need not be given.
    """

    key: str
    raw: str
    item: WorkItem | Task | None = None
    problem: Problem | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Records that the engine stores in one transaction together with the cursor to go on from.

    `complete` is given only once every record worked in that span has been yielded by this pull, on the page that
    makes it so: only then may the engine conclude that what it did not see is gone.
    """

    records: tuple[Record, ...]
    cursor: Cursor = field(default_factory=dict)
    complete: Span | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """What `syncd doctor` shows of a source: a sentence, or the problems with their fixes."""

    says: str
    problems: tuple[Problem, ...] = ()


class SourceError(Exception):
    """The tool could not be read to the end: the pull ends here, nothing is concluded from what was not seen.

    Raised from `check` and `pull` after the retries are used up; the message is for a person, without secrets.
    """

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.fix = fix


class Source(Protocol):
    """Pulls work from one tool and never writes to it.

    Must give each record a key that stays the same for good; must yield every record of the window on a re-scan;
    must raise SourceError rather than end early; may yield records outside the window; should yield tasks first.
    """

    name: str
    incremental: Incremental

    def check(self) -> Health: ...

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]: ...
