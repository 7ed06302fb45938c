"""`syncd run`: what is due, when it is due, for months and with nobody watching.

Jobs live in memory and are made anew from the config at each start. A firing only says "look at what is due": what that
is comes from the database, so a firing that is missed, late or doubled bills nothing twice.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from functools import partial
from typing import Any

import structlog
from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MAX_INSTANCES, EVENT_JOB_MISSED, JobEvent
from apscheduler.executors.pool import BasePoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger

from connectors.quickbooks.errors import QuickBooksError
from connectors.quickbooks.oauth import OAuthError
from mappings.world import Run
from syncd.clock import BusinessDate, SystemClock
from syncd.cycle import Steps
from syncd.engine.draft import DraftsMovedError
from syncd.engine.marks import read_mark, set_mark
from syncd.engine.push_run import Task
from syncd.engine.quickbooks import NotConnectedError, QuickBooks, QuickBooksFailure, problem_of
from syncd.engine.reference import load_books
from syncd.store.errors import StoreError
from syncd.store.leases import LeaseHeldError, LeaseLostError

_log = structlog.get_logger("syncd.daemon")
_PUSHED = "pushed"
AFTER_OUTAGE = timedelta(minutes=5)
"""How long after QuickBooks could not be asked it is asked again for what is due or in doubt."""
_WORKERS = 16
"""More than there are jobs that may run at once: a slow source must not keep the push waiting."""


class Workers(BasePoolExecutor):  # type: ignore[misc]  # the library is untyped
    """The scheduler's threads, in a pool that can be waited for without the scheduler."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="syncd")
        super().__init__(self.pool)


@dataclass(frozen=True, slots=True)
class Daemon:
    """One company's daemon. `clock.stopping` ends it after the steps that are under way."""

    steps: Steps
    clock: SystemClock
    business: BusinessDate
    workers: Workers = field(default_factory=Workers)

    def serve(self) -> None:
        """Run until `clock.stopping` is set; then finish what is under way, and return."""
        scheduler = self._scheduler()
        self._add_jobs(scheduler)
        scheduler.start()
        _log.info("started", company=self.company, jobs=[job.id for job in scheduler.get_jobs()])
        self.clock.stopping.wait()
        _log.info("stopping", company=self.company)
        self.stop(scheduler)
        _log.info("stopped", company=self.company)

    def stop(self, scheduler: BackgroundScheduler) -> None:
        """Start nothing more, and wait for what is under way."""
        # Waiting inside `shutdown` would hold the scheduler's locks, and a job that plans its next run needs them.
        scheduler.shutdown(wait=False)
        self.workers.pool.shutdown(wait=True)

    @property
    def company(self) -> str:
        return self.steps.config.company.name

    def _scheduler(self) -> BackgroundScheduler:
        # Its own default grace is one second: a machine that slept would skip what was due meanwhile.
        defaults = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        scheduler = BackgroundScheduler(
            timezone=self.steps.config.company.timezone,
            job_defaults=defaults,
            executors={"default": self.workers},
        )
        scheduler.add_listener(_tell, EVENT_JOB_ERROR | EVENT_JOB_MISSED | EVENT_JOB_MAX_INSTANCES)
        return scheduler

    def _add_jobs(self, scheduler: BackgroundScheduler) -> None:
        daemon, now = self.steps.config.daemon, self.clock.now()

        def add(name: str, work: Callable[[], object], trigger: Any, **at: Any) -> None:
            scheduler.add_job(_guarded(name, work), trigger, id=name, **at)

        for source in self.steps.config.sources:
            seconds = daemon.pull_every.total_seconds()
            add(f"pull:{source}", partial(self.pull, source), "interval", seconds=seconds, next_run_time=now)
        for at in daemon.push_at:
            add(f"push:{at:%H:%M}", self._coming_back(scheduler, self.push), self._daily(at))
        seconds = daemon.payments_every.total_seconds()
        add("payments", self.payments, "interval", seconds=seconds, next_run_time=now)
        add("reconcile", self.reconcile, self._daily(daemon.reconcile_at))
        add("catch-up", self._coming_back(scheduler, self.catch_up), "date", run_date=now)

    def _coming_back(
        self, scheduler: BackgroundScheduler, work: Callable[[BackgroundScheduler], None]
    ) -> Callable[[], None]:
        """Work that catches up later where another one holds the lease, or QuickBooks could not be asked.

        The lease's holder may have died, so that nobody else does it; an outage must not put off a doubt for a day.
        """

        def come_back(moment: datetime) -> None:
            again = _guarded("catch-up", self._coming_back(scheduler, self.catch_up))
            scheduler.add_job(again, "date", run_date=moment, id="catch-up", replace_existing=True)

        def job() -> None:
            try:
                work(scheduler)
            except LeaseHeldError as error:
                come_back(max(error.until, self.clock.now()) + timedelta(seconds=1))
                raise
            except (QuickBooksError, OAuthError):
                come_back(self.clock.now() + AFTER_OUTAGE)
                raise

        return job

    def _daily(self, at: time) -> CronTrigger:
        return CronTrigger(hour=at.hour, minute=at.minute, timezone=self.steps.config.company.timezone)

    def pull(self, source: str) -> None:
        """Read one source, draft what is due, and approve what the policy lets through."""
        today = self.business.today(self.steps.config.company.timezone)
        for report in self.steps.pull(today, names=[source]):
            if report.busy:
                raise report.busy
            changes = report.changes
            told = {"new": changes.new, "changed": changes.changed, "deleted": changes.deleted}
            if report.error:
                _log.warning("source-down", source=source, why=report.error, fix=report.fix)
            elif report.fuse:
                _log.warning("vanished-too-many", source=source, why=report.fuse.problem.what)
            _log.info("pulled", source=source, **told, vanished=report.vanished, not_understood=report.problems)
        self._draft(None)

    def _draft(self, opened: QuickBooks | None) -> None:
        today = self.business.today(self.steps.config.company.timezone)
        drafts = self.steps.draft(today, Run(), opened)
        approved = self.steps.auto_approve(drafts)
        blocked = sum(1 for item in drafts.documents if item.document.problems)
        _log.info(
            "drafted",
            documents=len(drafts.documents),
            blocked=blocked,
            withdrawn=len(drafts.withdrawn),
            approved_by_policy=len(approved),
        )

    def push(self, scheduler: BackgroundScheduler) -> None:
        """A whole round with QuickBooks: its lists, drafts over them, the policy, sending, and what was paid."""
        with self.steps.quickbooks() as opened:
            self.steps.reference(opened)
            self._draft(opened)
            self._send(scheduler, opened)
            with self.steps.store.write() as connection:
                set_mark(connection, self.company, _PUSHED, self.clock.now())
            self._payments(opened, whole=False)

    def clear_doubts(self, scheduler: BackgroundScheduler) -> None:
        """Look for what may have been sent, and go on with what waits; nothing is sent for the first time."""
        with self.steps.quickbooks() as opened:
            self._send(scheduler, opened, wanted=was_begun)

    def _send(
        self, scheduler: BackgroundScheduler, opened: QuickBooks, wanted: Callable[[Task], bool] | None = None
    ) -> None:
        report = self.steps.push(opened, wanted=wanted)
        for row in report.outcomes:
            why = row.problem.what if row.problem else ""
            _log.info(
                "sent", document=row.number or row.document_id, operation=row.operation, result=row.result, why=why
            )
        for problem in report.problems:
            _log.warning("push-stopped", problem=problem.code, why=problem.what, fix=problem.fix)
        if report.next_at is not None:
            # The quarantine or a pause ends then; its row waits for nothing else.
            work = _guarded("doubts", self._coming_back(scheduler, self.clear_doubts))
            moment = max(report.next_at, self.clock.now() + timedelta(seconds=1))
            scheduler.add_job(work, "date", run_date=moment, id="doubts", replace_existing=True)

    def payments(self) -> None:
        """Read what changed in QuickBooks."""
        with self.steps.quickbooks() as opened:
            self._first_lists(opened)
            self._payments(opened, whole=False)

    def _first_lists(self, opened: QuickBooks) -> None:
        """Soon after connecting, read the lists: until the first hour of a push every draft would stand as blocked."""
        with self.steps.store.read() as connection:
            known = load_books(connection, self.company) is not None
        if not known:
            self.steps.reference(opened)
            self._draft(opened)

    def reconcile(self) -> None:
        """Compare everything with QuickBooks."""
        with self.steps.quickbooks() as opened:
            self._payments(opened, whole=True)

    def _payments(self, opened: QuickBooks, *, whole: bool) -> None:
        report = self.steps.payments(opened, whole=whole)
        _log.info("payments", whole=report.whole, changed=report.changed, deleted=report.deleted)
        for drift in report.drifts:
            _log.warning("drift", kind=drift.code, document=drift.document_id, why=drift.what)
        for problem in report.problems:
            _log.warning("payments", problem=problem.code, why=problem.what, fix=problem.fix)

    def catch_up(self, scheduler: BackgroundScheduler) -> None:
        """After a start: what was begun is looked for, and a push whose hour passed meanwhile is made now."""
        with self.steps.store.read() as connection:
            pushed = read_mark(connection, self.company, _PUSHED)
        now = self.clock.now().astimezone(self.steps.config.company.timezone)
        if pushed is not None and pushed < latest_before(now, self.steps.config.daemon.push_at):
            self.push(scheduler)
        else:
            self.clear_doubts(scheduler)


