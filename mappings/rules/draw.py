"""Retainer draw: how much of each piece of work its retainers cover, and what is extra.

New work asks for hours by `demands`; what is on the ledger already is `redraw`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mappings.documents import Effect, Terms
from mappings.problems import Problem
from mappings.rules.charges import Charge, with_step, with_steps
from mappings.rules.demands import Demand, meet
from mappings.rules.drawn_steps import covered_said, extra_said
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger
from mappings.rules.measures import Measure
from mappings.rules.pool import extra_terms, factor_of, no_rate
from mappings.rules.pools import Pools
from mappings.rules.redraw import Redraw
from mappings.rules.retainers import Cover
from mappings.rules.selection import Placed
from mappings.rules.shortage import bill_shortages
from mappings.work import WorkItem
from mappings.world import Entry


class Draw:
    """Work on its way onto the documents of one client's period: what is covered and what is charged."""

    def __init__(self, pools: Pools, ledger: Ledger, entries: Mapping[Key, Entry]) -> None:
        self.pools, self._ledger, self._entries = pools, ledger, entries
        self._redraw = Redraw(self.pools, ledger, entries)
        self.charges: list[Charge] = self._redraw.charges
        self.problems: list[tuple[WorkItem, int, Problem]] = self._redraw.problems
        """Work that is extra and has no rate: (work, its seconds, why)."""
        self._extra: dict[tuple[int, int], tuple[Terms, Terms]] = {}

    def run(self, reversals: Iterable[Placed], measures: Iterable[Measure]) -> None:
        """Draw all: first what is taken back or gets less, then what that gives back, then what is added."""
        for placed in reversals:
            self._redraw.reverse(placed)
        added = []
        for measure in measures:
            if not measure.slots:
                added.append(measure)
            elif not any(slot.cover[0] for slot in measure.slots):
                self._redraw.keep(measure)
            elif measure.billed_seconds <= 0:
                self._redraw.reduce(measure)
            else:
                added.append(measure)
        self.charges.extend(self._redraw.give_back())
        demands = []
        for measure in sorted(added, key=lambda measure: measure.work.chronological):
            demand = self._redraw.demand(measure) if measure.slots else self._demand(measure)
            if demand.keys:
                demands.append(demand)
            else:
                self._add(measure, ("", ""), "invoiced", measure.billed_seconds, None, measure.seconds)
        meet(self.pools, demands)
        for demand in demands:
            if demand.measure.slots:
                self._redraw.extend(demand)
            else:
                self._new(demand)
        charges, problems = bill_shortages(self.pools, self._ledger, self._entries, self.charges)
        self.charges.extend(charges)
        self.problems.extend(problems)

    @staticmethod
    def _demand(measure: Measure) -> Demand:
        rated = measure.rated
        assert rated is not None
        assert rated.terms is not None
        keys = tuple((cover.key, cover.period(measure.work.worked_on).name) for cover in rated.covers)
        return Demand(measure, keys, rated.terms, factor_of(rated.terms), measure.billed_seconds)

    def _new(self, demand: Demand) -> None:
        measure, rest = demand.measure, demand.rest
        parts: list[tuple[CoverKey, Effect, int, int]] = [
            (part.key, "covered", part.billed, part.drawn) for part in demand.covered
        ]
        if rest or not parts:
            effect: Effect = "invoiced" if rest else "covered"
            parts.append((demand.keys[0], effect, rest, demand.wanted))
        split = split_worked(measure.seconds, [billed for _, _, billed, _ in parts])
        for (key, effect, billed, drawn), seconds in zip(parts, split, strict=True):
            if billed or seconds:
                self._add(measure, key, effect, billed, drawn, seconds)

    def _extra_terms(self, cover: Cover, terms: Terms) -> Terms:
        """Work alike in its terms is so where it is extra, too."""
        key = (id(cover), id(terms))
        found = self._extra.get(key)
        if found is None:
            # The terms are kept with what was found, so that nothing else gets their id.
            found = self._extra[key] = (terms, extra_terms(cover, terms))
        return found[1]

    def _add(
        self, measure: Measure, key: CoverKey, effect: Effect, billed: int, drawn: int | None, seconds: int
    ) -> None:
        rated = measure.rated
        assert rated is not None
        assert rated.terms is not None
        terms, reason = rated.terms, measure.reason
        cover = self.pools[key].cover if key[0] else None
        if effect == "invoiced":
            if cover is not None:
                terms = self._extra_terms(cover, terms)
                reason = with_steps(reason, extra_said(cover, key, billed, terms.currency), cover.row_name)
            if terms.rate is None:
                problem = rated.rate_problem or no_rate(terms, measure.work)
                self.problems.append((measure.work, seconds, problem))
                return
        elif cover is not None:
            reason = with_step(reason, covered_said(key, billed, drawn), cover.row_name)
        self.charges.append(
            Charge(
                work=measure.work,
                revision=measure.revision,
                seconds=seconds,
                billed_seconds=billed,
                drawn_seconds=None if drawn == billed else drawn,
                effect=effect,
                terms=terms,
                rounding=measure.rounding,
                rounding_group=measure.rounding_group,
                cover=key,
                reason=reason,
                late=measure.late and measure.adjustment is None,
                adjustment=measure.adjustment,
                status=measure.status,
            )
        )
