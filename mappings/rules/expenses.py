"""Expenses: which item a category is billed as, at what markup. A product that is not listed is its services row's."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mappings.problems import Place, Problem
from mappings.rows import ExpenseRow
from mappings.rules.names import Matcher
from mappings.rules.services import Services, equal_rows, strongest
from mappings.work import WorkItem


@dataclass(frozen=True, slots=True)
class Category:
    """What the tables say of an expense's or product's category; `name` is what rates and lines call it."""

    name: str
    item: str = ""
    markup_percent: Decimal = Decimal(0)
    tax_code: str = ""
    class_name: str = ""
    billable: bool = True
    unit: str = "hour"
    """What a rate row that names no unit is for."""
    place: Place | None = None
    problem: Problem | None = None


class Expenses:
    """The expenses table, with the services table for products."""

    def __init__(self, rows: tuple[ExpenseRow, ...], services: Services) -> None:
        self._matchers = [(Matcher(row.category), Matcher(row.source), row) for row in rows]
        self._services = services
        self._found: dict[tuple[str, str, str], Category] = {}

    def find(self, work: WorkItem) -> Category:
        """The category of a priced item: the row that names it most exactly."""
        key = (work.kind, work.source, work.service)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(work)
        return found

    def _find(self, work: WorkItem) -> Category:
        category, rows = work.service, strongest(self._matchers, work.source, work.service)
        about = category or f"A {work.kind} without a category"
        service = self._services.find(work.source, category)
        if len(rows) > 1:
            return Category(category, problem=equal_rows(about, rows))
        if rows:
            row = rows[0]
            return Category(
                category,
                row.quickbooks_item,
                row.markup_percent,
                row.tax_code,
                billable=row.billable,
                unit=service.row.unit if service.row else "hour",
                place=row.place,
            )
        if work.kind == "product":
            if service.row is None and service.problem is not None and service.problem.code == "rows-equal":
                return Category(category, problem=service.problem)
            if service.row is not None:
                sold = service.row
                return Category(
                    service.name,
                    sold.quickbooks_item,
                    Decimal(0),
                    sold.tax_code,
                    sold.class_name,
                    sold.billable,
                    sold.unit,
                    sold.place,
                )
        return Category(category, problem=_unmapped(work, about))


def _unmapped(work: WorkItem, about: str) -> Problem:
    tables = (
        "neither in the expenses nor in the services table" if work.kind == "product" else "not in the expenses table"
    )
    what = f"{about} (source {work.source}) is {tables}."
    fix = f"Add a row to expenses: category {work.service!r}, quickbooks_item = the item that it is billed as."
    return Problem("unmapped-category", what, fix)
