"""A daemon whose whole timetable lives on a test's clock: what is due runs when the test says so, and is counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from threading import Event
from time import sleep
from typing import Any

import pytest
from apscheduler.schedulers.base import BaseScheduler

from syncd.clock import BusinessDate
from syncd.cycle import Steps
from syncd.daemon import Daemon
from syncd.daemon.guard import job_id
from tests.support.clock import FakeClock


class Timetable:
    """The daemon of some companies, started without the thread that would look at the machine's clock."""

    def __init__(self, companies: list[Steps], clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
        self.clock = clock
        clock.stopping = Event()  # type: ignore[attr-defined]
        monkeypatch.setattr("apscheduler.schedulers.base.datetime", _datetime_of(clock))
        self.daemon = Daemon(companies, clock, BusinessDate(clock))  # type: ignore[arg-type]
        self.ran: list[tuple[str, datetime]] = []
        job = self.daemon.guard.job

        def counted(company: str, name: str, work: Callable[[], None]) -> Callable[[], None]:
            def noted() -> None:
                self.ran.append((name, clock.now()))
                work()

            return job(company, name, noted)

        monkeypatch.setattr(self.daemon.guard, "job", counted)
        self.daemon.plan()
        self.daemon.scheduler._event = Event()
        BaseScheduler.start(self.daemon.scheduler)
        self.overseer = self.daemon.overseer()

    def tick(self) -> None:
        """Run what is due now to its end."""
        self.daemon.scheduler._process_jobs()
        # A job that ends while it is submitted leaves a zero behind.
        while any(sum(list(workers._instances.values())) for workers in self.daemon.workers.values()):
            sleep(0.0005)

    def next_due(self) -> datetime:
        """When something is due next."""
        moments = [job.next_run_time for job in self.daemon.scheduler.get_jobs()]
        # Of one zone, moments are compared by what a clock on the wall shows: wrong in the hour that comes twice.
        due: datetime = min(moments, key=datetime.timestamp)
        return due

    def run_for(self, duration: timedelta) -> None:
        """Let the time pass from one due moment to the next, as it does by itself."""
        end = self.clock.now() + duration
        while (due := self.next_due()) <= end:
            self.clock.advance(max(0.0, (due - self.clock.now()).total_seconds()))
            self.tick()
        self.clock.advance(max(0.0, (end - self.clock.now()).total_seconds()))

    def counts(self) -> Counter[str]:
        """How often each job ran since this was asked last."""
        found = Counter(name for name, _ in self.ran)
        self.ran.clear()
        return found

    def jump(self, seconds: float) -> None:
        """The wall clock moves, the monotonic one does not: a step of NTP, or a suspend. Then the daemon looks."""
        with self.clock._lock:
            self.clock._now += timedelta(seconds=seconds)
        self.overseer.look()
        self.tick()

    def planned(self, company: str, name: str) -> datetime:
        """When a job is due next."""
        due: datetime = self.daemon.scheduler.get_job(job_id(company, name)).next_run_time
        return due

    def close(self) -> None:
        """End the threads."""
        self.daemon.clock.stopping.set()
        for workers in self.daemon.workers.values():
            workers.pool.shutdown(wait=True)


def _datetime_of(clock: FakeClock) -> Any:
    """The class `datetime` with the test's clock behind `now`."""

    class OnTheClock(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return clock.now().astimezone(tz)

    return OnTheClock
