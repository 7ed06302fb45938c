"""Which clients' drafts rest on something that has changed: one counter a company, and its value at each client.

Whatever a draft rests on marks the clients that it concerns, in the transaction that writes it. A client is known by
its source and the name it has there; one of our own names (of documents) has no source. Drafts are up to date when the
counter stands where the last whole draft found it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import BigInteger, ColumnElement, Connection, Select, Text, bindparam, cast, insert, select, update

from syncd.store import schema
from syncd.store.bulk import upsert_many
from syncd.store.watermarks import read_value

_COUNTER = "changes"
_MARKS, _CHANGES = schema.watermark.c, schema.client_change.c
_COUNT = (
    update(schema.watermark)
    .where(_MARKS.company == bindparam("of_company"), _MARKS.name == _COUNTER)
    .values(value=cast(cast(_MARKS.value, BigInteger) + 1, Text))
    .returning(_MARKS.value)
)
_CHANGE_OF = select(_CHANGES.change).where(
    _CHANGES.company == bindparam("of_company"),
    _CHANGES.source == bindparam("of_source"),
    _CHANGES.client == bindparam("of_client"),
)
EVERYTHING = ("", "")
"""The mark of what concerns all clients: QuickBooks' lists, a run over one period."""


def change_counter() -> Select[str]:
    """Asks for the number of the last change of the company `of_company`, as text; nothing before the first."""
    return select(_MARKS.value).where(_MARKS.company == bindparam("of_company"), _MARKS.name == _COUNTER)


def last_change(connection: Connection, company: str) -> int:
    """The number of the last change; 0 before the first."""
    return int(read_value(connection, company, _COUNTER) or 0)


def change_of(connection: Connection, company: str, client: tuple[str, str]) -> int:
    """The number of the last change that concerns a client (source, name there); 0 if there was none."""
    values = {"of_company": company, "of_source": client[0], "of_client": client[1]}
    return int(connection.execute(_CHANGE_OF, values).scalar_one_or_none() or 0)


def next_change(connection: Connection, company: str) -> int:
    """Count one change more, inside the transaction that makes it. Writers take turns, so numbers grow with time."""
    moved = connection.execute(_COUNT, {"of_company": company}).scalar_one_or_none()
    if moved is None:
        connection.execute(insert(schema.watermark).values(company=company, name=_COUNTER, value="1"))
    return int(moved or 1)


def mark_clients(connection: Connection, company: str, clients: Iterable[tuple[str, str]]) -> None:
    """Say that the drafts of these clients (source, name there) rest on something that this transaction writes."""
    found = sorted(set(clients))
    if found:
        change = next_change(connection, company)
        rows = [(company, source, client, change) for source, client in found]
        upsert_many(connection, schema.client_change, ("company", "source", "client"), ("change",), rows)


def mark_ours(connection: Connection, company: str, names: Iterable[str]) -> None:
    """The same for clients by our own names."""
    mark_clients(connection, company, (("", name) for name in names))


def mark_everything(connection: Connection, company: str) -> None:
    """Say that every draft rests on what this transaction writes."""
    mark_clients(connection, company, [EVERYTHING])


def mark_entries(connection: Connection, company: str, source: str, entries: Sequence[str]) -> None:
    """Mark the clients of these time entries, as their source names them now."""
    work = schema.work.c
    query = select(work.client).where(work.company == company, work.source == source, work.entry.in_(entries))
    mark_clients(connection, company, ((source, name) for name in connection.execute(query).scalars()))


def mark_document_clients(connection: Connection, company: str, which: ColumnElement[bool]) -> None:
    """Mark the clients of the documents for which a condition holds, if there are any."""
    document = schema.document.c
    names = connection.execute(select(document.client).where(document.company == company, which).distinct()).scalars()
    mark_ours(connection, company, names)
