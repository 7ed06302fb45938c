"""Budgets: which work a cap counts, and how much of it is billed so far, in cents and in seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from mappings.documents import Allocation, Terms
from mappings.money import amount_of_seconds, round_to_minor
from mappings.rows import CapRow
from mappings.rules.calendar import fee_period
from mappings.rules.cap_cuts import nearest_seconds
from mappings.rules.charges import Charge
from mappings.rules.names import Matcher, fold


@dataclass(frozen=True, slots=True)
class Cap:
    """One row of the caps table, ready to be asked."""

    key: str
    name: str
    """For sentences: "Hydro › Web"."""
    row: CapRow
    clients: Matcher
    projects: Matcher
    orders: Matcher

    def takes(self, terms: Terms, project: str) -> bool:
        """Whether it counts work of these terms and this project."""
        return (
            self.clients.matches(fold(terms.client))
            and self.projects.matches(fold(project))
            and self.orders.matches(fold(terms.purchase_order))
        )

    def period(self, day: date) -> str:
        """The name of its period that a worked day lies in; "" for good."""
        return fee_period(self.row.every, day, None).name if self.row.every else ""


def caps_of(rows: Iterable[CapRow]) -> tuple[Cap, ...]:
    """All caps, in the order of their rows."""
    return tuple(
        Cap(cap_key(row), _name(row), row, Matcher(row.client), Matcher(row.project), Matcher(row.purchase_order))
        for row in rows
    )


def cap_key(row: CapRow) -> str:
    """The row's key on the ledger: all that says what it counts."""
    names = ("|".join(names) for names in (row.client, row.project, row.purchase_order))
    return "cap|" + "|".join((*names, row.every))


def _name(row: CapRow) -> str:
    return " › ".join(", ".join(names) for names in (row.client, row.project, row.purchase_order) if names)


def counts(terms: Terms) -> bool:
    """Whether caps count this: time and products, no expenses."""
    return terms.price is None or terms.price.kind == "product"


@dataclass(slots=True)
class Budget:
    """One period of a cap of one client: its limits, and what is billed of it so far."""

    cap: Cap
    period: str
    currency: str
    minor: int = 0
    seconds: int = 0

    @property
    def limit_minor(self) -> int | None:
        amount = self.cap.row.amount
        return None if amount is None else round_to_minor(amount, self.currency)

    @property
    def limit_seconds(self) -> int | None:
        return None if self.cap.row.hours is None else int(self.cap.row.hours * 3600)

    @property
    def left_minor(self) -> int | None:
        """What of its amount is left; None: it has none."""
        limit = self.limit_minor
        return None if limit is None else max(limit - self.minor, 0)

    @property
    def name(self) -> str:
        return f"{self.cap.name} ({self.period})" if self.period else self.cap.name

    @property
    def is_passed(self) -> bool:
        return self.is_over_money or (self.limit_seconds is not None and self.seconds > self.limit_seconds)

    @property
    def is_over_money(self) -> bool:
        return self.limit_minor is not None and self.minor > self.limit_minor

    def count(self, amount_minor: int, billed_seconds: int) -> None:
        self.minor += amount_minor
        self.seconds += billed_seconds

    def room(self, charge: Charge, share: int) -> tuple[int, int]:
        """How much of a charge still fits: cents, and the seconds that they pay for."""
        terms, seconds, minor = charge.terms, charge.billed_seconds, share
        if self.limit_seconds is not None and terms.price is None:
            left = max(self.limit_seconds - self.seconds, 0)
            if left < seconds:
                assert terms.rate is not None
                seconds = left
                minor = min(minor, amount_of_seconds(left, terms.rate, terms.currency, terms.seconds_per_unit))
        of_amount = self.left_minor
        if of_amount is not None and of_amount < minor:
            minor = of_amount
            seconds = min(seconds, nearest_seconds(of_amount, terms))
        return minor, seconds


class Budgets:
    """The budgets of one client while its documents are made, each opened when it is first asked for."""

    def __init__(self, caps: Iterable[Cap]) -> None:
        self._caps = tuple(caps)
        self._budgets: dict[tuple[int, str, str], Budget] = {}

    def of(self, charge: Charge) -> Iterator[Budget]:
        """The budgets that a charge counts against, in the order of their rows."""
        kept, work = charge.identity, charge.work
        day, project = (kept.worked_on, kept.project) if kept else (work.worked_on, work.project)
        yield from self._of(charge.terms, project, day)

    def count_posted(self, row: Allocation) -> None:
        """Count what stands on the ledger; what is covered or written down is not billed."""
        if row.effect == "invoiced":
            for budget in self._of(row.terms, row.project, row.worked_on):
                budget.count(row.amount_minor, row.billed_seconds)

    def all(self) -> Iterator[Budget]:
        """Those asked for so far, by row and period."""
        for key in sorted(self._budgets):
            yield self._budgets[key]

    def _of(self, terms: Terms, project: str, day: date) -> Iterator[Budget]:
        if not counts(terms):
            return
        for index, cap in enumerate(self._caps):
            if cap.takes(terms, project):
                key = (index, cap.period(day), terms.currency)
                if key not in self._budgets:
                    self._budgets[key] = Budget(cap, key[1], terms.currency)
                yield self._budgets[key]
