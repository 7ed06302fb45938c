"""Retainer draw: how much of each piece of work its retainer covers, and what is extra.

Work draws in chronological order; an entry that crosses the end is cut. What is on the ledger already is `redraw`'s.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from mappings.documents import Effect
from mappings.problems import Problem
from mappings.rules.charges import Charge, with_step
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger
from mappings.rules.measures import Measure
from mappings.rules.pools import CoverKey, Pools, extra_terms, no_rate
from mappings.rules.redraw import Redraw
from mappings.rules.retainers import Cover
from mappings.rules.selection import Placed
from mappings.steps import step
from mappings.work import WorkItem
from mappings.world import Entry


class Draw:
    """Work on its way onto one document of one client: what is covered and what is charged."""

    def __init__(
        self, covers: Iterable[Cover], ledger: Ledger, entries: Mapping[Key, Entry], frozen: frozenset[Key]
    ) -> None:
        self.pools = Pools(covers, ledger, frozen)
        self._redraw = Redraw(self.pools, ledger, entries)
        self.charges: list[Charge] = self._redraw.charges
        self.problems: list[tuple[WorkItem, int, Problem]] = self._redraw.problems
        """Work that is extra and has no rate: (work, its seconds, why)."""

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
        self._redraw.give_back()
        for measure in sorted(added, key=lambda measure: measure.work.chronological):
            if measure.slots:
                self._redraw.extend(measure)
            elif measure.rated is not None and not measure.rated.covers:
                self._add(measure, ("", ""), "invoiced", measure.billed_seconds, measure.seconds)
            else:
                self._new(measure)

    def _new(self, measure: Measure) -> None:
        rated = measure.rated
        assert rated is not None
        assert rated.terms is not None
        day = measure.work.worked_on
        keys = [(cover.key, cover.period(day).name) for cover in rated.covers]
        if measure.billed_seconds < 0:
            parts = self._negative(keys, measure.billed_seconds)
        else:
            parts = []
            rest = measure.billed_seconds
            for key in keys:
                covered = self.pools[key].take(rest)
                parts.append((key, "covered", covered))
                rest -= covered
            parts.append((keys[0], "invoiced", rest))
            if rest:
                self.pools[keys[0]].bill(rest)
        split = split_worked(measure.seconds, [part for _, _, part in parts])
        for (key, effect, part), seconds in zip(parts, split, strict=True):
            if part or seconds:
                self._add(measure, key, effect, part, seconds)

    def _negative(self, keys: list[CoverKey], billed: int) -> list[tuple[CoverKey, Effect, int]]:
        """A tool's correction: it takes back extra first, then returns hours."""
        pool = self.pools[keys[0]]
        extra = min(-billed, max(pool.extra, 0))
        pool.bill(-extra)
        pool.give(-billed - extra)
        return [(keys[0], "covered", billed + extra), (keys[0], "invoiced", -extra)]

    def _add(self, measure: Measure, key: CoverKey, effect: Effect, billed: int, seconds: int) -> None:
        rated = measure.rated
        assert rated is not None
        assert rated.terms is not None
        terms, reason = rated.terms, measure.reason
        cover = self.pools[key].cover if key[0] else None
        if effect == "invoiced":
            if cover is not None:
                terms = extra_terms(cover, terms)
                reason = with_step(reason, step("extra", seconds=billed, period=key[1]), cover.row_name)
            if terms.rate is None:
                problem = rated.rate_problem or no_rate(terms, measure.work)
                self.problems.append((measure.work, seconds, problem))
                return
        elif cover is not None:
            reason = with_step(reason, step("covered", seconds=billed, period=key[1]), cover.row_name)
        self.charges.append(
            Charge(
                work=measure.work,
                revision=measure.revision,
                seconds=seconds,
                billed_seconds=billed,
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
