"""The table discounts: a percentage off work by its day, or an amount off each document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.problems import Problem
from mappings.rows import DiscountRow
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import choice, currency, day, number, patterns

DISCOUNTS = Table(
    "discounts",
    DiscountRow,
    (
        Column("client", patterns, required=True, filled=True),
        Column("project", patterns),
        Column("service", patterns),
        Column("percent", number("percent", "a number such as 5 or 7.5")),
        Column("amount", number("amount", "an amount such as 50 or 50.00")),
        Column("currency", currency),
        Column("base", choice("net", "gross")),
        Column("quickbooks_item", required=True, filled=True),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
    ),
    about=("client", "project", "service"),
)


def percent_or_amount(lines: Iterable[Line[DiscountRow]]) -> Iterator[Problem]:
    """A discount is either a percentage of at most 100, or an amount."""
    for line in lines:
        row = line.row
        if row is None:
            continue
        if (row.percent is None) == (row.amount is None):
            what = f"The discount for {line.about} needs either a percent or an amount."
            yield Problem("discount-without-size", what, "Fill in exactly one of them.", line.place)
        elif row.percent is not None and row.percent > 100:
            what = f"The discount for {line.about} is {row.percent} %, more than everything."
            yield Problem("discount-too-large", what, "Write at most 100.", line.at("percent"))
