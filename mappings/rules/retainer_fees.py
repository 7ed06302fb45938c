"""The fee of a retainer: a `minimum` at the end of each of its periods, also with no hour used, a `block` once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date

from mappings.money import round_to_minor
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import RetainerRow, ServiceRow
from mappings.rules.fees import Billed, FeeClient, FeeDue, Found, cannot_bill, is_before, periods_of
from mappings.rules.grouping import group_of_fee
from mappings.rules.retainers import retainer_key
from mappings.rules.served_days import Prorated, by_days
from mappings.rules.services import Services


def retainer_fees(row: RetainerRow, client: FeeClient, billed: Billed, services: Services) -> Found:
    """What a retainer's fee owes up to now, less what was billed of it."""
    problems = list(cannot_bill(row, row.name, client))
    if problems or not row.fee:
        return [], problems
    item, service = retainer_item(row, services)
    if not item:
        what = f"The retainer {row.name} of {row.client} has no item to be invoiced as."
        fix = "Fill in its item, or name a service of the services table in it."
        return [], [Problem("retainer-without-item", what, fix, row.place, row.client)]
    policy = client.settings.policy
    only = row.projects[0] if len(row.projects) == 1 and not row.projects[0].endswith("*") else ""
    group = group_of_fee(only, None, policy, {})
    fee = FeeDue(retainer_key(row), "", date.min, 0, "retainer", row, None, group, service, item)
    if row.kind == "block":
        return list(_once(row, fee, client, billed)), []
    return list(_whole(row, fee, client, billed) if row.prorate == "no" else _by_days(row, fee, client, billed)), []


def counts_by_period(row: RetainerRow, client: FeeClient) -> bool:
    """Whether a retainer has hours of its own in each period, and something says since when."""
    begins = row.valid_from is not None or client.begin is not None
    return row.kind == "minimum" and row.hours is not None and begins


def owed_periods(row: RetainerRow, client: FeeClient, known: Callable[[tuple[str, str]], bool]) -> Iterator[Period]:
    """A `minimum`'s periods that are owed, and those that are `known` to be billed, up to the running one, in order."""
    for period in periods_of(row.every, row.valid_from, None, client):
        over = row.valid_until is not None and period.first > row.valid_until
        owed = not over and not is_before(period.last, row.valid_from, client)
        if owed or known((retainer_key(row), period.name)):
            yield period


def _whole(row: RetainerRow, fee: FeeDue, client: FeeClient, billed: Billed) -> Iterator[FeeDue]:
    """Whole for every period that its dates touch, due on the period's last day."""
    amount = round_to_minor(row.fee, client.settings.policy.currency)
    for period in periods_of(row.every, row.valid_from, row.valid_until, client):
        if period.last > client.until or (fee.key, period.name) in billed:
            continue
        if not is_before(period.last, row.valid_from, client):
            yield replace(fee, due=period.name, day=period.last, amount_minor=amount, stretch=period)


def _by_days(row: RetainerRow, fee: FeeDue, client: FeeClient, billed: Billed) -> Iterator[FeeDue]:
    """By the days in force, due on the last of them; an `until` that is set back later credits what is not served."""
    how = row.prorate.removesuffix("+hours")
    currency = client.settings.policy.currency
    price = Prorated(fee.key, row.fee, currency, how, row.valid_from, row.valid_until, on_last=True)
    periods = periods_of(row.every, row.valid_from, None, client)
    for served in by_days(price, ((period, (period.first, period.last)) for period in periods), billed):
        if not served.is_change and (served.day > client.until or is_before(served.day, row.valid_from, client)):
            continue
        due = replace(fee, due=served.due, day=served.day, amount_minor=served.amount_minor, stretch=served.stretch)
        due = replace(due, served_until=served.served_until, credit=served.credit)
        yield replace(due, is_change=served.is_change, steps=served.steps)


def _once(row: RetainerRow, fee: FeeDue, client: FeeClient, billed: Billed) -> Iterator[FeeDue]:
    """The price of a block, on its `from`."""
    day = row.valid_from
    if day is None or day > client.until or (fee.key, "once") in billed or is_before(day, day, client):
        return
    amount = round_to_minor(row.fee, client.settings.policy.currency)
    yield replace(fee, due="once", day=day, amount_minor=amount)


def retainer_item(row: RetainerRow, services: Services) -> tuple[str, ServiceRow | None]:
    """The QuickBooks item that a retainer is invoiced as ("" for none), and the service that it is."""
    if row.item:
        named = services.of_ours(row.services[0]) if row.services else None
        return row.item, named if named and named.quickbooks_item == row.item else None
    return services.sold_as(row.services[0] if row.services else "", row.name)
