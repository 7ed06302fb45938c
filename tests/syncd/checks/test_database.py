"""What doctor says of the outbox and of backups."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from syncd.checks.database import BACKED_UP, check_backups, check_database, check_outbox
from syncd.cycle import Steps
from syncd.engine.marks import set_mark
from syncd.engine.restored import COPIED_AT, caught_up
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, Desk, open_desk, set_row
from tests.support.clock import FakeClock
from tests.syncd.checks.support import codes

QUARANTINE_SECONDS = 180


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(sqlite_store, tmp_path, clock) as desk:
        yield desk


def steps(desk: Desk) -> Steps:
    return Steps(desk.store, desk.config, desk.clock, "test")


@pytest.mark.parametrize(
    ("seconds", "told"), [(QUARANTINE_SECONDS + 599, []), (QUARANTINE_SECONDS + 601, ["doubt-not-cleared"])]
)
def test_doubt_that_nobody_clears_is_told(desk: Desk, seconds: int, told: list[str]) -> None:
    desk.emulator.fault("gateway-timeout")
    desk.approve()
    desk.approve()
    desk.push()
    assert sorted(desk.states()) == ["done", "unknown"]
    [number] = [row["number"] for row in desk.rows(schema.document) if desk.outbox(row["id"])["state"] == "unknown"]
    left = desk.rows(schema.outbox, state="unknown")[0]["last_sent_at"]

    desk.clock.advance((left + timedelta(seconds=seconds) - desk.clock.now()).total_seconds())
    found = check_outbox(steps(desk))

    assert found.says == "0 to send, 1 in doubt, 0 refused, 1 done"
    assert codes(found) == told
    assert all(number in problem.what and "`syncd push`" in problem.fix for problem in found.problems)


def test_doubt_that_waits_because_quickbooks_asked_for_it_is_no_news(desk: Desk) -> None:
    desk.emulator.fault("gateway-timeout")
    desk.approve()
    desk.push()
    later = desk.clock.now() + timedelta(days=1)
    set_row(desk.store, schema.outbox, {"not_before": later}, state="unknown")
    desk.clock.advance(3600)

    assert check_outbox(steps(desk)).state == "ok"


def test_a_database_that_was_not_copied_for_a_week_is_told(desk: Desk) -> None:
    assert check_backups(steps(desk)).state == "ok"
    desk.approve()
    assert check_backups(steps(desk)).state == "ok"

    desk.clock.advance(8 * 86_400)
    never = check_backups(steps(desk))
    with desk.store.write() as connection:
        set_mark(connection, "", BACKED_UP, desk.clock.now())
    fresh = check_backups(steps(desk))
    desk.clock.advance(8 * 86_400)
    old = check_backups(steps(desk))

    assert [(found.state, codes(found)) for found in (never, fresh, old)] == [
        ("warning", ["backup-old"]),
        ("ok", []),
        ("warning", ["backup-old"]),
    ]
    assert "was never copied" in never.problems[0].what
    assert "since 2026-11-10 09:00 UTC" in old.problems[0].what


def test_a_copy_that_was_put_back_says_so_until_it_has_caught_up(desk: Desk) -> None:
    with desk.store.write() as connection:
        set_mark(connection, COMPANY, COPIED_AT, desk.clock.now())
    [problem] = check_database(steps(desk)).problems
    assert (problem.code, problem.warning) == ("restored-copy", True)

    with desk.store.write() as connection:
        caught_up(connection, COMPANY, desk.clock.now())
    assert check_database(steps(desk)).problems == ()
