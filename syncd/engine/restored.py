"""What a copy of the database that is put back must know of itself: that it is one, and what was deleted meanwhile.

`syncd backup` writes into the copy when it was made. A document that was made after that and deleted in QuickBooks
since leaves an id and no mark there, so nobody can tell whether it was ours: a person must say that its work may be
billed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection, delete

from connectors.quickbooks.entities import NUMBERED
from syncd.engine.marks import read_mark, read_value, set_value
from syncd.store import schema
from syncd.store.events import append_event

if TYPE_CHECKING:
    from syncd.engine.mirror import Deleted

COPIED_AT = "copied-at"
"""The mark in a copy; gone once QuickBooks was read and everything of ours there is known."""
_DELETED = "deleted-unknown"


class _Seen(msgspec.Struct):
    waiting: list[str] = []
    accepted: list[str] = []


def copied_at(connection: Connection, company: str) -> datetime | None:
    """When the copy was made that this database is; None where it is none, or has caught up with QuickBooks."""
    return read_mark(connection, company, COPIED_AT)


def caught_up(connection: Connection, company: str, now: datetime) -> None:
    """Forget that this is a copy: it knows everything of ours in QuickBooks."""
    made = copied_at(connection, company)
    if made is None:
        return
    table = schema.watermark.c
    connection.execute(delete(schema.watermark).where(table.company == company, table.name == COPIED_AT))
    append_event(connection, company, "restored", company, {"copied_at": made.isoformat()}, now)


def note_deleted(connection: Connection, company: str, deleted: Iterable[Deleted]) -> None:
    """Remember deletions of documents that this database never saw, before the mirror is written."""
    # A status asks only what is remembered, and need not load what writes the mirror.
    from syncd.engine import mirror

    keys = {mirror.key_of(stub) for stub in deleted if stub.entity in NUMBERED}
    unseen = keys - mirror.known_rows(connection, company, keys).keys() - mirror.sent_keys(connection, company)
    seen = _read(connection, company)
    names = {f"{kind} {identity}" for kind, identity in unseen} - {*seen.waiting, *seen.accepted}
    if names:
        _write(connection, company, _Seen([*seen.waiting, *sorted(names)], seen.accepted))


def deleted_unknown(connection: Connection, company: str) -> tuple[str, ...]:
    """Documents that were deleted in QuickBooks, which may have been ours: nothing new is sent meanwhile."""
    return tuple(_read(connection, company).waiting)


def accept_deleted(connection: Connection, company: str, by: str, now: datetime) -> tuple[str, ...]:
    """A person has looked: whatever was deleted, its work may be billed."""
    seen = _read(connection, company)
    if seen.waiting:
        _write(connection, company, _Seen([], [*seen.accepted, *seen.waiting]))
        append_event(connection, company, "deleted-accepted", company, {"by": by, "documents": seen.waiting}, now)
    return tuple(seen.waiting)


def _read(connection: Connection, company: str) -> _Seen:
    value = read_value(connection, company, _DELETED)
    return _Seen() if value is None else msgspec.json.decode(value, type=_Seen)


def _write(connection: Connection, company: str, seen: _Seen) -> None:
    set_value(connection, company, _DELETED, msgspec.json.encode(seen).decode())
