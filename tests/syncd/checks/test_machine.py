"""What doctor says of the machine: clock, time zones, disk."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from syncd.checks import machine
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY
from tests.support.clock import FakeClock
from tests.syncd.checks.support import check, codes


@dataclass(frozen=True)
class Usage:
    """What is left of a disk, in bytes."""

    free: int


@pytest.mark.parametrize(("minutes", "state", "told"), [(4, "ok", []), (6, "failed", ["clock-behind"])])
def test_a_clock_behind_what_was_recorded_is_told(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock, minutes: int, state: str, told: list[str]
) -> None:
    at = clock.now() + timedelta(minutes=minutes)
    with sqlite_store.write() as connection:
        connection.execute(
            schema.event.insert().values(company=COMPANY, at=at, kind="pulled", subject="tracker", detail="{}")
        )

    found = check(sqlite_store, tmp_path, clock, "clock")

    assert (found.state, codes(found)) == (state, told)
    assert found.says == "2026-11-02 04:00 in America/Toronto"


@pytest.mark.parametrize(
    ("free_megabytes", "state", "told"),
    [
        (1024, "ok", []),
        (1023, "warning", ["disk-full"]),
        (100, "warning", ["disk-full"]),
        (99, "failed", ["disk-full"]),
    ],
)
def test_little_room_on_the_disk_is_a_warning_and_hardly_any_a_failure(
    sqlite_store: Store,
    tmp_path: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    free_megabytes: int,
    state: str,
    told: list[str],
) -> None:
    asked: list[Path] = []

    def disk_usage(folder: Path) -> Usage:
        asked.append(folder)
        return Usage(free_megabytes * 2**20)

    monkeypatch.setattr(shutil, "disk_usage", disk_usage)
    found = check(sqlite_store, tmp_path, clock, "disk")

    assert (found.state, codes(found)) == (state, told)
    assert asked == [tmp_path]  # Where the database is.


def test_the_next_change_of_the_clocks_is_told(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    found = check(sqlite_store, tmp_path, clock, "time zone")

    assert found.says.startswith("America/Toronto, UTC-0500; clocks change on 2027-03-14; data ")


@pytest.mark.parametrize(
    ("first_line", "told"),
    [("# version 2026b", []), ("# version 2024a", []), ("# version 2023d", ["time-zone-data-old"])],
)
def test_old_time_zone_data_is_told(
    sqlite_store: Store,
    tmp_path: Path,
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
    first_line: str,
    told: list[str],
) -> None:
    (tmp_path / "zones" / "America").mkdir(parents=True)
    (tmp_path / "zones" / "America" / "Toronto").touch()
    (tmp_path / "zones" / "tzdata.zi").write_text(f"{first_line}\n# zones\n", encoding="utf-8")
    monkeypatch.setattr(machine, "TZPATH", (str(tmp_path / "nowhere"), str(tmp_path / "zones")))

    found = check(sqlite_store, tmp_path, clock, "time zone")

    assert (found.says.rpartition(" ")[2], codes(found)) == (first_line.rpartition(" ")[2], told)


def test_a_zone_whose_clocks_never_change_is_told_so(clock: FakeClock) -> None:
    zone = ZoneInfo("America/Regina")

    assert machine._next_change(zone, datetime(2026, 11, 2, tzinfo=UTC)) is None
