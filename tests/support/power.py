"""A process that can die at any boundary, as by kill -9: nothing that it would do afterwards happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from sqlalchemy import Connection

from syncd.engine.quickbooks import QuickBooks, open_quickbooks
from syncd.store.database import Store
from tests.support.books import Desk


class Killed(BaseException):
    """No `except Exception` and no retry catches it."""


class Power:
    """Goes off at the given boundary, for good; `passed` counts the boundaries."""

    def __init__(self, off_at: int) -> None:
        self.off_at, self.passed = off_at, 0
        self._lock = Lock()

    def boundary(self, *_: Any) -> None:
        """One moment between two effects."""
        with self._lock:
            self.passed += 1
            if self.passed >= self.off_at:
                raise Killed

    def check(self) -> None:
        """A dead process does nothing more."""
        if self.passed >= self.off_at:
            raise Killed


class DyingStore(Store):
    """The same database, in a process that may die before a commit, or right after it."""

    def __init__(self, store: Store, power: Power) -> None:
        super().__init__(store.engine, store.clock)
        self._power = power

    @contextmanager
    def read(self, *, much: bool = False) -> Iterator[Connection]:
        self._power.check()
        with super().read(much=much) as connection:
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        self._power.check()
        with super().write(durable=durable) as connection:
            yield connection
            self._power.boundary()
        self._power.boundary()


@contextmanager
def dying(desk: Desk, off_at: int) -> Iterator[tuple[Store, QuickBooks, Power]]:
    """A process of the desk's company that dies at a boundary: around each commit, each request, each answer."""
    power = Power(off_at)
    store = DyingStore(desk.store, power)
    opened = open_quickbooks(store, desk.config, desk.clock, "dying")
    hooks = opened.http.event_hooks
    # When the answer's head arrives, the other side has done its part.
    opened.http.event_hooks = {
        "request": [*hooks["request"], power.boundary],
        "response": [*hooks["response"], power.boundary],
    }
    try:
        yield store, opened, power
    finally:
        opened.close()
