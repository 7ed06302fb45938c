"""What the tables say of a priced item: its terms, or what is wrong with it."""

from __future__ import annotations

from mappings.documents import Price, Reason, Terms
from mappings.problems import Problem
from mappings.rows import ClientRow, PersonRow, RateRow, Tables
from mappings.rules.expenses import Category
from mappings.rules.grouping import default_order
from mappings.rules.prices import unit_price
from mappings.rules.rates import RateMatch, Rates
from mappings.work import WorkItem
from mappings.world import Policy

EACH = "each"


class ItemRates:
    """The rates of unit `each`. A row that names no unit is for the service's."""

    def __init__(self, tables: Tables) -> None:
        self._named = Rates(tuple(row for row in tables.rates if row.unit == EACH))
        self._or_blank = Rates(tuple(row for row in tables.rates if row.unit in (EACH, "")))

    def of(self, unit: str) -> Rates:
        """The rates of a category whose unit in the services table is this one."""
        return self._or_blank if unit == EACH else self._named


def item_terms(
    work: WorkItem, policy: Policy, group: str, label: str, category: Category, rate: RateRow | None, tax_code: str
) -> Terms:
    """The terms of an item at its own amount, else at a rate row's; `tax_code` is the company's."""
    amount = work.amount if rate is None else rate.rate
    assert amount is not None
    assert work.kind != "time"
    price = Price(work.kind, amount, work.rebate_percent, category.markup_percent, rate is not None, work.tax_code)
    return Terms(
        client=policy.client,
        group=group,
        label=label,
        service=category.name,
        item=category.item,
        rate=unit_price(price, policy.currency),
        unit=EACH,
        seconds_per_unit=0,
        currency=policy.currency,
        tax_code=work.tax_code or policy.tax_code or category.tax_code or tax_code,
        class_name=category.class_name or policy.class_name,
        service_month=f"{work.worked_on:%Y-%m}",
        purchase_order=work.purchase_order or default_order(policy),
        price=price,
    )


def item_reason(client: ClientRow, category: Category, person: PersonRow | None, rate: RateMatch) -> Reason:
    """The rows that the terms come from."""
    row = rate.row
    return Reason(
        client_row=str(client.place),
        service_row=str(category.place),
        person_row=str(person.place) if person else "",
        rate_row=str(row.place) if row else "",
        rate_dates=f"{row.valid_from or ''}..{row.valid_until or ''}" if row else "",
        runner_up=rate.runner_up,
    )


def other_currency(work: WorkItem, client: str, currency: str) -> Problem | None:
    """An amount in another currency than the client's: nothing is converted silently."""
    if work.source_currency in ("", currency):
        return None
    about = f"{work.service or 'An item'} of {work.worked_on} ({work.source}:{work.id})"
    what = f"{about} is in {work.source_currency}, and {client} is billed in {currency}."
    return Problem("currency-mismatch", what, f"Give its amount in {currency}.", None, client)


def not_billable(category: Category) -> tuple[str, str]:
    """Code and sentence for an item whose category is not billed."""
    return ("category-not-billable", f"The category {category.name} is not billed ({category.place}).")
