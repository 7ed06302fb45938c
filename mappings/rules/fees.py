"""Fees: what retainers and fixed fees have in common. Each period of a row is billed once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from mappings.documents import Discount, Hold, LineKind, PostedFee
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, RetainerRow, ServiceRow
from mappings.rules.calendar import fee_period, next_period
from mappings.rules.clients import Settings
from mappings.rules.grouping import Tasks
from mappings.rules.milestones import Milestones
from mappings.steps import Step


@dataclass(frozen=True, slots=True)
class FeeDue:
    """One amount of a fee that is owed, less what was billed of it."""

    key: str
    due: str
    day: date
    """The day on which it is due: its document's period ends on it or later."""
    amount_minor: int
    kind: LineKind
    row: RetainerRow | FixedFeeRow
    stretch: Period | tuple[date, date] | None
    """What it pays for; None for a fee that is billed once."""
    group: str
    service: ServiceRow | None
    item: str
    served_until: date | None = None
    credit: bool = False
    is_change: bool = False
    """Of days that were billed before, now that `until` was moved."""
    price: str = ""
    """The key in the ledger of the price that it is a share of."""
    hold: Hold | None = None
    steps: tuple[Step, ...] = ()
    """Why it is due, and why so much."""


@dataclass(frozen=True, slots=True)
class BilledFee:
    """The net of a fee's ledger rows for one period."""

    amount_minor: int
    served_until: date | None
    discounts: tuple[Discount, ...] = ()


@dataclass(frozen=True, slots=True)
class FeeClient:
    """What of a client decides its fees. `begin` is where a row without `from` starts; None: nothing says when."""

    settings: Settings
    begin: date | None
    posted: Callable[[date], bool]
    """Whether the client's document of a day was sent already; a fee without `from` is not billed for it then."""
    until: date
    """The last day of the running period: nothing due later is looked at."""
    milestones: Milestones
    tasks: Tasks


def billed_fees(fees: tuple[PostedFee, ...]) -> dict[tuple[str, str], BilledFee]:
    """Net amounts per (fee, due); those that cancel are left out, so that they are owed again."""
    net: dict[tuple[str, str], BilledFee] = {}
    for posted in fees:
        fee = posted.fee
        before = net.get((fee.fee, fee.due))
        amount = fee.amount_minor + (before.amount_minor if before else 0)
        net[fee.fee, fee.due] = BilledFee(amount, fee.served_until, fee.discounts)
    return {key: fee for key, fee in net.items() if fee.amount_minor}


Found = tuple[list[FeeDue], list[Problem]]
Billed = Mapping[tuple[str, str], BilledFee]


def periods_of(every: str, first: date | None, last: date | None, client: FeeClient) -> Iterator[Period]:
    """The fee's periods, from the one before it starts (a stretch may begin there) to the running one."""
    begin = first or client.begin
    assert begin is not None
    since = client.settings.since
    if since is not None and since > begin:
        begin = since
    period = fee_period(every, begin, first)
    period = fee_period(every, period.first - timedelta(days=1), first)
    while period.first <= client.until and (last is None or period.first <= last):
        yield period
        period = next_period(every, period, first)


def is_before(day: date, valid_from: date | None, client: FeeClient) -> bool:
    """Whether what is due on a day is before the fee's time: go-live, or for rows without `from` what was posted."""
    since = client.settings.since
    if since is not None and day < since:
        return True
    if valid_from is not None:
        return day < valid_from
    return client.posted(day) or (client.begin is not None and day < client.begin)


def cannot_bill(row: RetainerRow | FixedFeeRow, name: str, client: FeeClient) -> Iterator[Problem]:
    """What makes a row useless: another currency than the client's, or nothing that says since when."""
    policy = client.settings.policy
    if row.currency not in ("", policy.currency):
        what = f"{name} is in {row.currency}, and {row.client} is billed in {policy.currency}."
        yield Problem("currency-mismatch", what, f"Give the amount in {policy.currency}.", row.place, row.client)
    repeated = row.every != "once"
    if repeated and row.valid_from is None and client.begin is None:
        what = f"Nothing says since when {name} is owed: no from, no go-live, and {row.client} has no work."
        yield Problem("fee-without-start", what, "Fill in its from.", row.place, row.client)
