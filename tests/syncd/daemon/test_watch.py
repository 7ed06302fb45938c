"""Who still lives: a job that gives no sign of life within its time is silent, whichever thread works for it."""

from __future__ import annotations

from threading import Thread

from syncd.daemon.watch import SILENCE_SECONDS, Watch
from tests.support.clock import FakeClock


def test_a_job_without_a_sign_of_life_becomes_silent(clock: FakeClock) -> None:
    watch = Watch(clock)
    with watch.running("Atelier/pull:timesheets"):
        clock.advance(SILENCE_SECONDS)
        assert watch.silent() == []
        clock.advance(1)
        assert watch.silent() == ["Atelier/pull:timesheets"]

    assert watch.silent() == watch.jobs() == []


def test_a_beat_of_a_thread_that_works_for_the_job_counts_for_this_job_alone(clock: FakeClock) -> None:
    watch = Watch(clock)
    with watch.running("one"):
        beat = watch.beat_of_this_job()
        other = Thread(target=hanging, args=(watch, clock, beat))
        other.start()
        other.join()

    assert watch.silent() == []


def hanging(watch: Watch, clock: FakeClock, beat_of_the_first: object) -> None:
    with watch.running("two"):
        for _ in range(3):
            clock.advance(SILENCE_SECONDS / 2)
            assert callable(beat_of_the_first)
            beat_of_the_first()
        assert watch.silent() == ["two"]
        watch.beat_of_this_job()()
        assert watch.silent() == []


def test_a_wait_ends_when_nothing_runs_or_when_its_time_is_over(clock: FakeClock) -> None:
    watch = Watch(clock)
    with watch.running("one"):
        assert not watch.wait_until_idle(0.01)

    assert watch.wait_until_idle(0.01)
