"""Every row of a database, read past syncd's own code, to see what a command has changed."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, MetaData, Table, create_engine, select, text

Dump = dict[str, list[tuple[Any, ...]]]
HEARTBEAT = {"lease": None, "watermark": None, "request_turn": None, "source_state": "last_complete_at"}
"""What says when syncd last looked, and who is looking: whole tables (None), or a column. Nothing else is left out."""


def driver_url(url: str) -> str:
    """The address with the driver that is installed."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def dump(url: str) -> Dump:
    """Every table's rows, sorted, without the heartbeat."""
    engine = create_engine(driver_url(url))
    try:
        metadata = MetaData()
        with engine.connect() as connection:
            metadata.reflect(connection)
            return {
                table.name: sorted((tuple(row) for row in connection.execute(select(*_columns(table)))), key=repr)
                for table in metadata.sorted_tables
                if HEARTBEAT.get(table.name, "") is not None
            }
    finally:
        engine.dispose()


def _columns(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if column.name != HEARTBEAT.get(table.name)]


def changed_tables(before: Dump, after: Dump) -> dict[str, list[tuple[Any, ...]]]:
    """Rows that are only in one of the two, by table."""
    return {
        name: [row for row in before[name] if row not in rows] + [row for row in rows if row not in before[name]]
        for name, rows in after.items()
        if before[name] != rows
    }


def execute(url: str, statement: str, **values: Any) -> int:
    """Change rows behind syncd's back; gives back how many."""
    engine = create_engine(driver_url(url))
    try:
        with engine.begin() as connection:
            return connection.execute(text(statement), values).rowcount
    finally:
        engine.dispose()


def rows(url: str, query: str, **values: Any) -> list[tuple[Any, ...]]:
    """The rows that a query finds."""
    engine = create_engine(driver_url(url))
    try:
        with engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(query), values)]
    finally:
        engine.dispose()
