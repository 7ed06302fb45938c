"""Changed work and its retainer: posted draws are never reshuffled.

Added time draws what its own period still has, the rest is extra. Less time, and deleted work, give back that period's
billed extra, latest first, and then return hours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from mappings.documents import Effect, Terms
from mappings.problems import Problem
from mappings.rules.charges import Adjustment, Charge, again
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger, Slot, work_of
from mappings.rules.measures import Measure
from mappings.rules.pools import CoverKey, Pool, Pools, extra_terms, no_rate
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
                pool = self._pools[slot.cover]
                if slot.effect == "covered":
                    pool.give(slot.billed_seconds)
                    pool.freed += slot.billed_seconds
                else:
                    pool.extras.pop(work.key, None)
                    pool.bill(-slot.billed_seconds)
            self.charges.append(
                Charge(
                    work=work,
                    revision=owed.entry.revision,
                    seconds=-slot.seconds,
                    billed_seconds=-slot.billed_seconds,
                    effect=slot.effect,
                    terms=slot.terms,
                    rounding=slot.rounding,
                    rounding_group=slot.rounding_group,
                    cover=slot.cover,
                    cap=slot.last.cap,
                    reason=again(slot.last.reason, _why_taken_back(owed.entry)),
                    adjustment=_adjustment(work, slot),
                    amount_minor=-slot.amount_minor,
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
            if slot.cover[0]:
                self._return(self._pools[slot.cover], slot, measure.work.key, part, seconds)
            self._continue(measure, slot, seconds, -part)

    @staticmethod
    def _return(pool: Pool, slot: Slot, key: Key, part: int, seconds: int) -> None:
        if slot.effect == "covered":
            pool.give(part)
            pool.freed += part
            return
        pool.bill(-part)
        if key in pool.extras:
            pool.extras[key].billed -= part
            pool.extras[key].seconds += seconds

    def give_back(self) -> None:
        """What became free covers the period's billed extra, latest first; only the rest is hours to draw again."""
        for key, pool in self._pools.opened():
            latest_first = sorted(
                pool.extras.values(), key=lambda extra: self._work(extra.slot).chronological, reverse=True
            )
            for extra in latest_first:
                part = min(pool.freed, extra.billed)
                if part > 0:
                    seconds = split_worked(extra.seconds, (part, extra.billed - part))[0]
                    pool.freed -= part
                    pool.bill(-part)
                    pool.take(part)
                    extra.billed -= part
                    extra.seconds -= seconds
                    self._cover_extra(key, extra.slot, part, seconds)

    def _cover_extra(self, key: CoverKey, slot: Slot, billed: int, seconds: int) -> None:
        """Billed extra of an entry becomes covered."""
        work = self._work(slot)
        covered = _of_effect(self._ledger.slots(work.key), key, "covered")
        reason = again(slot.last.reason, step("extra-now-covered", seconds=billed, period=key[1]))
        taken = Charge(
            work=work,
            revision=slot.last.revision,
            seconds=-seconds,
            billed_seconds=-billed,
            effect="invoiced",
            terms=slot.terms,
            rounding=slot.rounding,
            rounding_group=slot.rounding_group,
            cover=key,
            reason=reason,
            adjustment=_adjustment(work, slot),
            identity=slot.last,
            status="changed-after-posting",
        )
        self.charges.append(taken)
        self.charges.append(
            replace(taken, seconds=seconds, billed_seconds=billed, effect="covered", terms=covered.terms)
        )

    def extend(self, measure: Measure) -> None:
        """More work on an entry that stands: it draws what its period still has, the rest is extra."""
        rest = measure.billed_seconds
        parts: list[tuple[Slot, Effect, int]] = []
        for cover in dict.fromkeys(slot.cover for slot in measure.slots if slot.cover[0]):
            slot = _of_effect(measure.slots, cover, "covered")
            covered = self._pools[cover].take(rest)
            parts.append((slot, "covered", covered))
            rest -= covered
        first = next(slot.cover for slot in measure.slots if slot.cover[0])
        if rest:
            self._pools[first].bill(rest)
        parts.append((_of_effect(measure.slots, first, "invoiced"), "invoiced", rest))
        split = split_worked(measure.seconds, [part for _, _, part in parts])
        for (slot, effect, part), seconds in zip(parts, split, strict=True):
            terms = slot.terms
            if effect == "invoiced" and slot.effect != "invoiced":
                row = self._pools[first].cover
                terms = extra_terms(row, terms) if row else terms
            if effect == "invoiced" and part and terms.rate is None:
                self.problems.append((measure.work, seconds, no_rate(terms, measure.work)))
                continue
            self._continue(measure, slot, seconds, part, effect, terms)

    def _continue(
        self,
        measure: Measure,
        slot: Slot,
        seconds: int,
        billed: int,
        effect: Effect | None = None,
        terms: Terms | None = None,
    ) -> None:
        """More or less of what stands already, at its recorded terms."""
        if not seconds and not billed:
            return
        adjustment = measure.adjustment
        if adjustment and slot.cover[0] and adjustment.id == _adjustment(measure.work, slot).id:
            before = slot.billed_seconds if slot.effect == (effect or slot.effect) else 0
            adjustment = replace(adjustment, before_seconds=before)
        self.charges.append(
            Charge(
                work=measure.work,
                revision=measure.revision,
                seconds=seconds,
                billed_seconds=billed,
                effect=effect or slot.effect,
                terms=terms or slot.terms,
                rounding=measure.rounding,
                rounding_group=measure.rounding_group,
                cover=slot.cover,
                cap=slot.last.cap if (effect or slot.effect) == "written-down" else "",
                reason=measure.reason,
                adjustment=adjustment,
                identity=measure.identity,
                status=measure.status,
            )
        )

    def _work(self, slot: Slot) -> WorkItem:
        return work_of(slot.last, self._entries)


def _why_taken_back(entry: Entry) -> Step:
    if entry.deleted:
        return step("deleted")
    if not entry.work.billable:
        return step("not-billable-now")
    return step("moved")


def _of_effect(slots: tuple[Slot, ...], cover: CoverKey, effect: Effect) -> Slot:
    mine = [slot for slot in slots if slot.cover == cover]
    return next((slot for slot in mine if slot.effect == effect), mine[0])


def _adjustment(work: WorkItem, slot: Slot) -> Adjustment:
    last = slot.last
    return Adjustment(f"{work.source}:{work.id}", slot.numbers, last.worked_on, last.person, slot.billed_seconds)
