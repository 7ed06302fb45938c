"""What doctor says of the daemon: whether one runs, when anything last got on, and who holds which lease."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.checks.daemon import check_daemon, check_leases
from syncd.cycle import Steps
from syncd.store.database import Store
from syncd.store.holders import this_process
from syncd.store.leases import acquire
from syncd.store.runlock import run_lock
from syncd.store.sources import write_state
from tests.support.books import COMPANY
from tests.support.clock import FakeClock
from tests.syncd.checks.support import TRACKER, codes, steps_of


@pytest.fixture
def steps(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Steps:
    return steps_of(sqlite_store, tmp_path, clock, TRACKER)


def read_at(steps: Steps, clock: FakeClock) -> None:
    with steps.store.write() as connection:
        write_state(connection, COMPANY, "tracker", last_complete_at=clock.now())


def dead() -> str:
    """The name of a process of this machine that has ended."""
    child = os.fork()
    if child == 0:
        os._exit(0)
    name = this_process("syncd run").replace(f"process {os.getpid()} ", f"process {child} ")
    os.waitpid(child, 0)
    return name


def test_before_anything_ran_there_is_nothing_to_tell(steps: Steps) -> None:
    assert (check_daemon(steps).says, check_daemon(steps).state) == ("none runs; nothing was read yet", "ok")


def test_a_daemon_that_runs_is_named(steps: Steps, clock: FakeClock) -> None:
    read_at(steps, clock)
    with run_lock(steps.store, this_process("syncd run")):
        began = clock.now().timestamp()
        os.utime(tmp_lock(steps), (began, began))
        found = check_daemon(steps)

    assert found.state == "ok"
    name = this_process("syncd run").partition(" [")[0]
    assert found.says == f"{name} runs since 2026-11-02 09:00 UTC; last progress 2026-11-02 09:00 UTC"


def tmp_lock(steps: Steps) -> Path:
    assert steps.store.path is not None
    return steps.store.path.with_name(steps.store.path.name + ".lock")


@pytest.mark.parametrize(("minutes", "told"), [(59, []), (61, ["daemon-silent"])])
def test_a_daemon_that_gets_nowhere_is_told(steps: Steps, clock: FakeClock, minutes: int, told: list[str]) -> None:
    read_at(steps, clock)
    with run_lock(steps.store, this_process("syncd run")):
        began = clock.now().timestamp()
        os.utime(tmp_lock(steps), (began, began))
        clock.advance(60 * minutes)
        found = check_daemon(steps)

    assert codes(found) == told


@pytest.mark.parametrize(("hours", "told"), [(23, []), (25, ["daemon-not-running"])])
def test_a_daemon_that_has_died_is_told_once_nothing_was_read_for_a_day(
    steps: Steps, clock: FakeClock, hours: int, told: list[str]
) -> None:
    read_at(steps, clock)
    tmp_lock(steps).write_text(dead(), encoding="utf-8")
    clock.advance(3600 * hours)

    found = check_daemon(steps)

    assert found.says == "none runs; last progress 2026-11-02 09:00 UTC"
    assert codes(found) == told


def test_on_postgresql_what_got_on_tells(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock, postgres_url: str
) -> None:
    from syncd.store.database import open_store

    store = open_store(postgres_url, clock)
    steps = steps_of(store, tmp_path, clock, TRACKER)
    read_at(steps, clock)
    with store.write() as connection:
        acquire(connection, COMPANY, "push", dead(), 300, clock.now())
        acquire(connection, COMPANY, "pull:tracker", this_process("syncd pull"), 300, clock.now())
    found, leases = check_daemon(steps), check_leases(steps)
    clock.advance(86_401)
    late, free = check_daemon(steps), check_leases(steps)
    store.close()

    assert found.says == "on PostgreSQL, on any machine; last progress 2026-11-02 09:00 UTC"
    assert (codes(found), codes(late)) == ([], ["daemon-not-running"])
    assert codes(leases) == ["lease-of-the-dead"]
    assert "still holds `push`" in leases.problems[0].what
    assert "free at 2026-11-02 09:05 UTC" in leases.problems[0].fix
    assert (free.says, free.state) == ("nobody is at a step now", "ok")


def test_who_is_at_a_step_is_told(steps: Steps, clock: FakeClock) -> None:
    with steps.store.write() as connection:
        acquire(connection, COMPANY, "push", this_process("syncd push"), 300, clock.now())
        acquire(connection, COMPANY, "payments", dead(), 300, clock.now())

    found = check_leases(steps)

    name = this_process("syncd push").partition(" [")[0]
    assert f"`push` by {name}" in found.says
    # SQLite's next holder takes a dead one's place at once.
    assert found.state == "ok"
    clock.advance(timedelta(minutes=6).total_seconds())
    assert check_leases(steps).says == "nobody is at a step now"
