"""Premiums cut what a document adds to each entry into pieces: new work by the table, billed work as it was recorded.

A cut does not round again: worked seconds are cut by time, billed ones in proportion. Billed work keeps the premiums of
its pieces: what is added or taken away belongs to the pieces by its clock times (without these, to the last ones).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise
from zoneinfo import ZoneInfo

from mappings.documents import Allocation, Terms
from mappings.money import spread
from mappings.problems import Problem
from mappings.rules.charges import line_key, with_step
from mappings.rules.ledger import Ledger, Slot, nothing_of
from mappings.rules.measures import Measure
from mappings.rules.overtime import Overtime, overtime_of
from mappings.rules.premium_windows import day_offset
from mappings.rules.premiums import Piece, PremiumRule, Premiums, pieces
from mappings.rules.selection import Placed
from mappings.rules.work_parts import part_of
from mappings.steps import Step, step
from mappings.work import WorkItem

_SAME_WORK = ("worked_on", "source_client", "person", "project", "task", "source_service", "rounding_group")


@dataclass(slots=True)
class PremiumCut:
    """Cuts the work of one client's document."""

    premiums: Premiums
    ledger: Ledger
    zone: ZoneInfo
    person_of: Callable[[str, str], str]
    unplaced: dict[PremiumRule, list[WorkItem]] = field(default_factory=lambda: defaultdict(list))
    """By premium: work to which it might belong, did the work say from when it lasted."""
    _terms: dict[tuple[int, int], tuple[Terms, Terms]] = field(default_factory=dict)

    def cut(self, client: str, reversed_: Iterable[Placed], measures: Sequence[Measure]) -> list[Measure]:
        """All measures of a document, cut; in chronological order as far as overtime is concerned."""
        overtime = None
        if self.premiums.names_overtime(client):
            overtime = self._overtime(client, reversed_, measures)
        found = []
        for measure in measures:
            if measure.slots:
                whole = self._with_held_pieces(self._with_gone_pieces(measure), overtime)
                found += cut_billed(whole, self.zone)
        new = [measure for measure in measures if not measure.slots]
        if not self.premiums:
            return [*found, *new]
        for measure in sorted(new, key=lambda measure: measure.work.chronological):
            found.extend(self._cut_new(measure, overtime))
            if overtime is not None:
                work = measure.work
                overtime.count(work.source, work.person, work.worked_on, measure.seconds)
        return found

    def _with_gone_pieces(self, measure: Measure) -> Measure:
        """With the pieces of which nothing stands any more: work that gets longer again gets their premiums again."""
        last = measure.slots[-1].last
        if last.offset_seconds is None or measure.seconds <= 0:
            return measure
        gone: dict[int, Slot] = {}
        there = {slot.last.offset_seconds for slot in measure.slots}
        for posted in self.ledger.rows(measure.work.key):
            row = posted.allocation
            if row.offset_seconds is not None and row.offset_seconds not in there and _of_one_charge(row, last):
                gone[row.offset_seconds] = nothing_of(posted)
        return replace(measure, slots=(*gone.values(), *measure.slots)) if gone else measure

    def _with_held_pieces(self, measure: Measure, overtime: Overtime | None) -> Measure:
        """With the pieces behind what is billed, by the table, where the work is as it was: a cap had held them."""
        last = measure.slots[-1].last
        usual = replace(_usual(last.terms), premium="", base_rate=None)
        as_it_was = max(slot.last.revision for slot in measure.slots) == measure.revision
        if last.offset_seconds is None or measure.seconds <= 0 or not as_it_was or usual.rate is None:
            return measure
        standing = sum(slot.seconds for slot in measure.slots)
        who = (last.source, last.person, last.worked_on)
        rules = self.premiums.of(usual.client, usual.service, last.worked_on)
        if overtime is not None:
            overtime.count(*who, -standing - measure.seconds)
        over = overtime_of(measure.work, rules, overtime)
        if overtime is not None:
            overtime.count(*who, standing + measure.seconds)
        start = min(slot.last.offset_seconds or 0 for slot in measure.slots)
        slots = list(measure.slots)
        for piece in pieces(measure.work, usual.rate, rules, over, self.premiums.holidays, self.zone):
            offset, priced = max(start + piece.begins, start + standing), self._priced(usual, piece)
            newest = max(slots, key=lambda slot: slot.last.offset_seconds or 0)
            if piece.begins + piece.seconds > standing and priced.premium != newest.terms.premium:
                row = replace(newest.last, terms=priced, offset_seconds=offset)
                slots.append(replace(newest, last=row, seconds=0, billed_seconds=0, drawn_seconds=0, amount_minor=0))
        return replace(measure, slots=tuple(slots))

    def _overtime(self, client: str, reversed_: Iterable[Placed], measures: Iterable[Measure]) -> Overtime:
        """The hours before this document's new work: the ledger's, with what changes of them."""
        overtime = Overtime(self.ledger, client, self.person_of)
        for placed in reversed_:
            for slot in placed.owed.slots:
                last = slot.last
                overtime.count(last.source, last.person, last.worked_on, -slot.seconds)
        for measure in measures:
            if measure.slots:
                last = measure.slots[-1].last
                overtime.count(last.source, last.person, last.worked_on, measure.seconds)
        return overtime

    def _cut_new(self, measure: Measure, overtime: Overtime | None) -> list[Measure]:
        """New work by the tables as they are; without a rate there is nothing that a premium could change."""
        rated, work = measure.rated, measure.work
        assert rated is not None
        assert rated.terms is not None
        terms = rated.terms
        rules = self.premiums.of(terms.client, terms.service, work.worked_on)
        if terms.rate is None or not rules or not measure.billed_seconds:
            return [measure]
        if work.started_at is None:
            for rule in rules:
                if rule.row.when.needs_clock:
                    self.unplaced[rule].append(work)
        over = overtime_of(work, rules, overtime)
        cut = pieces(work, terms.rate, rules, over, self.premiums.holidays, self.zone)
        billed = spread(measure.billed_seconds, [piece.seconds for piece in cut])
        start = _start(work, self.zone)
        found = []
        for piece, part in zip(cut, billed, strict=True):
            at = part_of(work, offset_seconds=start + piece.begins) if len(cut) > 1 else work
            reason = measure.reason
            for one in _told(piece, terms.rate):
                reason = with_step(reason, one)
            priced = replace(rated, terms=self._priced(terms, piece))
            new = replace(measure, work=at, seconds=piece.seconds, billed_seconds=part, rated=priced, reason=reason)
            found.append(new)
        return found

    def _priced(self, terms: Terms, piece: Piece) -> Terms:
        """The terms of a piece; those of the same premium are one value, which is kept once."""
        if piece.rule is None:
            return terms
        key = (id(terms), id(piece.rule.row))
        known = self._terms.get(key)
        if known is None:
            made = replace(terms, rate=piece.rate, premium=piece.rule.row.name, base_rate=terms.rate)
            # The first one is kept so that its id stays its own.
            known = self._terms[key] = (terms, made)
        return known[1]

    def warnings(self, client: str) -> Iterator[Problem]:
        """Which premiums were not asked about work that does not say from when it lasted."""
        for rule, works in self.unplaced.items():
            row, first = rule.row, min(works, key=lambda work: work.chronological)
            many = f"{len(works)} entries" if len(works) > 1 else "1 entry"
            what = (
                f"{client}: {many} without clock times cannot get the premium {row.name} ({row.when.written}),"
                f" the first of {first.worked_on}{f' by {first.person}' if first.person else ''}."
            )
            fix = "Record from when the work lasted, or bill it at the rate without this premium."
            yield Problem("premium-without-clock-times", what, fix, row.place, client, warning=True)


