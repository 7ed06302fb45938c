"""SIGTERM and SIGINT ask a command to finish its step, SIGHUP the daemon to read its tables again."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from queue import SimpleQueue
from types import FrameType
from typing import TYPE_CHECKING

from syncd.clock import SystemClock

if TYPE_CHECKING:
    from syncd.daemon.service import Request


@contextmanager
def finishing_on_signals(clock: SystemClock) -> Iterator[None]:
    """Within it the two signals set `clock.stopping`, which ends every wait and keeps new sends from beginning.

    A second one is not needed, and is ignored.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        clock.stopping.set()

    with _handling({signal.SIGTERM: stop, signal.SIGINT: stop}):
        yield


@contextmanager
def requesting(requests: SimpleQueue[Request]) -> Iterator[None]:
    """Within it the two signals, and SIGHUP, are put to the daemon's requests.

    A queue of this kind may be put to while the same thread waits on it, as a signal handler does.
    """

    def stop(_number: int, _frame: FrameType | None) -> None:
        requests.put("stop")

    def reload(_number: int, _frame: FrameType | None) -> None:
        requests.put("reload")

    with _handling({signal.SIGTERM: stop, signal.SIGINT: stop, signal.SIGHUP: reload}):
        yield


@contextmanager
def _handling(handlers: Mapping[signal.Signals, Callable[[int, FrameType | None], None]]) -> Iterator[None]:
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
