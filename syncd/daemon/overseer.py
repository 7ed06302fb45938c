"""What the main thread looks after while the others work: hung jobs, jumps of the clock, systemd, a line a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from apscheduler.schedulers.base import BaseScheduler
from apscheduler.triggers.interval import IntervalTrigger

from syncd.clock import Clock
from syncd.daemon.guard import Guard
from syncd.daemon.notify import Notifier
from syncd.daemon.outages import Outages
from syncd.daemon.watch import Watch

_log = structlog.get_logger("syncd.daemon")
LOOK_SECONDS = 10.0
"""How often it looks."""
JUMP_SECONDS = 60.0
"""NTP moves a clock by less than this without a step; a look takes less, too."""
OVERDUE_SECONDS = 120.0
"""A job that is due for longer and was not started: the scheduler's thread does not work."""
ALIVE_EVERY_SECONDS = 86_400.0


class Overseer:
    """Looks every `pause_seconds`."""

    def __init__(
        self,
        companies: Sequence[str],
        scheduler: BaseScheduler,
        *,
        clock: Clock,
        watch: Watch,
        guard: Guard,
        outages: Outages,
        notifier: Notifier,
    ) -> None:
        self._companies, self._scheduler = companies, scheduler
        self._clock, self._watch, self._guard, self._outages = clock, watch, guard, outages
        self._notifier = notifier
        self._started_at = self._alive_at = clock.monotonic()
        self._seen = (clock.now(), clock.monotonic())
        self._status, self._hung = "", False

    @property
    def pause_seconds(self) -> float:
        """Often enough that the watchdog's time never passes between two looks."""
        watchdog = self._notifier.watchdog_seconds
        return LOOK_SECONDS if watchdog is None else min(LOOK_SECONDS, watchdog / 3)

    def look(self) -> None:
        """Once round; the watchdog is fed only if every job has given a sign of life in its time."""
        self._mend_jump()
        silent, overdue = self._watch.silent(), self._overdue()
        hung = bool(silent or overdue)
        if not hung:
            self._notifier.alive()
        elif not self._hung:
            _log.error("hung", jobs=silent, overdue=overdue)
        self._hung = hung
        self._tell_status()
        self._tell_alive()

    def _overdue(self) -> list[str]:
        """Jobs that the scheduler should have started: its thread has died, or hangs."""
        late = self._clock.now() - timedelta(seconds=OVERDUE_SECONDS)
        return [job.id for job in self._scheduler.get_jobs() if job.next_run_time and job.next_run_time < late]

    def _mend_jump(self) -> None:
        """After a suspend or a step of the clock, let what is due now be due now: once, whatever was missed.

        The scheduler sleeps by the monotonic clock, which stands still in a suspend; and what was planned by a clock
        that has been put back would wait for as long as it was put back.
        """
        now, monotonic = self._clock.now(), self._clock.monotonic()
        jump_seconds = (now - self._seen[0]).total_seconds() - (monotonic - self._seen[1])
        self._seen = (now, monotonic)
        if abs(jump_seconds) < JUMP_SECONDS:
            return
        _log.warning("clock-jumped", seconds=round(jump_seconds))
        if jump_seconds < 0:
            self._plan_anew(now)
        self._scheduler.wakeup()

    def _plan_anew(self, now: datetime) -> None:
        """What recurs is due after one interval at the latest, or at its next hour by the clock as it is now."""
        for job in self._scheduler.get_jobs():
            if isinstance(job.trigger, IntervalTrigger):
                latest = now + job.trigger.interval
                if job.next_run_time > latest:
                    job.modify(next_run_time=latest)
            elif (due := job.trigger.get_next_fire_time(None, now)) and due < job.next_run_time:
                job.modify(next_run_time=due)

    def _tell_status(self) -> None:
        served = self._companies[0] if len(self._companies) == 1 else f"{len(self._companies)} companies"
        down = [
            " ".join(filter(None, (one.thing, one.name, f"of {one.company}" if len(self._companies) > 1 else "")))
            + f" since {one.since:%Y-%m-%d %H:%M} UTC"
            for one in self._outages.all()
        ]
        status = f"Serving {served}; " + (f"down: {', '.join(down)}" if down else "all is well")
        if status != self._status:
            self._status = status
            self._notifier.status(status)

    def _tell_alive(self) -> None:
        """A line a day, so that a silent log and a dead daemon do not look alike."""
        now = self._clock.monotonic()
        if now - self._alive_at < ALIVE_EVERY_SECONDS:
            return
        self._alive_at = now
        done, failed = self._guard.counts()
        days = round((now - self._started_at) / 86_400, 1)
        _log.info("alive", days=days, jobs_done=done, jobs_failed=failed, down=len(self._outages.all()))
