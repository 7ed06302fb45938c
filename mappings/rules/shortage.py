"""Shortage: a retainer that hands on the net bills nothing extra before its row ends; then what is missing is billed.

The latest hours that it covered become extra, entry by entry, so that each is billed at its own terms.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from mappings.problems import Problem
from mappings.rules.charges import Charge, again, differing
from mappings.rules.give_back import adjustment_of
from mappings.rules.hours_ledger import CoverKey
from mappings.rules.increments import split_worked
from mappings.rules.ledger import Key, Ledger, Slot, work_of
from mappings.rules.pool import extra_terms, factor_of_slot, no_rate, scaled
from mappings.rules.pools import Pools
from mappings.rules.retainers import Cover
from mappings.steps import step
from mappings.work import WorkItem
from mappings.world import Entry

Billed = tuple[list[Charge], list[tuple[WorkItem, int, Problem]]]


def bill_shortages(pools: Pools, ledger: Ledger, entries: Mapping[Key, Entry], charges: Iterable[Charge]) -> Billed:
    """The charges by which the shortage of each row that ends with this document is billed.

    `charges` are what the document does to billed work already.
    """
    found: Billed = ([], [])
    changed: dict[tuple[Key, CoverKey], int] | None = None
    for cover in pools.covers.values():
        if cover.unused.kind != "net" or not pools.has_ended(cover.key):
            continue
        missing = -pools.balance(cover.key)
        if missing <= 0:
            continue
        if changed is None:
            changed = _changes(charges)
        for slot in _latest_first(pools, ledger, entries, cover):
            work = work_of(slot.last, entries)
            there = slot.drawn_seconds + changed.get((work.key, slot.cover), 0)
            drawn = min(missing, there)
            if drawn > 0:
                missing -= drawn
                _bill(pools, cover, slot, work, drawn, found)
    return found


def _changes(charges: Iterable[Charge]) -> dict[tuple[Key, CoverKey], int]:
    """By entry and period the drawn seconds that the document takes back of it."""
    changed: dict[tuple[Key, CoverKey], int] = defaultdict(int)
    for charge in charges:
        if charge.effect == "covered" and charge.draws_seconds < 0:
            changed[charge.work.key, charge.cover] += charge.draws_seconds
    return changed


def _latest_first(pools: Pools, ledger: Ledger, entries: Mapping[Key, Entry], cover: Cover) -> list[Slot]:
    slots = [
        slot
        for pool in pools.chain(cover.key)
        for entry in ledger.by_cover.get(pool.key, ())
        for slot in ledger.slots(entry)
        if slot.cover == pool.key and slot.effect == "covered"
    ]
    return sorted(slots, key=lambda slot: work_of(slot.last, entries).chronological, reverse=True)


def _bill(pools: Pools, cover: Cover, slot: Slot, work: WorkItem, drawn: int, found: Billed) -> None:
    part = slot.billed_seconds if drawn == slot.drawn_seconds else scaled(drawn, 1 / factor_of_slot(slot))
    seconds = split_worked(slot.seconds, (part, slot.billed_seconds - part))[0]
    charges, problems = found
    terms = extra_terms(cover, slot.terms)
    if terms.rate is None:
        problems.append((work, seconds, no_rate(terms, work)))
        return
    pool = pools[slot.cover]
    pool.take(-drawn, slot.last.worked_on)
    pool.bill(drawn)
    taken = Charge(
        work=work,
        revision=slot.last.revision,
        seconds=-seconds,
        billed_seconds=-part,
        drawn_seconds=differing(-drawn, -part),
        effect="covered",
        terms=slot.terms,
        rounding=slot.rounding,
        rounding_group=slot.rounding_group,
        cover=slot.cover,
        reason=again(slot.last.reason, step("covered-now-extra", seconds=part, period=slot.cover[1])),
        adjustment=replace(adjustment_of(work, slot), before_seconds=0),
        identity=slot.last,
        status="changed-after-posting",
    )
    given = replace(taken, seconds=seconds, billed_seconds=part, drawn_seconds=differing(drawn, part))
    charges += [taken, replace(given, effect="invoiced", terms=terms)]
