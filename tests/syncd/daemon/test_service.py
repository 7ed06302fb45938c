"""When the daemon does what: its jobs come from the config, and a push whose hour passed is made after a start."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event, Timer
from time import monotonic, sleep
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from connectors.quickbooks.errors import NotSentError
from connectors.quickbooks.tokens import NeedsReconnectError
from syncd.clock import BusinessDate, SystemClock
from syncd.config import Config, load_config
from syncd.cycle import Steps
from syncd.daemon import Daemon
from syncd.daemon.company import AFTER_OUTAGE, latest_before
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, write_config


@pytest.fixture
def daemon(sqlite_store: Store, tmp_path: Path) -> Daemon:
    clock = SystemClock()
    config: Config = write_config(tmp_path, "http://127.0.0.1:1")
    return Daemon([Steps(sqlite_store, config, clock, "test")], clock, BusinessDate(clock))


TORONTO = ZoneInfo("America/Toronto")
TIMES = (time(9), time(15))


@pytest.mark.parametrize(
    ("now", "latest"),
    [
        ("2026-11-03T08:59", "2026-11-02T15:00"),
        ("2026-11-03T09:00", "2026-11-03T09:00"),
        ("2026-11-03T14:59", "2026-11-03T09:00"),
        ("2026-11-03T23:00", "2026-11-03T15:00"),
        # The clocks went back on 1 November 2026: the hour is the local one on both sides.
        ("2026-11-01T08:00", "2026-10-31T15:00"),
    ],
)
def test_the_latest_push_hour_is_the_last_one_that_has_passed(now: str, latest: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=TORONTO)

    assert latest_before(moment, TIMES) == datetime.fromisoformat(latest).replace(tzinfo=TORONTO)


def failing(error: Exception) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def planned(daemon: Daemon) -> list[tuple[str, datetime]]:
    """The jobs that the company's work has planned for a moment."""
    [company] = daemon.companies
    found: list[tuple[str, datetime]] = []
    company.later = lambda name, _work, moment: found.append((name, moment))
    return found


def test_work_that_quickbooks_did_not_answer_is_caught_up_with_minutes_later(daemon: Daemon) -> None:
    before, found = datetime.now(UTC), planned(daemon)

    with pytest.raises(NotSentError):
        daemon.companies[0].coming_back(failing(NotSentError("no network")))()

    [(name, moment)] = found
    assert name == "catch-up"
    assert before + AFTER_OUTAGE <= moment <= datetime.now(UTC) + AFTER_OUTAGE


def test_a_connection_that_only_a_person_can_mend_is_not_tried_again_and_again(daemon: Daemon) -> None:
    found = planned(daemon)

    with pytest.raises(NeedsReconnectError):
        daemon.companies[0].coming_back(failing(NeedsReconnectError("refused")))()

    assert found == []


def test_stopping_waits_for_a_job_that_is_planning_its_next_run(daemon: Daemon) -> None:
    """APScheduler's own waiting holds the lock that this job asks for: neither would ever end."""
    begun, stopping, planned = Event(), Event(), Event()

    def plans() -> None:
        begun.set()
        assert stopping.wait(10)
        daemon.scheduler.add_job(print, "date", run_date=datetime.now(UTC) + timedelta(days=1), executor=COMPANY)
        planned.set()

    work = daemon.guard.job(COMPANY, "plans", plans)
    daemon.scheduler.add_job(work, "date", run_date=datetime.now(UTC), executor=COMPANY)
    daemon.scheduler.start()
    assert begun.wait(10)
    Timer(0.3, stopping.set).start()

    assert daemon.stop()
    assert planned.is_set()


def test_each_company_has_its_own_jobs_in_its_own_zone(sqlite_store: Store, tmp_path: Path) -> None:
    clock = SystemClock()
    east, west = (company_in(tmp_path / name, name, zone) for name, zone in ZONES)
    steps = [Steps(sqlite_store, config, clock, "test") for config in (east, west)]
    daemon = Daemon(steps, clock, BusinessDate(clock))

    daemon.plan()
    daemon.scheduler.start(paused=True)
    jobs = {job.id: job for job in daemon.scheduler.get_jobs()}
    daemon.stop()

    names = ["catch-up", "connection", "payments", "pull:timesheets", "push", "reconcile"]
    assert sorted(jobs) == sorted(f"{company}/{name}" for company, _ in ZONES for name in names)
    for company, zone in ZONES:
        due = jobs[f"{company}/push"].next_run_time.astimezone(ZoneInfo(zone))
        assert (due.hour, due.minute) in ((9, 0), (15, 0))


