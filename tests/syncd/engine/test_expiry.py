"""When a connection ends, and how often the daemon's log says so."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from connectors.quickbooks.ports import Tokens
from syncd.engine.expiry import LONGEST, ending, ending_problem, warning_due
from syncd.engine.key import token_key
from syncd.engine.tokens import StoredTokens, store_connection
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, Desk, connect, set_row
from tests.support.clock import FakeClock

HOUR, DAY = 3600, 86_400


@pytest.mark.parametrize(
    ("refresh_days", "hard_days", "told"),
    [
        (15, None, None),
        (14, None, ("connection-ends-in-two-weeks", "not used for 100 days")),
        (100, 13, ("connection-ends-in-two-weeks", "five years")),
        (8, 13, ("connection-ends-in-two-weeks", "not used for 100 days")),
        (7, 13, ("connection-ends-in-a-week", "not used for 100 days")),
        (100, 0, ("connection-expired", "five years")),
        (-3, 500, ("connection-expired", "not used for 100 days")),
        (None, None, None),
    ],
)
def test_the_nearer_end_counts_and_says_why(
    clock: FakeClock, refresh_days: int | None, hard_days: int | None, told: tuple[str, str] | None
) -> None:
    now = clock.now()

    def after(days: int | None) -> datetime | None:
        return None if days is None else now + timedelta(days=days)

    found = ending(after(refresh_days), after(hard_days), now)

    if told is None:
        assert found is None
        return
    assert found is not None
    problem = ending_problem(found)
    assert (problem.code, problem.warning) == (told[0], told[0] == "connection-ends-in-two-weeks")
    assert told[1] in problem.what
    assert "syncd connect quickbooks" in problem.fix


def ends_in(store: Store, clock: FakeClock, days: float) -> None:
    """A connection whose five years are over so soon."""
    row = {
        "company": COMPANY,
        "environment": "emulator",
        "realm": "1",
        "company_name": "Atelier",
        "tokens": b"sealed",
        "refresh_expires_at": clock.now() + timedelta(days=100),
        "hard_expires_at": clock.now() + timedelta(days=days),
        "connected_at": clock.now(),
    }
    with store.write() as connection:
        connection.execute(schema.connection.insert().values(**row))


def said_over(store: Store, clock: FakeClock, days: int) -> list[tuple[int, str]]:
    """What a daemon that asks every hour writes into its log: the day, and the code."""
    began, said = clock.now(), []
    for _ in range(days * 24):
        problem = warning_due(store, COMPANY, clock)
        if problem is not None:
            said.append(((clock.now() - began).days, problem.code))
        clock.advance(HOUR)
    return said


def test_the_log_says_it_at_two_weeks_at_one_and_then_every_day(store: Store, clock: FakeClock) -> None:
    ends_in(store, clock, 20)

    assert said_over(store, clock, 22) == [
        (6, "connection-ends-in-two-weeks"),
        *[(day, "connection-ends-in-a-week") for day in range(13, 20)],
        (20, "connection-expired"),
        (21, "connection-expired"),
    ]


def test_a_restart_says_nothing_twice(sqlite_store: Store, clock: FakeClock) -> None:
    ends_in(sqlite_store, clock, 10)

    assert [warning_due(sqlite_store, COMPANY, clock) is not None for _ in range(3)] == [True, False, False]


def test_a_daemon_that_slept_says_it_when_it_wakes(sqlite_store: Store, clock: FakeClock) -> None:
    ends_in(sqlite_store, clock, 20)
    clock.advance(15 * DAY)

    assert said_over(sqlite_store, clock, 1) == [(0, "connection-ends-in-a-week")]


def test_what_is_broken_already_is_not_said_to_end(sqlite_store: Store, clock: FakeClock) -> None:
    ends_in(sqlite_store, clock, 3)
    set_row(sqlite_store, schema.connection, {"broken_because": "revoked"}, company=COMPANY)

    assert warning_due(sqlite_store, COMPANY, clock) is None


def test_a_new_consent_ends_the_warnings_and_the_next_end_is_said_anew(desk: Desk) -> None:
    set_row(desk.store, schema.connection, {"hard_expires_at": desk.clock.now() + timedelta(days=6)}, company=COMPANY)
    assert warning_due(desk.store, COMPANY, desk.clock) is not None

    connect(desk.store, desk.config, desk.clock)
    desk.clock.advance(2 * DAY)
    assert warning_due(desk.store, COMPANY, desk.clock) is None

    # The emulator's refresh tokens live 101 days, and nobody uses this one.
    assert [day for day, _ in said_over(desk.store, desk.clock, 93)] == [85, 92]


def test_an_end_that_intuit_does_not_tell_is_five_years_after_the_consent_and_stays(desk: Desk) -> None:
    """Intuit tells it only where the request asks for it, and need not."""
    ends = desk.clock.now() + timedelta(days=101)
    silent = Tokens("access", "refresh", desk.clock.now() + timedelta(hours=1), ends)
    key, realm = token_key(desk.config.store_key), desk.opened.realm

    store_connection(desk.store, COMPANY, silent, key=key, realm=realm, environment="emulator", clock=desk.clock)
    known = desk.rows(schema.connection)[0]["hard_expires_at"]
    assert known == desk.clock.now() + LONGEST

    desk.clock.advance(HOUR)
    keeper = StoredTokens(desk.store, COMPANY, key, "test", desk.clock)
    keeper.load()
    keeper.save(silent)
    assert desk.rows(schema.connection)[0]["hard_expires_at"] == known
