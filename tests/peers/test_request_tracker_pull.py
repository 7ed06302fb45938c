"""The engine pulls a real Request Tracker: what is new, corrected, merged, moved, deleted and shredded."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from connectors import open_source
from connectors.ports import Ports
from connectors.request_tracker import RequestTrackerSettings
from syncd.config.sections import SafetySection
from syncd.engine.pull import PullReport, pull_source
from syncd.store import schema
from syncd.store.database import Store
from tests.peers.request_tracker import RequestTrackerServer
from tests.support.clock import FakeClock

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

TORONTO = ZoneInfo("America/Toronto")
CLIENTS = ("Nordet", "Suroît", "Galerne")


def test_24_entries_are_pulled_and_followed(
    request_tracker_server: RequestTrackerServer, sqlite_store: Store, tmp_path: Path
) -> None:
    server, requests = request_tracker_server, []
    server.empty()
    for client in CLIENTS:
        server.create_queue(client)
    tickets = [server.create_ticket(client, "Support") for client in CLIENTS]
    days = [datetime(2026, month, day, 12, tzinfo=TORONTO) for month in (9, 10) for day in range(10, 22)]
    entries = [server.put_time(tickets[number % 3], 90, f"n{number}", day) for number, day in enumerate(days)]

    def before_request() -> None:
        sqlite_store.assert_no_write_open()
        requests.append(1)

    # Later than the server's own clock: what it has written is settled.
    clock = FakeClock(datetime(2100, 1, 1, tzinfo=TORONTO))
    secret = lambda _: server.token  # noqa: E731 - a port is a function
    ports = Ports(clock=clock, timezone=TORONTO, base_folder=tmp_path, secret=secret, before_request=before_request)
    source = open_source("request-tracker", "helpdesk", RequestTrackerSettings(url=server.url, token="env:RT"), ports)

    def pull(*, full: bool = False) -> PullReport:
        since, today = date(2026, 9, 1), date(2026, 11, 2)
        safety = SafetySection()
        return pull_source(
            sqlite_store, "Atelier", source, clock=clock, today=today, since=since, safety=safety, full=full
        )

    assert counts(pull()) == (24, 0, 0, 0)
    requests.clear()
    assert (counts(pull()), len(requests)) == ((0, 0, 0, 0), 1)

    server.correct(tickets[0], -10, at=days[23])
    server.merge(tickets[0], tickets[1])
    spam = server.create_ticket(CLIENTS[2], "Spam", minutes=5)
    # One is new, and eight have moved to another client; the ninth is the spam's.
    assert counts(pull()) == (2, 8, 0, 0)
    server.set_status(spam, "deleted")
    server.move(tickets[2], CLIENTS[1])
    assert counts(pull()) == (0, 8, 1, 0)

    server.shred(entries[5])
    assert counts(pull()) == (0, 0, 0, 0)
    assert counts(pull(full=True)) == (0, 0, 0, 1)
    assert counts(pull(full=True)) == (0, 0, 0, 0)
    with sqlite_store.read() as connection:
        rows = connection.execute(select(schema.work.c.seconds).where(schema.work.c.deleted.is_(False))).scalars()
        assert sum(rows) == 23 * 5400 - 600


def counts(report: PullReport) -> tuple[int, int, int, int]:
    """New, changed, deleted and vanished, of a pull that came to its end."""
    assert (report.error, report.problems) == ("", 0)
    changes = report.changes
    return changes.new, changes.changed, changes.deleted, report.vanished
