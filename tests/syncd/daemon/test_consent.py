"""What the daemon does by itself about its connection: it says when it ends, and goes on after a new consent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from syncd.clock import BusinessDate
from syncd.cycle import Steps
from syncd.daemon.company import CompanyJobs
from syncd.daemon.consent import Consents
from syncd.daemon.outages import Outages
from syncd.daemon.watch import Watch
from syncd.engine.marks import read_mark
from syncd.engine.payments import MARK
from syncd.store import schema
from syncd.store.database import Store
from tests.support.books import COMPANY, Desk, connect, open_desk, set_row
from tests.support.clock import FakeClock


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(sqlite_store, tmp_path, clock) as desk:
        yield desk


Planned = list[tuple[str, Callable[[], None], datetime]]


def jobs_of(desk: Desk) -> tuple[CompanyJobs, Planned]:
    """A daemon's jobs of the company, and those that they plan."""
    steps = Steps(desk.store, desk.config, desk.clock, "test")
    jobs = CompanyJobs(steps, BusinessDate(desk.clock), Watch(desk.clock), Outages(desk.clock))
    planned: Planned = []
    jobs.later = lambda name, work, moment: planned.append((name, work, moment))
    return jobs, planned


def test_a_consent_is_new_once(sqlite_store: Store, desk: Desk) -> None:
    consents = Consents(sqlite_store, COMPANY)
    seen = [consents.is_new()]
    desk.clock.advance(60)
    connect(desk.store, desk.config, desk.clock)
    seen += [consents.is_new(), consents.is_new()]

    assert seen == [False, True, False]


def test_the_first_consent_is_new_to_a_daemon_that_ran_before_it(sqlite_store: Store, clock: FakeClock) -> None:
    consents = Consents(sqlite_store, COMPANY)
    seen = [consents.is_new(), consents.is_new()]
    row = {"company": COMPANY, "environment": "emulator", "realm": "1", "company_name": "", "tokens": b"x"}
    with sqlite_store.write() as connection:
        connection.execute(schema.connection.insert().values(**row, connected_at=clock.now()))
    seen.append(consents.is_new())

    assert seen == [False, False, True]


def test_what_waited_for_a_consent_goes_on_after_it(desk: Desk) -> None:
    jobs, planned = jobs_of(desk)
    jobs.look_at_connection()
    assert planned == []
    desk.clock.advance(60)
    connect(desk.store, desk.config, desk.clock)

    jobs.look_at_connection()

    [(name, work, moment)] = planned
    assert (name, moment) == ("catch-up", desk.clock.now())
    before = len(desk.emulator.requests())
    work()
    assert len(desk.emulator.requests()) > before
    with desk.store.read() as connection:
        assert read_mark(connection, COMPANY, MARK) is not None


def test_the_log_says_when_the_connection_ends_and_does_not_repeat_it(desk: Desk) -> None:
    jobs, _ = jobs_of(desk)
    soon = desk.clock.now() + timedelta(days=10)
    set_row(desk.store, schema.connection, {"hard_expires_at": soon}, company=COMPANY)
    with capture_logs() as lines:
        for _ in range(3):
            jobs.look_at_connection()

    [line] = lines
    assert (line["event"], line["log_level"], line["company"]) == ("connection-ends", "warning", COMPANY)
    assert "in 10 days" in line["why"]
    assert "syncd connect quickbooks" in line["fix"]
