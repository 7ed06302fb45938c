"""One piece of work behind, and what goes wrong with it is told."""

from __future__ import annotations

from threading import Event, get_ident

import pytest

from syncd.engine.behind import Behind


def test_pieces_are_done_in_order_by_another_thread() -> None:
    done: list[int] = []
    threads: set[int] = set()

    def piece(number: int) -> None:
        threads.add(get_ident())
        done.append(number)

    with Behind("test") as behind:
        for number in range(5):
            behind.start(lambda number=number: piece(number))  # type: ignore[misc]
        behind.wait()
        assert done == [0, 1, 2, 3, 4]
    assert len(threads) == 1
    assert get_ident() not in threads


def test_the_next_piece_waits_for_the_one_before() -> None:
    may_end, order = Event(), []

    def slow() -> None:
        may_end.wait(5)
        order.append("slow")

    with Behind("test") as behind:
        behind.start(slow)
        order.append("caller")
        may_end.set()
        behind.start(lambda: order.append("next"))
    assert order == ["caller", "slow", "next"]


def fail() -> None:
    raise ValueError("no room")


def test_what_goes_wrong_is_told_at_the_next_piece_once() -> None:
    done: list[str] = []
    with Behind("test") as behind:
        behind.start(fail)
        with pytest.raises(ValueError, match="no room"):
            behind.start(lambda: done.append("next"))
        behind.wait()
    assert done == []


def test_what_goes_wrong_with_the_last_piece_is_told_at_the_end() -> None:
    with pytest.raises(ValueError, match="no room"), Behind("test") as behind:
        behind.start(fail)


def test_an_error_of_the_caller_waits_for_the_piece_and_stays_the_error() -> None:
    done: list[str] = []

    def slow() -> None:
        Event().wait(0.05)
        done.append("slow")
        fail()

    def call() -> None:
        with Behind("test") as behind:
            behind.start(slow)
            raise KeyError

    with pytest.raises(KeyError):
        call()
    assert done == ["slow"]
