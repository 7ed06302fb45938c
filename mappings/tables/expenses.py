"""The table expenses: which item a category of expenses or products is billed as, and at what markup."""

from __future__ import annotations

from mappings.rows import ExpenseRow
from mappings.tables.shape import Column, Table
from mappings.tables.values import number, patterns, yes_no

EXPENSES = Table(
    "expenses",
    ExpenseRow,
    (
        Column("source", patterns, when_empty=()),
        Column("category", patterns, required=True, when_empty=()),
        Column("quickbooks_item", required=True, filled=True),
        Column("markup_percent", number("percent", "a number such as 8 or 7.5")),
        Column("tax_code"),
        Column("billable", yes_no),
    ),
    about=("category",),
)
