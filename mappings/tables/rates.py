"""The table rates: prices per unit; its matching columns are in order of strength."""

from __future__ import annotations

from mappings.rows import RateRow
from mappings.tables.services import UNITS
from mappings.tables.shape import Column, Table
from mappings.tables.values import currency, day, number, patterns

MATCHING = ("task", "project", "client", "person", "role", "team", "service")

_RATE = number("rate", "an amount such as 70 or 70.50", label="hourly rate")

RATES = Table(
    "rates",
    RateRow,
    (
        *(Column(name, patterns, when_empty=()) for name in MATCHING),
        Column("rate", _RATE, required=True, filled=True),
        Column("unit", UNITS),
        Column("currency", currency),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("note"),
    ),
    about=MATCHING,
)
