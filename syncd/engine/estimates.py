"""QuickBooks' estimates, as the store has them: read whole once, then only what changed.

They are read only for companies whose fixed fees are shares of one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import msgspec
from sqlalchemy import Connection, select

from connectors.quickbooks.estimates import ENTITY, estimates_of
from mappings.catalogue import Books, Estimate, Named
from mappings.rows import Tables
from mappings.rules.estimates import estimate_number
from syncd.engine.content import encode
from syncd.engine.marks import read_mark, set_mark
from syncd.engine.quickbooks import QuickBooks
from syncd.store import schema
from syncd.store.bulk import chunks
from syncd.store.database import Store

MARK = "estimates"
_OVERLAP = timedelta(minutes=5)
_LONGEST_SILENCE = timedelta(days=28)
"""CDC reaches back 30 days; two are left for clocks and outages."""
_READ = msgspec.json.Decoder(Estimate)


def uses_estimates(tables: Tables) -> bool:
    """Whether a fixed fee is a share of an estimate."""
    return any(estimate_number(row) for row in tables.fixed_fees)


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of the estimates, and until when; `whole`: all that there are."""

    estimates: tuple[Estimate, ...]
    until: datetime
    whole: bool


def read_estimates(store: Store, opened: QuickBooks, books: Books, now: datetime) -> Read:
    """What is new since the last time; all of them if that was never, or too long ago."""
    with store.read() as connection:
        since = read_mark(connection, opened.company, MARK)
    if since is not None and now - since <= _LONGEST_SILENCE:
        changes = opened.client.changes([ENTITY], since - _OVERLAP)
        if not changes.truncated:
            rows = (*changes.objects.get(ENTITY, ()), *changes.deleted.get(ENTITY, ()))
            return Read(tuple(estimates_of(rows, books)), changes.server_time, whole=False)
    before = opened.client.changes([ENTITY], now - _OVERLAP).server_time
    return Read(tuple(estimates_of(opened.client.query(ENTITY), books)), before, whole=True)


def as_reference(estimates: Collection[Estimate]) -> tuple[list[Named], dict[str, str]]:
    """Rows of the reference lists, with their details by id."""
    rows = [Named("estimate", one.id, one.number, one.state != "deleted", one.currency) for one in estimates]
    return rows, {one.id: encode(one) for one in estimates}


def mark_read(connection: Connection, company: str, until: datetime) -> None:
    """Estimates are read until then."""
    set_mark(connection, company, MARK, until)


def load_estimates(connection: Connection, company: str, numbers: Collection[str]) -> tuple[Estimate, ...]:
    """The estimates of these numbers, with the name that we use for their customer."""
    table, found = schema.reference.c, []
    for some in chunks(sorted(numbers)):
        query = select(table.detail).where(table.company == company, table.kind == "estimate", table.active)
        query = query.where(table.name.in_(some))
        found += [_READ.decode(detail) for detail in connection.execute(query.order_by(table.id)).scalars()]
    names = _customers(connection, company, {one.customer for one in found})
    return tuple(replace(one, customer=names.get(one.customer, "")) for one in found)


def _customers(connection: Connection, company: str, ids: Collection[str]) -> dict[str, str]:
    """Our name of a customer of QuickBooks, by its id: pinned, else as it is called there."""
    names: dict[str, str] = {}
    reference, pin = schema.reference.c, schema.pin.c
    for some in chunks(sorted(ids)):
        there = select(reference.id, reference.name).where(reference.company == company, reference.kind == "customer")
        ours = select(pin.quickbooks_id, pin.name).where(pin.company == company, pin.kind == "customer")
        names |= {row.id: row.name for row in connection.execute(there.where(reference.id.in_(some)))}
        names |= {row.quickbooks_id: row.name for row in connection.execute(ours.where(pin.quickbooks_id.in_(some)))}
    return names
