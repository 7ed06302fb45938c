"""Pull: windows, cursors, what silence means, and sources that fail. On both databases."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from connectors.source import Cursor, Incremental, Page, Record, SourceError, Span, Window
from mappings.problems import Problem
from syncd.config.sections import SafetySection
from syncd.engine.pull import PullReport, pull_all, pull_source
from syncd.store import leases, schema
from syncd.store.database import Store
from syncd.store.leases import LeaseHeldError, LeaseLostError
from syncd.store.sources import SourceState, read_state
from syncd.store.work import Changes, load_entries
from tests.support.clock import FakeClock
from tests.support.sources import Tool, ToolSource, entry

TODAY = date(2026, 11, 2)
GO_LIVE = date(2026, 10, 1)
SAFETY = SafetySection()
EVERY_CLASS = pytest.mark.parametrize("incremental", list(Incremental))


def pull(store: Store, source: ToolSource, **options: Any) -> PullReport:
    defaults: dict[str, Any] = {"clock": store.clock, "today": TODAY, "since": GO_LIVE, "safety": SAFETY}
    return pull_source(store, "boreal", source, **(defaults | options))


def live(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {each.work.id: each.work.seconds for each in load_entries(connection, "boreal") if not each.deleted}


def events(store: Store) -> list[tuple[str, dict[str, Any]]]:
    with store.read() as connection:
        found = connection.execute(select(schema.event).order_by(schema.event.c.id)).all()
    assert {row.subject for row in found} <= {"tracker", "other"}
    return [(row.kind, json.loads(row.detail)) for row in found]


def state(store: Store, source: str = "tracker") -> SourceState:
    with store.read() as connection:
        return read_state(connection, "boreal", source)


def problems(store: Store) -> dict[str, str]:
    with store.read() as connection:
        found = connection.execute(select(schema.record_problem)).all()
    return {row.record: json.loads(row.problem)["code"] for row in found}


def tool_with(*numbers: int) -> Tool:
    tool = Tool()
    tool.save(*(entry(number, day=1 + number % 28) for number in numbers))
    return tool


# --- Every class of source ------------------------------------------------------------------------------------------


@EVERY_CLASS
def test_a_first_pull_stores_every_page(store: Store, clock: FakeClock, incremental: Incremental) -> None:
    report = pull(store, ToolSource(tool_with(1, 2, 3, 4, 5), incremental))
    assert (report.changes, report.vanished, report.error) == (Changes(new=5), 0, "")
    assert live(store) == dict.fromkeys("12345", 3_600)
    assert state(store).last_complete_at == clock.now()
    # Pages that follow fast are stored together: one transaction, one event.
    assert events(store) == [("pulled", {"new": 2}), ("pulled", {"new": 3})]


@EVERY_CLASS
def test_a_second_pull_changes_no_row(store: Store, incremental: Incremental) -> None:
    source = ToolSource(tool_with(1, 2, 3), incremental)
    pull(store, source)
    before = contents(store)
    report = pull(store, source)
    assert (report.changes.new, report.changes.changed, report.vanished) == (0, 0, 0)
    assert contents(store) == before


def contents(store: Store) -> dict[str, object]:
    """Every row, but for the leases, whose tokens grow."""
    with store.read() as connection:
        return {
            name: [tuple(row) for row in connection.execute(select(table))]
            for name, table in schema.metadata.tables.items()
            if name != "lease"
        }


@EVERY_CLASS
def test_edits_and_new_entries_are_found(store: Store, incremental: Incremental) -> None:
    source = ToolSource(tool_with(1, 2, 3), incremental)
    pull(store, source)
    source.tool.save(entry(2, 60, day=3), entry(4, 90))
    pull(store, source)
    assert live(store) == {"1": 3_600, "2": 60, "3": 3_600, "4": 90}


@pytest.mark.parametrize(
    "incremental", [Incremental.CHANGES_AND_DELETIONS, Incremental.WORK_DATES, Incremental.PER_TASK]
)
def test_a_deletion_is_found_at_once(store: Store, incremental: Incremental) -> None:
    source = ToolSource(tool_with(1, 2, 3), incremental)
    pull(store, source)
    source.tool.delete(2)
    pull(store, source)
    assert live(store) == {"1": 3_600, "3": 3_600}


def test_a_tool_that_tells_of_changes_only_is_swept_for_deletions_every_day(store: Store, clock: FakeClock) -> None:
    source = ToolSource(tool_with(1, 2, 3), Incremental.CHANGES)
    pull(store, source)
    source.tool.delete(2)
    pull(store, source)
    assert len(live(store)) == 3
    clock.advance(24 * 3_600)
    report = pull(store, source)
    assert report.vanished == 1
    assert live(store) == {"1": 3_600, "3": 3_600}
    assert [window.full for window in source.windows] == [True, False, True]


def test_silence_of_a_tool_that_tells_of_deletions_means_nothing(store: Store) -> None:
    source = ToolSource(tool_with(1, 2, 3), Incremental.CHANGES_AND_DELETIONS)
    pull(store, source)
    source.tool.entries.clear()
    pull(store, source, full=True)
    assert len(live(store)) == 3


def test_the_cursor_goes_back_to_the_source(store: Store) -> None:
    source = ToolSource(tool_with(1, 2, 3), Incremental.CHANGES)
    pull(store, source)
    pull(store, source)
    assert source.cursors == [{}, {"change": 3}]
    assert state(store).cursor == {"change": 3}


# --- Windows --------------------------------------------------------------------------------------------------------


def test_the_first_pull_reads_from_go_live_on(store: Store) -> None:
    source = ToolSource(Tool())
    pull(store, source)
    assert source.windows == [Window(Span(GO_LIVE, date(2027, 11, 3)), full=True)]


@pytest.mark.parametrize(
    ("today", "open_from", "first"),
    [
        (date(2027, 3, 1), None, date(2027, 1, 15)),
        (date(2027, 3, 1), date(2027, 2, 1), date(2026, 12, 18)),
        (date(2026, 11, 2), None, GO_LIVE),
    ],
)
def test_later_pulls_read_what_may_still_be_corrected(
    store: Store, today: date, open_from: date | None, first: date
) -> None:
    source = ToolSource(Tool())
    pull(store, source)
    pull(store, source, today=today, open_from=open_from)
    assert source.windows[1] == Window(Span(first, today + timedelta(days=366)))


def test_a_source_without_go_live_is_read_from_its_beginning(store: Store) -> None:
    source = ToolSource(Tool())
    pull(store, source, since=None)
    assert source.windows[0].span.first == date(2000, 1, 1)


def test_an_earlier_go_live_is_read_at_once(store: Store) -> None:
    tool = Tool()
    tool.save(entry(1, worked_on=date(2026, 3, 1)))
    source = ToolSource(tool)
    pull(store, source)
    assert live(store) == {}
    pull(store, source, since=date(2026, 1, 1))
    assert live(store) == {"1": 3_600}
    pull(store, source, since=date(2026, 1, 1))
    assert [window.full for window in source.windows] == [True, True, False]


def test_old_work_is_swept_every_day(store: Store, clock: FakeClock) -> None:
    tool = Tool()
    tool.save(entry(1, day=2))
    source = ToolSource(tool)
    march = date(2027, 3, 1)
    pull(store, source)
    tool.save(entry(1, 60, day=2))
    pull(store, source, today=march)
    assert live(store) == {"1": 3_600}
    clock.advance(24 * 3_600)
    pull(store, source, today=march)
    assert live(store) == {"1": 60}


@EVERY_CLASS
def test_every_class_is_read_again_from_go_live_once_a_day(
    store: Store, clock: FakeClock, incremental: Incremental
) -> None:
    source = ToolSource(tool_with(1), incremental)
    pull(store, source)
    for _ in range(3 * 24):
        clock.advance(3_600)
        pull(store, source)

    full = [number for number, window in enumerate(source.windows) if window.full]
    assert full == [0, 24, 48, 72]


def test_a_change_that_the_tool_s_own_log_lost_is_found_within_a_day(store: Store, clock: FakeClock) -> None:
    source = ToolSource(tool_with(1), Incremental.CHANGES_AND_DELETIONS)
    pull(store, source)
    source.tool.entries["1"] = (1, entry(1, 60))  # no new change in the log
    pull(store, source)
    assert live(store) == {"1": 3_600}
    clock.advance(24 * 3_600)
    pull(store, source)
    assert live(store) == {"1": 60}


def test_a_full_pull_ignores_the_window(store: Store) -> None:
    source = ToolSource(Tool())
    pull(store, source)
    pull(store, source, full=True, today=date(2027, 3, 1))
    assert source.windows[1] == Window(Span(GO_LIVE, date(2028, 3, 1)), full=True)


def test_work_dated_ahead_is_seen_and_seen_to_go(store: Store) -> None:
    tool = Tool()
    tool.save(entry(1, worked_on=date(2027, 10, 2)))
    source = ToolSource(tool)
    pull(store, source)
    assert live(store) == {"1": 3_600}
    tool.delete(1)
    assert pull(store, source).vanished == 1


# --- Absence is not deletion ----------------------------------------------------------------------------------------


def test_a_reading_that_broke_off_concludes_nothing(store: Store) -> None:
    source = ToolSource(tool_with(1, 2, 3, 4, 5, 6))
    pull(store, source)
    source.tool.delete(1, 6)
    source.fails_after = 1
    report = pull(store, source)
    assert (report.error, report.fix, report.vanished) == ("The tracker does not answer.", "Start it.", 0)
    assert len(live(store)) == 6


def test_what_was_read_before_the_failure_stays_and_the_rest_comes_next_time(store: Store) -> None:
    source = ToolSource(tool_with(1, 2, 3, 4, 5), Incremental.CHANGES, fails_after=2)
    pull(store, source)
    assert sorted(live(store)) == ["1", "2", "3", "4"]
    assert state(store).cursor == {}
    assert state(store).last_complete_at is None
    source.fails_after = None
    assert pull(store, source).changes == Changes(new=1, unchanged=4)
    assert state(store).cursor == {"change": 5}


def test_entries_outside_the_complete_span_are_not_missed(store: Store) -> None:
    source = ToolSource(tool_with(1, 2))
    pull(store, source)
    march = pull(store, source, today=date(2027, 3, 1))
    assert march.window == Window(Span(date(2027, 1, 15), date(2028, 3, 1)))
    assert (march.vanished, len(live(store))) == (0, 2)


@dataclass
class Told(ToolSource):
    """Gives these records as they are, on a page each, and says that this is everything."""

    tell: tuple[Record, ...] = ()

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        yield from (Page((record,)) for record in self.tell)
        yield Page((), complete=window.span)


ONE, TWO = (Record(str(number), "{}", entry(number)) for number in (1, 2))


@pytest.mark.parametrize(
    "tell",
    [
        (ONE, TWO),
        (ONE, TWO, ONE),
        (ONE, TWO, Record("9", "{}", entry(9, worked_on=date(2026, 9, 30)))),
        (ONE, TWO, Record("9", "{}", problem=Problem("hours-not-a-number", "No number."))),
        (ONE, TWO, Record("2", "{}", deleted=True)),
        (ONE, Record("2", "{}", problem=Problem("hours-not-a-number", "No number.")), TWO),
    ],
    ids=[
        "the others",
        "one twice",
        "one before go-live",
        "an unreadable one",
        "one and its deletion",
        "one in two ways",
    ],
)
def test_an_entry_that_is_gone_is_missed_whatever_else_is_told(store: Store, tell: tuple[Record, ...]) -> None:
    pull(store, ToolSource(tool_with(1, 2, 3)))
    assert pull(store, Told(Tool(), tell=tell), full=True).vanished == 1
    assert "3" not in live(store)


def test_the_fuse_keeps_everything_when_too_much_is_gone(store: Store) -> None:
    source = ToolSource(tool_with(*range(1, 31)), page_size=50)
    pull(store, source)
    source.tool.delete(*range(1, 12))
    report = pull(store, source)
    assert report.vanished == 0
    assert report.fuse is not None
    assert report.fuse.problem.code == "vanished-too-many"
    assert report.fuse.problem.what == (
        "11 of 30 entries of tracker worked from 2026-10-01 to 2027-11-03 are gone. That is 36.7%, more than 30% and "
        "more than 10 entries: none was marked vanished."
    )
    assert report.fuse.problem.fix == (
        "If they were deleted there on purpose: `syncd pull --accept-vanished tracker`. "
        "If not, check what its user may see there."
    )
    assert len(live(store)) == 30
    told = {"what": report.fuse.problem.what, "fix": report.fuse.problem.fix, "vanished": 11, "live": 30}
    assert state(store).fuse == told
    assert events(store)[1:] == [("vanish-refused", told)]


def test_a_blown_fuse_is_told_once_and_ends_when_the_work_is_back(store: Store) -> None:
    source = ToolSource(tool_with(*range(1, 31)), page_size=50)
    pull(store, source)
    kept = dict(source.tool.entries)
    source.tool.entries.clear()
    pull(store, source)
    pull(store, source)
    assert [kind for kind, _ in events(store)] == ["pulled", "vanish-refused"]
    source.tool.entries = kept
    assert pull(store, source).fuse is None
    assert state(store).fuse is None


def test_a_person_may_accept_what_is_gone(store: Store) -> None:
    source = ToolSource(tool_with(*range(1, 31)), page_size=50)
    pull(store, source)
    source.tool.delete(*range(1, 31))
    pull(store, source)
    report = pull(store, source, accept_vanished=True)
    assert (report.vanished, report.fuse, state(store).fuse) == (30, None, None)
    assert live(store) == {}
    assert events(store)[-1] == ("pulled", {"vanished": 30})


def test_accepting_what_is_gone_reads_everything_also_from_a_tool_that_tells_of_changes(store: Store) -> None:
    source = ToolSource(tool_with(*range(1, 31)), Incremental.CHANGES, page_size=50)
    pull(store, source)
    source.tool.entries.clear()  # no change is told
    assert pull(store, source, full=True).fuse is not None
    report = pull(store, source, accept_vanished=True)
    assert (source.windows[-1].full, report.vanished, state(store).fuse) == (True, 30, None)


@pytest.mark.parametrize(
    ("entries", "gone", "vanished"),
    [
        (12, 10, 10),  # a large share, but not more entries than allowed
        (40, 12, 12),  # many entries, but exactly the share that is allowed
        (40, 13, 0),
        (11, 11, 0),
    ],
)
def test_the_fuse_needs_both_a_share_and_a_count(store: Store, entries: int, gone: int, vanished: int) -> None:
    source = ToolSource(tool_with(*range(entries)), page_size=50)
    pull(store, source)
    source.tool.delete(*range(gone))
    assert pull(store, source).vanished == vanished
    assert len(live(store)) == entries - vanished


def test_the_fuse_is_a_setting(store: Store) -> None:
    source = ToolSource(tool_with(1, 2, 3, 4))
    pull(store, source)
    source.tool.delete(1, 2)
    strict = SafetySection(vanished_share=Decimal("0.25"), vanished_count=1)
    report = pull(store, source, safety=strict)
    assert report.fuse is not None
    assert "50%, more than 25% and more than 1 entries" in report.fuse.problem.what


# --- Records that are not understood --------------------------------------------------------------------------------


def test_a_bad_record_is_a_problem_and_the_page_goes_on(store: Store) -> None:
    source = ToolSource(tool_with(1, 2))
    source.tool.unreadable["9"] = "three"
    assert pull(store, source).problems == 1
    assert problems(store) == {"9": "hours-not-a-number"}
    assert len(live(store)) == 2


def test_an_entry_that_became_unreadable_is_not_gone(store: Store) -> None:
    source = ToolSource(tool_with(1, 2))
    pull(store, source)
    del source.tool.entries["2"]
    source.tool.unreadable["2"] = "three"
    assert pull(store, source).vanished == 0
    assert len(live(store)) == 2


@EVERY_CLASS
def test_a_problem_ends_when_its_record_is_understood(store: Store, incremental: Incremental) -> None:
    source = ToolSource(tool_with(1), incremental)
    source.tool.unreadable["9"] = "three"
    pull(store, source)
    del source.tool.unreadable["9"]
    source.tool.save(entry(9))
    pull(store, source)
    assert problems(store) == {}
    assert sorted(live(store)) == ["1", "9"]


def test_a_problem_ends_when_its_record_is_gone(store: Store) -> None:
    source = ToolSource(tool_with(1))
    source.tool.unreadable["9"] = "three"
    pull(store, source)
    source.tool.unreadable.clear()
    pull(store, source)
    assert problems(store) == {}


def test_a_problem_stays_while_only_changes_are_read(store: Store) -> None:
    source = ToolSource(tool_with(1), Incremental.CHANGES)
    source.tool.unreadable["9"] = "three"
    pull(store, source)
    source.tool.unreadable.clear()
    pull(store, source)
    assert problems(store) == {"9": "hours-not-a-number"}


def test_a_problem_keeps_the_window_open(store: Store, clock: FakeClock) -> None:
    source = ToolSource(tool_with(1))
    source.tool.unreadable["9"] = "three"
    pull(store, source)
    later = pull(store, source, since=date(2026, 1, 1), today=date(2027, 3, 1))
    assert later.window is not None
    again = pull(store, source, since=date(2026, 1, 1), today=date(2027, 3, 1))
    assert again.window == Window(Span(clock.now().date() - timedelta(days=45), date(2028, 3, 1)))


@pytest.mark.parametrize("odd", [entry(1, id="a\0b"), entry(1, 2**40, id="ab")])
def test_a_record_that_no_database_can_hold_stops_nothing(store: Store, odd: Any) -> None:
    source = ToolSource(tool_with(1, 2))
    source.tool.save(odd)
    assert pull(store, source).problems == 1
    assert list(problems(store).values()) == ["record-not-storable"]
    assert len(live(store)) == 2


# --- Sources that fail ----------------------------------------------------------------------------------------------


def test_a_source_goes_down_once_and_comes_up_once(store: Store, clock: FakeClock) -> None:
    source = ToolSource(tool_with(1), fails_after=0)
    pull(store, source)
    down_since = clock.now()
    clock.advance(900)
    pull(store, source)
    assert (state(store).down_since, state(store).last_error) == (down_since, "The tracker does not answer.")
    source.fails_after = None
    pull(store, source)
    pull(store, source)
    assert [kind for kind, _ in events(store)] == ["source-down", "pulled", "source-up"]
    assert (state(store).down_since, state(store).last_error) == (None, None)


def test_one_dead_source_never_stops_the_others(store: Store, clock: FakeClock) -> None:
    dead = ToolSource(tool_with(1), name="tracker", fails_after=0, fails_with=SourceError("No answer."))
    broken = ToolSource(tool_with(1), name="other", fails_after=0, fails_with=KeyError("hours"))
    alive = ToolSource(tool_with(1, 2, 3))
    alive.name = "tracker-2"
    reports = pull_all(
        store,
        "boreal",
        [dead, broken, alive],
        clock=clock,
        today=TODAY,
        since={"tracker": GO_LIVE, "other": GO_LIVE, "tracker-2": GO_LIVE},
        safety=SAFETY,
    )
    assert [(report.source, report.error, report.changes.new) for report in reports] == [
        ("tracker", "No answer.", 0),
        ("other", "The connector of other failed: KeyError.", 0),
        ("tracker-2", "", 3),
    ]
    assert state(store, "other").last_error == "The connector of other failed: KeyError."


def test_a_source_that_somebody_else_pulls_is_busy(store: Store, clock: FakeClock) -> None:
    source = ToolSource(tool_with(1))
    with leases.held(store, "boreal", "pull:tracker", "syncd run on finance02, process 12"):
        with pytest.raises(LeaseHeldError, match="finance02, process 12"):
            pull(store, source)
        (report,) = pull_all(
            store, "boreal", [source], clock=clock, today=TODAY, since={"tracker": GO_LIVE}, safety=SAFETY
        )
    assert report.busy is not None
    assert report.busy.holder == "syncd run on finance02, process 12"
    assert (source.windows, live(store)) == ([], {})


# --- The lease while pages come -------------------------------------------------------------------------------------


@dataclass
class Slow(ToolSource):
    """Does something between two pages, when the engine has stored the first."""

    between: Any = None
    asked: int = field(default=0)

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        for page in super().pull(cursor, window):
            yield page
            self.asked += 1
            self.between()


def test_a_pull_that_was_replaced_records_nothing_more(store: Store, clock: FakeClock) -> None:
    def lose() -> None:
        clock.advance(601)
        with store.write() as connection:
            leases.acquire(connection, "boreal", "pull:tracker", "syncd run on finance02", 60, clock.now())

    with pytest.raises(LeaseLostError):
        pull(store, Slow(tool_with(1, 2, 3, 4), between=lose))
    assert sorted(live(store)) == ["1", "2"]
    assert state(store).last_complete_at is None


def test_a_long_pull_keeps_its_lease(store: Store, clock: FakeClock) -> None:
    def look() -> None:
        clock.advance(400)
        with store.read() as connection:
            until = connection.execute(select(schema.lease.c.expires_at)).scalar_one()
        assert until > clock.now()

    source = Slow(tool_with(1, 2, 3, 4, 5, 6), between=look)
    assert pull(store, source).changes.new == 6
    assert source.asked == 3


def test_no_write_is_open_while_a_source_is_asked(store: Store) -> None:
    source = Slow(tool_with(1, 2, 3), between=store.assert_no_write_open)
    pull(store, source)
    assert source.asked == 2


@dataclass
class Unkeepable(ToolSource):
    """Gives a cursor that cannot be stored."""

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        for page in super().pull(cursor, window):
            yield replace(page, cursor={"change": object()})


def test_the_page_and_its_cursor_are_one_transaction(store: Store) -> None:
    with pytest.raises(TypeError, match="JSON"):
        pull(store, Unkeepable(tool_with(1, 2)))
    assert (live(store), state(store), events(store)) == ({}, SourceState(), [])
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.standing)).scalar_one() == 0


KILLED = """
import os, signal, sys
from tests.syncd.engine.test_pull import Slow, pull, tool_with
from syncd.store.database import open_store
from tests.support.clock import FakeClock

store = open_store(sys.argv[1], FakeClock())
pull(store, Slow(tool_with(1, 2, 3, 4), between=lambda: os.kill(os.getpid(), signal.SIGKILL)))
"""


def test_a_killed_pull_is_taken_over_at_once(sqlite_store: Store, sqlite_url: str) -> None:
    root = Path(__file__).parents[3]
    killed = subprocess.run([sys.executable, "-c", KILLED, sqlite_url], cwd=root, check=False)
    assert killed.returncode == -signal.SIGKILL
    assert sorted(live(sqlite_store)) == ["1", "2"]
    assert pull(sqlite_store, ToolSource(tool_with(1, 2, 3, 4))).changes == Changes(new=2, unchanged=2)
