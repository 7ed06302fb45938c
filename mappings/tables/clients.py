"""The table clients: which QuickBooks customer a source's client is, and what differs for it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.problems import Problem
from mappings.rows import ClientRow
from mappings.tables import policies
from mappings.tables.policies import Choice
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import Reader, choice, currency, day, emails, language, patterns, quoted, whole


def _policy(policy: Choice) -> Reader:
    return choice(*policy.values, later=policy.later)


CLIENTS = Table(
    "clients",
    ClientRow,
    (
        Column("source", patterns, when_empty=()),
        Column("source_client", patterns, required=True, when_empty=()),
        Column("quickbooks_customer", required=True, filled=True),
        Column("language", language),
        Column("currency", currency),
        Column("tax_code"),
        Column("terms"),
        Column("purchase_order"),
        Column("email_to", emails),
        Column("period", _policy(policies.PERIOD)),
        Column("one_invoice_per", _policy(policies.ONE_INVOICE_PER)),
        Column("lines_per", _policy(policies.LINES_PER)),
        Column("step_minutes", whole("minutes", "a whole number of minutes such as 15")),
        Column("direction", _policy(policies.DIRECTION)),
        Column("applies_to", _policy(policies.APPLIES_TO)),
        Column("minimum_minutes", whole("minutes", "a whole number of minutes such as 15")),
        Column("class", field="class_name"),
        Column("department"),
        Column("since", day),
        Column("until", day),
        Column("note"),
    ),
    about=("source_client",),
    later=("approver",),
    dates=("since", "until"),
)

# Which source's client a row speaks of, until when and why may differ among the rows of one customer.
_OF_THE_ROW = ("source", "source_client", "quickbooks_customer", "since", "until", "note")


def disagreements(lines: Iterable[Line[ClientRow]]) -> Iterator[Problem]:
    """Rows of one customer that say different things of it: the customer has one currency, one language and so on."""
    said: dict[tuple[str, str], Line[ClientRow]] = {}
    for line in lines:
        if line.row is None or line.row.quickbooks_customer == "=":
            continue
        for column, cell in line.cells.items():
            if column in _OF_THE_ROW or cell.empty:
                continue
            first = said.setdefault((line.row.quickbooks_customer.casefold(), column), line)
            before = first.cells[column]
            if before.text.casefold() != cell.text.casefold():
                customer = line.row.quickbooks_customer
                what = f"{column} of {customer} is {quoted(cell.text)} here and {quoted(before.text)} in {first.place}."
                fix = "All rows of one customer must agree; a blank cell agrees with any."
                yield Problem("clients-disagree", what, fix, cell.place)
