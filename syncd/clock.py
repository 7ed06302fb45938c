"""The only module that reads a clock. Everyone else is handed one, so that tests and catch-up runs can set the date."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from threading import Event
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Real time: quarantine, leases, tokens and limits live on it."""

    def now(self) -> datetime: ...

    def monotonic(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


@dataclass(frozen=True)
class SystemClock:
    """The machine's clock. `stopping`, once set, ends every sleep, so that SIGTERM waits for no pause."""

    stopping: Event = field(default_factory=Event)

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        return time.monotonic()

    def sleep(self, seconds: float) -> None:
        self.stopping.wait(seconds)


def is_stopping(clock: Clock) -> bool:
    """Whether this process is asked to end: what is under way is finished, and nothing more is begun."""
    stopping: Event | None = getattr(clock, "stopping", None)
    return stopping is not None and stopping.is_set()


@dataclass(frozen=True)
class BusinessDate:
    """The date that decides which period is over and what is late or overdue; `--now` sets it, nothing else moves."""

    clock: Clock
    fixed: datetime | None = None

    def now(self) -> datetime:
        return self.fixed or self.clock.now()

    def today(self, timezone: ZoneInfo) -> date:
        """The local day in the company's zone."""
        return self.now().astimezone(timezone).date()
