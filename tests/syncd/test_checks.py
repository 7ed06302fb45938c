"""What doctor says of clock, disk, key and sources, and of settings in QuickBooks that contradict config.toml."""

from __future__ import annotations

import shutil
from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from connectors.source import Source, SourceError
from mappings.catalogue import Books
from syncd.checks import Check, checks_of, numbering_problems
from syncd.cycle import Steps
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, write_config
from tests.support.clock import FakeClock

KEY = '\n[store]\nkey = "file:syncd.key"\n'
TRACKER = """
[sources.tracker]
kind = "redmine"
url = "http://127.0.0.1:1"
token = "file:tracker.key"
since = 2026-10-01
"""


@dataclass(frozen=True)
class Usage:
    """What is left of a disk, in bytes."""

    free: int


def check(store: Store, folder: Path, clock: FakeClock, name: str, more: str = "") -> Check:
    """One of doctor's checks of a company whose config ends with `more`."""
    steps = Steps(store, write_config(folder, "http://127.0.0.1:1", more=more), clock, "test")
    return next(each for each in checks_of(steps) if each.name == name)


def codes(found: Check) -> list[str]:
    return [problem.code for problem in found.problems]


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


def test_a_key_that_is_not_made_yet_is_no_problem(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    found = check(sqlite_store, tmp_path, clock, "key", KEY)

    assert (found.state, found.says) == ("ok", f"{tmp_path / 'syncd.key'} is made when QuickBooks is connected")
    assert not (tmp_path / "syncd.key").exists()


@pytest.mark.parametrize(
    ("text", "mode", "what"),
    [
        ("short", 0o600, "does not hold a key of 32 bytes"),
        ("A" * 43 + "=", 0o640, "Others than its owner may read the key"),
    ],
)
def test_a_key_that_cannot_be_used_is_told(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock, text: str, mode: int, what: str
) -> None:
    (tmp_path / "syncd.key").write_text(text, encoding="utf-8")
    (tmp_path / "syncd.key").chmod(mode)

    found = check(sqlite_store, tmp_path, clock, "key", KEY)

    assert (found.state, codes(found)) == ("failed", ["key-unusable"])
    assert what in found.problems[0].what


def test_a_source_that_does_not_answer_is_told_without_its_key(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    (tmp_path / "tracker.key").write_text("0123456789abcdef", encoding="utf-8")

    found = check(sqlite_store, tmp_path, clock, "tracker", TRACKER)

    assert (found.state, codes(found)) == ("failed", ["source-unreachable"])
    assert "0123456789abcdef" not in str(found)


class Unanswered(Steps):
    """Sources whose connector lets its failure through."""

    def sources(self, names: Collection[str] = ()) -> list[Source]:
        raise SourceError(f"{', '.join(names)} does not answer.", "Start it.")


def test_a_failure_that_a_connector_lets_through_is_told_by_the_name_of_its_source(
    sqlite_store: Store, tmp_path: Path, clock: FakeClock
) -> None:
    steps = Unanswered(sqlite_store, write_config(tmp_path, "http://127.0.0.1:1", more=TRACKER), clock, "test")

    found = next(each for each in checks_of(steps) if each.name == "tracker")

    assert (found.state, codes(found)) == ("failed", ["source-down"])
    [problem] = found.problems
    assert (problem.subject, problem.what, problem.fix) == ("tracker", "tracker does not answer.", "Start it.")


def books(custom_numbers: bool) -> Books:
    return Books("9", "Atelier", "CA", "CAD", multicurrency=True, custom_numbers=custom_numbers, closed_until=None)


@pytest.mark.parametrize(
    ("invoice_number", "custom_numbers", "told"),
    [
        ("AB-{year}-{seq:04}", True, []),
        ("quickbooks", False, []),
        ("AB-{year}-{seq:04}", False, ["numbers-disagree"]),
        ("quickbooks", True, ["numbers-disagree"]),
    ],
)
def test_numbering_that_quickbooks_contradicts_is_told(
    invoice_number: str, custom_numbers: bool, told: list[str]
) -> None:
    problems = numbering_problems(invoice_number, books(custom_numbers))

    assert [problem.code for problem in problems] == told
    assert all(problem.warning for problem in problems)
