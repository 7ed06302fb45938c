"""What `syncd doctor` looks at: each check says in a sentence how it is, or what is wrong and the fix."""

from __future__ import annotations

from collections.abc import Iterator

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


def checks_of(steps: Steps) -> Iterator[Check]:
    """Every check after the config was read, from the nearest to the farthest."""
    for check in _HERE:
        yield check(steps)
    for name in steps.config.sources:
        yield check_source(steps, name)
    yield check_quickbooks(steps)
