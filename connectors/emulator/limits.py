"""The limits of a company: 500 requests a minute and 10 a second, counted over sliding windows."""

from collections import deque
from collections.abc import Callable

PER_SECOND = 10
PER_MINUTE = 500


class RateLimiter:
    """Counts the requests of one company; refused ones do not count."""

    def __init__(self, monotonic: Callable[[], float], *, on: bool) -> None:
        self.on = on
        self._monotonic = monotonic
        self._times: deque[float] = deque()

    def admit(self) -> bool:
        """Count a request, or return False when it is one too many."""
        if not self.on:
            return True
        now = self._monotonic()
        while self._times and self._times[0] <= now - 60:
            self._times.popleft()
        in_last_second = 0
        for time in reversed(self._times):
            if time <= now - 1:
                break
            in_last_second += 1
        if len(self._times) >= PER_MINUTE or in_last_second >= PER_SECOND:
            return False
        self._times.append(now)
        return True
