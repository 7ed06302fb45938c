"""Decisions to bill at another rate, as they stand in the store: of each entry the last one counts."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from sqlalchemy import Connection, bindparam, select

from mappings.rerates import Rerate
from syncd.store import schema

_RERATE = schema.rerate.c
_READ = msgspec.json.Decoder(tuple[Rerate, ...])
_OF_CLIENTS = (
    select(_RERATE.source, _RERATE.entry, _RERATE.detail)
    .where(_RERATE.company == bindparam("of_company"), _RERATE.client.in_(bindparam("of_names", expanding=True)))
    .order_by(_RERATE.id)
)


def read_rerates(connection: Connection, company: str, names: Collection[str]) -> tuple[Rerate, ...]:
    """The decisions in force about the work of these clients (our names)."""
    rows = connection.execute(_OF_CLIENTS, {"of_company": company, "of_names": list(names)})
    last = {(row.source, row.entry): row.detail for row in rows}
    return tuple(one for detail in last.values() for one in _READ.decode(detail))
