"""Retainer draw: how much of each piece of work its retainer covers, and what is extra.

Work draws in chronological order; an entry that crosses the end is cut. Posted draws are never reshuffled: late work
and added time draw what their period still has, less time gives back the period's billed extra, latest first, and then
returns hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from mappings.documents import Effect, Terms
from mappings.problems import Problem
from mappings.rules.charges import Adjustment, Charge, hours, with_step
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.measures import Measure, Placed, work_of
from mappings.rules.retainers import Cover
from mappings.work import WorkItem
from mappings.world import Entry

CoverKey = tuple[str, str]


@dataclass(slots=True)
class _Extra:
    """Billed extra of one entry that can be given back."""

    slot: Slot
    billed: int
    seconds: int


@dataclass(slots=True)
class Pool:
    """One period of one retainer. `remaining` None: it covers everything."""

    cover: Cover | None
    remaining: int | None
    used: int = 0
    """Billed seconds that counted against it, covered and extra."""
    freed: int = 0
    extra: int = 0
    extras: dict[Key, _Extra] = field(default_factory=dict)

    def take(self, wanted: int) -> int:
        """Draw up to so many seconds; returns how many it covers."""
        covered = wanted if self.remaining is None else min(wanted, max(self.remaining, 0))
        if self.remaining is not None:
            self.remaining -= covered
        self.used += covered
        return covered

    def give(self, seconds: int) -> None:
        """Return covered seconds."""
        if self.remaining is not None:
            self.remaining += seconds
        self.used -= seconds


class Draw:
    """The retainers of one client while one document is made."""

    def __init__(self, covers: Iterable[Cover], ledger: Ledger, entries: Mapping[Key, Entry]) -> None:
        self._covers = {cover.key: cover for cover in covers}
        self._ledger, self._entries = ledger, entries
        self._pools: dict[CoverKey, Pool] = {}
        self.charges: list[Charge] = []
        self.problems: list[tuple[WorkItem, int, Problem]] = []
        """Work that is extra and has no rate: (work, its seconds, why)."""

    def used(self, key: CoverKey) -> int:
        """Billed seconds that a retainer's period has been used for, this document included."""
        return self.pool(key).used

    def pool(self, key: CoverKey) -> Pool:
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._open(key)
        return found

    def _open(self, key: CoverKey) -> Pool:
        cover = self._covers.get(key[0])
        included = cover.included_seconds if cover else 0
        pool = Pool(cover, included)
        for entry in sorted(self._ledger.by_cover.get(key, ())):
            for slot in self._ledger.slots(entry):
                if slot.cover != key:
                    continue
                pool.used += slot.billed_seconds
                if slot.effect == "covered" and pool.remaining is not None:
                    pool.remaining -= slot.billed_seconds
                elif slot.effect == "invoiced":
                    pool.extra += slot.billed_seconds
                    pool.extras[entry] = _Extra(slot, slot.billed_seconds, slot.seconds)
        return pool

    def reverse(self, placed: Placed) -> None:
        """Take back all that stands of an entry: the exact negative of its ledger rows."""
        owed = placed.owed
        work = owed.entry.work
        for slot in owed.slots:
            if slot.cover[0]:
                pool = self.pool(slot.cover)
                if slot.effect == "covered":
                    pool.give(slot.billed_seconds)
                    pool.freed += slot.billed_seconds
                else:
                    pool.extras.pop(work.key, None)
                    pool.extra -= slot.billed_seconds
                    pool.used -= slot.billed_seconds
            step = "Taken back: deleted, no longer billable, or moved in the source."
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
                    reason=with_step(slot.last.reason, step),
                    adjustment=_adjustment(work, slot),
                    amount_minor=-slot.amount_minor,
                    identity=slot.last,
                    status=placed.status,
                )
            )

    def run(self, measures: list[Measure]) -> None:
        """Draw all measured work: first what gets less, then what that gives back, then what is added."""
        added = []
        for measure in measures:
            if measure.slots and not any(slot.cover[0] for slot in measure.slots):
                self._continue(measure, _main(measure.slots), measure.seconds, measure.billed_seconds)
            elif measure.slots and measure.billed_seconds <= 0:
                self._reduce(measure)
            else:
                added.append(measure)
        for key in sorted(self._pools):
            self._give_back(key, self._pools[key])
        for measure in sorted(added, key=lambda measure: measure.work.chronological):
            if measure.slots:
                self._extend(measure)
            else:
                self._new(measure)

    def _reduce(self, measure: Measure) -> None:
        """Less work: its covered part goes first, so that the period's latest extra can take its place."""
        size = -measure.billed_seconds
        order = sorted(measure.slots, key=lambda slot: slot.effect != "covered")
        parts = []
        for slot in order:
            part = max(min(size, slot.billed_seconds), 0)
            size -= part
            parts.append(part)
        parts[-1] += size
        for slot, part, seconds in zip(order, parts, split_worked(measure.seconds, parts), strict=True):
            if slot.cover[0]:
                self._return(self.pool(slot.cover), slot, measure.work.key, part, seconds)
            self._continue(measure, slot, seconds, -part)

    @staticmethod
    def _return(pool: Pool, slot: Slot, key: Key, part: int, seconds: int) -> None:
        if slot.effect == "covered":
            pool.give(part)
            pool.freed += part
            return
        pool.used -= part
        pool.extra -= part
        if key in pool.extras:
            pool.extras[key].billed -= part
            pool.extras[key].seconds += seconds

    def _give_back(self, key: CoverKey, pool: Pool) -> None:
        """What became free covers the period's billed extra, latest first; only the rest is hours to draw again."""
        latest_first = sorted(
            pool.extras.items(), key=lambda item: self._work(item[1].slot).chronological, reverse=True
        )
        for _, extra in latest_first:
            part = min(pool.freed, extra.billed)
            if part <= 0:
                continue
            seconds = split_worked(extra.seconds, (part, extra.billed - part))[0]
            pool.freed -= part
            pool.extra -= part
            if pool.remaining is not None:
                pool.remaining -= part
            extra.billed -= part
            extra.seconds -= seconds
            slot = extra.slot
            work = self._work(slot)
            adjustment = _adjustment(work, slot)
            covered_terms = _of_effect(self._ledger.slots(work.key), key, "covered").terms
            reason = with_step(slot.last.reason, f"Less work in {key[1]}: {hours(part)} h of extra are now covered.")
            for effect, sign in (("invoiced", -1), ("covered", 1)):
                self.charges.append(
                    Charge(
                        work=work,
                        revision=slot.last.revision,
                        seconds=sign * seconds,
                        billed_seconds=sign * part,
                        effect="invoiced" if effect == "invoiced" else "covered",
                        terms=slot.terms if effect == "invoiced" else covered_terms,
                        rounding=slot.rounding,
                        rounding_group=slot.rounding_group,
                        cover=key,
                        reason=reason,
                        adjustment=adjustment,
                        identity=slot.last,
                        status="changed-after-posting",
                    )
                )

    def _extend(self, measure: Measure) -> None:
        """More work on an entry that stands: it draws what its period still has, the rest is extra."""
        rest = measure.billed_seconds
        parts: list[tuple[Slot, Effect, int]] = []
        for cover in dict.fromkeys(slot.cover for slot in measure.slots if slot.cover[0]):
            slot = _of_effect(measure.slots, cover, "covered")
            covered = self.pool(cover).take(rest)
            parts.append((slot, "covered", covered))
            rest -= covered
        first = next(slot.cover for slot in measure.slots if slot.cover[0])
        if rest:
            self.pool(first).used += rest
            self.pool(first).extra += rest
        parts.append((_of_effect(measure.slots, first, "invoiced"), "invoiced", rest))
        split = split_worked(measure.seconds, [part for _, _, part in parts])
        for (slot, effect, part), seconds in zip(parts, split, strict=True):
            terms = slot.terms
            if effect == "invoiced" and slot.effect != "invoiced":
                row = self.pool(first).cover
                terms = extra_terms(row, terms) if row else terms
            if effect == "invoiced" and part and terms.rate is None:
                self.problems.append((measure.work, seconds, _no_rate(terms, measure.work)))
                continue
            self._continue(measure, slot, seconds, part, effect, terms)

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
                covered = self.pool(key).take(rest)
                parts.append((key, "covered", covered))
                rest -= covered
            parts.append((keys[0] if keys else ("", ""), "invoiced", rest))
            if keys and rest:
                self.pool(keys[0]).used += rest
                self.pool(keys[0]).extra += rest
        split = split_worked(measure.seconds, [part for _, _, part in parts])
        for (key, effect, part), seconds in zip(parts, split, strict=True):
            if part or seconds:
                self._add(measure, key, effect, part, seconds)

    def _negative(self, keys: list[CoverKey], billed: int) -> list[tuple[CoverKey, Effect, int]]:
        """A tool's correction: it takes back extra first, then returns hours."""
        if not keys:
            return [(("", ""), "invoiced", billed)]
        pool = self.pool(keys[0])
        extra = min(-billed, max(pool.extra, 0))
        pool.extra -= extra
        pool.used -= extra
        pool.give(-billed - extra)
        return [(keys[0], "covered", billed + extra), (keys[0], "invoiced", -extra)]

    def _add(self, measure: Measure, key: CoverKey, effect: Effect, billed: int, seconds: int) -> None:
        rated = measure.rated
        assert rated is not None
        assert rated.terms is not None
        terms, reason = rated.terms, measure.reason
        cover = self.pool(key).cover if key[0] else None
        if effect == "invoiced":
            if cover is not None:
                terms = extra_terms(cover, terms)
                reason = with_step(reason, f"{hours(billed)} h are over the hours of {key[1]}: extra.", cover.row_name)
            if terms.rate is None:
                problem = rated.rate_problem or _no_rate(terms, measure.work)
                self.problems.append((measure.work, seconds, problem))
                return
        elif cover is not None:
            reason = with_step(reason, f"{hours(billed)} h are covered in {key[1]}.", cover.row_name)
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
                reason=measure.reason,
                adjustment=adjustment,
                identity=measure.identity,
                status=measure.status,
            )
        )

    def _work(self, slot: Slot) -> WorkItem:
        return work_of(slot.last, self._entries)


