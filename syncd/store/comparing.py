"""Which of the entries that a source gives are new or have changed: told by content hashes, inside the database."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from hashlib import blake2b
from typing import NamedTuple

import msgspec
from sqlalchemy import Connection

from mappings.work import Task, WorkItem

_ENCODER = msgspec.json.Encoder()
_ONLY_OF_ITEMS = b',"kind":' + _ENCODER.encode(WorkItem("", "", date.min, 0)).partition(b',"kind":')[2]


class Known(NamedTuple):
    """The latest revision of an entry, as far as storing a change needs it."""

    revision: int
    seconds: int
    deleted: bool
    client: str
    scaled_quantity: int


def encode(value: WorkItem | Task) -> tuple[bytes, str]:
    """The JSON that is stored, and its hash, by which a change is told.

    A time entry has none of the fields of priced items, as when there were none of these yet: else all that was ever
    pulled would be a new revision.
    """
    encoded = _ENCODER.encode(value)
    if encoded.endswith(_ONLY_OF_ITEMS):
        encoded = encoded[: -len(_ONLY_OF_ITEMS)] + b"}"
    return encoded, blake2b(encoded, digest_size=16).hexdigest()


_COLUMNS = ", ".join(Known._fields)
# All rows in one value: at each row the driver lets other threads compute, and may wait 5 ms until it can go on.
_IN_SQLITE = f"""
    SELECT json_group_array(json_array(given.key, {_COLUMNS}))
    FROM json_each(?) AS given LEFT JOIN work ON entry = given.key AND source = ? AND company = ?
    WHERE content_hash IS NOT given.value OR deleted
"""  # noqa: S608 - names of columns
# The limit makes the planner look each entry up: else it may read a large table whole, for every page.
_IN_POSTGRESQL = f"""
    SELECT given.key, {_COLUMNS} FROM unnest(%s::text[], %s::text[]) AS given (key, value)
    LEFT JOIN LATERAL (
        SELECT * FROM work WHERE entry = given.key AND source = %s AND company = %s LIMIT 1
    ) AS latest ON true
    WHERE content_hash IS DISTINCT FROM given.value OR deleted
"""  # noqa: S608 - names of columns


def differing(connection: Connection, company: str, source: str, given: Mapping[str, str]) -> dict[str, Known | None]:
    """Those of these entries (id, content hash) that are not stored so, as they are stored; None: never seen.

    A deleted entry differs from whatever is given.
    """
    if not given:
        return {}
    if connection.dialect.name == "sqlite":
        found = connection.exec_driver_sql(_IN_SQLITE, (json.dumps(given), source, company)).scalar_one()
        rows = json.loads(found)
    else:
        lists = (list(given), list(given.values()))
        rows = connection.exec_driver_sql(_IN_POSTGRESQL, (*lists, source, company)).cursor.fetchall()
    return {entry: None if known[0] is None else Known(*known) for entry, *known in rows}
