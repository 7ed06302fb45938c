"""Record where the seconds stand that no approved document holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select

from mappings.documents import DocumentKey, Standing
from syncd.store import schema

_COLUMNS = ("seconds", "state", "code", "what", "client", "worked_on", "period", "group_name", "sequence")


def record_standings(connection: Connection, company: str, standings: Sequence[Standing]) -> None:
    """Make the standing rows of a company these and no others; rows that are the same already are not written."""
    table = schema.standing.c
    have: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    query = select(schema.standing).where(table.company == company).order_by(table.position)
    for row in connection.execute(query).mappings():
        have.setdefault((row["source"], row["entry"]), []).append(tuple(row[name] for name in _COLUMNS))
    want: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for standing in standings:
        want.setdefault((standing.source, standing.entry), []).append(_values(standing))
    changed = [key for key in have.keys() | want.keys() if Counter(have.get(key)) != Counter(want.get(key))]
    for source, entry in changed:
        connection.execute(
            delete(schema.standing).where(table.company == company, table.source == source, table.entry == entry)
        )
    rows = [
        {"company": company, "source": source, "entry": entry, "position": position}
        | dict(zip(_COLUMNS, values, strict=True))
        for source, entry in changed
        for position, values in enumerate(want.get((source, entry), []))
    ]
    if rows:
        connection.execute(insert(schema.standing), rows)


def take_drafted(connection: Connection, company: str, key: DocumentKey) -> None:
    """Remove what stood as drafted on this document: from here on its ledger rows hold it."""
    table = schema.standing.c
    connection.execute(
        delete(schema.standing).where(
            table.company == company,
            table.client == key.client,
            table.period == key.period,
            table.group_name == key.group,
            table.sequence == key.sequence,
            table.code == "drafted",
        )
    )


def _values(standing: Standing) -> tuple[object, ...]:
    key = standing.key or DocumentKey("", "", "", 0)
    return (
        standing.seconds,
        standing.state,
        standing.code,
        standing.what,
        standing.client,
        standing.worked_on,
        key.period,
        key.group,
        key.sequence,
    )
