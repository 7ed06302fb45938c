"""Work that another thread does while its caller goes on: one piece at a time, and none is forgotten."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType
from typing import Self


class Behind:
    """A thread, started when there is something for it, that never is more than one piece of work behind.

    Whoever hands over the next piece, or waits, gets what went wrong with the one before. Leaving the context waits
    for the thread, whatever the reason.
    """

    def __init__(self, name: str) -> None:
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._under_way: Future[None] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread.shutdown()
        if kind is None:
            self.wait()

    def start(self, work: Callable[[], None]) -> None:
        """Do this once the piece before is done."""
        self.wait()
        self._under_way = self._thread.submit(work)

    def wait(self) -> None:
        """Until nothing is under way; raises what the work has raised."""
        under_way, self._under_way = self._under_way, None
        if under_way is not None:
            under_way.result()
