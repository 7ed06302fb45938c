"""What a document records of its client's retainers: what each period was handed, bought, let lapse and handed on."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date

from mappings.documents import HoursAllocation
from mappings.rules.charges import Charge
from mappings.rules.hours_ledger import CoverKey, added, is_empty
from mappings.rules.pool import Pool
from mappings.rules.pools import Pools
from mappings.rules.retainers import Cover


def hours_rows(pools: Pools, since: date | None) -> Iterator[HoursAllocation]:
    """All that this document changes in the retainers' own ledger.

    A `minimum`'s periods are recorded by the document with which they are over, a block by the first after its `from`
    (not one that was over before `since`, the client's go-live).
    """
    for cover in pools.covers.values():
        if cover.kind == "minimum" and cover.hours is not None:
            yield from _changed(_of_chain(pools, cover.key))
        elif cover.kind == "block" and _is_bought(cover, pools.until, since):
            block = pools[cover.key, "once"]
            yield from _changed([(block, _of_block(pools, block))])
    chained = {(key, period.name) for key, periods in pools.chains.items() for period in periods}
    for pool in pools.opened():
        if pool.key not in chained and pool.key[1] != "once" and pool.bought is not None:
            yield from _changed([(pool, _state(pool, pools.opening(pool), pools.closing(pool)))])


def _is_bought(cover: Cover, until: date, since: date | None) -> bool:
    over_before = since is not None and cover.valid_until is not None and cover.valid_until < since
    return not over_before and (cover.valid_from is None or cover.valid_from <= until)


def hours_by_group(
    rows: Iterable[HoursAllocation], charges: Mapping[str, Sequence[Charge]], fees: Mapping[CoverKey, str]
) -> dict[str, list[HoursAllocation]]:
    """The rows by the group of the document that carries them: with the fee, else with the first draw.

    Documents of one period are approved apart, so each carries what its own draws change of a period's hours.
    """
    drawn: dict[CoverKey, dict[str, int]] = defaultdict(dict)
    for group in sorted(charges):
        for charge in charges[group]:
            if charge.effect == "covered":
                of_key = drawn[charge.cover]
                of_key[group] = of_key.get(group, 0) + charge.draws_seconds
    found: dict[str, list[HoursAllocation]] = defaultdict(list)
    for row in rows:
        key = (row.retainer, row.period)
        groups = drawn.get(key, {})
        main = fees.get(key) or next(iter(groups), min(charges, default=""))
        for group, seconds in groups.items():
            if group != main and seconds:
                apart = HoursAllocation(*key, closing_seconds=-seconds)
                found[group].append(apart)
                row = added(row, apart, -1)
        if not is_empty(row):
            found[main].append(row)
    return found


Recorded = list[tuple[Pool, HoursAllocation]]


def _of_chain(pools: Pools, retainer: str) -> Recorded:
    """The periods that are over with this document, and recorded ones that it changes."""
    found: Recorded = []
    running_on = pools.hands_on_late(retainer)
    handed = 0
    for pool in pools.chain(retainer) if running_on else pools.changeable(retainer):
        assert pool.cover is not None
        assert pool.period is not None
        if pool.recorded is None and pool.cover.end(pool.period) > pools.until:
            break
        if running_on:
            closing = handed + (pool.bought or 0) - pool.drawn if pools.has_next(pool) else 0
            found.append((pool, _state(pool, handed, closing)))
            handed = closing
        else:
            found.append((pool, _state(pool, pools.opening(pool), pools.closing(pool))))
    return found


def _of_block(pools: Pools, pool: Pool) -> HoursAllocation:
    """A block has what is left of it until its last day; then that lapses."""
    assert pool.cover is not None
    until = pool.cover.valid_until
    left = pool.left(0, 0)
    if until is not None and until <= pools.until:
        return _state(pool, 0, 0)
    return replace(_state(pool, 0, left), lapsed_seconds=0)


def _state(pool: Pool, opening: int, closing: int) -> HoursAllocation:
    """How a period stands: what it has and has not handed on is its own to lapse, or to be drawn by late work."""
    assert pool.bought is not None
    return HoursAllocation(*pool.key, opening, pool.bought, pool.left(opening, closing), closing)


def _changed(states: Recorded) -> Iterator[HoursAllocation]:
    for pool, state in states:
        row = state if pool.recorded is None else added(state, pool.recorded, -1)
        if not is_empty(row):
            yield row
