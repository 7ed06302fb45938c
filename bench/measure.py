"""Time, CPU time and memory of one piece of work, in a process of its own."""

from __future__ import annotations

import multiprocessing
import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from syncd.commands.loading import collect_seldom


@dataclass(frozen=True, slots=True)
class Measured:
    """What one piece of work took. `cpu_seconds` are this process' own: a database server's are not in it."""

    seconds: float
    cpu_seconds: float
    rss_mb: float = 0
    """The most memory that the process has held until then."""


class Stopwatch:
    """Counts while it runs."""

    def __init__(self) -> None:
        self._seconds = self._cpu_seconds = 0.0

    @contextmanager
    def running(self) -> Iterator[None]:
        seconds, cpu_seconds = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self._seconds += time.perf_counter() - seconds
            self._cpu_seconds += time.process_time() - cpu_seconds

    def read(self) -> Measured:
        """What has been counted so far."""
        return Measured(self._seconds, self._cpu_seconds, peak_rss_mb())


def peak_rss_mb(pid: int | str = "self") -> float:
    """The most memory that a process has held since it began its program."""
    return _memory_mb("VmHWM", pid)


def rss_mb(pid: int | str = "self") -> float:
    """The memory that a process holds now."""
    return _memory_mb("VmRSS", pid)


def _memory_mb(name: str, pid: int | str) -> float:
    # Not getrusage: its maximum begins with that of the process that was forked.
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found, f"/proc/{pid}/status has no {name}"
    return int(found[1]) / 1024


def in_child(work: Callable[..., Any], *arguments: Any) -> Any:
    """Call a function of a module in a fresh process and return its result; its memory is its own.

    It looks for garbage as seldom as syncd's own process does, for the yardsticks too.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1, collect_seldom) as pool:
        return pool.apply(work, arguments)
