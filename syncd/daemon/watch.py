"""What runs now, and when it last gave a sign of life: a page, a request, a document.

systemd's watchdog is fed only while every job gives one in time, so that a daemon that hangs is started again.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from syncd.clock import Clock

SILENCE_SECONDS = 600.0
"""More than the longest wait of any step: one request with its retries, one page stored, another's token refresh."""


@dataclass(slots=True)
class _Run:
    """One job under way."""

    job: str
    beat_at: float


class Watch:
    """Knows each job that is under way. May be used by several threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._runs: list[_Run] = []
        self._changed = threading.Condition()
        self._of_thread = threading.local()

    @contextmanager
    def running(self, job: str) -> Iterator[None]:
        """A block that is this job, in this thread."""
        run = _Run(job, self._clock.monotonic())
        with self._changed:
            self._runs.append(run)
        self._of_thread.run = run
        try:
            yield
        finally:
            self._of_thread.run = None
            with self._changed:
                self._runs.remove(run)
                self._changed.notify_all()

    def beat_of_this_job(self) -> Callable[[], None]:
        """What this thread's job calls, from any thread that works for it, to show that it lives."""
        run: _Run | None = getattr(self._of_thread, "run", None)

        def beat() -> None:
            if run is not None:
                run.beat_at = self._clock.monotonic()

        return beat

    def jobs(self) -> list[str]:
        """The jobs under way."""
        with self._changed:
            return [run.job for run in self._runs]

    def silent(self) -> list[str]:
        """The jobs that have given no sign of life for too long."""
        now = self._clock.monotonic()
        with self._changed:
            return [run.job for run in self._runs if now - run.beat_at > SILENCE_SECONDS]

    def wait_until_idle(self, seconds: float) -> bool:
        """Wait until nothing runs, at most so long; whether nothing does."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._runs, seconds)
