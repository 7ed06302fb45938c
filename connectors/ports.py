"""What the edges are handed instead of reaching for it themselves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """The time, and waiting for it. Real in the daemon, driven by hand in tests and in the simulator."""

    def now(self) -> datetime:
        """The present instant, with its offset."""
        ...

    def monotonic(self) -> float:
        """Seconds that only grow; differences mean something, the value does not."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        ...


def _nothing() -> None:
    """Asks for nothing."""


@dataclass(frozen=True, slots=True)
class Ports:
    """What the engine hands to a source when it opens it."""

    clock: Clock
    timezone: ZoneInfo
    """The company's: decides the day of an instant, and places a local time."""
    base_folder: Path
    """The folder of config.toml, which relative paths start from."""
    hours_per_day: Decimal | None = None
    secret: Callable[[str], str] = str
    """Turns a setting such as `env:NAME` into the secret, at the moment that it is needed."""
    before_request: Callable[[], None] = _nothing
    """Called before each request leaves: the engine asserts there that no write transaction is open."""
