"""Rerate: what is billed is billed at another rate where a person decided so, and only there.

What stands invoiced at a rate is taken back as it was billed, to the cent, and charged at the rate that the decision
names. Covered and written-down time and priced items stay; the increments, the cuts of premiums and the draws of
retainers are those that were recorded.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from mappings.documents import Posted
from mappings.rerates import Rerate
from mappings.rules.charges import Adjustment, Charge, again, differing
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.work_parts import part_key
from mappings.steps import step
from mappings.work import WorkItem
from mappings.world import World

if TYPE_CHECKING:
    from mappings.rules.selection import Placed


class Rerating:
    """The decisions of a world, ready to be asked about one entry after another."""

    def __init__(self, world: World, ledger: Ledger) -> None:
        self._ledger = ledger
        self._decided: dict[Key, list[Rerate]] = defaultdict(list)
        for one in world.rerates:
            self._decided[part_key(one.source, one.entry, one.part)].append(one)

    def __contains__(self, key: Key) -> bool:
        return key in self._decided

    def due(self, key: Key, slots: Iterable[Slot]) -> tuple[tuple[Slot, Rerate], ...]:
        """What of these slots is still to be charged at another rate."""
        decided = self._decided.get(key)
        if not decided:
            return ()
        rows = self._ledger.rows(key)
        return tuple((slot, one) for slot in slots for one in decided if _is_meant(slot, one, rows))

    def apply(self, key: Key, slots: tuple[Slot, ...], due: Iterable[tuple[Slot, Rerate]]) -> tuple[Slot, ...]:
        """The slots as they will stand: whatever else changes of the entry is charged at the new rate."""
        new = {id(slot): one for slot, one in due}
        stand = tuple(_at(slot, new[id(slot)]) if id(slot) in new else slot for slot in slots)
        others = tuple(slot for slot in self._ledger.slots(key) if slot not in slots)
        self._ledger.restate(key, (*others, *stand))
        return stand


def is_rerated(placed: Placed) -> bool:
    """Whether it is billed time at another rate."""
    return placed.owed.kind == "rerated"


def may_rerate(slot: Slot) -> bool:
    """Whether it is time that is invoiced at a rate."""
    invoiced = slot.effect == "invoiced" and slot.terms.price is None and slot.terms.rate is not None
    return invoiced and bool(slot.billed_seconds or slot.amount_minor)


def rerate_charges(placed: Iterable[Placed]) -> Iterator[Charge]:
    """What rated-anew time puts on one client's document: each piece taken back, and charged again."""
    for one in sorted(placed, key=lambda one: one.owed.entry.work.chronological):
        owed = one.owed
        for slot, rerate in zip(owed.slots, owed.rerates, strict=True):
            yield from pair(owed.entry.work, slot, rerate, one.status)


def pair(work: WorkItem, slot: Slot, rerate: Rerate, status: str = "") -> tuple[Charge, Charge]:
    """A slot's reversal, the exact negative of its rows, and its charge at the decision's rate."""
    last, wanted = slot.last, rerate.wanted
    assert slot.terms.rate is not None
    assert wanted.rate is not None
    said = step("rerated", before=slot.terms.rate, after=wanted.rate, currency=wanted.currency)
    drawn = differing(slot.drawn_seconds, slot.billed_seconds)
    taken = Charge(
        work=work,
        revision=last.revision,
        seconds=-slot.seconds,
        billed_seconds=-slot.billed_seconds,
        drawn_seconds=None if drawn is None else -drawn,
        effect="invoiced",
        terms=slot.terms,
        rounding=slot.rounding,
        rounding_group=slot.rounding_group,
        cover=slot.cover,
        reason=again(last.reason, said),
        adjustment=_adjustment(slot, rerate),
        amount_minor=-slot.amount_minor,
        identity=last,
        status=status,
    )
    given = replace(
        taken, seconds=slot.seconds, billed_seconds=slot.billed_seconds, drawn_seconds=drawn, terms=wanted,
        reason=again(rerate.reason, said), amount_minor=None,
    )  # fmt: skip
    return taken, given


def documents_of(rows: Iterable[Posted], slot: Slot) -> tuple[str, ...]:
    """Our ids of the documents that have rows at a slot's terms."""
    return tuple(sorted({posted.document for posted in rows if posted.allocation.terms == slot.terms}))


def _is_meant(slot: Slot, one: Rerate, rows: Sequence[Posted]) -> bool:
    return may_rerate(slot) and slot.terms == one.billed and set(documents_of(rows, slot)) <= set(one.documents)


def _at(slot: Slot, one: Rerate) -> Slot:
    return replace(slot, last=replace(slot.last, terms=one.wanted, reason=one.reason))


def _adjustment(slot: Slot, rerate: Rerate) -> Adjustment:
    """All entries of one line that go from one rate to another share the two lines that say so."""
    before, after, last = slot.terms, rerate.wanted, slot.last
    assert before.rate is not None
    assert after.rate is not None
    name = f"rerate|{before.rate.normalize():f}|{before.unit}|{after.rate.normalize():f}|{after.unit}"
    rates = ((before.rate, before.unit), (after.rate, after.unit))
    return Adjustment(name, slot.numbers, last.worked_on, last.person, slot.billed_seconds, rates=rates)
