"""Hours that come back: what became free of a period covers its billed extra, latest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mappings.documents import Effect
from mappings.rules.charges import Adjustment, Charge, again, differing
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger, Slot, work_of
from mappings.rules.names import fold
from mappings.rules.pool import Extra, Pool, factor_of_slot, scaled
from mappings.rules.pools import Pools
from mappings.steps import step
from mappings.work import WorkItem
from mappings.world import Entry


@dataclass(slots=True)
class GiveBack:
    """Gives back extra on one document, once all that is taken back on it was returned to the pools."""

    pools: Pools
    ledger: Ledger
    entries: Mapping[Key, Entry]
    charges: list[Charge] = field(default_factory=list)

    def run(self) -> None:
        """What became free covers the period's billed extra, latest first; only the rest is hours to draw again."""
        for pool in [pool for pool in self.pools.opened() if pool.freed > 0]:
            extras = [(pool, extra) for extra in pool.extras]
            if pool.cover is not None and pool.cover.kind == "block":
                extras = self._coverable(pool)
            latest_first = sorted(
                extras, key=lambda pair: work_of(pair[1].slot.last, self.entries).chronological, reverse=True
            )
            for owner, extra in latest_first:
                self._give_back(pool, owner, extra)

    def _worked(self, owned: tuple[Pool, Extra]) -> tuple[object, ...]:
        return work_of(owned[1].slot.last, self.entries).chronological

    def _coverable(self, block: Pool) -> list[tuple[Pool, Extra]]:
        """Extra of all retainers that a block speaks of: it is billed as the first one's, whatever came after that."""
        assert block.cover is not None
        found = []
        for pool in self.pools.with_extra():
            for extra in pool.extras:
                last = extra.slot.last
                if block.cover.takes(fold(last.terms.service), fold(last.project), last.worked_on):
                    found.append((pool, extra))
        return found

    def _give_back(self, pool: Pool, owner: Pool, extra: Extra) -> None:
        drawn = min(pool.freed, extra.drawn)
        if drawn <= 0:
            return
        part = extra.billed if drawn == extra.drawn else scaled(drawn, 1 / factor_of_slot(extra.slot))
        if not part:
            return
        seconds = split_worked(extra.seconds, (part, extra.billed - part))[0]
        pool.freed -= drawn
        owner.bill(-drawn)
        pool.take(drawn, extra.slot.last.worked_on)
        extra.billed -= part
        extra.drawn -= drawn
        extra.seconds -= seconds
        self._cover_extra(pool.key, extra.slot, part, drawn, seconds)

    def _cover_extra(self, key: CoverKey, slot: Slot, billed: int, drawn: int, seconds: int) -> None:
        """Billed extra of an entry becomes covered."""
        work = work_of(slot.last, self.entries)
        covered = of_effect(self.ledger.slots(work.key), key, "covered") or slot
        reason = again(slot.last.reason, step("extra-now-covered", seconds=billed, period=slot.cover[1]))
        taken = Charge(
            work=work,
            revision=slot.last.revision,
            seconds=-seconds,
            billed_seconds=-billed,
            drawn_seconds=differing(-drawn, -billed),
            effect="invoiced",
            terms=slot.terms,
            rounding=slot.rounding,
            rounding_group=slot.rounding_group,
            cover=slot.cover,
            reason=reason,
            adjustment=adjustment_of(work, slot),
            identity=slot.last,
            status="changed-after-posting",
        )
        self.charges.append(taken)
        given = replace(taken, seconds=seconds, billed_seconds=billed, drawn_seconds=differing(drawn, billed))
        self.charges.append(replace(given, effect="covered", terms=covered.terms, cover=key))


def returned(pool: Pool, slot: Slot, billed: int, drawn: int, seconds: int) -> None:
    """Return what a slot drew, or take back its extra: so many billed and drawn seconds, and (signed) worked ones."""
    if slot.effect == "covered":
        pool.take(-drawn, slot.last.worked_on)
        pool.freed += drawn
        return
    pool.bill(-drawn)
    for extra in pool.extras:
        if extra.slot.last == slot.last:
            extra.billed -= billed
            extra.drawn -= drawn
            extra.seconds += seconds


def of_effect(slots: tuple[Slot, ...], cover: CoverKey, effect: Effect) -> Slot | None:
    """What stands of an entry under one period, preferably with this effect."""
    mine = [slot for slot in slots if slot.cover == cover]
    return next((slot for slot in mine if slot.effect == effect), mine[0] if mine else None)


def adjustment_of(work: WorkItem, slot: Slot) -> Adjustment:
    """The adjustment line of one entry."""
    last = slot.last
    before = (slot.billed_seconds, slot.scaled_quantity)
    return Adjustment(":".join(work.key), slot.numbers, last.worked_on, last.person, *before)
