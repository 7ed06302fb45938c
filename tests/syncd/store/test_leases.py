"""Leases: one holder at a time, and a holder that was replaced finds out before it records."""

from __future__ import annotations

import subprocess
import sys
import threading
from datetime import timedelta

import pytest
from sqlalchemy import Connection, insert, select

from syncd.clock import SystemClock
from syncd.store import leases, schema
from syncd.store.database import Store, open_store
from syncd.store.holders import is_dead, shown, this_process
from syncd.store.leases import Lease, LeaseHeldError, LeaseLostError, held
from tests.support.clock import FakeClock

ELSEWHERE = "syncd run on finance02, process 12 [99.42]"


def take(store: Store, clock: FakeClock, holder: str = ELSEWHERE) -> Lease:
    with store.write() as connection:
        return leases.acquire(connection, "boreal", "push", holder, 60, clock.now())


def test_a_lease_has_one_holder(store: Store, clock: FakeClock) -> None:
    taken = take(store, clock)
    with pytest.raises(LeaseHeldError) as caught:
        take(store, clock, "syncd push on finance03, process 7")
    assert str(caught.value) == "syncd run on finance02, process 12 holds `push` until 09:01:00 UTC at the latest."
    assert (caught.value.holder, caught.value.until) == ("syncd run on finance02, process 12", taken.expires_at)


def test_companies_and_names_do_not_meet(store: Store, clock: FakeClock) -> None:
    with store.write() as connection:
        for company, name in [("boreal", "push"), ("acme", "push"), ("boreal", "pull:redmine")]:
            assert leases.acquire(connection, company, name, ELSEWHERE, 60, clock.now()).token == 1


def test_a_lease_that_ran_out_is_free_and_its_token_grows(store: Store, clock: FakeClock) -> None:
    first = take(store, clock)
    clock.advance(60)
    second = take(store, clock, "syncd run on finance03, process 7")
    assert (first.token, second.token) == (1, 2)


def test_the_token_of_a_replaced_holder_is_refused_when_it_records(store: Store, clock: FakeClock) -> None:
    first = take(store, clock)
    clock.advance(61)
    second = take(store, clock)
    with store.write() as connection:
        leases.check(connection, second)
        with pytest.raises(LeaseLostError):
            leases.check(connection, first)
        with pytest.raises(LeaseLostError):
            leases.renew(connection, first, 60, clock.now())


def test_a_lease_that_ran_out_and_nobody_took_is_still_good(store: Store, clock: FakeClock) -> None:
    lease = take(store, clock)
    clock.advance(3_600)
    with store.write() as connection:
        leases.check(connection, lease)
        renewed = leases.renew(connection, lease, 60, clock.now())
    assert renewed.expires_at == clock.now() + timedelta(seconds=60)
    with pytest.raises(LeaseHeldError):
        take(store, clock)


def test_the_block_gives_its_lease_back(store: Store, clock: FakeClock) -> None:
    with held(store, "boreal", "push", ELSEWHERE, 60, clock) as first, pytest.raises(LeaseHeldError):
        take(store, clock)
    assert take(store, clock).token == first.token + 1


def test_the_block_gives_its_lease_back_after_an_error(store: Store, clock: FakeClock) -> None:
    with pytest.raises(RuntimeError), held(store, "boreal", "push", ELSEWHERE, 60, clock):
        raise RuntimeError
    assert take(store, clock).token == 2


def test_a_replaced_holder_gives_nothing_back(store: Store, clock: FakeClock) -> None:
    with held(store, "boreal", "push", ELSEWHERE, 60, clock):
        clock.advance(61)
        take(store, clock, "syncd run on finance03, process 7")
    with pytest.raises(LeaseHeldError, match="finance03"):
        take(store, clock)


def test_a_replaced_holder_that_gives_back_what_it_recorded_records_nothing(store: Store, clock: FakeClock) -> None:
    def step() -> None:
        with held(store, "boreal", "push", ELSEWHERE, 60, clock) as lease:
            clock.advance(61)
            take(store, clock, "syncd push on finance03, process 7")
            with store.write() as connection:
                connection.execute(insert(schema.watermark).values(company="boreal", name="a", value="1"))
                leases.release(connection, lease, clock.now())

    with pytest.raises(LeaseLostError):
        step()
    with store.read() as connection:
        assert connection.execute(select(schema.watermark)).all() == []


def test_what_a_step_must_know_is_read_as_it_takes_its_lease(store: Store, clock: FakeClock) -> None:
    def token(connection: Connection) -> int:
        return int(connection.execute(select(schema.lease.c.token)).scalar_one())

    for expected in (1, 2):
        with leases.held_and_read(store, "boreal", "push", token, clock=clock) as (lease, found):
            assert (lease.token, found) == (expected, expected)


def test_waiting_ends_when_the_holder_is_done(store: Store, clock: FakeClock) -> None:
    take(store, clock)
    clock.advance(55)
    with held(store, "boreal", "push", "syncd push on finance03, process 7", 60, clock, wait_seconds=10) as lease:
        assert lease.token == 2
    assert 4.9 < sum(clock.slept) < 5.3


def test_waiting_ends_in_the_holders_name(store: Store, clock: FakeClock) -> None:
    take(store, clock)
    with (
        pytest.raises(LeaseHeldError, match="finance02, process 12 holds"),
        held(store, "boreal", "push", "syncd push on finance03, process 7", 60, clock, wait_seconds=10),
    ):
        pass
    assert sum(clock.slept) == pytest.approx(10)


def test_threads_never_hold_a_lease_together(store: Store) -> None:
    clock, inside, most = SystemClock(), [], []

    def step() -> None:
        with held(store, "boreal", "push", "", 60, clock, wait_seconds=30):
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    threads = [threading.Thread(target=step) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1, 1, 1, 1]


def dead_process() -> str:
    """The holder's name of a process that has ended."""
    script = "from syncd.store.holders import this_process; print(this_process('syncd run'))"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip()


def test_a_dead_holders_lease_is_free_at_once_on_sqlite(sqlite_store: Store, clock: FakeClock) -> None:
    take(sqlite_store, clock, dead_process())
    assert take(sqlite_store, clock).token == 2


def test_a_dead_holders_lease_runs_out_on_postgresql(postgres_url: str, clock: FakeClock) -> None:
    # Machines of one name may share the server: a number that is unknown here may live there.
    store = open_store(postgres_url, clock)
    take(store, clock, dead_process())
    with pytest.raises(LeaseHeldError):
        take(store, clock)
    store.close()


def test_only_a_process_of_this_machine_can_be_known_to_be_dead() -> None:
    dead = dead_process()
    assert is_dead(dead)
    assert not is_dead(this_process("syncd run"))
    assert not is_dead(ELSEWHERE)
    assert not is_dead(dead.partition(" [")[0])
    assert not is_dead("somebody")


def test_a_process_number_that_was_given_again_is_dead() -> None:
    head, bracket, rest = this_process("syncd run").partition("[")
    assert is_dead(f"{head}{bracket}1{rest}")


def test_a_holder_is_shown_without_its_bracket() -> None:
    assert shown(ELSEWHERE) == "syncd run on finance02, process 12"
    assert this_process("syncd run").startswith("syncd run on ")


def test_the_store_refuses_two_rows_of_one_lease(store: Store, clock: FakeClock) -> None:
    take(store, clock)
    row = {"company": "boreal", "name": "push", "holder": "x", "token": 1, "expires_at": clock.now()}
    with pytest.raises(Exception, match=r"(?i)unique"), store.write() as connection:
        connection.execute(insert(schema.lease).values(**row))
