"""What the edges are handed instead of reaching for it themselves."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


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
