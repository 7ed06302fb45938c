"""The table intercompany: at what this company's people work for the clients of another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from mappings.problems import Problem
from mappings.rows import IntercompanyRow
from mappings.tables import ties
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import About, WrongCellError, day, number, patterns, quoted


def _share(cell: Cell, about: About) -> Fraction:
    """A share of the bill rate: 80%, 2/3, or 0.8."""
    match = re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*(%?)|(\d+)\s*/\s*([1-9]\d*)", cell.text, re.ASCII)
    if match is None:
        what = f"{about.column} must be a share such as 80%, 2/3 or 0.8, not {quoted(cell.text)}."
        raise WrongCellError("value-unknown", what)
    amount, percent, numerator, denominator = match.groups()
    if amount is None:
        share = Fraction(int(numerator), int(denominator))
    else:
        share = Fraction(Decimal(amount.replace(",", "."))) / (100 if percent else 1)
    if not 0 < share <= 1:
        raise WrongCellError("share-out-of-range", f"{about.column} must be above 0 and at most 100%, not {cell.text}.")
    return share


INTERCOMPANY = Table(
    "intercompany",
    IntercompanyRow,
    (
        Column("borrower", required=True, filled=True),
        Column("person", patterns),
        Column("team", patterns),
        Column("share", _share),
        Column("rate", number("rate", "an amount such as 70 or 70.50")),
        Column("quickbooks_customer", required=True, filled=True),
        Column("quickbooks_item", required=True, filled=True),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
    ),
    about=("borrower", "person", "team"),
)


def intercompany_claim(row: IntercompanyRow) -> ties.Claim:
    return ties.claim([[row.borrower], row.person, row.team], row.valid_from, row.valid_until)


def who_and_how_much(lines: Iterable[Line[IntercompanyRow]]) -> Iterator[Problem]:
    """Each row names people and one price; a borrower is one customer of the lender's books."""
    customers: dict[str, Line[IntercompanyRow]] = {}
    for line in lines:
        row = line.row
        if row is None:
            continue
        if not row.person and not row.team:
            what = f"The row for {line.about} names nobody: it would lend all who work for {row.borrower}."
            yield Problem("nobody-lent", what, "Fill in person or team.", line.place)
        if (row.share is None) == (row.rate is None):
            what = f"The row for {line.about} needs either a share of the bill rate or a rate."
            yield Problem("lent-without-price", what, "Fill in exactly one of share and rate.", line.place)
        first = customers.setdefault(row.borrower.casefold(), line)
        assert first.row is not None
        if first.row.quickbooks_customer.casefold() != row.quickbooks_customer.casefold():
            what = f"{row.borrower} is the customer {quoted(first.row.quickbooks_customer)} in {first.place} already."
            fix = "A company is one customer: write the same in all its rows."
            yield Problem("borrower-two-customers", what, fix, line.at("quickbooks_customer"))
