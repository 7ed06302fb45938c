"""Demands: work that asks retainers for hours, pool after pool: in chronological order, or pro rata.

What a pool does not cover asks the next one that speaks of the work; what none covers is extra of the first.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from mappings.documents import Terms
from mappings.rules.charges import LineKey, line_key
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.measures import Measure
from mappings.rules.pool import ONE, Pool, scaled
from mappings.rules.pools import Pools
from mappings.rules.pro_rata import shared_cover
from mappings.values import value


@value(frozen=True, slots=True)
class Covered:
    """A part of a demand that a pool covers: billed seconds, and the hours that they draw."""

    key: CoverKey
    billed: int
    drawn: int


@dataclass(slots=True)
class Demand:
    """Work that `keys` may cover, in their order. `rest`: its billed seconds that nothing covers so far."""

    measure: Measure
    keys: tuple[CoverKey, ...]
    terms: Terms
    """As it is billed where it is not covered, before an extra rate."""
    factor: Fraction
    """Hours that an hour of it draws: more than one at a premium."""
    rest: int
    covered: list[Covered] = field(default_factory=list)

    @property
    def wanted(self) -> int:
        """The hours that its rest would draw, to the second: with what it drew they are those of all of it."""
        if not self.covered:
            return scaled(self.rest, self.factor)
        whole = self.rest + sum(part.billed for part in self.covered)
        return scaled(whole, self.factor) - sum(part.drawn for part in self.covered)

    @property
    def line(self) -> LineKey:
        """The line that it would be on."""
        adjustment = self.measure.adjustment
        return (adjustment.id if adjustment else "", self.measure.late, *line_key(self.terms))

    def cover(self, pool: Pool, seconds: int) -> None:
        """Let a pool cover so many drawn seconds of it (below 0: it returns them)."""
        if seconds == self.wanted:
            billed = self.rest
        else:
            billed = seconds if self.factor is ONE else scaled(seconds, 1 / self.factor)
        if billed:
            pool.take(seconds, self.measure.work.worked_on)
            self.covered.append(Covered(pool.key, billed, seconds))
            self.rest -= billed


def meet(pools: Pools, demands: Sequence[Demand]) -> None:
    """Cover the demands, which are in chronological order; what then is left of them is extra, and counted as such."""
    for key in sorted({key for demand in demands for key in demand.keys}, key=pools.drawing_order):
        pool = pools[key]
        asking = [demand for demand in demands if demand.rest and key in demand.keys]
        if pool.cover is not None and pool.cover.is_pro_rata:
            _pro_rata(pools, pool, asking)
        else:
            _chronological(pools, pool, asking)
    for demand in demands:
        if demand.rest > 0 and len(demand.keys) > 1:
            pools[demand.keys[0]].bill(demand.wanted)


def _chronological(pools: Pools, pool: Pool, demands: Iterable[Demand]) -> None:
    for demand in demands:
        if demand.rest < 0:
            _correct(pool, demand)
            continue
        left = pools.available(pool, demand.measure.work.worked_on)
        demand.cover(pool, demand.wanted if left is None else min(demand.wanted, left))
        _short(pool, demand)


def _pro_rata(pools: Pools, pool: Pool, demands: Sequence[Demand]) -> None:
    for demand in demands:
        if demand.rest < 0:
            _correct(pool, demand)
    asking = [demand for demand in demands if demand.rest > 0]
    if not asking:
        return
    # Handed hours that lapse within the period are there for the work before.
    days = sorted({demand.measure.work.worked_on for demand in asking})
    left = pools.available(pool, days[-1])
    wanted = [demand.wanted for demand in asking]
    if left is not None:
        lapsing = (pools.available(pool, days[0]) or 0) - left
        early = sum(demand.wanted for demand in asking if pools.available(pool, demand.measure.work.worked_on) != left)
        left += min(lapsing, early)
    shares = wanted if left is None else shared_cover(left, wanted, [demand.line for demand in asking])
    for demand, share in zip(asking, shares, strict=True):
        demand.cover(pool, share)
        _short(pool, demand)


def _correct(pool: Pool, demand: Demand) -> None:
    """A tool's correction, negative time: it takes back extra of its first pool first, then returns hours."""
    if demand.keys[0] != pool.key:
        return
    extra = min(-demand.wanted, max(pool.extra, 0))
    returned = -demand.wanted - extra
    if extra:
        pool.bill(-extra)
    demand.cover(pool, -returned)


def _short(pool: Pool, demand: Demand) -> None:
    """Count extra at once where no other pool can cover it, so that a correction after it takes it back."""
    if demand.rest and demand.keys == (pool.key,):
        pool.bill(demand.wanted)
