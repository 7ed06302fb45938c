"""From what is owed to seconds: increments on the latest revisions, less what the ledger has billed of them.

Rounding groups (a person's day, a line) are measured together: late work of a posted day joins it, and what changes in
one entry moves the seconds that rounding added to the others.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappings.documents import Allocation, Reason
from mappings.rules.charges import Adjustment, hours, with_step
from mappings.rules.increments import group_increments, increments
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.rating import Rated
from mappings.rules.selection import Owed
from mappings.settings import Rounding
from mappings.work import WorkItem
from mappings.world import Entry


@dataclass(frozen=True, slots=True)
class Measure:
    """What one document adds to one entry, in worked and billed seconds.

    `slots` are what stands of it (none: new work). With an `adjustment`, its cents belong on that line.
    """

    work: WorkItem
    revision: int
    seconds: int
    billed_seconds: int
    rounding: Rounding
    rounding_group: str
    reason: Reason
    rated: Rated | None = None
    slots: tuple[Slot, ...] = ()
    adjustment: Adjustment | None = None
    status: str = ""
    late: bool = False
    identity: Allocation | None = None
    """The ledger row whose day and names stand, for entries that only feel a change elsewhere in their group."""


@dataclass(frozen=True, slots=True)
class Placed:
    """Something owed, on its way onto a document: whether it is late there, and why it waits if that is not over."""

    owed: Owed
    late: bool
    status: str


def measure(
    placed: Iterable[Placed], ledger: Ledger, entries: Mapping[Key, Entry], frozen: frozenset[Key], document: str
) -> list[Measure]:
    """Measure all new and changed work of one client's document, and the groups that they or reversals touch.

    `document` names the document's period and sequence: a group of `applies_to = "line"` is within one document.
    """
    alone: list[Measure] = []
    groups: dict[str, list[Placed]] = defaultdict(list)
    touched: set[str] = set()
    away: set[Key] = set()
    for one in placed:
        owed = one.owed
        if owed.kind == "reversed":
            away.add(owed.entry.work.key)
            touched.update(slot.rounding_group for slot in owed.slots)
            continue
        group = owed.slots[-1].rounding_group if owed.slots else group_of(one, document)
        if group:
            groups[group].append(one)
        else:
            alone.append(_alone(one))
    touched.discard("")
    for group in sorted(touched | set(groups)):
        standing = _standing(group, ledger, away | frozen)
        alone.extend(_together(group, groups.get(group, []), standing, entries))
    return alone


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
    line = (terms.client, terms.group, label, terms.item, terms.rate, terms.unit, terms.tax_code, terms.class_name)
    return "|".join((scope, step, *(str(part or "") for part in line), terms.service_month))


def _alone(one: Placed) -> Measure:
    owed = one.owed
    work, revision = owed.entry.work, owed.entry.revision
    if owed.rated is not None:
        rated = owed.rated
        billed = increments(work.seconds, rated.rounding)
        reason = _said(rated.reason, owed.silence, work.seconds, billed)
        return Measure(work, revision, work.seconds, billed, rated.rounding, "", reason, rated, (), None, one.status, one.late)  # fmt: skip
    main = owed.slots[-1]
    before = sum(slot.billed_seconds for slot in owed.slots)
    billed = increments(work.seconds, main.rounding) - before
    adjustment = Adjustment(
        f"{work.source}:{work.id}", _numbers(owed.slots), main.last.worked_on, main.last.person, before
    )
    return Measure(
        work, revision, owed.seconds, billed, main.rounding, "", main.last.reason, None, owed.slots, adjustment, one.status
    )  # fmt: skip


def _standing(group: str, ledger: Ledger, apart: frozenset[Key] | set[Key]) -> dict[Key, tuple[Slot, ...]]:
    """What stands of a group on the ledger, without entries that are taken back or that wait for a decision."""
    found = {}
    for key in ledger.by_rounding_group.get(group, ()):
        slots = tuple(slot for slot in ledger.slots(key) if slot.rounding_group == group)
        if slots and key not in apart:
            found[key] = slots
    return found


@dataclass(frozen=True, slots=True)
class _Member:
    work: WorkItem
    revision: int
    seconds: int
    """Latest."""
    slots: tuple[Slot, ...]
    placed: Placed | None


def _together(
    group: str, placed: list[Placed], standing: dict[Key, tuple[Slot, ...]], entries: Mapping[Key, Entry]
) -> list[Measure]:
    moving = {one.owed.entry.work.key: one for one in placed}
    members = [_Member(one.owed.entry.work, one.owed.entry.revision, one.owed.entry.work.seconds, standing.get(key, ()), one) for key, one in moving.items()]  # fmt: skip
    for key, slots in standing.items():
        if key not in moving:
            seconds = sum(slot.seconds for slot in slots)
            members.append(_Member(work_of(slots[-1].last, entries), slots[-1].last.revision, seconds, slots, None))
    if not members:
        return []
    members.sort(key=lambda member: member.work.chronological)
    first = members[0]
    rounding = first.slots[0].rounding if first.slots else _rated(first).rounding
    shares = group_increments([member.seconds for member in members], rounding)
    everything = [slot for slots in standing.values() for slot in slots]
    adjustment = _group_adjustment(group, everything) if everything else None
    measures = []
    for member, share in zip(members, shares, strict=True):
        before = sum(slot.billed_seconds for slot in member.slots)
        seconds = member.seconds - sum(slot.seconds for slot in member.slots)
        if not member.slots:
            owed = member.placed.owed if member.placed else None
            assert owed is not None
            reason = _said(_rated(member).reason, owed.silence, member.seconds, share)
        else:
            reason = member.slots[-1].last.reason
        if not seconds and share == before:
            continue
        measures.append(
            Measure(
                work=member.work,
                revision=member.revision,
                seconds=seconds,
                billed_seconds=share - before,
                rounding=rounding,
                rounding_group=group,
                reason=reason,
                rated=None if member.slots else _rated(member),
                slots=member.slots,
                adjustment=adjustment,
                status=member.placed.status if member.placed else "changed-after-posting",
                late=member.placed.late if member.placed else False,
                identity=None if member.placed else member.slots[-1].last,
            )
        )
    return measures


def _rated(member: _Member) -> Rated:
    assert member.placed is not None
    assert member.placed.owed.rated is not None
    return member.placed.owed.rated


def _group_adjustment(group: str, slots: list[Slot]) -> Adjustment:
    first = min(slots, key=lambda slot: (slot.last.worked_on, slot.last.source, slot.last.entry))
    billed = sum(slot.billed_seconds for slot in slots)
    return Adjustment(group, _numbers(slots), first.last.worked_on, first.last.person, billed)


def work_of(row: Allocation, entries: Mapping[Key, Entry]) -> WorkItem:
    """The latest revision of the entry that a ledger row is about, or what the row says where it is known no more."""
    entry = entries.get((row.source, row.entry))
    if entry is not None:
        return entry.work
    return WorkItem(
        row.source, row.entry, row.worked_on, row.seconds, row.person, row.source_client, row.project, row.task,
        row.source_service,
    )  # fmt: skip


def _numbers(slots: Iterable[Slot]) -> tuple[str, ...]:
    return tuple(sorted({number for slot in slots for number in slot.numbers}))


def _said(reason: Reason, silence: str, seconds: int, billed: int) -> Reason:
    if silence:
        reason = with_step(reason, silence)
    if billed != seconds:
        reason = with_step(reason, f"Increments: {hours(seconds)} h worked are billed as {hours(billed)} h.")
    return reason
