"""Pools: what one period of a retainer still covers, and the extra of it that was billed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mappings.documents import Terms
from mappings.problems import Problem
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.retainers import Cover
from mappings.work import WorkItem

CoverKey = tuple[str, str]
"""(retainer, its period)."""


@dataclass(slots=True)
class Extra:
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
    extra: int = 0
    """Billed seconds of it that were extra."""
    freed: int = 0
    """Covered seconds that this document returned: extra takes their place before anything else draws them."""
    extras: dict[Key, Extra] = field(default_factory=dict)

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

    def bill(self, seconds: int) -> None:
        """Count extra (below 0: less of it)."""
        self.used += seconds
        self.extra += seconds


class Pools:
    """The pools of one client while one document is made, each opened from the ledger when it is first asked for."""

    def __init__(self, covers: Iterable[Cover], ledger: Ledger, frozen: frozenset[Key]) -> None:
        self._covers = {cover.key: cover for cover in covers}
        self._ledger, self._frozen = ledger, frozen
        self._pools: dict[CoverKey, Pool] = {}

    def __getitem__(self, key: CoverKey) -> Pool:
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._open(key)
        return found

    def opened(self) -> Iterator[tuple[CoverKey, Pool]]:
        """The pools asked for so far, in the order of their keys."""
        yield from sorted(self._pools.items(), key=lambda item: item[0])

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
                    # What a voided document billed is not given back: a person decides about all of it.
                    if entry not in self._frozen:
                        pool.extras[entry] = Extra(slot, slot.billed_seconds, slot.seconds)
        return pool


def extra_terms(cover: Cover, terms: Terms) -> Terms:
    """The terms of what a retainer does not cover: its extra rate an hour, else the normal rate."""
    if cover.retainer is None or cover.retainer.extra_rate is None:
        return terms
    return replace(terms, rate=cover.retainer.extra_rate, unit="hour", seconds_per_unit=3600)


def no_rate(terms: Terms, work: WorkItem) -> Problem:
    """Work over a retainer's hours that nothing prices."""
    what = f"{terms.client} › {terms.service} of {work.worked_on} is over its retainer's hours, and has no rate."
    return Problem("no-rate", what, "Fill in the retainer's extra_rate, or add a rate.", None, terms.client)
