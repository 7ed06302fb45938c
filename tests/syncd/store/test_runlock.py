"""One daemon a database file."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest

from syncd.store.database import Store, open_store
from syncd.store.runlock import AlreadyRunningError, run_lock
from tests.support.clock import FakeClock

HOLDER = "syncd run on finance01, process 12 [99.42]"


def test_a_second_daemon_on_the_same_file_is_refused_by_name(sqlite_store: Store) -> None:
    with (
        run_lock(sqlite_store, HOLDER),
        pytest.raises(AlreadyRunningError) as caught,
        run_lock(sqlite_store, "syncd run on finance01, process 13"),
    ):
        pass
    assert str(caught.value) == "syncd run on finance01, process 12 already runs on this database."


def test_the_lock_is_free_after_the_block(sqlite_store: Store) -> None:
    for holder in (HOLDER, "syncd run on finance01, process 1300000"):
        with run_lock(sqlite_store, holder):
            assert sqlite_store.path is not None
            assert sqlite_store.path.with_name("syncd.db.lock").read_text() == holder


def test_the_lock_ends_with_its_process(sqlite_store: Store, sqlite_url: str) -> None:
    script = f"""
import time
from syncd.clock import SystemClock
from syncd.store.database import open_store
from syncd.store.runlock import run_lock
with run_lock(open_store({sqlite_url!r}, SystemClock()), "the other one"):
    print("held", flush=True)
    time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        with pytest.raises(AlreadyRunningError, match="the other one"), run_lock(sqlite_store, HOLDER):
            pass
        other.send_signal(signal.SIGKILL)
    with run_lock(sqlite_store, HOLDER):
        pass


def test_daemons_on_postgresql_are_kept_apart_by_leases_alone(postgres_url: str, clock: FakeClock) -> None:
    store = open_store(postgres_url, clock)
    with run_lock(store, HOLDER), run_lock(store, "syncd run on finance02, process 12"):
        pass
    store.close()