ZONES = (("East", "Australia/Sydney"), ("West", "America/Vancouver"))


def company_in(folder: Path, name: str, zone: str, source: str = "") -> Config:
    """A company of this name with a folder of its own, and a source that reads it unless another is given."""
    write_config(folder, "http://127.0.0.1:1", company=name)
    path = folder / "config.toml"
    block = source or '[sources.timesheets]\nkind = "files"\npath = "inbox/*.csv"\n'
    text = path.read_text(encoding="utf-8").replace("America/Toronto", zone)
    path.write_text(f"{text}\n{block}", encoding="utf-8")
    (folder / "inbox").mkdir(exist_ok=True)
    return load_config(path)


def test_a_company_whose_tool_hangs_keeps_no_other_waiting(sqlite_store: Store, tmp_path: Path) -> None:
    clock = SystemClock()
    with silent_server() as port:
        redmine = f'[sources.{{}}]\nkind = "redmine"\nurl = "http://127.0.0.1:{port}"\ntoken = "env:PATH"\n'
        blocks = "".join(redmine.format(name) for name in ("one", "two", "three"))
        slow = company_in(tmp_path / "slow", "Slow", "UTC", blocks)
        quick = company_in(tmp_path / "quick", "Quick", "UTC")
        (quick.folder / "inbox" / "october.csv").write_text(
            "id,date,hours,person,client,service\n1,2026-10-05,2,Marie,Clinique,consulting\n", encoding="utf-8"
        )
        daemon = Daemon([Steps(sqlite_store, one, clock, "test") for one in (slow, quick)], clock, BusinessDate(clock))
        daemon.plan()
        daemon.scheduler.start()
        wait_for(lambda: entries_of(sqlite_store, "Quick") == 1)
        hanging = daemon.watch.jobs()
        clock.stopping.set()
    assert daemon.stop()

    assert {"Slow/pull:one", "Slow/pull:two", "Slow/pull:three"} <= set(hanging)


@contextmanager
def silent_server() -> Iterator[int]:
    """A server that takes connections and answers nothing; at the end it hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        yield listening.getsockname()[1]


def entries_of(store: Store, company: str) -> int:
    query = select(func.count()).select_from(schema.work).where(schema.work.c.company == company)
    with store.read() as connection:
        return int(connection.execute(query).scalar_one())


def wait_for(true: Callable[[], bool], seconds: float = 20) -> None:
    deadline = monotonic() + seconds
    while not true():
        assert monotonic() < deadline
        sleep(0.02)


def test_a_job_that_lasts_beyond_its_next_hours_runs_once_and_is_told_of_once(daemon: Daemon) -> None:
    begun, over = Event(), Event()
    ran: list[int] = []

    def lasts() -> None:
        ran.append(1)
        begun.set()
        assert over.wait(10)

    work = daemon.guard.job(COMPANY, "lasts", lasts)
    daemon.scheduler.start()
    with capture_logs() as logs:
        daemon.scheduler.add_job(work, "interval", seconds=0.1, id=f"{COMPANY}/lasts", executor=COMPANY)
        assert begun.wait(10)
        wait_for(lambda: any(row["event"] == "job-still-running" for row in logs))
        sleep(0.5)
        during = len(ran)
        over.set()
        assert daemon.stop()

    assert during == 1
    assert [row["event"] for row in logs].count("job-still-running") == 1


def test_the_scheduler_makes_up_for_missed_moments_by_one_run(daemon: Daemon) -> None:
    """A machine that slept: whatever was missed is one run, however late (its own default would skip it)."""
    daemon.plan()
    daemon.scheduler.start(paused=True)
    settings = {(job.coalesce, job.max_instances, job.misfire_grace_time) for job in daemon.scheduler.get_jobs()}
    daemon.stop()

    assert settings == {(True, 1, None)}
