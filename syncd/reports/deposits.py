"""Deposits: what clients were to pay beforehand, what they paid of it, and what was drawn: a liability, no income."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text
from sqlalchemy import Connection, func, select

from mappings.documents import DEPOSIT, DRAW
from mappings.money import round_to_minor
from mappings.rows import RetainerRow
from mappings.rules.retainers import retainer_key
from syncd.reports.text import money_cell, table
from syncd.reports.values import Money, Selection
from syncd.store import schema


@dataclass(frozen=True, slots=True)
class DepositMoney:
    """One deposit in money. Credits that somebody applied to its invoice are not `paid`."""

    client: str
    name: str
    documents: int
    """Its invoice, and the credit memos by which it was drawn."""
    invoiced: Money
    paid: Money
    """Of one from before go-live: all of it."""
    drawn: Money
    left: Money
    """Paid and not drawn: unearned."""


def read_deposits(
    connection: Connection, company: str, selection: Selection, rows: Iterable[RetainerRow]
) -> tuple[DepositMoney, ...]:
    """All deposits that documents say something of."""
    fee, document = schema.fee_ledger.c, schema.document.c
    query = (
        select(fee.fee, fee.due, document.client, document.currency, func.count(), func.sum(fee.amount_minor))
        .join(schema.document, document.id == fee.document_id)
        .where(fee.company == company, fee.due.in_((DEPOSIT, DRAW)), document.withdrawn_at.is_(None))
        .group_by(fee.fee, fee.due, document.client, document.currency)
        .order_by(document.client, fee.fee, fee.due)
    )
    if selection.client:
        query = query.where(document.client == selection.client)
    sums = {(row[0], row[1]): row for row in connection.execute(query)}
    if not sums:
        return ()
    # Loaded for those who have deposits, of whom alone there is something to tell.
    from syncd.engine.deposits import read_paid

    paid = read_paid(connection, company, {row[2] for row in sums.values()})
    before = {retainer_key(row): row for row in rows}
    found = []
    for key in dict.fromkeys(fee_key for fee_key, _ in sums):
        own, drawn = sums.get((key, DEPOSIT)), sums.get((key, DRAW))
        known = own or drawn
        assert known is not None
        currency = known[3]
        received = paid.get(key, 0)
        if own is None and key in before:
            # It was invoiced before go-live, elsewhere: it counts as paid.
            received = round_to_minor(before[key].fee, currency)
        taken = -int(drawn[5]) if drawn else 0
        amounts = (int(own[5]) if own else 0, received, taken, received - taken)
        count = (int(own[4]) if own else 0) + (int(drawn[4]) if drawn else 0)
        found.append(DepositMoney(known[2], key.rsplit("|", 1)[-1], count, *(Money(one, currency) for one in amounts)))
    return tuple(found)


def deposits_text(rows: Iterable[DepositMoney]) -> Iterator[RenderableType]:
    """A table of money, what is left of each last."""
    told = list(rows)
    if not told:
        return
    made = table("Client", "Deposit", "", "Invoiced", "Paid", "Drawn", "Left", numbers=(3, 4, 5, 6), title="Deposits")
    for row in told:
        amounts = (row.invoiced, row.paid, row.drawn, row.left)
        made.add_row(Text(row.client), Text(row.name), row.left.currency, *map(money_cell, amounts))
    yield Text("")
    yield made
