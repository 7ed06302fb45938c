"""Pools: the periods and blocks of one client's retainers, and what each of them still has for a document."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from mappings.documents import HoursAllocation
from mappings.periods import Period
from mappings.rules.hours_ledger import CoverKey, HoursLedger
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.pool import Extra, Pool
from mappings.rules.retainers import Cover
from mappings.rules.roll_over import handed_on


class Pools:
    """The pools of one client while one document is made, each opened from the ledgers when it is first asked for.

    `chains` are the periods of each `minimum` that are owed or were billed, in order. `until` is the document's last
    day: the retainer periods that end by then are over with it.
    """

    def __init__(
        self,
        covers: Iterable[Cover],
        ledger: Ledger,
        frozen: frozenset[Key],
        hours: HoursLedger,
        chains: Mapping[str, tuple[Period, ...]],
        until: date,
    ) -> None:
        self.covers = {cover.key: cover for cover in covers}
        self._order = {key: at for at, key in enumerate(self.covers)}
        self._ledger, self._frozen, self._hours = ledger, frozen, hours
        self.chains, self.until = chains, until
        self._pools: dict[CoverKey, Pool] = {}

    def __getitem__(self, key: CoverKey) -> Pool:
        found = self._pools.get(key)
        if found is None:
            found = self._pools[key] = self._open(key)
        return found

    def with_extra(self) -> Iterator[Pool]:
        """All pools of which extra was billed, also those that nothing asked for."""
        for key in sorted((key for key in self._ledger.by_cover if key[0] in self.covers), key=self.drawing_order):
            yield self[key]

    def opened(self) -> Iterator[Pool]:
        """The pools asked for so far, in the order in which work draws from them."""
        for key in sorted(self._pools, key=self.drawing_order):
            yield self._pools[key]

    def drawing_order(self, key: CoverKey) -> tuple[int, str]:
        """Retainers as they are drawn, each one's periods from the first to the last."""
        return (self._order.get(key[0], -1), key[1])

    def available(self, pool: Pool, day: date) -> int | None:
        """What the pool still has for work of a day and has not handed on; None: no end to it."""
        if pool.bought is None:
            return None
        if self.hands_on_late(pool.key[0]):
            return max(self.balance(pool.key[0]), 0) if self.has_ended(pool.key[0]) else None
        handed = self.opening(pool)
        return max(pool.left(handed, self._kept_for_others(pool)) - pool.lapsed_on(day, handed), 0)

    def opening(self, pool: Pool) -> int:
        """What the period before handed on."""
        if pool.opening is None:
            if pool.recorded is not None:
                pool.opening = pool.recorded.opening_seconds
            else:
                pool.opening = self._handed_by_earlier(pool)
        return pool.opening

    def closing(self, pool: Pool) -> int:
        """What the period hands on: as recorded, or as the next one was handed it already, or by its row."""
        if pool.recorded is not None:
            return pool.recorded.closing_seconds
        after = self._next(pool)
        if after is None or pool.cover is None or pool.bought is None:
            return 0
        taken = self._hours.of((pool.key[0], after.name))
        if taken is not None:
            return taken.opening_seconds
        return handed_on(pool.cover.unused, self.opening(pool), pool.bought, pool.drawn, after.first)

    def balance(self, retainer: str) -> int:
        """What all periods of a retainer up to this document's have left together, for those that hand on the net."""
        total = 0
        for pool in self.chain(retainer):
            if pool.period is not None and pool.period.first <= self.until:
                assert pool.bought is not None
                total += pool.bought - pool.drawn
        return total

    def chain(self, retainer: str) -> list[Pool]:
        """All periods of a `minimum` that are owed or were billed, in order."""
        return [self[retainer, period.name] for period in self.chains.get(retainer, ())]

    def changeable(self, retainer: str) -> list[Pool]:
        """Those of its periods that this document may change: it asked for them, or nothing is recorded of them."""
        keys = ((retainer, period.name) for period in self.chains.get(retainer, ()))
        return [self[key] for key in keys if key in self._pools or self._hours.of(key) is None]

    def has_ended(self, retainer: str) -> bool:
        """Whether the last of a retainer's periods is over with this document, or was before."""
        cover = self.covers.get(retainer)
        if cover is None or cover.valid_until is None:
            return False
        return cover.end(cover.period(cover.valid_until)) <= self.until

    def hands_on_late(self, retainer: str) -> bool:
        """Whether periods that are over still hand on what changes in them: those of a `net` row that has not ended."""
        cover = self.covers.get(retainer)
        return cover is not None and cover.unused.kind == "net" and not self.is_closed(retainer)

    def has_next(self, pool: Pool) -> bool:
        """Whether another period follows before the row ends."""
        return self._next(pool) is not None

    def is_closed(self, retainer: str) -> bool:
        """Whether a document has recorded the last of a retainer's periods."""
        cover = self.covers.get(retainer)
        if cover is None or cover.valid_until is None:
            return cover is None
        return self._hours.of((retainer, cover.period(cover.valid_until).name)) is not None

    def _kept_for_others(self, pool: Pool) -> int:
        return pool.recorded.closing_seconds if pool.recorded is not None and pool.key[1] != "once" else 0

    def _handed_by_earlier(self, pool: Pool) -> int:
        """Walk from the last recorded period to this one: each hands on what its own draws left."""
        if pool.cover is None or pool.cover.unused.kind == "lost" or pool.period is None:
            return 0
        handed = 0
        for period in self.chains.get(pool.key[0], ()):
            if period.first >= pool.period.first:
                break
            earlier = self[pool.key[0], period.name]
            if earlier.opening is None:
                earlier.opening = earlier.recorded.opening_seconds if earlier.recorded is not None else handed
            handed = self.closing(earlier)
        return handed

    def _next(self, pool: Pool) -> Period | None:
        """The period after this one, unless the row ends before."""
        cover = pool.cover
        if cover is None or pool.period is None or cover.kind != "minimum":
            return None
        after = cover.following(pool.period)
        return after if cover.valid_until is None or after.first <= cover.valid_until else None

    def _open(self, key: CoverKey) -> Pool:
        cover, recorded = self.covers.get(key[0]), self._hours.of(key)
        period = next((period for period in self.chains.get(key[0], ()) if period.name == key[1]), None)
        pool = Pool(key, cover, period, self._bought(cover, period, recorded), recorded)
        for entry in sorted(self._ledger.by_cover.get(key, ())):
            for slot in self._ledger.slots(entry):
                if slot.cover == key:
                    self._count(pool, slot, entry)
        return pool

    def _count(self, pool: Pool, slot: Slot, entry: Key) -> None:
        if slot.effect == "covered":
            pool.take(slot.drawn_seconds, slot.last.worked_on)
        elif slot.effect == "invoiced":
            pool.bill(slot.drawn_seconds)
            # What a voided document billed is not given back: a person decides about all of it.
            if entry not in self._frozen:
                pool.extras.append(Extra(slot, slot.billed_seconds, slot.drawn_seconds, slot.seconds))

    @staticmethod
    def _bought(cover: Cover | None, period: Period | None, recorded: HoursAllocation | None) -> int | None:
        """What was bought stays as it was recorded; a block is what its row says as long as it is there."""
        if recorded is not None and (cover is None or cover.kind != "block"):
            return recorded.bought_seconds
        if cover is None or cover.hours is None:
            return None if cover is not None else 0
        return cover.included_seconds(period)
