"""When the daemon does what: its jobs come from the config, and a push whose hour passed is made after a start."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from threading import Event, Timer
from zoneinfo import ZoneInfo

import pytest
from apscheduler.schedulers.background import BackgroundScheduler

from connectors.quickbooks.errors import NotSentError
from connectors.quickbooks.tokens import NeedsReconnectError
from syncd.clock import BusinessDate, SystemClock
from syncd.config import Config
from syncd.cycle import Steps
from syncd.daemon import AFTER_OUTAGE, Daemon, latest_before
from syncd.store.database import Store
from tests.support.books import write_config


@pytest.fixture
def daemon(sqlite_store: Store, tmp_path: Path) -> Daemon:
    clock = SystemClock()
    config: Config = write_config(tmp_path, "http://127.0.0.1:1")
    return Daemon(Steps(sqlite_store, config, clock, "test"), clock, BusinessDate(clock))


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


def failing(error: Exception) -> Callable[[BackgroundScheduler], None]:
    def work(_scheduler: BackgroundScheduler) -> None:
        raise error

    return work


def test_work_that_quickbooks_did_not_answer_is_caught_up_with_minutes_later(daemon: Daemon) -> None:
    scheduler = BackgroundScheduler()
    before = datetime.now(UTC)

    with pytest.raises(NotSentError):
        daemon._coming_back(scheduler, failing(NotSentError("no network")))()

    [job] = scheduler.get_jobs()
    assert job.id == "catch-up"
    assert before + AFTER_OUTAGE <= job.trigger.run_date <= datetime.now(UTC) + AFTER_OUTAGE + timedelta(seconds=1)


def test_a_connection_that_only_a_person_can_mend_is_not_tried_again_and_again(daemon: Daemon) -> None:
    scheduler = BackgroundScheduler()

    with pytest.raises(NeedsReconnectError):
        daemon._coming_back(scheduler, failing(NeedsReconnectError("refused")))()

    assert scheduler.get_jobs() == []


def test_stopping_waits_for_a_job_that_is_planning_its_next_run(daemon: Daemon) -> None:
    """APScheduler's own waiting holds the lock that this job asks for: neither would ever end."""
    scheduler = daemon._scheduler()
    begun, stopping, planned = Event(), Event(), Event()

    def plans() -> None:
        begun.set()
        assert stopping.wait(10)
        scheduler.add_job(print, "date", run_date=datetime.now(UTC) + timedelta(days=1))
        planned.set()

    scheduler.add_job(plans, "date", run_date=datetime.now(UTC))
    scheduler.start()
    assert begun.wait(10)
    Timer(0.3, stopping.set).start()

    daemon.stop(scheduler)

    assert planned.is_set()
