"""What `syncd doctor` looks at: each check says in a sentence how it is, or what is wrong and the fix."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from syncd.checks.check import Check
from syncd.checks.daemon import check_daemon, check_leases
from syncd.checks.database import check_backups, check_database, check_outbox
from syncd.checks.files import check_files, check_key, check_tables
from syncd.checks.machine import check_clock, check_disk, check_time_zone
from syncd.checks.quickbooks import check_quickbooks
from syncd.checks.sources import check_source
from syncd.cycle import Steps

__all__ = ["Check", "checks_of"]

_HERE = (
    *(check_files, check_tables, check_database, check_clock, check_time_zone, check_disk, check_key),
    *(check_daemon, check_leases, check_outbox, check_backups),
)

_AT_ONCE = 8


def checks_of(steps: Steps) -> Iterator[Check]:
    """Every check after the config was read, from the nearest to the farthest.

    What is far is asked all at once: each dead server costs its time-outs, and they would add up.
    """
    for check in _HERE:
        yield check(steps)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        far = [pool.submit(check_source, steps, name) for name in steps.config.sources]
        far.append(pool.submit(check_quickbooks, steps))
        for asked in far:
            yield asked.result()
