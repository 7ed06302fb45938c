"""Watermarks: up to when something of QuickBooks was read."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from syncd.store import schema

DOCUMENTS_READ = "payments"
"""Up to when QuickBooks' documents were read."""


def read_mark(connection: Connection, company: str, name: str) -> datetime | None:
    """The instant up to which `name` was read; None before it was."""
    value = read_value(connection, company, name)
    return None if value is None else datetime.fromisoformat(value)


def read_value(connection: Connection, company: str, name: str) -> str | None:
    """The text kept under a watermark's name."""
    table = schema.watermark.c
    query = select(table.value).where(table.company == company, table.name == name)
    return connection.execute(query).scalar_one_or_none()


def set_mark(connection: Connection, company: str, name: str, moment: datetime) -> None:
    """Move a watermark; only in the transaction that stores what was read."""
    assert moment.tzinfo is not None, "an instant needs its zone"
    set_value(connection, company, name, moment.isoformat())


def set_value(connection: Connection, company: str, name: str, value: str) -> None:
    """Keep a text under a watermark's name."""
    table = schema.watermark.c
    moved = connection.execute(
        update(schema.watermark).where(table.company == company, table.name == name).values(value=value)
    )
    if moved.rowcount == 0:
        connection.execute(insert(schema.watermark).values(company=company, name=name, value=value))
