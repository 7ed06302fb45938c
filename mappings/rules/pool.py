"""One pool: what a period of a retainer, or a block, was handed and bought, what drew of it and what is extra."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from mappings.documents import HoursAllocation, Terms
from mappings.money import divide_half_up
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.ledger import Slot
from mappings.rules.retainers import Cover
from mappings.work import WorkItem


@dataclass(slots=True)
class Extra:
    """Billed extra of one entry that can be given back; `drawn`: the hours that it would have drawn."""

    slot: Slot
    billed: int
    drawn: int
    seconds: int


@dataclass(slots=True)
class Pool:
    """One period of one retainer. `bought` None: it covers everything. Seconds are as drawn, premiums included."""

    key: CoverKey
    cover: Cover | None
    period: Period | None
    bought: int | None
    recorded: HoursAllocation | None
    opening: int | None = None
    """What the period before handed on; None: not asked for yet."""
    drawn: int = 0
    drawn_early: int = 0
    """What work drew up to the day on which handed hours lapse (`carry-until`)."""
    extra: int = 0
    used: int = 0
    """Covered and extra: what the fee's description tells."""
    freed: int = 0
    """Covered seconds that this document returned: extra takes their place before anything else draws them."""
    extras: list[Extra] = field(default_factory=list)

    def take(self, seconds: int, day: date) -> None:
        """Draw so many seconds for work of a day (below 0: return them)."""
        self.drawn += seconds
        self.used += seconds
        if self._lapses is None or day <= self._lapses:
            self.drawn_early += seconds

    def bill(self, seconds: int) -> None:
        """Count extra (below 0: less of it)."""
        self.used += seconds
        self.extra += seconds

    def left(self, handed: int, closing: int) -> int:
        """What it has and has not handed on, when it was handed `handed` and hands on `closing`."""
        assert self.bought is not None
        return handed + self.bought - self.drawn - closing

    def lapsed_on(self, day: date, handed: int) -> int:
        """What it was handed and work of this day can no longer draw."""
        return max(handed - self.drawn_early, 0) if self._lapses is not None and day > self._lapses else 0

    @property
    def _lapses(self) -> date | None:
        return self.cover.unused.until if self.cover is not None else None


def extra_terms(cover: Cover, terms: Terms) -> Terms:
    """The terms of what a retainer does not cover: its extra rate an hour, without premium, else the normal rate."""
    if cover.retainer is None or cover.retainer.extra_rate is None:
        return terms
    rate = cover.retainer.extra_rate
    return replace(terms, rate=rate, unit="hour", seconds_per_unit=3600, premium="", base_rate=None)


ONE = Fraction(1)
"""An hour draws an hour: what most work does, told by being this very value."""


def factor_of(terms: Terms) -> Fraction:
    """Hours that an hour draws: at a premium the resulting rate over the base rate, else one."""
    if not terms.base_rate or terms.rate is None:
        return ONE
    return Fraction(terms.rate) / Fraction(terms.base_rate)


def factor_of_slot(slot: Slot) -> Fraction:
    """The same of what stands on the ledger: by its terms, or by what it drew."""
    if slot.terms.base_rate or not slot.billed_seconds:
        return factor_of(slot.terms)
    return Fraction(slot.drawn_seconds, slot.billed_seconds)


def scaled(seconds: int, factor: Fraction) -> int:
    """Seconds times a factor, half-up to the second."""
    if factor is ONE:
        return seconds
    return divide_half_up(seconds * factor.numerator, factor.denominator)


def no_rate(terms: Terms, work: WorkItem) -> Problem:
    """Work over a retainer's hours that nothing prices."""
    what = f"{terms.client} › {terms.service} of {work.worked_on} is over its retainer's hours, and has no rate."
    return Problem("no-rate", what, "Fill in the retainer's extra_rate, or add a rate.", None, terms.client)
