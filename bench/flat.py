"""`python -m bench.flat`: 10,000 idle cycles of the daemon's jobs, and what memory and files they leave behind.

A cycle is a pull of a folder of files with its draft, and a look at payments over HTTP, one after the other and without
the pauses in between. QuickBooks' emulator is a process of its own. `python -m bench.flat 1000 10000` says after how
many cycles it measures.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

from syncd.clock import BusinessDate
from syncd.config import load_config
from syncd.cycle import Steps
from syncd.daemon import Daemon
from syncd.logging import configure
from syncd.store.database import open_store
from tests.e2e.company import CUSTOMERS, Company, emulator_process, entry, starter, timesheet

MARKS = (1_000, 10_000)


@dataclass
class Hurried:
    """The real clock, moved on by every pause instead of waiting for it."""

    ahead: timedelta = timedelta(0)
    stopping: Event = field(default_factory=Event)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def monotonic(self) -> float:
        return time.monotonic() + self.ahead.total_seconds()

    def sleep(self, seconds: float) -> None:
        self.ahead += timedelta(seconds=seconds)


@dataclass(frozen=True, slots=True)
class Sample:
    """What the process holds after so many cycles."""

    cycles: int
    resident_kib: int
    files: int
    threads: int
    seconds: float


def sample(cycles: int, seconds: float) -> Sample:
    """Measure now."""
    gc.collect()
    status = Path("/proc/self/status").read_text(encoding="utf-8")
    resident = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS:"))
    return Sample(cycles, int(resident), len(os.listdir("/proc/self/fd")), threading.active_count(), seconds)


def run(marks: tuple[int, ...]) -> Iterator[Sample]:
    """Run as many cycles as the last mark says, and measure at each."""
    configure(level=logging.WARNING)
    with tempfile.TemporaryDirectory() as folder, emulator_process() as url:
        company = Company(Path(folder), url, f"sqlite:///{folder}/syncd.db", since="2026-01-01")
        company.emulator("/emulator/seed", {"customers": CUSTOMERS})
        company.connect()
        company.inbox(timesheet(*(entry(number, "1.00", "Hydro") for number in range(100))))
        company.bill()
        company.emulator("/emulator/settings", {"limits": False})
        clock = Hurried()
        store = open_store(company.store_url, clock)
        try:
            yield from _samples(_cycle_of(company, clock, store), marks)
        finally:
            store.close()
            starter().close()


def _cycle_of(company: Company, clock: Hurried, store: object) -> Callable[[], None]:
    os.environ["SYNCD_STORE_URL"] = company.store_url
    steps = Steps(store, load_config(company.folder / "config.toml"), clock, "bench")  # type: ignore[arg-type]
    daemon = Daemon([steps], clock, BusinessDate(clock))  # type: ignore[arg-type]
    [jobs] = daemon.companies
    work = {job.name: daemon.guard.job(jobs.name, job.name, job.work) for job in jobs.jobs(clock.now())}
    overseer = daemon.overseer()

    def cycle() -> None:
        work["pull:timesheets"]()
        work["payments"]()
        overseer.look()
        assert not daemon.outages.all(), daemon.outages.all()

    return cycle


def _samples(cycle: Callable[[], None], marks: tuple[int, ...]) -> Iterator[Sample]:
    began = time.monotonic()
    for number in range(1, max(marks) + 1):
        cycle()
        if number in marks:
            yield sample(number, time.monotonic() - began)


def main(arguments: list[str]) -> int:
    """Print a row for each mark."""
    marks = tuple(int(word) for word in arguments) or MARKS
    sys.stdout.write(f"{'cycles':>8} {'RSS KiB':>9} {'files':>6} {'threads':>8} {'seconds':>8}\n")
    for row in run(marks):
        line = f"{row.cycles:>8} {row.resident_kib:>9} {row.files:>6} {row.threads:>8} {row.seconds:>8.1f}\n"
        sys.stdout.write(line)
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
