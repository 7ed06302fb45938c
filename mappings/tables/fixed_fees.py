"""The table fixed_fees: prices on a calendar, or once."""

from __future__ import annotations

import re
from datetime import date

from mappings.rows import FixedFeeRow
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Table
from mappings.tables.values import (
    LATER,
    About,
    WrongCellError,
    any_amount,
    choice,
    currency,
    day,
    number,
    quoted,
    yes_no,
)


def _on(cell: Cell, about: About) -> str:
    """A day number, last-day, or a day of the calendar."""
    word = cell.text.casefold()
    if word.startswith("done:"):
        what = f"on = {cell.text} is not implemented in this version."
        raise WrongCellError(LATER, what, "Give the day on which it is due.")
    if word == "last-day" or re.fullmatch(r"[1-9]|[12]\d|3[01]", word, re.ASCII):
        return word
    if isinstance(cell.value, date) or re.match(r"\d{4}-", word):
        return day(cell, about).isoformat()
    raise WrongCellError(
        "value-unknown", f"on must be a day number (1 to 31), last-day or a date, not {quoted(cell.text)}."
    )


FIXED_FEES = Table(
    "fixed_fees",
    FixedFeeRow,
    (
        Column("client", required=True, filled=True),
        Column("project"),
        Column("service"),
        Column("description", required=True, filled=True),
        Column("amount", any_amount, required=True, filled=True),
        Column("quantity", number("quantity", "a number such as 1 or 2.5")),
        Column("currency", currency),
        Column("every", choice("once", "month", "quarter", "year")),
        Column("on", _on),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("prorate", choice("no", "calendar", "30")),
        Column("covers", yes_no),
    ),
    about=("client", "description"),
    later=("percent_of",),
)
