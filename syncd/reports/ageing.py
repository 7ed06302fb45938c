"""Receivables by age: what is open in QuickBooks' mirror for the mapped customers, by days past its due day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from syncd.reports.snapshot import Snapshot
from syncd.reports.values import Money

BUCKETS = ("current", "days_1_30", "days_31_60", "days_61_90", "days_91_up")
BUCKET_LABELS = ("Current", "1–30", "31–60", "61–90", "91+")


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One client in one currency. `unapplied`: payments and credits that no invoice has taken up, negative."""

    client: str
    currency: str
    current: Money
    days_1_30: Money
    days_31_60: Money
    days_61_90: Money
    days_91_up: Money
    unapplied: Money
    total: Money


def bucket_of(due: date, today: date) -> str:
    """The column of an invoice: due today or later is current, one day past due is 1–30."""
    days = (today - due).days
    if days <= 0:
        return "current"
    for name, last in (("days_1_30", 30), ("days_31_60", 60), ("days_61_90", 90)):
        if days <= last:
            return name
    return "days_91_up"


def age(snapshot: Snapshot) -> tuple[AgeingRow, ...]:
    """Who owes what since when, by client and currency; clients that owe nothing are left out."""
    names = {row.customer_id: row.client for row in snapshot.balances}
    cells: dict[tuple[str, str], dict[str, int]] = {}
    for item in snapshot.open_items:
        key = (names.get(item.customer_id, f"customer {item.customer_id}"), item.currency)
        row = cells.setdefault(key, dict.fromkeys((*BUCKETS, "unapplied"), 0))
        if item.type == "Invoice":
            row[bucket_of(item.due, snapshot.today)] += item.balance_minor
        else:
            row["unapplied"] -= item.balance_minor
    return tuple(_row(client, currency, row) for (client, currency), row in sorted(cells.items()))


def totals(rows: tuple[AgeingRow, ...]) -> tuple[AgeingRow, ...]:
    """One row for each currency: the sum of its clients."""
    sums: dict[str, dict[str, int]] = {}
    for row in rows:
        total = sums.setdefault(row.currency, dict.fromkeys((*BUCKETS, "unapplied"), 0))
        for name in total:
            total[name] += getattr(row, name).minor
    return tuple(_row("", currency, cells) for currency, cells in sorted(sums.items()))


def _row(client: str, currency: str, cells: dict[str, int]) -> AgeingRow:
    amounts = {name: Money(minor, currency) for name, minor in cells.items()}
    return AgeingRow(client=client, currency=currency, total=Money(sum(cells.values()), currency), **amounts)
