"""Known work in pieces: entries that differ in nothing that the tables look at count as one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from mappings.rows import DiscountRow, FixedFeeRow, PremiumRow, RateRow, RetainerRow, Tables
from mappings.rules.names import Seasons
from mappings.work import WorkItem, WorkKind

Window = tuple[date | None, date | None]
Dated = RateRow | RetainerRow | FixedFeeRow | DiscountRow | PremiumRow


@dataclass(frozen=True, slots=True)
class Piece:
    """Some entries with the same names, worked from `first` until `last`, between which no row begins or ends.

    `open_…`: what of them no approved document holds. Names are the source's.
    """

    source: str
    first: date
    last: date
    client: str = ""
    project: str = ""
    task: str = ""
    person: str = ""
    service: str = ""
    purchase_order: str = ""
    billable: bool = True
    own_rate: bool = False
    """The entries carry a rate."""
    kind: WorkKind = "time"
    entries: int = 1
    seconds: int = 0
    open_entries: int = 0
    open_seconds: int = 0
    amount: Decimal = Decimal(0)
    """Of the open ones among priced items, as far as they carry an amount."""


def piece_of(work: WorkItem, *, is_open: bool = True) -> Piece:
    """One entry as a piece of its own."""
    quantity = Decimal(1) if work.quantity is None else work.quantity
    amount = work.amount * quantity if is_open and work.amount is not None else Decimal(0)
    return Piece(
        work.source,
        work.worked_on,
        work.worked_on,
        work.client,
        work.project,
        work.task,
        work.person,
        work.service,
        work.purchase_order,
        work.billable,
        work.source_rate is not None,
        work.kind,
        seconds=work.seconds,
        open_entries=int(is_open),
        open_seconds=work.seconds if is_open else 0,
        amount=amount,
    )


def gather(pieces: Iterable[Piece], tables: Tables, go_live: date | None) -> list[Piece]:
    """The pieces in which all days between two of the tables' dates count as one."""
    days = edges(tables, go_live)
    found: dict[tuple[object, ...], Piece] = {}
    for piece in pieces:
        key = (
            *(piece.source, piece.client, piece.project, piece.task, piece.person, piece.service),
            *(piece.purchase_order, piece.billable, piece.own_rate, piece.kind, bisect_right(days, piece.first)),
        )
        before = found.get(key)
        found[key] = piece if before is None else _together(before, piece)
    return list(found.values())


def _together(one: Piece, other: Piece) -> Piece:
    return replace(
        one,
        first=min(one.first, other.first),
        last=max(one.last, other.last),
        entries=one.entries + other.entries,
        seconds=one.seconds + other.seconds,
        open_entries=one.open_entries + other.open_entries,
        open_seconds=one.open_seconds + other.open_seconds,
        amount=one.amount + other.amount,
    )


def edges(tables: Tables, go_live: date | None) -> list[date]:
    """The days, in order, on which a row begins to count or counts no longer: between two of them all are alike."""
    windows: list[Window] = [(client.since, client.until) for client in tables.clients]
    windows += [(row.valid_from, row.valid_until) for row in dated_rows(tables)]
    return Seasons([*windows, (go_live, None)]).edges


def dated_rows(tables: Tables) -> tuple[Dated, ...]:
    """All rows that count from a day until another."""
    return (*tables.rates, *tables.retainers, *tables.fixed_fees, *tables.discounts, *tables.premiums)
