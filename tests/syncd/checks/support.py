"""One of doctor's checks, for tests that look at one."""

from __future__ import annotations

from pathlib import Path

from syncd.checks import Check, checks_of
from syncd.cycle import Steps
from syncd.store.database import Store
from tests.support.books import write_config
from tests.support.clock import FakeClock

NOBODY = "http://127.0.0.1:1"
TRACKER = """
[sources.tracker]
kind = "redmine"
url = "http://127.0.0.1:1"
token = "file:tracker.key"
since = 2026-10-01
"""


def steps_of(store: Store, folder: Path, clock: FakeClock, more: str = "", url: str = NOBODY) -> Steps:
    """The steps of a company whose config ends with `more`, and whose QuickBooks is at `url`."""
    return Steps(store, write_config(folder, url, more=more), clock, "test")


def check(store: Store, folder: Path, clock: FakeClock, name: str, more: str = "") -> Check:
    """The check of that name."""
    return next(each for each in checks_of(steps_of(store, folder, clock, more)) if each.name == name)


def codes(found: Check) -> list[str]:
    """What it found wrong."""
    return [problem.code for problem in found.problems]
