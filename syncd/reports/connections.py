"""What a company is connected to, and how each connection stands: by what is known here, nothing is asked."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from syncd.config import Config, SecretError
from syncd.config.sources import secret_references
from syncd.engine.expiry import ending
from syncd.reports.read_needs import read_connection
from syncd.reports.snapshot import ConnectionState
from syncd.store.sources import SourceState, read_state

SCHEMA = "syncd.connect/1"


@dataclass(frozen=True, slots=True)
class ConnectionShown:
    """One connection. `state`: connected, ends-soon, ended, broken, another-environment or not-connected for
    QuickBooks; no-key, unread, down or read for a source. `command` is what to type, or "" when nothing need be done.
    """

    name: str
    kind: str
    state: str
    says: str
    command: str


@dataclass(frozen=True, slots=True)
class ConnectionsShown:
    """QuickBooks first, then the sources in the order of the config."""

    company: str
    as_of: datetime
    connections: tuple[ConnectionShown, ...]
    next_command: str


def show_connections(connection: Connection, config: Config, now: datetime) -> ConnectionsShown:
    """How each connection of a company stands."""
    shown = tuple(_connections(connection, config, now))
    commands = [row.command for row in shown if row.command]
    return ConnectionsShown(config.company.name, now, shown, commands[0] if commands else "syncd doctor")


def _connections(connection: Connection, config: Config, now: datetime) -> Iterator[ConnectionShown]:
    state, says = _books(read_connection(connection, config.company.name), config.quickbooks.environment, now)
    command = {"connected": "", "another-environment": "syncd doctor"}.get(state, "syncd connect quickbooks")
    yield ConnectionShown("quickbooks", config.quickbooks.environment, state, says, command)
    for name, settings in config.sources.items():
        missing = _missing_key(config, settings)
        if missing:
            command = f"syncd connect {shlex.quote(name)}"
            yield ConnectionShown(name, settings.kind, "no-key", missing, command)
            continue
        state, says = _source(read_state(connection, config.company.name, name))
        command = {"unread": f"syncd pull --source {shlex.quote(name)}", "down": "syncd doctor"}.get(state, "")
        yield ConnectionShown(name, settings.kind, state, says, command)


def _books(known: ConnectionState | None, environment: str, now: datetime) -> tuple[str, str]:
    if known is None:
        return "not-connected", "Not connected yet."
    books = known.company_name or "a company whose name was not read yet"
    if known.environment != environment:
        return "another-environment", f"Connected to {books} in {known.environment}; config.toml says {environment}."
    if known.broken_because:
        return "broken", f"The connection to {books} is broken: {known.broken_because}"
    found = ending(known.refresh_expires_at, known.hard_expires_at, now)
    if found is None:
        return "connected", f"Connected to {books}."
    if found.over:
        return "ended", f"The connection to {books} ended on {found.at:%Y-%m-%d}: {found.because}."
    return "ends-soon", f"Connected to {books} until {found.at:%Y-%m-%d}: {found.because}."


def _missing_key(config: Config, settings: object) -> str:
    """What is said of the first secret that is not in its place."""
    for reference in secret_references(settings).values():
        try:
            config.secret(reference)
        except SecretError as error:
            return error.problem.what
    return ""


def _source(known: SourceState) -> tuple[str, str]:
    if known.down_since is not None:
        return "down", f"Not readable since {known.down_since:%Y-%m-%d %H:%M} UTC: {known.last_error}"
    if known.last_complete_at is None:
        return "unread", "Never read yet."
    return "read", f"Last read on {known.last_complete_at:%Y-%m-%d %H:%M} UTC."