def was_begun(task: Task) -> bool:
    """Whether an earlier run has begun to send this, or it is the e-mail of a document that is there already."""
    return task.row.state != "ready" or task.row.doubted or task.row.operation == "send"


def latest_before(now: datetime, times: tuple[time, ...]) -> datetime:
    """The last of these times of day, in `now`'s zone, that has passed: today's, or yesterday's last."""
    moments = [
        datetime.combine(now.date() - timedelta(days=days), at, tzinfo=now.tzinfo) for days in (0, 1) for at in times
    ]
    return max((moment for moment in moments if moment <= now), default=datetime.min.replace(tzinfo=now.tzinfo))


def _guarded(name: str, work: Callable[[], object]) -> Callable[[], None]:
    """A job that logs what may happen on any day, and leaves to the listener what must not."""

    def job() -> None:
        try:
            work()
        except LeaseHeldError as error:
            _log.info("busy", job=name, why=str(error))
        except LeaseLostError as error:
            _log.warning("lease-lost", job=name, why=str(error))
        except NotConnectedError as error:
            _log.warning("not-connected", job=name, why=error.problem.what, fix=error.problem.fix)
        except QuickBooksFailure as error:
            problem = problem_of(error)
            _log.warning("quickbooks", job=name, problem=problem.code, why=problem.what, fix=problem.fix)
        except (StoreError, DraftsMovedError) as error:
            _log.error("store", job=name, why=str(error))

    return job


def _tell(event: JobEvent) -> None:
    if event.code == EVENT_JOB_ERROR:
        error = event.exception
        _log.error("job-failed", job=event.job_id, exc_info=(type(error), error, error.__traceback__))
    elif event.code == EVENT_JOB_MISSED:
        _log.warning("job-missed", job=event.job_id, due=str(event.scheduled_run_time))
    else:
        _log.warning("job-still-running", job=event.job_id)
