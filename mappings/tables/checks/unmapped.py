"""Work that the tables do not place or price, by what it may be worth, with the row to add."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date

from mappings.money import amount_of_seconds, round_to_minor, to_decimal
from mappings.problems import Place, Problem
from mappings.rows import RateRow
from mappings.rules.names import fold
from mappings.rules.rates import names_of
from mappings.tables.checks.known import Known, Placed
from mappings.tables.checks.words import entries, hours
from mappings.tables.suggest import suggest_clients, suggest_services

SUGGESTED = 25
"""For so many names, those worth most, the nearest of QuickBooks is looked for: each is compared with all of a list."""

_TABLE_OF = {
    "unmapped-client": "clients",
    "client-ended": "clients",
    "unmapped-service": "services",
    "unmapped-category": "expenses",
    "no-rate": "rates",
}


@dataclass(frozen=True, slots=True)
class Unmapped:
    """Open work that lacks the same row. `name` is the client, service or category; of a rate, client and service."""

    code: str
    """unmapped-client, client-ended, unmapped-service, unmapped-category, no-rate."""
    table: str
    name: str
    service: str
    sources: tuple[str, ...]
    first: date
    last: date
    entries: int
    seconds: int
    amount_minor: int | None
    """What it may be worth: by a rate that would price it, or its own amounts; None where nothing says."""
    currency: str
    rate_row: Place | None
    """The rate that the amount is guessed by."""
    place: Place | None
    row: Mapping[str, str]
    """The cells to add."""


@dataclass(slots=True)
class _Group:
    code: str
    name: str
    service: str
    currency: str
    place: Place | None
    sources: set[str] = field(default_factory=set)
    first: date = date.max
    last: date = date.min
    entries: int = 0
    seconds: int = 0
    amount_minor: int | None = None
    rate_row: Place | None = None


def unmapped_work(known: Known, customers: Collection[str], items: Collection[str]) -> list[Unmapped]:
    """What lacks a row, worth most first, then most hours. `customers` and `items` are QuickBooks' lists."""
    groups: dict[tuple[str, str, str], _Group] = {}
    for one in known.placed:
        named = _lacks(known, one) if one.piece.open_entries else None
        if named is None:
            continue
        key = (named[0], fold(named[1]), fold(named[2]))
        problem = one.problem.place if one.problem else None
        currency = one.currency or known.company.currency
        group = groups.setdefault(key, _Group(*named, currency, problem))
        _add(known, group, one)
    found = sorted(groups.values(), key=_by_worth)
    return [_told(known, group, customers if rank < SUGGESTED else (), items if rank < SUGGESTED else ())
            for rank, group in enumerate(found)]  # fmt: skip


def _by_worth(group: _Group) -> tuple[object, ...]:
    return (-(group.amount_minor or 0), -group.seconds, group.code, group.name, group.service)


def _lacks(known: Known, one: Placed) -> tuple[str, str, str] | None:
    """Code, name and service of the row that a piece lacks."""
    if one.problem is not None:
        code = one.problem.code
        if code in ("unmapped-client", "client-ended"):
            return code, one.piece.client, ""
        return (code, one.piece.service, "") if code in _TABLE_OF else None
    if not one.is_priced or one.rates:
        return None
    if one.piece.own_rate and known.company.billing.source_rates != "ignore":
        return None
    day = one.piece.first
    covers = known.lookups.covers.get(fold(one.client.name), ()) if one.piece.kind == "time" else ()
    if any(cover.takes(fold(one.service), fold(one.piece.project), day) for cover in covers):
        return None  # What a retainer does not cover is told when it is drafted.
    return "no-rate", one.client.name, one.service


def _add(known: Known, group: _Group, one: Placed) -> None:
    piece = one.piece
    group.sources.add(piece.source)
    group.first, group.last = min(group.first, piece.first), max(group.last, piece.last)
    group.entries += piece.open_entries
    group.seconds += piece.open_seconds
    amount, row = _worth(known, one, group.currency)
    if amount is not None:
        group.amount_minor = (group.amount_minor or 0) + amount
        group.rate_row = group.rate_row or (row.place if row else None)


