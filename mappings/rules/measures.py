"""From what is owed to seconds: increments on the latest revisions, less what the ledger has billed of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache

from mappings.documents import Allocation, Reason
from mappings.money import spread
from mappings.rules.charges import Adjustment, again, with_step
from mappings.rules.increments import increments
from mappings.rules.ledger import Key, Ledger, Slot, numbers_of
from mappings.rules.rating import Rated
from mappings.rules.rounding_groups import Member, group_of, members_of, round_group, standing_in
from mappings.rules.selection import Placed
from mappings.rules.work_parts import WorkPart
from mappings.settings import Rounding
from mappings.steps import Step, step
from mappings.values import value
from mappings.work import WorkItem
from mappings.world import Entry


@value(frozen=True, slots=True)
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


def measure(
    placed: Iterable[Placed], ledger: Ledger, entries: Mapping[Key, Entry], frozen: frozenset[Key], document: str
) -> list[Measure]:
    """Measure all new and changed work of one client's document, and the groups that they or reversals touch.

    `document` names the document's period and sequence: a group of `applies_to = "line"` is within one document.
    """
    measures: list[Measure] = []
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
            measures.append(_alone(one))
    touched.discard("")
    for group in sorted(touched | set(groups)):
        standing = standing_in(group, ledger, away | frozen)
        measures.extend(_together(group, members_of(groups.get(group, []), standing, entries)))
    return measures


def _alone(one: Placed) -> Measure:
    """An entry that is rounded by itself: all of a new one, the difference of one that stands."""
    owed = one.owed
    work, rated = owed.entry.work, owed.rated
    if rated is not None:
        billed = _billed(work, rated.rounding)
        return Measure(
            work=work,
            revision=owed.entry.revision,
            seconds=work.seconds,
            billed_seconds=billed,
            rounding=rated.rounding,
            rounding_group="",
            reason=_said(rated.reason, one, work.seconds, billed),
            rated=rated,
            status=one.status,
            late=one.late,
        )
    last = owed.slots[-1].last
    before = sum(slot.billed_seconds for slot in owed.slots)
    difference = _billed(work, last.rounding) - before
    return Measure(
        work=work,
        revision=owed.entry.revision,
        seconds=owed.seconds,
        billed_seconds=difference,
        rounding=last.rounding,
        rounding_group="",
        reason=again(last.reason, _changed(before, before + difference)),
        slots=owed.slots,
        adjustment=Adjustment(
            ":".join(work.key), numbers_of(owed.slots), last.worked_on, last.person, _on_lines(owed.slots)
        ),
        status=one.status,
    )


def _billed(work: WorkItem, rounding: Rounding) -> int:
    """Billed seconds of an entry; of one day of it, its part of what the whole entry is billed."""
    if not isinstance(work, WorkPart) or len(work.siblings) < 2:
        return increments(work.seconds, rounding)
    days = [*work.siblings[: work.part - 1], work.seconds, *work.siblings[work.part :]]
    return spread(increments(sum(days), rounding), days)[work.part - 1]


def _together(group: str, members: list[Member]) -> list[Measure]:
    """A group over the latest revisions of its entries: each moves from what was billed of it to its share."""
    rounding, shares = round_group(members)
    everything = [slot for member in members for slot in member.slots]
    adjustment = _group_adjustment(group, everything) if everything else None
    measures = (
        _of_member(member, share, rounding, group, adjustment) for member, share in zip(members, shares, strict=True)
    )
    return [measure for measure in measures if measure.seconds or measure.billed_seconds]


def _of_member(member: Member, share: int, rounding: Rounding, group: str, adjustment: Adjustment | None) -> Measure:
    placed, slots = member.placed, member.slots
    if slots:
        before = sum(slot.billed_seconds for slot in slots)
        reason, rated = again(slots[-1].last.reason, _changed(before, share)), None
    else:
        assert placed is not None
        rated = member.rated
        reason = _said(rated.reason, placed, member.seconds, share)
    return Measure(
        work=member.work,
        revision=member.revision,
        seconds=member.seconds - sum(slot.seconds for slot in slots),
        billed_seconds=share - sum(slot.billed_seconds for slot in slots),
        rounding=rounding,
        rounding_group=group,
        reason=reason,
        rated=rated,
        slots=slots,
        adjustment=adjustment,
        status=placed.status if placed else "changed-after-posting",
        late=placed.late if placed else False,
        identity=None if placed else slots[-1].last,
    )


def _group_adjustment(group: str, slots: list[Slot]) -> Adjustment:
    first = min(slots, key=lambda slot: (slot.last.worked_on, slot.last.source, slot.last.entry))
    return Adjustment(group, numbers_of(slots), first.last.worked_on, first.last.person, _on_lines(slots))


def _on_lines(slots: Iterable[Slot]) -> int:
    """Billed seconds that an adjustment starts from: without what a cap wrote down."""
    return sum(slot.billed_seconds for slot in slots if slot.effect != "written-down")


def _changed(before: int, after: int) -> Step:
    return step("changed", before_seconds=before, after_seconds=after)


def _said(reason: Reason, placed: Placed, seconds: int, billed: int) -> Reason:
    """The reason with what has happened to new work by now."""
    work, silence = placed.owed.entry.work, placed.owed.silence
    if silence:
        reason = with_step(reason, silence)
    if placed.late:
        reason = with_step(reason, step("late"))
    if isinstance(work, WorkPart) and len(work.siblings) > 1:
        whole = sum(work.siblings)
        said = step("split-at-midnight", part_seconds=work.seconds, whole_seconds=whole, day=work.worked_on)
        reason = with_step(reason, said)
    if billed != seconds:
        reason = with_step(reason, _increments(seconds, billed))
    return reason


@lru_cache(maxsize=4096)
def _increments(seconds: int, billed: int) -> Step:
    return step("increments", worked_seconds=seconds, billed_seconds=billed)