def cut_billed(measure: Measure, zone: ZoneInfo) -> list[Measure]:
    """A change to an entry that a premium cut when it was billed: each piece gets what lies within its old bounds.

    The first piece reaches back, the last one on without end, so that longer work is more of what stands beside it.
    """
    by_piece: dict[int, list[Slot]] = defaultdict(list)
    for slot in measure.slots:
        by_piece[slot.last.offset_seconds or 0].append(slot)
    if len(by_piece) == 1:
        offset = measure.slots[-1].last.offset_seconds
        return [measure if offset is None else replace(measure, work=part_of(measure.work, offset_seconds=offset))]
    offsets = sorted(by_piece)
    seconds = measure.seconds + sum(slot.seconds for slot in measure.slots)
    billed = measure.billed_seconds + sum(slot.billed_seconds for slot in measure.slots)
    now = _within(measure.work, seconds, offsets, [_sum(by_piece[offset]) for offset in offsets], zone)
    found = []
    for offset, worked, share in zip(offsets, now, spread(billed, now), strict=True):
        slots = tuple(by_piece[offset])
        piece = replace(
            measure,
            work=part_of(measure.work, offset_seconds=offset),
            seconds=worked - _sum(slots),
            billed_seconds=share - sum(slot.billed_seconds for slot in slots),
            slots=slots,
            adjustment=measure.adjustment and replace(measure.adjustment, before_seconds=_before(measure, slots)),
            identity=measure.identity and slots[-1].last,
        )
        if piece.seconds or piece.billed_seconds:
            found.append(piece)
    return found


