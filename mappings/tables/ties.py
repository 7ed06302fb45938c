"""Rows that say two things about the same work on the same day: refused here, so that no rule has to choose."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import product

from mappings.problems import Problem
from mappings.rows import (
    AssignmentRow,
    ClientRow,
    DiscountRow,
    ExpenseRow,
    FixedFeeRow,
    PersonRow,
    RateRow,
    RetainerRow,
    ServiceRow,
)
from mappings.tables.rates import MATCHING
from mappings.tables.shape import Line, Row

Key = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """What a row speaks of: every combination of its matching values, in its days."""

    keys: frozenset[Key]
    first: date
    last: date


def claim(columns: Sequence[Sequence[str]], first: date | None, last: date | None) -> Claim:
    """The claim of a row whose matching columns hold these patterns; an empty column is itself one value."""
    values = [[value.casefold() for value in column] or [""] for column in columns]
    return Claim(frozenset(product(*values)), first or date.min, last or date.max)


def client_claim(row: ClientRow) -> Claim:
    return claim([row.source, row.source_client], row.since, row.until)


def service_claim(row: ServiceRow) -> Claim:
    return claim([row.source, row.source_service], None, None)


def person_claim(row: PersonRow) -> Claim:
    return claim([row.source, row.source_person], None, None)


def expense_claim(row: ExpenseRow) -> Claim:
    return claim([row.source, row.category], None, None)


def rate_claim(row: RateRow) -> Claim:
    """Rows alike but for the currency are no tie: the client's counts. Nor do prices of one compete with time's."""
    columns = [getattr(row, name) for name in MATCHING]
    sold_each = ["each"] if row.unit == "each" else []
    return claim([*columns, [row.currency], sold_each], row.valid_from, row.valid_until)


def retainer_claim(row: RetainerRow) -> Claim:
    return claim([[row.client], [row.name]], None, None)


def fee_claim(row: FixedFeeRow) -> Claim:
    return claim([[row.client], [row.project], [row.service], [row.description]], None, None)


def discount_claim(row: DiscountRow) -> Claim:
    """A percentage and an amount may come off the same lines."""
    kind = "percent" if row.amount is None else "amount"
    columns = [row.client, row.project, row.service, [row.quickbooks_item], [kind]]
    return claim(columns, row.valid_from, row.valid_until)


def assignment_claim(row: AssignmentRow) -> Claim:
    return claim([[row.client], [row.service], [row.project]], None, None)


def equal_rates(lines: Iterable[Line[RateRow]]) -> Iterator[Problem]:
    """Two rates that would be equally strong for the same work on the same day."""
    for line, earlier in _ties(lines, rate_claim):
        assert line.row is not None
        assert earlier.row is not None
        days = overlap(rate_claim(line.row), rate_claim(earlier.row))
        what = f"{line.about or 'All work'} has an equally strong rate in {earlier.place}{days}."
        fix = "Give one of them an until, or delete one."
        yield Problem("rates-equal", what, fix, line.at("rate"))


def equal_rows(lines: Iterable[Line[Row]], claim_of: Callable[[Row], Claim], column: str) -> Iterator[Problem]:
    """Two rows of clients, services or people that are about the same name."""
    for line, earlier in _ties(lines, claim_of):
        what = f"{line.about or 'All others'}: {earlier.place} is about the same already."
        yield Problem("rows-equal", what, "Delete one of the two rows, or make one of them narrower.", line.at(column))


def equal_keys(lines: Iterable[Line[Row]], claim_of: Callable[[Row], Claim], column: str) -> Iterator[Problem]:
    """Two retainers or fixed fees with the same name: the ledger knows them by it."""
    for line, earlier in _ties(lines, claim_of):
        what = f"{line.about} is in {earlier.place} already."
        fix = f"Give each its own {column}; a change of price is the same row."
        yield Problem("name-twice", what, fix, line.at(column))


def overlap(one: Claim, other: Claim) -> str:
    """The days that two claims share, for a sentence; "" when both are open."""
    first, last = max(one.first, other.first), min(one.last, other.last)
    if first == date.min:
        return "" if last == date.max else f" until {last}"
    return f" from {first}" if last == date.max else f" from {first} until {last}"


def _ties(lines: Iterable[Line[Row]], claim_of: Callable[[Row], Claim]) -> Iterator[tuple[Line[Row], Line[Row]]]:
    """Each line with the first line before it that claims the same on the same day."""
    seen: dict[Key, list[tuple[Claim, Line[Row]]]] = defaultdict(list)
    for line in lines:
        if line.row is None:
            continue
        own = claim_of(line.row)
        earlier = [
            other
            for key in own.keys
            for theirs, other in seen[key]
            if own.first <= theirs.last and theirs.first <= own.last
        ]
        if earlier:
            yield line, min(earlier, key=lambda other: (other.place.file, other.place.line))
        for key in own.keys:
            seen[key].append((own, line))
