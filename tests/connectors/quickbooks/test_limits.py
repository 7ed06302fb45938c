"""The company's limits, on a clock that only the limiter moves."""

from __future__ import annotations

import threading

import pytest

from connectors.quickbooks.limits import Limiter, SilenceError
from syncd.clock import SystemClock
from tests.support.clock import FakeClock


def passes(limiter: Limiter, clock: FakeClock, count: int) -> list[float]:
    moments = []
    for _ in range(count):
        limiter.acquire()
        moments.append(clock.monotonic())
    return moments


def most_within(moments: list[float], seconds: float) -> int:
    """The largest number of moments in any window, its end excluded."""
    return max(sum(1 for other in moments if start <= other < start + seconds) for start in moments)


def test_no_second_and_no_minute_sees_too_many() -> None:
    clock = FakeClock()

    moments = passes(Limiter(clock), clock, 1200)

    assert most_within(moments, 1.0) == 8
    assert most_within(moments, 60.0) == 450
    # 450 a minute: the last of 1200 leaves in the third minute.
    assert 120 <= moments[-1] - moments[0] <= 180


def test_a_few_requests_do_not_wait() -> None:
    clock = FakeClock()

    passes(Limiter(clock), clock, 8)

    assert clock.slept == []


def test_silence_lasts_a_minute_or_what_was_asked() -> None:
    clock = FakeClock()
    limiter = Limiter(clock)

    limiter.throttled()
    with pytest.raises(SilenceError) as caught:
        limiter.acquire()
    assert caught.value.seconds == 60

    limiter.throttled(90)
    limiter.throttled(1)
    clock.advance(89)
    with pytest.raises(SilenceError):
        limiter.acquire()
    clock.advance(1)
    limiter.acquire()


def test_a_silence_ends_after_a_day_at_most() -> None:
    clock = FakeClock()
    limiter = Limiter(clock)

    limiter.throttled(999_999_999)
    clock.advance(86_400)

    limiter.acquire()


def test_limits_beyond_those_of_quickbooks_are_a_defect() -> None:
    with pytest.raises(AssertionError):
        Limiter(FakeClock(), per_second=11)
    with pytest.raises(AssertionError):
        Limiter(FakeClock(), per_minute=501)


def test_threads_share_the_limit() -> None:
    clock = SystemClock()
    limiter = Limiter(clock, per_second=5)
    moments: list[float] = []

    def work() -> None:
        for _ in range(4):
            limiter.acquire()
            moments.append(clock.monotonic())

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    # A moment is noted a little after its request passed, so a window a little shorter than a second is looked at.
    assert len(moments) == 12
    assert most_within(moments, 0.95) <= 5
