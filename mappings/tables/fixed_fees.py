"""The table fixed_fees: prices on a calendar, once, when a task is done, and shares of a price."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mappings.rows import DONE, ESTIMATE, FixedFeeRow, Share
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Table
from mappings.tables.values import (
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
    """A day number, last-day, a day of the calendar, or a task that is to be done."""
    word = cell.text.casefold()
    if word.startswith(DONE):
        task = cell.text[len(DONE) :].strip()
        if not task:
            raise WrongCellError("value-unknown", "done: needs the task that is to be done.", "Write it as done:4711.")
        return f"{DONE}{task}"
    if word == "last-day" or re.fullmatch(r"[1-9]|[12]\d|3[01]", word, re.ASCII):
        return word
    if isinstance(cell.value, date) or re.match(r"\d{4}-", word):
        return day(cell, about).isoformat()
    raise WrongCellError(
        "value-unknown", f"on must be a day number (1 to 31), last-day or a date, not {quoted(cell.text)}."
    )


def _amount(cell: Cell, about: About) -> Decimal | Share:
    """An amount, or a share of a price: 30%, 1/3, or what is complete of it: to 35%."""
    match = re.fullmatch(
        r"(to\s+)?(?:(\d+(?:[.,]\d+)?)\s*%|(\d+)\s*/\s*([1-9]\d*))", cell.text, re.ASCII | re.IGNORECASE
    )
    if match is None:
        return any_amount(cell, about)
    so_far, percent, numerator, denominator = match.groups()
    if percent is not None:
        part, written = Fraction(percent.replace(",", ".")) / 100, f"{percent}%"
    else:
        part, written = Fraction(int(numerator), int(denominator)), f"{numerator}/{denominator}"
    return Share(part, bool(so_far), written)


def _percent_of(cell: Cell, about: About) -> str:
    """An amount, or an estimate by its number."""
    if cell.text.casefold().startswith(ESTIMATE):
        number = cell.text[len(ESTIMATE) :].strip()
        if not number:
            what = "estimate: needs the number of an estimate in QuickBooks."
            raise WrongCellError("value-unknown", what, "Write it as estimate:1023.")
        return f"{ESTIMATE}{number}"
    amount = any_amount(cell, about)
    if amount <= 0:
        raise WrongCellError("price-not-positive", f"The price that {about.row} is a share of must be above zero.")
    return f"{amount.normalize():f}"


def _row(**values: Any) -> FixedFeeRow:
    """A row whose amount may be a share."""
    if isinstance(values.get("amount"), Share):
        values |= {"share": values["amount"], "amount": Decimal(0)}
    return FixedFeeRow(**values)


FIXED_FEES = Table(
    "fixed_fees",
    _row,
    (
        Column("client", required=True, filled=True),
        Column("project"),
        Column("service"),
        Column("description", required=True, filled=True),
        Column("amount", _amount, required=True, filled=True),
        Column("quantity", number("quantity", "a number such as 1 or 2.5")),
        Column("percent_of", _percent_of),
        Column("currency", currency),
        Column("every", choice("once", "month", "quarter", "year")),
        Column("on", _on),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("prorate", choice("no", "calendar", "30")),
        Column("covers", yes_no),
    ),
    about=("client", "description"),
)