def _of_one_charge(row: Allocation, other: Allocation) -> bool:
    """Whether two rows bill the same work at the same usual rate: pieces of one cut."""
    return all(getattr(row, name) == getattr(other, name) for name in _SAME_WORK) and (
        line_key(_usual(row.terms)) == line_key(_usual(other.terms))
    )


def _usual(terms: Terms) -> Terms:
    return terms if terms.base_rate is None else replace(terms, rate=terms.base_rate)


def _within(work: WorkItem, seconds: int, offsets: Sequence[int], stood: Sequence[int], zone: ZoneInfo) -> list[int]:
    """How much of an entry, as it is now, lies in each of its pieces as they were billed."""
    length, start = abs(seconds), offsets[0]
    if work.started_at is not None:
        own, end = _start(work, zone), offsets[-1] + abs(stood[-1])
        # Work that only now has clock times, or has moved beyond all that was billed, is taken from its beginning on.
        start = own if own < end and own + length > offsets[0] else start
    bounds = [min(start, offsets[0]), *offsets[1:], max(start + length, offsets[-1])]
    sign = 1 if seconds >= 0 else -1
    return [sign * max(min(start + length, last) - max(start, first), 0) for first, last in pairwise(bounds)]


def _start(work: WorkItem, zone: ZoneInfo) -> int:
    """From what second of its day the work lasted; without clock times it is counted from its own beginning."""
    return 0 if work.started_at is None else day_offset(work.started_at, work.worked_on, zone)


def _sum(slots: Iterable[Slot]) -> int:
    return sum(slot.seconds for slot in slots)


def _before(measure: Measure, slots: Sequence[Slot]) -> int:
    """What stood billed on the line on which the change of a piece will stand."""
    line = line_key(slots[-1].terms)
    return sum(slot.billed_seconds for slot in measure.slots if line_key(slot.terms) == line)


def _told(piece: Piece, base: Decimal) -> Iterator[Step]:
    """Which premium won a piece, and what became of the others."""
    if piece.rule is None:
        return
    row = piece.rule.row
    when, seconds, rate = row.when.written or "-", piece.seconds, piece.rate
    yield step("premium", name=row.name, when=when, row=row.place, piece_seconds=seconds, base=base, rate=rate)
    for other in piece.lost:
        lost, won = other.row, row.name
        when, rate = lost.when.written or "-", other.rate(base)
        yield step("premium-lost", name=lost.name, when=when, row=lost.place, rate=rate, won=won)
