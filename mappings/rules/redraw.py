"""Changed work and its retainer: posted draws are never reshuffled.

Added time draws what its own period still has, the rest is extra. Less time, and deleted work, give back that period's
billed extra, latest first, and then return hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappings.documents import Effect, Terms
from mappings.problems import Problem
from mappings.rules.charges import Charge, again, differing, with_step
from mappings.rules.demands import Demand
from mappings.rules.drawn_steps import covered_said, extra_said
from mappings.rules.give_back import GiveBack, adjustment_of, of_effect, returned
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.measures import Measure
from mappings.rules.names import fold
from mappings.rules.pool import extra_terms, factor_of_slot, no_rate, scaled
from mappings.rules.pools import Pools
from mappings.rules.selection import Placed
from mappings.steps import Step, step
from mappings.work import WorkItem
from mappings.world import Entry

_GOES: tuple[Effect, ...] = ("written-down", "covered", "invoiced")
"""What less work takes back first."""


class Redraw:
    """Changes to what stands on the ledger, on their way onto one document."""

    def __init__(self, pools: Pools, ledger: Ledger, entries: Mapping[Key, Entry]) -> None:
        self._pools, self._ledger, self._entries = pools, ledger, entries
        self.charges: list[Charge] = []
        self.problems: list[tuple[WorkItem, int, Problem]] = []

    def reverse(self, placed: Placed) -> None:
        """Take back all that stands of an entry: the exact negative of its ledger rows."""
        owed = placed.owed
        work = owed.entry.work
        for slot in owed.slots:
            if slot.cover[0]:
                returned(self._pools[slot.cover], slot, slot.billed_seconds, slot.drawn_seconds, -slot.seconds)
            self.charges.append(
                Charge(
                    work=work,
                    revision=owed.entry.revision,
                    seconds=-slot.seconds,
                    billed_seconds=-slot.billed_seconds,
                    drawn_seconds=differing(-slot.drawn_seconds, -slot.billed_seconds),
                    effect=slot.effect,
                    terms=slot.terms,
                    rounding=slot.rounding,
                    rounding_group=slot.rounding_group,
                    cover=slot.cover,
                    cap=slot.last.cap,
                    reason=again(slot.last.reason, _why_taken_back(owed.entry)),
                    adjustment=adjustment_of(work, slot),
                    amount_minor=-slot.amount_minor,
                    scaled_quantity=-slot.scaled_quantity,
                    identity=slot.last,
                    status=placed.status,
                )
            )

    def keep(self, measure: Measure) -> None:
        """A difference where no retainer is concerned: on what was invoiced, else on what stands.

        Less work first gives up what a cap wrote down; more of it is invoiced, as far as the cap has room.
        """
        if measure.billed_seconds < 0 and any(slot.is_capped for slot in measure.slots):
            self.reduce(measure)
            return
        slot = next((slot for slot in reversed(measure.slots) if slot.effect == "invoiced"), measure.slots[-1])
        effect: Effect | None = "invoiced" if measure.billed_seconds > 0 and slot.is_capped else None
        self._continue(measure, slot, measure.seconds, measure.billed_seconds, effect)

    def reduce(self, measure: Measure) -> None:
        """Less work: its covered part goes first, so that the period's latest extra can take its place.

        What a cap wrote down goes before all else.
        """
        size = -measure.billed_seconds
        order = sorted(measure.slots, key=lambda slot: _GOES.index(slot.effect))
        parts = []
        for slot in order:
            part = max(min(size, slot.billed_seconds), 0)
            size -= part
            parts.append(part)
        parts[-1] += size
        for slot, part, seconds in zip(order, parts, split_worked(measure.seconds, parts), strict=True):
            drawn = scaled(part, factor_of_slot(slot)) if part != slot.billed_seconds else slot.drawn_seconds
            if slot.cover[0]:
                returned(self._pools[slot.cover], slot, part, drawn, seconds)
            self._continue(measure, slot, seconds, -part, drawn=-drawn)

    def give_back(self) -> list[Charge]:
        """Cover billed extra with what became free; what is then left are hours to draw again."""
        back = GiveBack(self._pools, self._ledger, self._entries)
        back.run()
        return back.charges

    def demand(self, measure: Measure) -> Demand:
        """More work on an entry that stands: it asks what covers it already, and any block that speaks of it."""
        slots = [slot for slot in measure.slots if slot.cover[0]]
        keys = dict.fromkeys(slot.cover for slot in slots)
        last = slots[-1].last
        for cover in self._pools.covers.values():
            named = (fold(last.terms.service), fold(last.project), last.worked_on)
            if cover.kind == "block" and cover.takes(*named):
                keys.setdefault((cover.key, cover.period(last.worked_on).name))
        invoiced = of_effect(measure.slots, next(iter(keys)), "invoiced")
        assert invoiced is not None
        return Demand(measure, tuple(keys), invoiced.terms, factor_of_slot(invoiced), measure.billed_seconds)

    def extend(self, demand: Demand) -> None:
        """Book what was added to an entry: what its period still had is covered, the rest is extra."""
        measure, first = demand.measure, demand.keys[0]
        parts: list[tuple[CoverKey, Effect, int, int]] = [
            (part.key, "covered", part.billed, part.drawn) for part in demand.covered
        ]
        parts.append((first, "invoiced", demand.rest, demand.wanted))
        split = split_worked(measure.seconds, [billed for _, _, billed, _ in parts])
        for (key, effect, billed, drawn), seconds in zip(parts, split, strict=True):
            slot = of_effect(measure.slots, key, effect) or of_effect(measure.slots, first, effect)
            assert slot is not None
            terms = slot.terms
            if effect == "invoiced" and slot.effect != "invoiced":
                row = self._pools[first].cover
                terms = extra_terms(row, terms) if row else terms
            if effect == "invoiced" and billed and terms.rate is None:
                self.problems.append((measure.work, seconds, no_rate(terms, measure.work)))
                continue
            reason = measure.reason
            for said in self._said(key, effect, billed, drawn, terms.currency):
                reason = with_step(reason, said)
            self._continue(
                replace(measure, reason=reason), slot, seconds, billed, effect, terms, drawn=drawn, cover=key
            )

    def _said(self, key: CoverKey, effect: Effect, billed: int, drawn: int, currency: str) -> Iterable[Step]:
        """What is said of time that was added: covered, or extra."""
        cover = self._pools[key].cover
        if not billed or cover is None:
            return ()
        return (covered_said(key, billed, drawn),) if effect == "covered" else extra_said(cover, key, billed, currency)

    def _continue(
        self,
        measure: Measure,
        slot: Slot,
        seconds: int,
        billed: int,
        effect: Effect | None = None,
        terms: Terms | None = None,
        *,
        drawn: int | None = None,
        cover: CoverKey | None = None,
    ) -> None:
        """More or less of what stands already, at its recorded terms."""
        if not seconds and not billed:
            return
        adjustment = measure.adjustment
        if adjustment and slot.cover[0] and adjustment.id == adjustment_of(measure.work, slot).id:
            before = slot.billed_seconds if slot.effect == (effect or slot.effect) else 0
            adjustment = replace(adjustment, before_seconds=before)
        self.charges.append(
            Charge(
                work=measure.work,
                revision=measure.revision,
                seconds=seconds,
                billed_seconds=billed,
                drawn_seconds=differing(drawn, billed),
                effect=effect or slot.effect,
                terms=terms or slot.terms,
                rounding=measure.rounding,
                rounding_group=measure.rounding_group,
                cover=slot.cover if cover is None else cover,
                cap=slot.last.cap if (effect or slot.effect) == "written-down" else "",
                reason=measure.reason,
                adjustment=adjustment,
                identity=measure.identity,
                status=measure.status,
            )
        )


def _why_taken_back(entry: Entry) -> Step:
    if entry.deleted:
        return step("deleted")
    if not entry.work.billable:
        return step("not-billable-now")
    return step("moved")
