"""The table caps: budgets of a client's work, in money or hours."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.problems import Problem
from mappings.rows import CapRow
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import About, WrongCellError, choice, currency, number, patterns, quoted


def _alerts(cell: Cell, about: About) -> tuple[int, ...]:
    """Whole percentages separated by |: 80%|95%."""
    found = []
    for part in (part.strip() for part in cell.text.split("|")):
        digits = part.removesuffix("%").strip()
        if not (part.endswith("%") and digits.isascii() and digits.isdigit() and int(digits)):
            what = f"{about.column} must be whole percentages such as 80%|95%, not {quoted(cell.text)}."
            raise WrongCellError("value-unknown", what)
        found.append(int(digits))
    return tuple(sorted(set(found)))


CAPS = Table(
    "caps",
    CapRow,
    (
        Column("client", patterns, required=True, filled=True),
        Column("project", patterns),
        Column("purchase_order", patterns),
        Column("amount", number("amount", "an amount such as 2600 or 2600.00")),
        Column("hours", number("hours", "a number of hours such as 40 or 7.5")),
        Column("currency", currency),
        Column("every", choice("week", "month", "quarter", "year")),
        Column("alerts", _alerts),
        Column("over", choice("write-down", "hold", "warn"), required=True, filled=True),
    ),
    about=("client", "project", "purchase_order"),
)


def without_limit(lines: Iterable[Line[CapRow]]) -> Iterator[Problem]:
    """A cap of neither an amount nor hours limits nothing."""
    for line in lines:
        if line.row is not None and line.row.amount is None and line.row.hours is None:
            what = f"The cap of {line.about} has neither an amount nor hours: it would limit nothing."
            yield Problem("cap-without-limit", what, "Fill in one of them, or both.", line.place)
