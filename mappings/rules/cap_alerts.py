"""Alerts of caps: which shares of its limits the billed sums have reached. Whoever tells them, tells each once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction

from mappings.documents import Posted
from mappings.money import plain
from mappings.problems import Problem
from mappings.rules.budgets import Budget, Budgets, Cap
from mappings.steps import hours
from mappings.world import CapAlert


def cap_alerts(client: str, caps: Iterable[Cap], posted: Iterable[Posted]) -> Iterator[CapAlert]:
    """All shares that are reached by what was billed to a client, in the order of the rows; told before or not."""
    asked = [cap for cap in caps if cap.row.alerts]
    if not asked:
        return
    budgets = Budgets(asked)
    for row in posted:
        budgets.count_posted(row.allocation)
    for budget in budgets.all():
        for percent in budget.cap.row.alerts:
            for billed, limit, shown, unit in _sums(budget):
                threshold = Fraction(limit * percent, 100)
                if billed >= threshold:
                    what = f"{percent} % of the cap {budget.name} are billed: {shown} {unit}."
                    problem = Problem("cap-alert", what, "", budget.cap.row.place, client, warning=True)
                    subject = f"{client}|{budget.cap.key}|{budget.period}|{threshold} {unit}"
                    yield CapAlert(client, subject, problem)


def _sums(budget: Budget) -> Iterator[tuple[int, int, str, str]]:
    """Of the cents and of the seconds, if limited: how many are billed, how many may be, as text, and their unit."""
    minor, seconds, currency = budget.limit_minor, budget.limit_seconds, budget.currency
    if minor is not None:
        yield budget.minor, minor, f"{plain(budget.minor, currency)} of {plain(minor, currency)}", currency
    if seconds is not None:
        yield budget.seconds, seconds, f"{hours(budget.seconds)} of {hours(seconds)}", "h"
