"""Fees by the days served: what a period cut by `from` or `until` owes, and what a moved `until` changes of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from mappings.money import divide_half_up, plain, round_to_minor
from mappings.periods import Period
from mappings.rules.calendar import days_of, prorated
from mappings.rules.fees import Billed, BilledFee
from mappings.steps import Step, step

Stretch = tuple[date, date]


@dataclass(frozen=True, slots=True)
class Prorated:
    """A price for each whole stretch, owed by the days in force; `on_last`: due on the last of them, not the first."""

    key: str
    price: Decimal
    currency: str
    how: str
    """calendar, 30."""
    valid_from: date | None
    valid_until: date | None
    on_last: bool


@dataclass(frozen=True, slots=True)
class Served:
    """What is owed for the days of one period: its price, or what a moved `until` takes back (`credit`) or adds."""

    due: str
    day: date
    amount_minor: int
    stretch: Period | Stretch
    served_until: date
    credit: bool = False
    is_change: bool = False
    steps: tuple[Step, ...] = ()
    """Why so much, where not the whole period is in force."""


def by_days(fee: Prorated, stretches: Iterable[tuple[Period, Stretch]], billed: Billed) -> Iterator[Served]:
    """What each period owes by its days in force; an `until` that was moved after billing credits or adds days.

    The stretches go on beyond `until`: a period that was billed and is not served at all any more is credited.
    """
    for period, whole in stretches:
        first = max(whole[0], fee.valid_from or whole[0])
        last = min(whole[1], fee.valid_until or whole[1])
        before = billed.get((fee.key, period.name))
        if before is not None:
            yield from _difference(fee, period.name, before, (first, last), whole)
        elif first <= last:
            amount = prorated(fee.price, fee.currency, fee.how, (first, last), whole)
            stretch = shown(period, first, last)
            said = prorated_said(fee.how, fee.price, fee.currency, (first, last), whole)
            yield Served(period.name, last if fee.on_last else first, amount, stretch, last, steps=said)


def prorated_said(how: str, price: Decimal, currency: str, served: Stretch, whole: Stretch) -> tuple[Step, ...]:
    """What is said of a period that is not served whole."""
    if served == whole:
        return ()
    return (
        step(
            "prorated-30" if how == "30" else "prorated",
            price=plain(round_to_minor(price, currency), currency),
            currency=currency,
            first=served[0],
            last=served[1],
            served=days_of(how, *served),
            whole=days_of(how, *whole),
        ),
    )


def shown(period: Period, first: date, last: date) -> Period | Stretch:
    """A period by its name where all of it is meant, else its days."""
    return period if (first, last) == (period.first, period.last) else (first, last)


def _difference(fee: Prorated, due: str, before: BilledFee, in_force: Stretch, whole: Stretch) -> Iterator[Served]:
    first, last = in_force
    served = before.served_until
    if served is None or served == last or (last < first and served < first):
        return
    kept = max(last, first - timedelta(days=1))
    paid = prorated(fee.price, fee.currency, fee.how, (first, served), whole)
    owed = prorated(fee.price, fee.currency, fee.how, (first, kept), whole)
    # What was billed counts, not what the row says now: a changed amount touches nothing that is posted.
    now = _less(before.amount_minor, owed, paid) if last < served else before.amount_minor + owed - paid
    stretch = (max(last + timedelta(days=1), first), served) if last < served else (served + timedelta(days=1), last)
    if now != before.amount_minor:
        amount, less = now - before.amount_minor, last < served
        said = step("days-not-served" if less else "days-added", first=stretch[0], last=stretch[1])
        yield Served(due, stretch[0], amount, stretch, kept, credit=less, is_change=True, steps=(said,))


def _less(billed: int, owed: int, paid: int) -> int:
    """What remains of a billed amount when fewer days are served."""
    return divide_half_up(billed * owed, paid) if paid > 0 else billed
