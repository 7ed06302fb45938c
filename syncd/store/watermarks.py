"""Texts that a company keeps under a name: up to when something was read, and other small memories.

The statements are built once: every step reads and moves some, and building one costs more than running it.
"""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, insert, select, update

from syncd.store import schema

_TABLE = schema.watermark.c
_COMPANY = _TABLE.company == bindparam("of_company")
_READ = select(_TABLE.value).where(_COMPANY, _TABLE.name == bindparam("of_name"))
_MOVE = update(schema.watermark).where(_COMPANY, _TABLE.name == bindparam("of_name")).values(value=bindparam("value"))
_ADD = insert(schema.watermark)


def read_value(connection: Connection, company: str, name: str) -> str | None:
    """The text kept under a watermark's name."""
    return connection.execute(_READ, {"of_company": company, "of_name": name}).scalar_one_or_none()


def set_value(connection: Connection, company: str, name: str, value: str) -> None:
    """Keep a text under a watermark's name."""
    moved = connection.execute(_MOVE, {"of_company": company, "of_name": name, "value": value})
    if moved.rowcount == 0:
        connection.execute(_ADD, {"company": company, "name": name, "value": value})
