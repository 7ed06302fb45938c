"""Overtime: a person's real billable time for one client, by day and by week from Monday to Sunday.

What is on the ledger counts first, then new work in chronological order: late work comes after what is posted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta

from mappings.rules.ledger import Ledger
from mappings.rules.names import fold
from mappings.rules.premiums import PremiumRule
from mappings.when import When
from mappings.work import WorkItem


class Overtime:
    """Running totals of one client's people while one document is made."""

    def __init__(self, ledger: Ledger, client: str, person_of: Callable[[str, str], str]) -> None:
        self._person_of = person_of
        self._seconds: dict[tuple[str, date], int] = defaultdict(int)
        for (source, person, day), seconds in ledger.worked(client).items():
            self.count(source, person, day, seconds)

    def count(self, source: str, person: str, day: date, seconds: int) -> None:
        """Count real seconds; below 0 what is taken back."""
        self._seconds[self._name(source, person), day] += seconds

    def over(self, when: When, source: str, person: str, day: date, seconds: int) -> tuple[int, int]:
        """Which of an entry's seconds, from its beginning, are over the limit: (first, end).

        Negative time (a tool's correction) takes back overtime before all else.
        """
        name = self._name(source, person)
        days = (day,) if when.kind == "daily-over" else _week(day)
        before = sum(self._seconds.get((name, one), 0) for one in days)
        if seconds >= 0:
            return min(max(when.over_seconds - before, 0), seconds), seconds
        return 0, min(max(before - when.over_seconds, 0), -seconds)

    def _name(self, source: str, person: str) -> str:
        return fold(self._person_of(source, person))


def overtime_of(
    work: WorkItem, rules: Iterable[PremiumRule], overtime: Overtime | None
) -> dict[PremiumRule, tuple[int, int]]:
    """Which seconds of an entry each of these rules has as overtime."""
    if overtime is None:
        return {}
    who = (work.source, work.person, work.worked_on, work.seconds)
    return {rule: overtime.over(rule.row.when, *who) for rule in rules if rule.row.when.is_overtime}


def _week(day: date) -> tuple[date, ...]:
    monday = day - timedelta(days=day.weekday())
    return tuple(monday + timedelta(days=number) for number in range(7))
