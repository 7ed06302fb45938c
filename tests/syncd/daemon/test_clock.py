"""Clocks that jump, nights of 23 and 25 hours, outages: one catch-up, no storm, and nothing billed twice."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from structlog.testing import capture_logs

from syncd.config import load_config
from syncd.cycle import Steps
from syncd.store.database import Store
from tests.support.books import COMPANY, Desk, open_desk
from tests.support.clock import FakeClock
from tests.support.timetable import Timetable

TORONTO = ZoneInfo("America/Toronto")
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SOURCE = '\n[sources.timesheets]\nkind = "files"\npath = "inbox/*.csv"\n'
POLICY = """
[billing]
tax_code = "GST/QST QC - 9.975"

[approval]
auto_approve_up_to = "1000.00"
hold_when = []

"""
AUTUMN, SPRING = datetime(2026, 11, 1, 4, tzinfo=UTC), datetime(2026, 3, 8, 6, tzinfo=UTC)
Start = Callable[..., Timetable]


@pytest.fixture
def clock(request: pytest.FixtureRequest) -> FakeClock:
    """Monday, 2 November 2026, 09:00 UTC, unless a test says otherwise."""
    return FakeClock(getattr(request, "param", datetime(2026, 11, 2, 9, tzinfo=UTC)))


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(sqlite_store, tmp_path, clock) as desk:
        (tmp_path / "inbox").mkdir()
        write_work(desk, [])
        yield desk


def write_work(desk: Desk, days: list[str]) -> None:
    """The timesheet: two hours on each of these days, written long ago by any clock."""
    lines = [f"{number},{day},2,Marie,Clinique,consulting\n" for number, day in enumerate(days)]
    path = desk.config.folder / "inbox" / "work.csv"
    path.write_text("id,date,hours,person,client,service\n" + "".join(lines), encoding="utf-8")
    os.utime(path, (0, 0))


@pytest.fixture
def start(desk: Desk, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Start]:
    """Starts the company's daemon with these lines in [daemon]; Monday 2 November 2026, 04:00 in Toronto."""
    tables: list[Timetable] = []

    def start(daemon: str = "") -> Timetable:
        path = desk.config.folder / "config.toml"
        text = path.read_text(encoding="utf-8").partition("\n[sources.")[0]
        approval = (
            '[billing]\ntax_code = "GST/QST QC - 9.975"\n[approval]\nauto_approve_up_to = "1000.00"\nhold_when = []\n'
        )
        path.write_text(f"{text}{SOURCE}\n{approval}\n[daemon]\n{daemon}\n", encoding="utf-8")
        for file in desk.config.folder.rglob("*"):
            os.utime(file, (0, 0))  # written long ago, by any clock
        timetable = Timetable([Steps(desk.store, load_config(path), clock, "test")], clock, monkeypatch)
        tables.append(timetable)
        return timetable

    yield start
    for timetable in tables:
        timetable.close()


def started(start: Start, daemon: str = "") -> Timetable:
    """A daemon whose first round is behind it."""
    timetable = start(daemon)
    timetable.tick()
    timetable.counts()
    return timetable


def test_a_day_has_its_hours_and_no_more(start: Start) -> None:
    timetable = started(start)
    timetable.run_for(DAY)

    counts = timetable.counts()
    assert {name: counts[name] for name in ("pull:timesheets", "payments", "push", "reconcile")} == {
        "pull:timesheets": 96,
        "payments": 24,
        "push": 2,
        "reconcile": 1,
    }


def test_a_day_on_which_nothing_happens_leaves_a_short_log(start: Start, desk: Desk) -> None:
    timetable = started(start)
    with capture_logs() as logs:
        timetable.run_for(DAY)
        timetable.overseer.look()
    told = [row for row in logs if row["log_level"] != "debug"]
    print(f"{len(told)} lines at INFO in a day of {len(timetable.ran)} jobs: {sorted({row['event'] for row in told})}")

    assert len(told) <= 10
    assert [row["event"] for row in told].count("alive") == 1


def test_three_days_of_suspend_are_caught_up_with_once(start: Start) -> None:
    timetable = started(start)
    timetable.jump(3 * 86_400)

    first = timetable.counts()
    assert {name: first[name] for name in ("pull:timesheets", "payments", "push", "reconcile")} == dict.fromkeys(
        ("pull:timesheets", "payments", "push", "reconcile"), 1
    )
    timetable.run_for(HOUR)
    after = timetable.counts()
    assert (after["pull:timesheets"], after["push"], after["reconcile"]) == (4, 0, 0)


