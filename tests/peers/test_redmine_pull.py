"""The engine pulls a real Redmine: what is new, what is the same, what was edited, moved and deleted."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from connectors import open_source
from connectors.ports import Ports
from connectors.redmine import RedmineSettings
from syncd.config.sections import SafetySection
from syncd.engine.pull import PullReport, pull_source
from syncd.store.database import Store
from tests.peers.redmine import RedmineServer
from tests.support.clock import FakeClock

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]


def test_24_entries_are_pulled_and_followed(
    redmine_server: RedmineServer, sqlite_store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    redmine_server.empty()
    projects = [redmine_server.create_project(name) for name in ("Nordet", "Suroît", "Galerne")]
    days = [date(2026, month, day) for month in (9, 10) for day in range(10, 22)]
    entries = [
        redmine_server.create_entry(day, "1.5", project_id=projects[number % 3]) for number, day in enumerate(days)
    ]
    ports = Ports(
        clock=clock,
        timezone=ZoneInfo("America/Toronto"),
        base_folder=tmp_path,
        secret=lambda _: redmine_server.key,
        before_request=sqlite_store.assert_no_write_open,
    )
    source = open_source("redmine", "helpdesk", RedmineSettings(url=redmine_server.url, token="env:KEY"), ports)

    def pull() -> PullReport:
        return pull_source(
            sqlite_store,
            "Atelier",
            source,
            clock=clock,
            today=date(2026, 11, 2),
            since=date(2026, 9, 1),
            safety=SafetySection(),
            full=True,
        )

    first, second = pull().changes, pull().changes
    redmine_server.change_entry(entries[20], hours="3")
    redmine_server.change_entry(entries[21], project_id=projects[1])
    redmine_server.delete_entry(entries[22])
    third, fourth = pull(), pull()

    assert (first.new, second.new, second.changed, second.unchanged) == (24, 0, 0, 24)
    assert (third.changes.changed, third.vanished, third.error) == (2, 1, "")
    assert (fourth.changes.changed, fourth.vanished, fourth.changes.unchanged) == (0, 0, 23)
