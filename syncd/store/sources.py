"""What is remembered of each source between two pulls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, select, update

from syncd.store import schema
from syncd.store.watermarks import read_value, set_value

_TABLE = schema.source_state.c
_HERE = (_TABLE.company == bindparam("of_company"), _TABLE.source == bindparam("of_source"))
_STATE = select(schema.source_state).where(*_HERE)


@dataclass(frozen=True, slots=True)
class SourceState:
    """A source's memory and health, as it stands after its last pull."""

    cursor: Mapping[str, object] = field(default_factory=dict)
    last_complete_at: datetime | None = None
    """When it was last read to the end."""
    down_since: datetime | None = None
    last_error: str | None = None
    fuse: Mapping[str, Any] | None = None
    """What was not marked vanished: `what` and `fix`, `vanished` and `live`."""


@dataclass(frozen=True, slots=True)
class Sweep:
    """The last whole reading: when it ended, and from which worked day on."""

    at: datetime
    first: date


def read_state(connection: Connection, company: str, source: str) -> SourceState:
    """The state of a source; an empty one before its first pull."""
    row = connection.execute(_STATE, {"of_company": company, "of_source": source}).one_or_none()
    if row is None:
        return SourceState()
    fuse = json.loads(row.fuse) if row.fuse else None
    return SourceState(json.loads(row.cursor), row.last_complete_at, row.down_since, row.last_error, fuse)


def write_state(connection: Connection, company: str, source: str, **values: object) -> None:
    """Set columns of a source's state; JSON columns (`cursor`, `fuse`) take the value itself."""
    for name in ("cursor", "fuse"):
        if values.get(name) is not None:
            values[name] = json.dumps(values[name], sort_keys=True)
    done = connection.execute(_setting(tuple(values)), {"of_company": company, "of_source": source} | values)
    if done.rowcount == 0:
        row = {"cursor": "{}"} | values
        connection.execute(insert(schema.source_state).values(company=company, source=source, **row))


def read_sweep(connection: Connection, company: str, source: str) -> Sweep | None:
    """The last whole reading of a source, if there was one."""
    value = read_value(connection, company, f"sweep:{source}")
    if value is None:
        return None
    found = json.loads(value)
    return Sweep(datetime.fromisoformat(found["at"]), date.fromisoformat(found["first"]))


def write_sweep(connection: Connection, company: str, source: str, sweep: Sweep) -> None:
    """Remember a whole reading."""
    value = json.dumps({"at": sweep.at.isoformat(), "first": sweep.first.isoformat()})
    set_value(connection, company, f"sweep:{source}", value)


@cache
def _setting(names: tuple[str, ...]) -> Update:
    """Sets these columns; built once each, for every pull writes the same ones."""
    return update(schema.source_state).where(*_HERE).values({name: bindparam(name) for name in names})
