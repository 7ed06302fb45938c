"""Watermarks: up to when something of QuickBooks was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from syncd.store.watermarks import read_value, set_value

__all__ = ["DOCUMENTS_READ", "read_mark", "read_value", "set_mark", "set_value"]

DOCUMENTS_READ = "payments"
"""Up to when QuickBooks' documents were read."""


def read_mark(connection: Connection, company: str, name: str) -> datetime | None:
    """The instant up to which `name` was read; None before it was."""
    value = read_value(connection, company, name)
    return None if value is None else datetime.fromisoformat(value)


def set_mark(connection: Connection, company: str, name: str, moment: datetime) -> None:
    """Move a watermark; only in the transaction that stores what was read."""
    assert moment.tzinfo is not None, "an instant needs its zone"
    set_value(connection, company, name, moment.isoformat())
