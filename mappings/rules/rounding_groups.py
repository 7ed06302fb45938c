"""Rounding groups: a person's day in one line group, or a line, whose seconds are rounded together.

Late work of a posted day joins it, and what changes in one entry moves the seconds that rounding added to the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mappings.rules.increments import group_increments
from mappings.rules.ledger import Key, Ledger, Slot, work_of
from mappings.rules.rating import Rated
from mappings.rules.selection import Placed
from mappings.settings import Rounding
from mappings.work import WorkItem
from mappings.world import Entry


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of a group: its latest `seconds`, and what stands of it. One that only stands is not `placed`."""

    work: WorkItem
    revision: int
    seconds: int
    slots: tuple[Slot, ...]
    placed: Placed | None

    @property
    def rated(self) -> Rated:
        """How a new entry is rated."""
        assert self.placed is not None
        assert self.placed.owed.rated is not None
        return self.placed.owed.rated


def group_of(one: Placed, document: str) -> str:
    """The rounding group of new work: "" when each entry is rounded alone, or not at all."""
    rated = one.owed.rated
    assert rated is not None
    assert rated.terms is not None
    rounding, terms, work = rated.rounding, rated.terms, one.owed.entry.work
    if rounding.applies_to == "entry" or not (rounding.step_minutes or rounding.minimum_minutes):
        return ""
    step = f"{rounding.minimum_minutes}/{rounding.step_minutes} {rounding.direction}"
    label = terms.label
    if rounding.applies_to == "day":
        # One line an entry would leave nothing to round together: the day is then grouped as by service.
        if label == f"{work.source}:{work.id}":
            label = terms.service
        scope = f"day|{work.worked_on}|{rated.person}"
    else:
        scope = f"line|{document}|{'late' if one.late else ''}"
    rate = "" if terms.rate is None else f"{terms.rate.normalize():f}"
    line = (terms.client, terms.group, label, terms.item, rate, terms.unit, terms.tax_code, terms.class_name)
    return "|".join((scope, step, *line, terms.service_month))


def standing_in(group: str, ledger: Ledger, apart: frozenset[Key] | set[Key]) -> dict[Key, tuple[Slot, ...]]:
    """What stands of a group on the ledger, without entries that are taken back or that wait for a decision."""
    found = {}
    for key in ledger.by_rounding_group.get(group, ()):
        slots = tuple(slot for slot in ledger.slots(key) if slot.rounding_group == group)
        if slots and key not in apart:
            found[key] = slots
    return found


def members_of(
    placed: list[Placed], standing: dict[Key, tuple[Slot, ...]], entries: Mapping[Key, Entry]
) -> list[Member]:
    """New and changed entries, and those that only stand: their seconds are the ledger's."""
    moving = {one.owed.entry.work.key: one for one in placed}
    members = []
    for key, one in moving.items():
        entry = one.owed.entry
        members.append(Member(entry.work, entry.revision, entry.work.seconds, standing.get(key, ()), one))
    for key, slots in standing.items():
        if key not in moving:
            last, seconds = slots[-1].last, sum(slot.seconds for slot in slots)
            members.append(Member(work_of(last, entries), last.revision, seconds, slots, None))
    return sorted(members, key=lambda member: member.work.chronological)


def round_group(members: list[Member]) -> tuple[Rounding, list[int]]:
    """The rounding that a group was, or is to be, billed with, and each member's share of its billed seconds."""
    if not members:
        return Rounding(), []
    first = members[0]
    rounding = first.slots[0].rounding if first.slots else first.rated.rounding
    return rounding, group_increments([member.seconds for member in members], rounding)
