"""How a command begins, and how seldom it looks for garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

OBJECTS_BETWEEN = 50_000


def collect_seldom() -> None:
    """Look for garbage after so many new objects; Python's own 700 took a fifth of a pull.

    Records come and go by thousands, and what nobody holds any more is gone without looking.
    """
    gc.set_threshold(OBJECTS_BETWEEN)


@contextmanager
def uncollected() -> Iterator[None]:
    """Look for no garbage meanwhile: where much is loaded and little thrown away, that took a fifth of the time."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()
