"""A folder of CSV files as a world of the contract suite, and short ways to read single files."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from connectors.files import FilesSource
from connectors.source import Page, Record, Window
from mappings.problems import Problem
from mappings.work import WorkItem
from tests.connectors.contract import OCTOBER
from tests.support.clock import FakeClock

TORONTO = ZoneInfo("America/Toronto")
HEADINGS = ("id", "date", "hours", "person", "client", "task", "notes")


@dataclass
class FilesWorld:
    """One file, written anew after each change."""

    folder: Path
    clock: FakeClock = field(default_factory=FakeClock)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    def source(self) -> FilesSource:
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, HEADINGS)
        writer.writeheader()
        writer.writerows(self.rows.values())
        (self.folder / "inbox").mkdir(exist_ok=True)
        (self.folder / "inbox" / "work.csv").write_text(text.getvalue(), encoding="utf-8", newline="")
        return files_source(self.folder, complete=True, clock=self.clock)

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        key = f"T{len(self.rows) + 1}"
        names = {"person": "Ada", "client": "Acme", "task": "Website"}
        self.rows[key] = {"id": key, "date": str(day), "hours": str(hours), "notes": notes, **names}
        return key

    def change_hours(self, key: str, hours: Decimal) -> None:
        self.rows[key]["hours"] = str(hours)

    def move(self, key: str, day: date) -> None:
        self.rows[key]["date"] = str(day)

    def delete(self, key: str) -> None:
        del self.rows[key]

    def spoil(self, key: str) -> None:
        self.rows[key]["hours"] = "seven"


def files_source(
    folder: Path,
    *,
    path: str = "inbox/*",
    layout: str = "",
    complete: bool = False,
    hours_per_day: Decimal | None = Decimal("7.5"),
    zone: ZoneInfo = TORONTO,
    clock: FakeClock | None = None,
) -> FilesSource:
    return FilesSource("sheets", path, folder, zone, layout, complete, hours_per_day, clock or FakeClock())


def drop(folder: Path, name: str, content: str | bytes) -> Path:
    """Put a file into the inbox."""
    path = folder / "inbox" / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def pull(source: FilesSource, cursor: dict[str, object] | None = None) -> list[Page]:
    return list(source.pull(cursor or {}, Window(OCTOBER)))


def records(source: FilesSource) -> list[Record]:
    return [record for page in pull(source) for record in page.records]


def items(source: FilesSource) -> list[WorkItem]:
    """The time entries; a problem anywhere fails the test."""
    assert problems(source) == []
    return [record.item for record in records(source) if isinstance(record.item, WorkItem)]


def problems(source: FilesSource) -> list[Problem]:
    return [record.problem for record in records(source) if record.problem]
