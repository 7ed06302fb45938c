"""The calendar of fees: weeks, months, quarters and years, and how much of one lies within a row's dates."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from mappings.money import digits_of, divide_half_up
from mappings.periods import Period, month_of, week_of

_MONTHS = {"quarter": 3, "year": 12}


def fee_period(every: str, day: date, valid_from: date | None) -> Period:
    """The week, month, quarter or year that a day lies in.

    Quarters and years count from the month of the row's `from`; without one, from January.
    """
    if every == "week":
        return week_of(day)
    if every == "month":
        return month_of(day)
    return _block(day, _MONTHS[every], valid_from)


def next_period(every: str, period: Period, valid_from: date | None) -> Period:
    """The fee period that begins on the day after."""
    return fee_period(every, period.last + timedelta(days=1), valid_from)


def _block(day: date, months: int, valid_from: date | None) -> Period:
    anchor = valid_from.month - 1 if valid_from else 0
    index = day.year * 12 + day.month - 1
    first = index - (index - anchor) % months
    last = first + months - 1
    last_day = date(last // 12, last % 12 + 1, monthrange(last // 12, last % 12 + 1)[1])
    first_day = date(first // 12, first % 12 + 1, 1)
    return Period(first_day, last_day, f"{first_day:%Y-%m}..{last_day:%Y-%m}")


def shifted(period: Period, on: int, every: str, valid_from: date | None) -> tuple[date, date]:
    """The stretch that a fee due on a day number pays for: from that day of the first month to the day before the next.

    In a month that is shorter, the due day is its last.
    """
    following = next_period(every, period, valid_from)
    return _day_in(period.first, on), _day_in(following.first, on) - timedelta(days=1)


def _day_in(month_first: date, number: int) -> date:
    return month_first.replace(day=min(number, monthrange(month_first.year, month_first.month)[1]))


def prorated(amount: Decimal, currency: str, how: str, served: tuple[date, date], whole: tuple[date, date]) -> int:
    """The share of an amount for the days served of a whole stretch, in minor units, half-up.

    `how` is "calendar" (days in force ÷ days of the stretch) or "30" (thirtieths: every month has 30 days, counted from
    the first day in force to the day after the last, a 31st as the 30th).
    """
    part, all_days = (days_of(how, *served), days_of(how, *whole))
    numerator, denominator = amount.scaleb(digits_of(currency)).as_integer_ratio()
    return divide_half_up(numerator * part, denominator * all_days)


def share(how: str, served: tuple[date, date], whole: tuple[date, date]) -> Fraction:
    """The share of a stretch that the days served are, counted as in `prorated`."""
    return Fraction(days_of(how, *served), days_of(how, *whole))


def days_of(how: str, first: date, last: date) -> int:
    """The days from the first to the last, both included, counted as in `prorated`."""
    if last < first:
        return 0
    if how == "calendar":
        return (last - first).days + 1
    return _thirtieth(last + timedelta(days=1)) - _thirtieth(first)


def _thirtieth(day: date) -> int:
    return (day.year * 12 + day.month) * 30 + min(day.day, 30)
