"""Keeps one company's requests below QuickBooks' limits: 10 a second and 500 a minute, and silence after a 429.

One limiter stands before every thread that speaks to the company. By default it keeps a margin, since requests that
leave here evenly may arrive there bunched.
"""

from __future__ import annotations

import threading
from collections import deque

from connectors.ports import Clock

PER_SECOND = 8
PER_MINUTE = 450
THROTTLE_SECONDS = 60.0
"""QuickBooks asks for a minute's silence after a 429; its answers were never seen to carry Retry-After."""

LONGEST_SILENCE_SECONDS = 86_400.0
"""However long a Retry-After asks for, the next day asks again."""

_SHORTEST_WAIT_SECONDS = 0.001


class SilenceError(Exception):
    """QuickBooks has asked for silence, for so many more seconds."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"silent for {seconds:.0f} s more")
        self.seconds = seconds


class Limiter:
    """Lets requests pass one by one. `throttle_seconds` may be shorter only for the emulator."""

    def __init__(
        self,
        clock: Clock,
        *,
        per_second: int = PER_SECOND,
        per_minute: int = PER_MINUTE,
        throttle_seconds: float = THROTTLE_SECONDS,
    ) -> None:
        assert 0 < per_second <= 10, per_second
        assert per_second <= per_minute <= 500, per_minute
        self._clock = clock
        self._per_second = per_second
        self._per_minute = per_minute
        self._throttle_seconds = throttle_seconds
        self._passed: deque[float] = deque(maxlen=per_minute)
        self._silent_until = float("-inf")
        self._lock = threading.Lock()

    def acquire(self) -> None:
        """Return once a request may leave now, and count it; raises SilenceError rather than wait out a silence.

        So a lease held while sending is never outlived by waiting here: windows of the limits free up within seconds.
        """
        while True:
            with self._lock:
                now = self._clock.monotonic()
                if now < self._silent_until:
                    raise SilenceError(self._silent_until - now)
                wait_seconds = self._earliest() - now
                if wait_seconds <= 0:
                    self._passed.append(now)
                    return
            # Outside the lock: a 429 of another thread must be heard at once.
            self._clock.sleep(max(wait_seconds, _SHORTEST_WAIT_SECONDS))

    def throttled(self, retry_after_seconds: float | None = None) -> None:
        """A 429 came: nothing passes until its Retry-After, or `throttle_seconds` without one, is over."""
        seconds = self._throttle_seconds if retry_after_seconds is None else retry_after_seconds
        with self._lock:
            until = self._clock.monotonic() + min(seconds, LONGEST_SILENCE_SECONDS)
            self._silent_until = max(self._silent_until, until)

    def _earliest(self) -> float:
        """The first moment at which both windows have room."""
        moments = [float("-inf")]
        if len(self._passed) >= self._per_second:
            moments.append(self._passed[-self._per_second] + 1.0)
        if len(self._passed) >= self._per_minute:
            moments.append(self._passed[0] + 60.0)
        return max(moments)