def extra_terms(cover: Cover, terms: Terms) -> Terms:
    """The terms of what a retainer does not cover: its extra rate an hour, else the normal rate."""
    if cover.retainer is None or cover.retainer.extra_rate is None:
        return terms
    return replace(terms, rate=cover.retainer.extra_rate, unit="hour", seconds_per_unit=3600)


def _main(slots: tuple[Slot, ...]) -> Slot:
    """Where a difference goes when nothing else says: what was invoiced, else what stands."""
    return next((slot for slot in reversed(slots) if slot.effect == "invoiced"), slots[-1])


def _of_effect(slots: tuple[Slot, ...], cover: CoverKey, effect: Effect) -> Slot:
    mine = [slot for slot in slots if slot.cover == cover]
    return next((slot for slot in mine if slot.effect == effect), mine[0])


def _adjustment(work: WorkItem, slot: Slot) -> Adjustment:
    last = slot.last
    return Adjustment(f"{work.source}:{work.id}", slot.numbers, last.worked_on, last.person, slot.billed_seconds)


def _no_rate(terms: Terms, work: WorkItem) -> Problem:
    what = f"{terms.client} › {terms.service} of {work.worked_on} is over its retainer's hours, and has no rate."
    return Problem("no-rate", what, "Fill in the retainer's extra_rate, or add a rate.", None, terms.client)
