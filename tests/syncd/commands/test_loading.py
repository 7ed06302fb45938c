"""A short command loads what it needs, and nothing that another database or the daemon needs."""

from __future__ import annotations

import gc
import subprocess
import sys

from syncd.commands.loading import OBJECTS_BETWEEN, uncollected

_STATUS = "syncd.config, syncd.store.database, syncd.store.migrate, syncd.reports.take, syncd.reports.status_text"


def test_a_status_loads_no_logs_no_http_and_no_other_database() -> None:
    code = f"import sys; import syncd.commands.status, {_STATUS}; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = set(run.stdout.split())

    assert "syncd.reports.take" in loaded
    assert not loaded & {"structlog", "httpx", "alembic", "apscheduler", "sqlalchemy.dialects.postgresql"}


def test_garbage_is_looked_for_again_afterwards() -> None:
    assert gc.isenabled()
    with uncollected(), uncollected():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_command_looks_for_garbage_seldom() -> None:
    code = "import atexit, gc, syncd.__main__ as it; atexit.register(lambda: print(gc.get_threshold()[0])); it.main()"
    run = subprocess.run([sys.executable, "-c", code, "--version"], capture_output=True, text=True, check=True)
    assert run.stdout.split()[-1] == str(OBJECTS_BETWEEN)
