"""The table retainers: hours that a client has paid for, by a fee each period or beforehand."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_UP, Decimal

from mappings.rows import RetainerRow, Unused
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Table
from mappings.tables.values import About, WrongCellError, choice, currency, day, number, patterns, quoted

_UNUSED = "unused can be lost, carry-1-month, carry-max:10h, carry-until:2026-12-31 or net."


def _unused(cell: Cell, about: About) -> Unused:
    """What becomes of hours that a period did not use."""
    word = cell.text.casefold()
    if word in ("lost", "carry-1-month", "net"):
        return Unused(word)
    kind, _, value = word.partition(":")
    if kind == "carry-max" and re.fullmatch(r"\d+(\.\d+)?h", value, re.ASCII):
        seconds = (Decimal(value[:-1]) * 3600).quantize(Decimal(1), ROUND_HALF_UP)
        return Unused(kind, most_seconds=int(seconds))
    if kind == "carry-until" and value:
        return Unused(kind, until=day(Cell(value, cell.place), about))
    raise WrongCellError("value-unknown", f"{quoted(cell.text)} is not a way to hand on unused hours: {_UNUSED}")


RETAINERS = Table(
    "retainers",
    RetainerRow,
    (
        Column("client", required=True, filled=True),
        Column("name", required=True, filled=True),
        Column("kind", choice("minimum", "block", "spend", "money"), required=True, filled=True),
        Column("services", patterns),
        Column("projects", patterns),
        Column("hours", number("hours", "a number of hours such as 8 or 7.5")),
        Column("fee", number("amount", "an amount such as 840 or 840.00")),
        Column("currency", currency),
        Column("every", choice("week", "month", "quarter", "year")),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("unused", _unused),
        Column("draw", choice("chronological", "pro-rata")),
        Column("extra_rate", number("rate", "an amount such as 118 or 118.50")),
        Column("prorate", choice("no", "calendar", "30", "calendar+hours", "30+hours")),
        Column("item"),
        Column("note"),
    ),
    about=("client", "name"),
)
