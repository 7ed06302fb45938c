"""The fee of a `minimum` retainer: due at the end of each of its periods, also with no hour used."""

from __future__ import annotations

from mappings.money import round_to_minor
from mappings.problems import Problem
from mappings.rows import RetainerRow, ServiceRow
from mappings.rules.fees import Billed, FeeClient, FeeDue, Found, cannot_bill, is_before, periods_of
from mappings.rules.grouping import group_of_fee
from mappings.rules.retainers import retainer_key
from mappings.rules.services import Services


def retainer_fees(row: RetainerRow, client: FeeClient, billed: Billed, services: Services) -> Found:
    """The fee of each of a retainer's periods that its dates touch, due on the period's last day."""
    problems = list(cannot_bill(row, row.name, client))
    if problems or not row.fee:
        return [], problems
    item, service = _retainer_item(row, services)
    if not item:
        what = f"The retainer {row.name} of {row.client} has no item to be invoiced as."
        fix = "Fill in its item, or name a service of the services table in it."
        return [], [Problem("retainer-without-item", what, fix, row.place, row.client)]
    policy = client.settings.policy
    only = row.projects[0] if len(row.projects) == 1 and not row.projects[0].endswith("*") else ""
    group = group_of_fee(only, None, policy, {})
    fees = []
    for period in periods_of(row.every, row.valid_from, row.valid_until, client):
        key = (retainer_key(row), period.name)
        if period.last > client.until or key in billed or is_before(period.last, row.valid_from, client):
            continue
        amount = round_to_minor(row.fee, policy.currency)
        fees.append(FeeDue(*key, period.last, amount, "retainer", row, period, group, service, item))
    return fees, []


def _retainer_item(row: RetainerRow, services: Services) -> tuple[str, ServiceRow | None]:
    if row.item:
        named = services.of_ours(row.services[0]) if row.services else None
        return row.item, named if named and named.quickbooks_item == row.item else None
    return services.sold_as(row.services[0] if row.services else "", row.name)
