"""Billing periods: week (Monday to Sunday), half-month, month; ranges of days, and single days."""

from __future__ import annotations

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

PERIOD_KINDS = ("week", "half-month", "month")
OTHER_KINDS = ("on-completion", "manual")
"""Their documents are of no calendar's periods; where one is needed all the same (fees, sign-off), it is the month."""


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A range of local days, both included, with the name that people type: 2026-10, 2026-W41, 2026-10-H1."""

    first: date
    last: date
    name: str

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last


@lru_cache(maxsize=4096)
def month_of(day: date) -> Period:
    """The calendar month that a day lies in."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return Period(day.replace(day=1), last, f"{day:%Y-%m}")


def week_of(day: date) -> Period:
    """The ISO week (Monday to Sunday) that a day lies in."""
    first = day - timedelta(days=day.weekday())
    year, week, _ = day.isocalendar()
    return Period(first, first + timedelta(days=6), f"{year}-W{week:02}")


def half_month_of(day: date) -> Period:
    """The 1st to the 15th, or the 16th to the last."""
    month = month_of(day)
    if day.day <= 15:
        return Period(month.first, day.replace(day=15), f"{month.name}-H1")
    return Period(day.replace(day=16), month.last, f"{month.name}-H2")


def period_of(kind: str, day: date) -> Period:
    """The period of this kind that a day lies in; `kind` is one of PERIOD_KINDS, or OTHER_KINDS for the month."""
    assert kind in PERIOD_KINDS + OTHER_KINDS, kind
    return {"week": week_of, "half-month": half_month_of}.get(kind, month_of)(day)


def single_day(day: date) -> Period:
    """A period of one day, named like it."""
    return Period(day, day, day.isoformat())


def following(kind: str, period: Period) -> Period:
    """The period of the same kind that begins on the day after."""
    return period_of(kind, period.last + timedelta(days=1))


def parse_period(text: str) -> Period:
    """Read 2026-10, 2026-W41, 2026-10-H1, 2026-10-01..2026-10-17 or 2026-10-17.

    Raises ValueError with what to write instead.
    """
    try:
        if match := re.fullmatch(r"(\d{4})-(\d{2})", text):
            return month_of(date(int(match[1]), int(match[2]), 1))
        if match := re.fullmatch(r"(\d{4})-W(\d{2})", text):
            return week_of(date.fromisocalendar(int(match[1]), int(match[2]), 1))
        if match := re.fullmatch(r"(\d{4})-(\d{2})-H([12])", text):
            return half_month_of(date(int(match[1]), int(match[2]), 1 if match[3] == "1" else 16))
        if match := re.fullmatch(r"(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})", text):
            first, last = date.fromisoformat(match[1]), date.fromisoformat(match[2])
            if first <= last:
                return Period(first, last, text)
        if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
            return single_day(date.fromisoformat(text))
    except ValueError:
        pass
    raise ValueError(f"{text!r} is not a period: write 2026-10, 2026-W41, 2026-10-H1 or 2026-10-01..2026-10-17")
