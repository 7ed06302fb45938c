"""Retainers' hours by period: what each was handed and bought, drew, let lapse and handed on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from mappings.rows import RetainerRow
from mappings.rules.names import fold
from mappings.rules.retainers import retainer_key
from syncd.reports.values import Selection

OF_BLOCK = "once"


@dataclass(frozen=True, slots=True)
class RetainerHours:
    """One period of one retainer, or a block, as documents recorded it. `period` of a block: once."""

    client: str
    name: str
    period: str
    opening_seconds: int
    """Handed on by the period before."""
    bought_seconds: int
    drawn_seconds: int
    """By covered work; an hour at a premium draws more than one."""
    extra_seconds: int
    """Billed beside it, in hours worked."""
    lapsed_seconds: int
    closing_seconds: int
    """Handed on to the next period; of a block, what it has left."""
    difference_seconds: int
    """Opening + bought - drawn - lapsed - closing, which must be 0."""


@dataclass(frozen=True, slots=True)
class RetainerSum:
    """The same as it is read, by the retainer's key."""

    retainer: str
    hours: RetainerHours


def retainers_of(
    sums: Iterable[RetainerSum], rows: Iterable[RetainerRow], selection: Selection, today: date
) -> tuple[RetainerHours, ...]:
    """All periods and blocks that were recorded, and blocks of the tables that no document has told of yet.

    What a block has left after its `until` has lapsed: a document records that when the client has one again.
    """
    blocks = {retainer_key(row): row for row in rows if row.kind == "block"}
    found = {(one.retainer, one.hours.period): one.hours for one in sums}
    for key, row in blocks.items():
        begun = row.valid_from is None or row.valid_from <= today
        if begun and (key, OF_BLOCK) not in found and fold(row.client) == fold(selection.client or row.client):
            bought = int(Fraction(row.hours or 0) * 3600)
            found[key, OF_BLOCK] = RetainerHours(row.client, row.name, OF_BLOCK, 0, bought, 0, 0, 0, bought, 0)
    ended = {key for key, row in blocks.items() if row.valid_until is not None and row.valid_until < today}
    return tuple(_lapsed(hours) if key in ended else hours for (key, _), hours in found.items())


def _lapsed(hours: RetainerHours) -> RetainerHours:
    return replace(hours, lapsed_seconds=hours.lapsed_seconds + hours.closing_seconds, closing_seconds=0)
