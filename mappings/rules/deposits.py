"""Deposits: money that a client has paid beforehand. A liability until earned, never income.

Its invoice stands alone, outside tax. What the client has paid of it pays its open invoices, after tax and after
credits: as a credit memo of the same item, which is applied by a payment of 0. The unearned rest stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from mappings.documents import DEPOSIT, DRAW, FeeAllocation, Line, Reason
from mappings.money import plain, round_to_minor
from mappings.problems import Problem
from mappings.rows import RetainerRow
from mappings.rules.descriptions import Words
from mappings.rules.fees import Billed, FeeClient, FeeDue, Found, cannot_bill
from mappings.rules.grouping import DEPOSIT_GROUP, DRAW_GROUP
from mappings.rules.lines import Draft
from mappings.rules.names import fold
from mappings.rules.retainers import retainer_key
from mappings.steps import step
from mappings.world import OpenItem

KIND = "money"


def deposit_fees(row: RetainerRow, client: FeeClient, billed: Billed) -> Found:
    """The price of a deposit, on its `from`, on a document of its own. Before go-live it counts as paid."""
    problems = list(cannot_bill(row, row.name, client))
    day = row.valid_from
    assert day is not None, "the table asks for it"
    key = (retainer_key(row), DEPOSIT)
    if problems or day > client.until or key in billed or _counts_as_paid(row, client):
        return [], problems
    amount = round_to_minor(row.fee, client.settings.policy.currency)
    group = DEPOSIT_GROUP + row.name
    return [FeeDue(*key, day, amount, "deposit", row, None, group, None, row.item)], []


def _counts_as_paid(row: RetainerRow, client: FeeClient) -> bool:
    since = client.settings.since
    return since is not None and row.valid_from is not None and row.valid_from < since


def deposit_draft(fee: FeeDue, words: Words, no_tax_code: str) -> tuple[Draft, FeeAllocation]:
    """The line of a deposit and its ledger row."""
    assert isinstance(fee.row, RetainerRow)
    return _line(
        fee.row, fee.due, fee.amount_minor, words.deposit(fee.row.name), no_tax_code, Reason(steps=(step("deposit"),))
    )


def _line(
    row: RetainerRow, due: str, amount_minor: int, description: str, no_tax_code: str, reason: Reason
) -> tuple[Draft, FeeAllocation]:
    line = Line(
        number=0,
        kind="deposit",
        description=description,
        item=row.item,
        tax_code=no_tax_code,
        amount_minor=amount_minor,
        quantity=Decimal(1),
        rate=None,
        unit="each",
        service_date=row.valid_from if due == DEPOSIT else None,
    )
    reason = Reason(retainer_row=str(row.place), steps=reason.steps)
    allocation = FeeAllocation(retainer_key(row), due, amount_minor, 0, None, reason, day=row.valid_from)
    return Draft((0, str(row.valid_from), allocation.fee, due), line, ()), allocation


def no_tax_code_missing(client: str) -> Problem:
    """What blocks a document with a deposit while the company has no tax code for what is outside tax."""
    what = f"A deposit of {client} is a line outside tax, and no tax code is set for those."
    fix = "Set no_tax_code in [billing] to a tax code of QuickBooks such as “Out of Scope”."
    return Problem("no-tax-code-missing", what, fix, None, client)


@dataclass(frozen=True, slots=True)
class DepositDraw:
    """What is drawn from one deposit now, on a document of its own."""

    group: str
    draft: Draft
    row: FeeAllocation


def deposit_draws(
    rows: Iterable[RetainerRow],
    client: FeeClient,
    billed: Billed,
    open_items: Sequence[OpenItem],
    paid: Mapping[str, int],
    words: Words,
    no_tax_code: str,
) -> Iterator[DepositDraw]:
    """What the client's deposits pay of its open invoices, the earliest deposit first, then in row order."""
    currency, taken = client.settings.policy.currency, 0
    for row in sorted(rows, key=lambda row: row.valid_from or date.min):
        if row.currency not in ("", currency):
            continue
        key = retainer_key(row)
        counted = round_to_minor(row.fee, currency) if _counts_as_paid(row, client) else paid.get(key, 0)
        drawn = billed.get((key, DRAW))
        available = counted + (drawn.amount_minor if drawn else 0)
        amount = min(available, _owed(row, open_items) - taken)
        if amount <= 0:
            continue
        taken += amount
        said = step("deposit-drawn", amount=plain(amount, currency), left=plain(available - amount, currency))
        line = _line(row, DRAW, -amount, words.deposit_drawn(row.name), no_tax_code, Reason(steps=(said,)))
        yield DepositDraw(DRAW_GROUP + row.name, *line)


def _owed(row: RetainerRow, items: Sequence[OpenItem]) -> int:
    """What is open of invoices since the deposit, tax included, once the client's credits are applied.

    Credits go to the oldest invoices first; what was drawn from deposits already and not applied yet goes to these.
    """
    first = row.valid_from or date.min
    invoices = [item for item in items if item.kind == "invoice" and item.retainer == ""]
    credit = sum(item.balance_minor for item in items if item.kind == "credit-memo" and item.retainer == "")
    drawn = sum(item.balance_minor for item in items if item.kind == "credit-memo" and item.retainer != "")
    before = sum(item.balance_minor for item in invoices if item.dated < first)
    since = sum(item.balance_minor for item in invoices if item.dated >= first)
    return since - max(credit - before, 0) - drawn


def of_client(items: Iterable[OpenItem], client: str) -> list[OpenItem]:
    """The open documents of one client, by its name in any spelling."""
    return [item for item in items if fold(item.client) == fold(client)]
