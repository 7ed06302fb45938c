"""Finds what a person names: a document by its number, our id or QuickBooks' id; an entry by SOURCE/ID or its id."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, or_, select

from syncd.store import schema


def find_document(connection: Connection, company: str, name: str) -> Row[Any] | None:
    """The document of that number or id; one that stands before one that was withdrawn, then the latest."""
    document = schema.document.c
    query = (
        select(schema.document)
        .where(document.company == company)
        .where(or_(document.number == name, document.id == name, document.quickbooks_id == name))
        # A number counts more than QuickBooks' id, which may look the same.
        .order_by(document.withdrawn_at.is_not(None), document.number != name, document.approved_at.desc())
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
