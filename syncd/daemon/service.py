"""The daemon itself: the companies' jobs in one scheduler, each company with threads of its own.

Jobs live in memory and are made anew from the config at each start.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Literal

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.date import DateTrigger

from mappings.problems import Problem
from syncd.clock import BusinessDate, SystemClock
from syncd.cycle import Steps
from syncd.daemon.company import CompanyJobs
from syncd.daemon.guard import Guard, job_id
from syncd.daemon.notify import Notifier
from syncd.daemon.outages import Outages
from syncd.daemon.overseer import Overseer
from syncd.daemon.watch import Watch
from syncd.store.errors import StoreError

_log = structlog.get_logger("syncd.daemon")
Request = Literal["stop", "reload"]
STOP_SECONDS = 145.0
"""Longer than the longest request; what has not ended then is cut off, as by a power failure."""


class Workers(BasePoolExecutor):  # type: ignore[misc]  # the library is untyped
    """A company's threads, in a pool that can be waited for without the scheduler."""

    def __init__(self, threads: int, name: str) -> None:
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix=name)
        super().__init__(self.pool)


class Daemon:
    """Serves these companies until it is asked to stop. `requests` may be put to from a signal handler."""

    def __init__(
        self,
        companies: Sequence[Steps],
        clock: SystemClock,
        business: BusinessDate,
        *,
        requests: SimpleQueue[Request] | None = None,
        files: Sequence[Path] = (),
        notifier: Notifier | None = None,
    ) -> None:
        """`files`: what else of the configuration only a start reads, such as the file that lists the companies."""
        self.clock = clock
        self.requests: SimpleQueue[Request] = requests or SimpleQueue()
        self.watch, self.outages = Watch(clock), Outages(clock)
        self.guard = Guard(clock, self.watch, self.outages)
        self.companies = [CompanyJobs(steps, business, self.watch, self.outages) for steps in companies]
        for jobs in self.companies:
            jobs.others = [other.tables for other in self.companies if other is not jobs]
            jobs.tables.companies = [other.tables.config.company for other in self.companies if other is not jobs]
        self.workers = {jobs.name: Workers(jobs.threads, jobs.name) for jobs in self.companies}
        self.scheduler, self.notifier = self._scheduler(), notifier or Notifier()
        self._files = {path: digest_of(path) for path in {*files, *(steps.config.path for steps in companies)}}

    def serve(self) -> bool:
        """Run until `requests` says stop; then finish what is under way. Whether all of it has ended in time."""
        overseer = self.overseer()
        self.plan()
        self.scheduler.start()
        self.notifier.ready()
        _log.info("started", companies=[jobs.name for jobs in self.companies], jobs=self._job_ids())
        self._look_after(overseer)
        _log.info("stopping")
        self.notifier.stopping()
        ended = self.stop()
        if ended:
            _log.info("stopped")
        else:
            _log.error("cut-off", jobs=self.watch.jobs())
        return ended

    def plan(self) -> None:
        """Make every company's jobs."""
        now = self.clock.now()
        for company in self.companies:
            company.later = self._later_of(company.name)
            for job in company.jobs(now):
                first = {"next_run_time": job.first} if job.first else {}
                self.scheduler.add_job(
                    self.guard.job(company.name, job.name, job.work),
                    job.trigger,
                    id=job_id(company.name, job.name),
                    executor=company.name,
                    **first,
                )

    def stop(self) -> bool:
        """Start nothing more, and wait for what is under way; whether all of it has ended."""
        self.clock.stopping.set()
        # Its thread fails if it is shut down while it takes due jobs out: first there must be none.
        self.scheduler.pause()
        self.scheduler.remove_all_jobs()
        # Waiting inside `shutdown` would hold the scheduler's locks, and a job that plans its next run needs them.
        self.scheduler.shutdown(wait=False)
        for workers in self.workers.values():
            workers.pool.shutdown(wait=False)
        return self.watch.wait_until_idle(STOP_SECONDS)

    def overseer(self) -> Overseer:
        """Who looks after the jobs, from now on."""
        return Overseer(
            [jobs.name for jobs in self.companies],
            self.scheduler,
            clock=self.clock,
            watch=self.watch,
            guard=self.guard,
            outages=self.outages,
            notifier=self.notifier,
        )

    def _look_after(self, overseer: Overseer) -> None:
        """The main thread's whole life: what signals ask for, and a look at the others in between."""
        while True:
            overseer.look()
            try:
                request = self.requests.get(timeout=overseer.pause_seconds)
            except Empty:
                continue
            if request == "stop":
                return
            self.notifier.reloading(self.clock.monotonic())
            self.reload()
            self.notifier.ready()

    def reload(self) -> None:
        """Read every company's tables again, whatever their files' times say; config.toml only a start reads."""
        for company in self.companies:
            try:
                company.tables.look(anew=True)
            except StoreError as error:
                self.outages.down("database", Problem(type(error).__name__, error.what, error.fix))
        changed = [str(path) for path, digest in self._files.items() if digest_of(path) != digest]
        if changed:
            _log.warning("restart-needed", changed=changed, why="config.toml is not what runs: only a start reads it.")
        _log.info("reloaded", tables_wrong=[jobs.name for jobs in self.companies if not jobs.tables.right])

    def _scheduler(self) -> BackgroundScheduler:
        # Its own default grace is one second: a machine that slept would skip what was due meanwhile.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = BackgroundScheduler(timezone="UTC", job_defaults=defaults, executors=dict(self.workers))
        scheduler.add_listener(self.guard.hear, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _later_of(self, company: str) -> Callable[[str, Callable[[], None], datetime], None]:
        def later(name: str, work: Callable[[], None], moment: datetime) -> None:
            self.scheduler.add_job(
                self.guard.job(company, name, work),
                DateTrigger(moment),
                id=job_id(company, name),
                executor=company,
                replace_existing=True,
            )

        return later

    def _job_ids(self) -> list[str]:
        return [job.id for job in self.scheduler.get_jobs()]


def digest_of(path: Path) -> str:
    """What tells one content of a file from another; "" when it cannot be read."""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""
