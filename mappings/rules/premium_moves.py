"""Moved work and its premiums: whether an entry whose day or names changed would still get those it was billed with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from mappings.rules.ledger import Ledger, Slot
from mappings.rules.overtime import Overtime, overtime_of
from mappings.rules.premiums import pieces
from mappings.rules.rating import Rater
from mappings.work import WorkItem


def keeps_premiums(slots: Sequence[Slot], work: WorkItem, rater: Rater, ledger: Ledger, zone: ZoneInfo) -> bool:
    """Whether billed work, as the source has it now, has the premiums that it was billed with.

    What is compared is the source's edit alone: where a window was moved in the table since, the entry's former day
    and names are asked as well. Overtime is counted after all else that is billed.
    """
    billed = [slot for slot in slots if slot.effect != "written-down" or slot.is_capped]
    if not billed or not (rater.premiums or any(slot.terms.premium for slot in billed)):
        return True
    last = billed[-1].last
    was = (last.worked_on, last.source_client, last.person, last.project, last.task, last.source_service)
    if was == (work.worked_on, work.client, work.person, work.project, work.task, work.service):
        return True
    recorded: Counter[str] = Counter()
    for slot in billed:
        recorded[slot.terms.premium] += slot.seconds
    look = _Look(slots, rater, ledger, zone)
    now = look.premiums(replace(work, seconds=recorded.total()))
    if now == recorded:
        return True
    if any(now[name] != recorded[name] for name in rater.premiums.overtime):
        return False
    before = replace(
        work, seconds=recorded.total(), worked_on=last.worked_on, started_at=_on_day(work, last.worked_on, zone),
        client=last.source_client, person=last.person, project=last.project, task=last.task,
        service=last.source_service,
    )  # fmt: skip
    return look.premiums(before) == now


class _Look:
    """Which premiums work would have, were it new."""

    def __init__(self, slots: Sequence[Slot], rater: Rater, ledger: Ledger, zone: ZoneInfo) -> None:
        self._slots, self._rater, self._ledger, self._zone = slots, rater, ledger, zone

    def premiums(self, work: WorkItem) -> Counter[str]:
        """Its seconds by the premium's name; "" for none."""
        found: Counter[str] = Counter()
        rated = self._rater.rate(work)
        terms, premiums = rated.terms, self._rater.premiums
        if terms is None or terms.rate is None:
            found[""] = work.seconds
            return found
        rules = premiums.of(terms.client, terms.service, work.worked_on)
        over = overtime_of(work, rules, self._overtime(terms.client))
        for piece in pieces(work, terms.rate, rules, over, premiums.holidays, self._zone):
            found[piece.rule.row.name if piece.rule else ""] += piece.seconds
        return found

    def _overtime(self, client: str) -> Overtime:
        """All that is billed but the entry itself."""
        overtime = Overtime(self._ledger, client, lambda *who: self._rater.people.find(*who).name)
        for slot in self._slots:
            if slot.terms.client == client:
                last = slot.last
                overtime.count(last.source, last.person, last.worked_on, -slot.seconds)
        return overtime


def _on_day(work: WorkItem, day: date, zone: ZoneInfo) -> datetime | None:
    """The same time of another day, by the clock on the wall."""
    if work.started_at is None:
        return None
    clock = work.started_at.astimezone(zone)
    moved = clock.date() + (day - work.worked_on)
    return datetime.combine(moved, clock.time(), tzinfo=zone)