def test_a_clock_put_forward_by_an_hour_makes_up_for_it_once(start: Start) -> None:
    timetable = started(start)
    timetable.jump(3_600)

    assert timetable.counts()["pull:timesheets"] == 1
    timetable.run_for(HOUR)
    assert timetable.counts()["pull:timesheets"] == 4


def test_a_clock_put_back_by_an_hour_leaves_no_hole(start: Start, clock: FakeClock) -> None:
    timetable = started(start)
    timetable.jump(-3_600)

    assert timetable.counts() == {}
    assert timetable.planned(COMPANY, "pull:timesheets") <= clock.now() + timedelta(minutes=15)
    timetable.run_for(HOUR)
    assert timetable.counts()["pull:timesheets"] == 4


def test_a_clock_put_back_over_the_hour_of_a_push_sends_nothing_twice(start: Start, desk: Desk) -> None:
    write_work(desk, ["2026-10-05"])
    timetable = started(start)
    timetable.run_for(timedelta(hours=5, minutes=30))  # past 09:00 in Toronto
    timetable.jump(-3_600)
    timetable.run_for(2 * HOUR)

    assert timetable.counts()["push"] == 2
    assert len(desk.creates()) == len(desk.invoices()) == 1


def test_small_steps_of_the_clock_are_none(start: Start) -> None:
    timetable = started(start)
    with capture_logs() as logs:
        for seconds in (30, -45, 59):
            timetable.jump(seconds)

    assert [row for row in logs if row["event"] == "clock-jumped"] == []


@pytest.mark.parametrize(
    ("clock", "push_at", "fired"),
    [
        # 02:00 is followed by 01:00: 01:30 comes twice.
        (AUTUMN, "01:30", ["01:30 -0400", "01:30 -0500"]),
        # 02:00 is followed by 03:00: 02:30 never comes.
        (SPRING, "02:30", ["03:30 -0400"]),
        (SPRING, "09:00", ["09:00 -0400"]),
    ],
    indirect=["clock"],
)
def test_the_nights_on_which_clocks_change(start: Start, desk: Desk, push_at: str, fired: list[str]) -> None:
    """What the scheduler does then is pinned here; nothing rests on it, since what is due comes from the database."""
    write_work(desk, ["2026-01-05"])
    timetable = started(start, f'push_at = ["{push_at}"]')
    timetable.run_for(20 * HOUR)

    pushes = [moment.astimezone(TORONTO).strftime("%H:%M %z") for name, moment in timetable.ran if name == "push"]
    assert pushes == fired
    assert len(desk.creates()) == len(desk.invoices()) == 1


def test_half_a_day_without_quickbooks_ends_in_one_push(start: Start, desk: Desk) -> None:
    write_work(desk, ["2026-10-05"])
    timetable = started(start)
    desk.emulator.fault("server-error", when="before", times=None)
    with capture_logs() as logs:
        timetable.run_for(DAY / 2)
        during = timetable.counts()
        desk.emulator.clear_faults()
        timetable.run_for(HOUR)
    after = timetable.counts()

    assert len(desk.invoices()) == 1
    told = [row["event"] for row in logs if row["event"] in ("quickbooks-down", "quickbooks-up")]
    assert told == ["quickbooks-down", "quickbooks-up"]
    # It is asked every five minutes, by one job after the other, and left alone once it has answered.
    assert 0 < during["catch-up"] <= 12 * 12
    assert after["catch-up"] <= 1
    assert after["push"] <= 1


def test_a_machine_that_was_off_for_a_month_pushes_once_at_its_start(start: Start, desk: Desk) -> None:
    write_work(desk, ["2026-10-05"])
    timetable = started(start)
    timetable.run_for(DAY)
    assert len(desk.creates()) == 1
    write_work(desk, ["2026-10-05", "2026-10-06"])
    timetable.run_for(HOUR)  # late work, approved by the policy, and no hour of a push in between
    timetable.close()
    desk.clock.advance(30 * 86_400)  # November is over: the late work is due

    again = start()
    again.tick()
    counts = again.counts()
    again.run_for(4 * HOUR)  # 05:00 to 09:00

    assert (counts["catch-up"], counts["pull:timesheets"], counts["payments"], counts["push"]) == (1, 1, 1, 0)
    assert len(desk.invoices()) == 2
    assert len(desk.creates()) == 2
