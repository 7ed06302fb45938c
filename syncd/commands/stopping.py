"""SIGTERM and SIGINT ask a command to finish its step; a second one is not needed, and is ignored."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from syncd.clock import SystemClock


@contextmanager
def finishing_on_signals(clock: SystemClock) -> Iterator[None]:
    """Within it the two signals set `clock.stopping`, which ends every wait and keeps new sends from beginning."""

    def stop(_number: int, _frame: FrameType | None) -> None:
        clock.stopping.set()

    before = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
