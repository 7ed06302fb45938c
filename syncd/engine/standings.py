"""Record where the seconds stand that no approved document holds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select

from mappings.documents import DocumentKey, Standing
from syncd.store import schema
from syncd.store.bulk import chunks
from syncd.store.work import by_source

_COLUMNS = (
    *("seconds", "state", "code", "what", "client", "worked_on", "period", "group_name", "sequence"),
    "scaled_quantity",
)
_TABLE = schema.standing.c
_HERE = (_TABLE.company == bindparam("of_company"), _TABLE.source == bindparam("of_source"))
_STANDING_NOW = (
    select(_TABLE.entry, *(_TABLE[name] for name in _COLUMNS))
    .where(*_HERE, _TABLE.entry.in_(bindparam("some", expanding=True)))
    .order_by(_TABLE.position)
)
_DELETE = delete(schema.standing).where(*_HERE, _TABLE.entry == bindparam("of_entry"))
_ADD = insert(schema.standing)


def record_standings(
    connection: Connection, company: str, entries: Collection[tuple[str, str]], standings: Sequence[Standing]
) -> bool:
    """Make the standing rows of these entries (source, id) these and no others; rows that are the same stay untouched.

    Gives back whether anything was written.
    """
    have = _standing_now(connection, company, entries)
    want: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for standing in standings:
        want.setdefault((standing.source, standing.entry), []).append(_values(standing))
    changed = [key for key in have.keys() | want.keys() if Counter(have.get(key)) != Counter(want.get(key))]
    gone = [{"of_company": company, "of_source": source, "of_entry": entry} for source, entry in changed]
    if gone:
        connection.execute(_DELETE, gone)
    rows = [
        {"company": company, "source": source, "entry": entry, "position": position}
        | dict(zip(_COLUMNS, values, strict=True))
        for source, entry in changed
        for position, values in enumerate(want.get((source, entry), []))
    ]
    if rows:
        connection.execute(_ADD, rows)
    return bool(changed)


def _standing_now(
    connection: Connection, company: str, entries: Collection[tuple[str, str]]
) -> dict[tuple[str, str], list[tuple[object, ...]]]:
    have: dict[tuple[str, str], list[tuple[object, ...]]] = {}
    for source, ids in by_source(entries):
        for some in chunks(ids):
            for row in connection.execute(_STANDING_NOW, {"of_company": company, "of_source": source, "some": some}):
                have.setdefault((source, row[0]), []).append(tuple(row[1:]))
    return have


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
        standing.scaled_quantity,
    )
