"""The table retainers: fees each period that cover hours. This version knows the kind `minimum`, unused hours lost."""

from __future__ import annotations

from mappings.rows import RetainerRow
from mappings.tables.shape import Column, Table
from mappings.tables.values import choice, currency, day, number, patterns

RETAINERS = Table(
    "retainers",
    RetainerRow,
    (
        Column("client", required=True, filled=True),
        Column("name", required=True, filled=True),
        Column("kind", choice("minimum", later=("spend", "block", "money")), required=True, filled=True),
        Column("services", patterns),
        Column("projects", patterns),
        Column("hours", number("hours", "a number of hours such as 8 or 7.5")),
        Column("fee", number("amount", "an amount such as 840 or 840.00")),
        Column("currency", currency),
        Column("every", choice("week", "month", "quarter", "year")),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
        Column("unused", choice("lost", later=("carry", "net")), field=""),
        Column("draw", choice("chronological", later=("pro-rata",)), field=""),
        Column("extra_rate", number("rate", "an amount such as 118 or 118.50")),
        Column("prorate", choice("no", later=("calendar", "30")), field=""),
        Column("item"),
        Column("note"),
    ),
    about=("client", "name"),
)
