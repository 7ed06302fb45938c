"""The tables while the daemon runs: read again when a file has changed, kept while they are wrong or being written."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from syncd.daemon.outages import Outages
from syncd.daemon.tables import LiveTables
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, write_config
from tests.support.clock import FakeClock

RIGHT = "service,rate\nConsultation,100.00\n"
WRONG = "service,rate\nConsultation,seventy\n"


@pytest.fixture
def live(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> LiveTables:
    """The tables as they were long ago, read."""
    config = write_config(tmp_path, "http://127.0.0.1:1")
    live = LiveTables(config, sqlite_store, clock, Outages(clock))
    for path in (config.folder / "mappings", *(config.folder / "mappings").iterdir()):
        age(path, clock, 60)
    assert live.look()
    return live


def age(path: Path, clock: FakeClock, seconds: float) -> None:
    """Let a file have been changed so long ago, by the test's clock."""
    moment = int((clock.now().timestamp() - seconds) * 1e9)
    os.utime(path, ns=(moment, moment))


def write(live: LiveTables, clock: FakeClock, text: str, *, name: str = "rates.csv", seconds: float = 30) -> None:
    folder = live.config.folder / "mappings"
    (folder / name).write_text(text, encoding="utf-8")
    age(folder / name, clock, seconds)
    age(folder, clock, seconds)


def rate(live: LiveTables) -> str:
    return str(live.config.tables.rates[0].rate)


def test_a_changed_file_is_read_before_the_next_draft(live: LiveTables, clock: FakeClock) -> None:
    write(live, clock, RIGHT)

    assert not live.are_current()
    assert live.look()
    assert rate(live) == "100.00"
    assert live.are_current()
    assert clock.slept == []


def test_wrong_tables_are_told_once_and_those_before_are_kept(
    live: LiveTables, clock: FakeClock, sqlite_store: Store
) -> None:
    with capture_logs() as logs:
        for seconds in (30, 29):
            write(live, clock, WRONG, seconds=seconds)
            assert not live.look()
            assert not live.look(anew=True)
        clock.advance(90)
        write(live, clock, RIGHT)
        assert live.look()
        assert live.look()

    assert [(row["event"], row["company"]) for row in logs] == [
        ("tables-wrong", COMPANY),
        ("tables-read", COMPANY),
        ("tables-right", COMPANY),
    ]
    assert "mappings/rates.csv:2:2: The hourly rate for Consultation must be" in logs[0]["why"]
    assert logs[2]["down_seconds"] == 90
    with sqlite_store.read() as connection:
        told = [(row.kind, row.subject) for row in connection.execute(schema.event.select())]
    assert told == [("tables-wrong", "mappings"), ("tables-right", "mappings")]


def test_a_file_that_was_just_written_is_given_time(live: LiveTables, clock: FakeClock) -> None:
    write(live, clock, RIGHT, seconds=0.5)

    assert live.look()
    assert clock.slept == [2.0]
    assert rate(live) == "100.00"


def test_a_file_that_changes_while_it_is_waited_for_is_not_believed(live: LiveTables, clock: FakeClock) -> None:
    write(live, clock, RIGHT, seconds=0.5)
    sleep = clock.sleep

    def written_meanwhile(seconds: float) -> None:
        sleep(seconds)
        write(live, clock, "service,rate\nConsultation,1\n", seconds=0.1)

    clock.sleep = written_meanwhile  # type: ignore[method-assign]

    assert not live.look()
    assert not live.are_current()
    assert rate(live) == "84.00"


def test_a_table_that_is_taken_away_is_noticed_and_a_spreadsheet_s_lock_is_none(
    live: LiveTables, clock: FakeClock
) -> None:
    before = live.config.tables
    write(live, clock, "x", name="~$rates.xlsx")
    assert live.look()
    assert live.config.tables is before

    (live.config.folder / "mappings" / "rates.csv").unlink()
    age(live.config.folder / "mappings", clock, 20)
    assert live.look()
    assert live.config.tables.rates == ()


def test_a_folder_that_is_gone_for_a_while_is_waited_out(live: LiveTables, clock: FakeClock) -> None:
    folder = live.config.folder / "mappings"
    folder.rename(folder.with_name("elsewhere"))
    assert not live.look()
    assert rate(live) == "84.00"

    folder.with_name("elsewhere").rename(folder)
    assert live.look()