def _worth(known: Known, one: Placed, currency: str) -> tuple[int | None, RateRow | None]:
    """What a piece may be worth, and by which rate."""
    if one.piece.kind != "time":
        return (round_to_minor(one.piece.amount, currency) if one.piece.amount else None), None
    row = _guess(known, one, currency)
    if row is None:
        return None, None
    unit = row.unit or one.unit
    per_unit = int(known.company.billing.hours_per_day * 3600) if unit == "day" else 3600
    return amount_of_seconds(one.piece.open_seconds, row.rate, currency, per_unit), row


def _guess(known: Known, one: Placed, currency: str) -> RateRow | None:
    """The rate that would price it if its names were mapped as they are; else a general one of other days."""
    piece, person = one.piece, one.person
    names = names_of(piece.task, piece.project, one.client.name, person.name, person.role, person.team, one.service)
    strongest, _ = known.lookups.rates.contest(names, piece.first)
    general = sorted(known.general_rates, key=lambda row: (row.valid_from or date.min) > piece.first)
    for row in (*strongest, *general):
        if row.currency in ("", currency) and row.unit != "each":
            return row
    return None


def _told(known: Known, group: _Group, customers: Collection[str], items: Collection[str]) -> Unmapped:
    return Unmapped(
        group.code,
        _TABLE_OF[group.code],
        group.name,
        group.service,
        tuple(sorted(group.sources)),
        group.first,
        group.last,
        group.entries,
        group.seconds,
        group.amount_minor,
        group.currency,
        group.rate_row,
        group.place,
        _row(known, group, customers, items),
    )


def _row(known: Known, group: _Group, customers: Collection[str], items: Collection[str]) -> Mapping[str, str]:
    """The cells to add, as far as they can be told: the name that is most like it is a guess."""
    seen = {(source, group.name): (group.entries, group.seconds) for source in group.sources}
    if group.code == "unmapped-client":
        near = [found.row for found in suggest_clients(known.tables, seen, customers) if found.row]
        return near[0] if near else {"source_client": group.name, "quickbooks_customer": ""}
    if group.code == "client-ended":
        return {"source_client": group.name, "since": group.first.isoformat(), "quickbooks_customer": ""}
    if group.code == "unmapped-service":
        near = [found.row for found in suggest_services(known.tables, seen, items) if found.row]
        return near[0] if near else {"source_service": group.name, "quickbooks_item": ""}
    if group.code == "unmapped-category":
        return {"category": group.name, "quickbooks_item": ""}
    return {"client": group.name, "service": group.service, "rate": ""}


def unmapped_problem(found: Unmapped) -> Problem:
    """The same as a problem: it blocks that work, and nothing else."""
    return Problem(found.code, _what(found), _fix(found), found.place, found.name)


def _what(found: Unmapped) -> str:
    sources = f"source {', '.join(found.sources)}" if len(found.sources) == 1 else f"sources {', '.join(found.sources)}"
    about = {
        "unmapped-client": f"{found.name or 'Work without a client'} ({sources}) is not in the clients table",
        "client-ended": f"The row of {found.name or 'work without a client'} has ended, and work goes on",
        "unmapped-service": f"{found.name or 'Work without a service'} ({sources}) is not in the services table",
        "unmapped-category": f"{found.name or 'An item without a category'} ({sources}) is not in the expenses table",
        "no-rate": f"No row of the rates table prices {' › '.join(filter(None, (found.name, found.service)))}"
        f" {'on ' + str(found.first) if found.first == found.last else f'from {found.first} until {found.last}'}",
    }[found.code]
    size = ", ".join([*([hours(found.seconds)] if found.seconds else []), entries(found.entries)])
    return f"{about}: {size}{_worth_text(found)}."


def _worth_text(found: Unmapped) -> str:
    if found.amount_minor is None:
        return ""
    amount = f"{to_decimal(found.amount_minor, found.currency):,} {found.currency}"
    return f", about {amount} by the rate in {found.rate_row}" if found.rate_row else f", {amount}"


def _fix(found: Unmapped) -> str:
    cells = ", ".join(f"{name} = {value}" if value else f"{name} = …" for name, value in found.row.items())
    if found.code == "client-ended":
        return f"Set its until later, or add a row to clients: {cells}."
    return f"Add a row to {found.table}: {cells}."
