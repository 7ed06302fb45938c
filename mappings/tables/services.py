"""The table services: which QuickBooks item a source's service is, and whether it is billed."""

from __future__ import annotations

from mappings.rows import ServiceRow
from mappings.tables.shape import Column, Table
from mappings.tables.values import choice, patterns, yes_no

UNITS = choice("hour", "day", "each")

SERVICES = Table(
    "services",
    ServiceRow,
    (
        Column("source", patterns, when_empty=()),
        Column("source_service", patterns, required=True, when_empty=()),
        Column("service", when_empty=""),
        Column("quickbooks_item", required=True, filled=True),
        Column("billable", yes_no),
        Column("tax_code"),
        Column("class", field="class_name"),
        Column("unit", UNITS),
        Column("note"),
    ),
    about=("source_service",),
)
