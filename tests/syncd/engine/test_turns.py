"""One company's requests keep QuickBooks' pace, however many processes make them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from threading import Thread

from syncd.engine.turns import SharedLimiter, take_turn
from syncd.store.database import Store, open_store
from tests.support.clock import FakeClock


def most_within(seconds: float, moments: list[float]) -> int:
    return max(sum(1 for other in moments if moment <= other < moment + seconds) for moment in moments)


def test_two_processes_together_keep_the_pace(store: Store, store_url: str) -> None:
    """Each has a limiter of its own that would let 8 a second pass: together they must not make 16."""
    clock = FakeClock()
    other = open_store(store_url, clock)
    limiters = [SharedLimiter(part, "Atelier", clock, throttle_seconds=60) for part in (store, other)]
    left: list[float] = []
    for count in range(120):
        limiters[count % 2].acquire()
        left.append(clock.monotonic())
    other.close()

    assert most_within(1.0, left) <= 10
    assert left[-1] - left[0] >= 118 * 60 / 450 - 0.01


def test_after_a_pause_nothing_waits(store: Store) -> None:
    clock = FakeClock()

    waits = [take_turn(store, "Atelier", clock) for _ in range(2)]
    clock.advance(5)
    waits.append(take_turn(store, "Atelier", clock))

    assert [wait <= timedelta(0) for wait in waits] == [True, True, True]


def test_companies_do_not_wait_for_one_another(store: Store) -> None:
    clock = FakeClock(datetime(2026, 11, 2, tzinfo=UTC))
    for _ in range(20):
        take_turn(store, "Atelier", clock)

    assert take_turn(store, "Acme", clock) <= timedelta(0)


def test_no_two_threads_share_a_turn(store: Store) -> None:
    clock = FakeClock()
    waits: list[timedelta] = []
    threads = [
        Thread(target=lambda: waits.extend(take_turn(store, "Atelier", clock) for _ in range(5))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(waits)) == 20


def test_a_clock_that_was_put_back_makes_nobody_wait_as_long(store: Store) -> None:
    clock = FakeClock(datetime(2026, 11, 2, 9, tzinfo=UTC))
    for _ in range(5):
        take_turn(store, "Atelier", clock)

    hour_before = FakeClock(datetime(2026, 11, 2, 8, tzinfo=UTC))
    waits = [take_turn(store, "Atelier", hour_before) for _ in range(3)]

    assert max(waits) < timedelta(seconds=1)
    assert waits == sorted(waits)
