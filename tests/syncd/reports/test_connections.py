"""How `syncd connect` shows each connection, by what is known here."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from syncd.config import Config
from syncd.reports.connections import ConnectionShown, ConnectionsShown, show_connections
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.sources import write_state
from tests.support.books import COMPANY, write_config

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
TRACKER = """
[sources.tracker]
kind = "redmine"
url = "http://127.0.0.1:1"
token = "env:TRACKER_KEY"
since = 2026-10-01
"""


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    monkeypatch.setenv("TRACKER_KEY", "0123456789abcdef")
    return write_config(tmp_path, "http://127.0.0.1:1", more=TRACKER)


def report(store: Store, config: Config) -> ConnectionsShown:
    with store.read() as connection:
        return show_connections(connection, config, NOW)


def books(store: Store, config: Config, **columns: object) -> ConnectionShown:
    """What is shown of QuickBooks when the connection's row is this."""
    row = {
        "company": COMPANY,
        "environment": "emulator",
        "realm": "1",
        "company_name": "Atelier",
        "tokens": b"sealed",
        "refresh_expires_at": NOW + timedelta(days=100),
        "connected_at": NOW,
    }
    with store.write() as connection:
        connection.execute(schema.connection.insert().values(**row | columns))
    return report(store, config).connections[0]


@pytest.mark.parametrize(
    ("columns", "state", "says", "command"),
    [
        ({}, "connected", "Connected to Atelier.", ""),
        ({"company_name": ""}, "connected", "Connected to a company whose name was not read yet.", ""),
        (
            {"refresh_expires_at": NOW + timedelta(days=3)},
            "ends-soon",
            "Connected to Atelier until 2026-11-05: it lapses when it is not used for 100 days.",
            "syncd connect quickbooks",
        ),
        (
            {"hard_expires_at": NOW - timedelta(days=1)},
            "ended",
            "The connection to Atelier ended on 2026-11-01: Intuit ends every connection five years after the consent.",
            "syncd connect quickbooks",
        ),
        (
            {"broken_because": "It was revoked."},
            "broken",
            "The connection to Atelier is broken: It was revoked.",
            "syncd connect quickbooks",
        ),
        (
            {"environment": "sandbox"},
            "another-environment",
            "Connected to Atelier in sandbox; config.toml says emulator.",
            "syncd doctor",
        ),
    ],
)
def test_the_books_are_shown_as_they_stand(
    sqlite_store: Store, config: Config, columns: dict[str, object], state: str, says: str, command: str
) -> None:
    shown = books(sqlite_store, config, **columns)

    assert (shown.kind, shown.state, shown.says, shown.command) == ("emulator", state, says, command)


def test_a_source_is_shown_as_its_last_reading_left_it(
    sqlite_store: Store, config: Config, monkeypatch: pytest.MonkeyPatch
) -> None:
    def state() -> tuple[str, str, str]:
        row = report(sqlite_store, config).connections[1]
        return row.state, row.says, row.command

    found = [state()]
    with sqlite_store.write() as connection:
        write_state(connection, COMPANY, "tracker", last_complete_at=NOW)
    found.append(state())
    with sqlite_store.write() as connection:
        write_state(connection, COMPANY, "tracker", down_since=NOW, last_error="It did not answer.")
    found.append(state())
    monkeypatch.delenv("TRACKER_KEY")
    found.append(state())

    assert found == [
        ("unread", "Never read yet.", "syncd pull --source tracker"),
        ("read", "Last read on 2026-11-02 09:00 UTC.", ""),
        ("down", "Not readable since 2026-11-02 09:00 UTC: It did not answer.", "syncd doctor"),
        ("no-key", "The secret env:TRACKER_KEY is not there.", "syncd connect tracker"),
    ]


def test_when_all_is_well_doctor_comes_next(sqlite_store: Store, config: Config) -> None:
    books(sqlite_store, config)
    with sqlite_store.write() as connection:
        write_state(connection, COMPANY, "tracker", last_complete_at=NOW)

    assert report(sqlite_store, config).next_command == "syncd doctor"
