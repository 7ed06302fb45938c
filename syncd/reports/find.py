"""Finds what a person names: a document by its number, our id or QuickBooks' id; an entry by SOURCE/ID or its id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, or_, select

from syncd.store import schema


def find_document(connection: Connection, company: str, name: str) -> Row[Any] | None:
    """The document of that number or id of ours; one that stands before one that was withdrawn, then the latest."""
    document = schema.document.c
    return _latest(connection, company, or_(document.number == name, document.id == name))


def find_by_quickbooks_id(connection: Connection, company: str, name: str) -> Row[Any] | None:
    """The document that QuickBooks knows by that id; asked last, because an entry's id may look the same."""
    return _latest(connection, company, schema.document.c.quickbooks_id == name)


def _latest(connection: Connection, company: str, condition: ColumnElement[bool]) -> Row[Any] | None:
    document = schema.document.c
    query = (
        select(schema.document)
        .where(document.company == company, condition)
        .order_by(document.withdrawn_at.is_not(None), document.approved_at.desc())
    )
    return connection.execute(query).first()


def find_entries(connection: Connection, company: str, name: str) -> list[tuple[str, str]]:
    """The entries that SOURCE/ID, or an id alone, may mean."""
    work = schema.work.c
    source, _, identity = name.partition("/")
    query = (
        select(work.source, work.entry)
        .where(work.company == company)
        .where(or_(work.entry == name, (work.source == source) & (work.entry == identity)))
        .order_by(work.source, work.entry)
    )
    return [(row.source, row.entry) for row in connection.execute(query)]
