"""The clients that the books know: of work, of drafts, of documents and of the customers that names were pinned to."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from syncd.store import schema


def known_clients(connection: Connection, company: str) -> list[str]:
    """Every client by our name, in order."""
    tables = (schema.standing, schema.draft, schema.document)
    queries = [select(table.c.client).where(table.c.company == company) for table in tables]
    pins = select(schema.pin.c.name).where(schema.pin.c.company == company, schema.pin.c.kind == "customer")
    return sorted(name for name in connection.execute(union(*queries, pins)).scalars() if name)
