"""Which discounts come off a piece of work, a fee or a document: the rows that name it; blank names all but expenses.

A percentage is that of the worked day, and is recorded with the work: what changes later is discounted as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mappings.documents import Discount
from mappings.rows import DiscountRow
from mappings.rules.names import Matcher, fold, in_window


@dataclass(frozen=True, slots=True)
class DiscountRule:
    """One row of the discounts table, ready to be asked."""

    row: DiscountRow
    clients: Matcher
    projects: Matcher
    services: Matcher

    def takes(self, client: str, project: str, service: str, *, expense: bool) -> bool:
        """Whether it comes off these lines. An expense only counts where the row names its category."""
        return (
            self.clients.matches(fold(client))
            and self.projects.matches(fold(project))
            and self.services.matches(fold(service))
            and not (expense and self.services.blank)
        )


class Discounts:
    """The discounts table."""

    def __init__(self, rows: Iterable[DiscountRow]) -> None:
        rules = [DiscountRule(row, Matcher(row.client), Matcher(row.project), Matcher(row.service)) for row in rows]
        self._percentages = [rule for rule in rules if rule.row.percent is not None]
        self._amounts = [rule for rule in rules if rule.row.amount is not None]
        self.places = {discount_key(rule.row): str(rule.row.place) for rule in rules}

    def on(self, client: str, project: str, service: str, day: date, *, expense: bool = False) -> tuple[Discount, ...]:
        """The percentages in force on a worked or due day, in the order of their rows."""
        if not self._percentages:
            return ()
        return tuple(
            Discount(discount_key(rule.row), rule.row.quickbooks_item, rule.row.percent, rule.row.base == "gross")
            for rule in self._percentages
            if rule.row.percent is not None
            and in_window(day, rule.row.valid_from, rule.row.valid_until)
            and rule.takes(client, project, service, expense=expense)
        )

    def off_documents(self, client: str, dated: date) -> list[DiscountRule]:
        """The amounts that come off each of a client's documents of this date."""
        return [
            rule
            for rule in self._amounts
            if rule.clients.matches(fold(client)) and in_window(dated, rule.row.valid_from, rule.row.valid_until)
        ]


def discount_key(row: DiscountRow) -> str:
    """The row's key in the ledger: its client, project, service and item."""
    names = (",".join(names) for names in (row.client, row.project, row.service))
    return "|".join(("discount", *names, row.quickbooks_item))
