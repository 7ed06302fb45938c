"""A job as the scheduler runs it: watched while it lasts, and what may happen on any day is told and not raised."""

from __future__ import annotations

import threading
from collections.abc import Callable

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent

from mappings.problems import Problem
from syncd.clock import Clock, is_stopping
from syncd.daemon.outages import Outages, Told
from syncd.daemon.watch import Watch
from syncd.engine.draft import DraftsMovedError
from syncd.engine.quickbooks import NotConnectedError, QuickBooksFailure, StoppingError, problem_of
from syncd.store.errors import StoreError
from syncd.store.leases import LeaseHeldError, LeaseLostError

_log = structlog.get_logger("syncd.daemon")


class Guard:
    """Makes jobs of plain work, and hears what the scheduler tells of them."""

    def __init__(self, clock: Clock, watch: Watch, outages: Outages) -> None:
        self._clock, self._watch, self._outages = clock, watch, outages
        self._told = Told()
        self._done = self._failed = 0
        self._lock = threading.Lock()

    def job(self, company: str, name: str, work: Callable[[], None]) -> Callable[[], None]:
        """The work, watched under its name; an error that is a mistake of ours goes on to the scheduler."""

        def run() -> None:
            if is_stopping(self._clock):
                return
            with self._watch.running(job_id(company, name)):
                try:
                    work()
                except Exception as error:
                    self._count(failed=True)
                    if not self._is_told(company, name, error):
                        raise
                    return
            self._count(failed=False)
            self._outages.up("database")
            self._told.news(job_id(company, name), (), all_of_them=True)

        return run

    def counts(self) -> tuple[int, int]:
        """How many jobs were done, and how many ended in something that was told, since this was asked last."""
        with self._lock:
            counts, self._done, self._failed = (self._done, self._failed), 0, 0
            return counts

    def _count(self, *, failed: bool) -> None:
        with self._lock:
            if failed:
                self._failed += 1
            else:
                self._done += 1

    def _is_told(self, company: str, name: str, error: Exception) -> bool:
        """Tell of what may happen on any day."""
        if isinstance(error, LeaseHeldError):
            # Another machine does it, at every tick: no news.
            _log.debug("busy", company=company, job=name, why=str(error))
        elif isinstance(error, LeaseLostError):
            _log.warning("lease-lost", company=company, job=name, why=str(error))
        elif isinstance(error, StoreError):
            self._outages.down("database", Problem(type(error).__name__, error.what, error.fix))
        elif isinstance(error, DraftsMovedError):
            _log.info("drafts-moved", company=company, job=name)
        elif isinstance(error, (NotConnectedError, *QuickBooksFailure)):
            if not isinstance(error, StoppingError):
                self._outages.down("quickbooks", problem_of(error), company=company)
        else:
            return False
        return True

    def hear(self, event: JobEvent) -> None:
        """What the scheduler tells: a mistake of ours each time, a job that lasts beyond its next hour once."""
        if event.code == EVENT_JOB_ERROR:
            error = event.exception
            _log.error("job-failed", job=event.job_id, exc_info=(type(error), error, error.__traceback__))
        elif event.code == EVENT_JOB_MISSED:
            _log.warning("job-missed", job=event.job_id, due=str(event.scheduled_run_time))
        elif self._told.news(event.job_id, ("still-running",)):
            _log.warning("job-still-running", job=event.job_id)


def job_id(company: str, name: str) -> str:
    """A job as logs and the scheduler know it."""
    return f"{company}/{name}"
