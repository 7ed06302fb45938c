"""Explains one line of a document: its arithmetic, how it was rounded and shared, and the fees on it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from mappings.documents import Allocation, Document, FeeAllocation, Line
from mappings.money import digits_of, divide_half_up, to_decimal
from syncd.reports.explain_shares import discounts_said, kind_of, name_of, said, tables_of
from syncd.reports.explain_words import Words
from syncd.reports.explained import ExplainedLine, FeeShare, RetainerMoved, Share
from syncd.reports.values import Money

_TAKEN_BACK = {"deleted", "not-billable-now", "moved"}
"""Steps of rows that are the exact negative of others: nothing is rounded again."""
_HUNDREDTH_SECONDS = 36
"""A hundredth of an hour."""


def line_of(document: Document, line: Line, shares: Sequence[Share], words: Words) -> ExplainedLine:
    """One line, with what the shares on it have of it."""
    rows = [row for row in document.allocations if row.line == line.number]
    fees = [fee for fee in document.fees if fee.line == line.number]
    return ExplainedLine(
        number=line.number,
        kind=line.kind,
        description=line.description,
        item=line.item,
        arithmetic=_arithmetic(line, rows, document.currency, words),
        amount=Money(line.amount_minor, document.currency),
        shares=tuple(shares),
        fees=tuple(_fee(fee, document.currency, words) for fee in fees),
        rounding=tuple(_rounding(line, rows, document.currency, words)),
    )


def retainers_of(document: Document) -> tuple[RetainerMoved, ...]:
    """What a document does to the hours of retainers; what it draws stands in its shares."""
    drawn: dict[tuple[str, str], int] = defaultdict(int)
    for row in document.allocations:
        if row.effect == "covered":
            drawn[row.retainer, row.retainer_period] += row.draws_seconds
    return tuple(
        RetainerMoved(
            name_of(hours.retainer),
            hours.period,
            hours.opening_seconds,
            hours.bought_seconds,
            drawn[hours.retainer, hours.period],
            hours.lapsed_seconds,
            hours.closing_seconds,
        )
        for hours in document.hours
    )


def _fee(fee: FeeAllocation, currency: str, words: Words) -> FeeShare:
    return FeeShare(
        fee.fee,
        kind_of(fee.fee),
        name_of(fee.fee),
        fee.due,
        fee.day,
        Money(fee.amount_minor, currency),
        tables_of(fee.reason, words, fee.fee),
        (*said(fee.reason, words), *discounts_said(fee.discounts, words)),
    )


def _arithmetic(line: Line, rows: Sequence[Allocation], currency: str, words: Words) -> str:
    """How a line's amount comes about: "2.5 hour (9,000 s) × 84.00 = 210.00 CAD"."""
    amount = words.amount(Money(line.amount_minor, currency))
    if line.rate is None:
        return amount
    exact = line.quantity * line.rate == to_decimal(line.amount_minor, currency)
    unit = words(f"unit.{line.unit}")
    if line.seconds:
        seconds = words.number(line.seconds)
        by_day = rows[0].terms.seconds_per_unit if line.unit == "day" and rows else 0
        unit = f"{unit} {words('seconds', seconds=seconds)}"
        if by_day:
            day_hours = words.number(f"{(Decimal(by_day) / 3600).normalize():f}")
            unit = f"{unit} {words('a-day', hours=day_hours)}"
    quantity, rate = words.number(f"{line.quantity.normalize():f}"), words.number(line.rate)
    return words("arithmetic", quantity=quantity, unit=unit, rate=rate, sign="=" if exact else "≈", amount=amount)


def _rounding(line: Line, rows: Sequence[Allocation], currency: str, words: Words) -> Iterator[str]:
    """How the amount of a line of time was rounded, told by trying what the policies would make of its rows."""
    if line.rate is None or not line.seconds or not rows or rows[0].terms.price is not None:
        return
    if any(step.code in _TAKEN_BACK for row in rows for step in row.reason.steps if not isinstance(step, str)):
        return
    by_entry: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        by_entry[row.source, row.entry] += row.billed_seconds
    a_unit = rows[0].terms.seconds_per_unit
    a_second = Fraction(line.rate) * 10 ** digits_of(currency) / a_unit
    hours_exact = line.quantity == Decimal(divide_half_up(line.seconds * 100_000, a_unit)).scaleb(-5)
    priced = _as_it_is if hours_exact else _two_decimals
    whole = priced(line.seconds) * a_second
    if _half_up(whole) == line.amount_minor:
        if not hours_exact:
            yield words("hours-rounded")
        if whole.denominator != 1:
            yield words("rounded", exact=words.number(_five_decimals(whole, currency)))
        if any((seconds * a_second).denominator != 1 for seconds in by_entry.values()) and len(by_entry) > 1:
            yield words("shared")
    elif sum(_half_up(priced(seconds) * a_second) for seconds in by_entry.values()) == line.amount_minor:
        yield words("entries-rounded" if hours_exact else "entries-hours-rounded")


def _as_it_is(seconds: int) -> int:
    return seconds


def _half_up(amount: Fraction) -> int:
    return divide_half_up(amount.numerator, amount.denominator)


def _two_decimals(seconds: int) -> int:
    return divide_half_up(seconds, _HUNDREDTH_SECONDS) * _HUNDREDTH_SECONDS


def _five_decimals(minor: Fraction, currency: str) -> str:
    """An exact amount of minor units as an amount with five decimals."""
    scaled = _half_up(minor * 10 ** (5 - digits_of(currency)))
    return f"{Decimal(scaled).scaleb(-5).normalize():,f}"
