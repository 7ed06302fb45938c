"""The ledger as billing reads it: what each entry has been billed, net, by the terms at which it was billed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from mappings.documents import Allocation, Effect, Posted, Terms
from mappings.rules.names import fold
from mappings.rules.work_parts import part_key
from mappings.settings import Rounding
from mappings.work import WorkItem
from mappings.world import Entry

Key = tuple[str, str]
"""(source, id) of an entry."""
Worked = dict[tuple[str, str, date], int]
"""(source, the source's person, day) → seconds."""


@dataclass(frozen=True, slots=True)
class Slot:
    """The net of an entry's ledger rows alike in terms, effect, rounding and retainer: what a reversal negates.

    `last` is the newest of the rows: it tells the identity under which the seconds stand.
    """

    last: Allocation
    seconds: int
    billed_seconds: int
    drawn_seconds: int
    """What they draw of their retainer's hours; of extra, what they would have drawn."""
    amount_minor: int
    numbers: tuple[str, ...]
    period_last: date
    scaled_quantity: int = 0

    @property
    def terms(self) -> Terms:
        return self.last.terms

    @property
    def effect(self) -> Effect:
        return self.last.effect

    @property
    def rounding(self) -> Rounding:
        return self.last.rounding

    @property
    def rounding_group(self) -> str:
        return self.last.rounding_group

    @property
    def cover(self) -> tuple[str, str]:
        """(retainer, its period) that the seconds count against; ("", "") for none."""
        return (self.last.retainer, self.last.retainer_period)

    @property
    def is_capped(self) -> bool:
        """Written down by a cap: unlike what a person wrote off it keeps its terms, and moves with its entry."""
        return bool(self.last.cap)


class Ledger:
    """All ledger rows of a world by entry, with what shares a rounding group or a retainer's period."""

    def __init__(self, rows: Iterable[Posted]) -> None:
        self._rows: dict[Key, list[Posted]] = defaultdict(list)
        self.by_rounding_group: dict[str, set[Key]] = defaultdict(set)
        self.by_cover: dict[tuple[str, str], set[Key]] = defaultdict(set)
        self._slots: dict[Key, tuple[Slot, ...]] = {}
        self._worked: dict[str, Worked] | None = None
        self._by_client: dict[str, list[Posted]] | None = None
        self.book(rows)

    def book(self, rows: Iterable[Posted]) -> None:
        """Count more rows as billed: a run's earlier drafts are, while it makes the later ones."""
        for posted in rows:
            row = posted.allocation
            key = part_key(row.source, row.entry, row.part)
            self._rows[key].append(posted)
            self._slots.pop(key, None)
            if self._by_client is not None:
                self._by_client[fold(row.terms.client)].append(posted)
            if row.rounding_group:
                self.by_rounding_group[row.rounding_group].add(key)
            if row.retainer:
                self.by_cover[row.retainer, row.retainer_period].add(key)
            if self._worked is not None:
                _work(self._worked, row)

    def worked(self, client: str) -> Worked:
        """Seconds of a client's work that were billed, covered or written down, by who worked when."""
        if self._worked is None:
            self._worked = defaultdict(lambda: defaultdict(int))
            for rows in self._rows.values():
                for posted in rows:
                    _work(self._worked, posted.allocation)
        return self._worked[client]

    def of_client(self, client: str) -> list[Posted]:
        """All that was billed to one client. Only caps ask: their clients' rows are gathered then."""
        if self._by_client is None:
            self._by_client = defaultdict(list)
            for posted in (posted for rows in self._rows.values() for posted in rows):
                self._by_client[fold(posted.allocation.terms.client)].append(posted)
        return self._by_client.get(fold(client), [])

    def rows(self, key: Key) -> list[Posted]:
        """The rows of one entry, oldest first; empty when it was never billed."""
        return self._rows.get(key, [])

    def restate(self, key: Key, slots: tuple[Slot, ...]) -> None:
        """Say how an entry will stand once a decision about it is billed; what is booked after that counts itself."""
        self._slots[key] = slots

    def slots(self, key: Key) -> tuple[Slot, ...]:
        """What stands of one entry: its net rows, those that cancel left out."""
        found = self._slots.get(key)
        if found is None:
            found = self._slots[key] = _net(self.rows(key))
        return found


def settled(rows: list[Posted], revision: int, seconds: int, scaled_quantity: int) -> bool:
    """Whether an entry's latest revision is billed as it is: nothing is owed for it. The cheap question for most work.

    Seconds and quantity count too: a revision may be reversed for one client before the other is charged.
    """
    total = 0
    quantity = 0
    newest = 0
    for posted in rows:
        row = posted.allocation
        total += row.seconds
        quantity += row.scaled_quantity
        newest = max(newest, row.revision)
    return newest == revision and total == seconds and quantity == scaled_quantity


def _work(worked: dict[str, Worked], row: Allocation) -> None:
    worked[row.terms.client][row.source, row.person, row.worked_on] += row.seconds


def _net(rows: Iterable[Posted]) -> tuple[Slot, ...]:
    alike: dict[tuple[object, ...], list[Posted]] = {}
    for posted in rows:
        row = posted.allocation
        key = (
            *(row.terms, row.effect, row.rounding, row.rounding_group, row.retainer, row.retainer_period),
            *(row.offset_seconds, row.cap),
        )
        alike.setdefault(key, []).append(posted)
    slots = []
    for group in alike.values():
        slot = Slot(
            last=group[-1].allocation,
            seconds=sum(posted.allocation.seconds for posted in group),
            billed_seconds=sum(posted.allocation.billed_seconds for posted in group),
            drawn_seconds=sum(posted.allocation.draws_seconds for posted in group),
            amount_minor=sum(posted.allocation.amount_minor for posted in group),
            numbers=tuple(sorted({posted.number for posted in group if posted.number})),
            period_last=max(posted.period_last for posted in group),
            scaled_quantity=sum(posted.allocation.scaled_quantity for posted in group),
        )
        if slot.seconds or slot.billed_seconds or slot.amount_minor or slot.scaled_quantity:
            slots.append(slot)
    return tuple(slots)


def nothing_of(posted: Posted) -> Slot:
    """A slot of which nothing stands any more, for what may be billed at its terms again."""
    return Slot(posted.allocation, 0, 0, 0, 0, (posted.number,) if posted.number else (), posted.period_last)


def work_of(row: Allocation, entries: Mapping[Key, Entry]) -> WorkItem:
    """The latest revision of the entry that a ledger row is about, or what the row says where it is known no more."""
    entry = entries.get(part_key(row.source, row.entry, row.part))
    if entry is not None:
        return entry.work
    return WorkItem(
        row.source, row.entry, row.worked_on, row.seconds, row.person, row.source_client, row.project, row.task,
        row.source_service,
    )  # fmt: skip


def numbers_of(slots: Iterable[Slot]) -> tuple[str, ...]:
    """The numbers of all documents on which these stand, in order; where anything was invoiced, of those alone."""
    found = list(slots)
    invoiced = [slot for slot in found if slot.effect == "invoiced"]
    return tuple(sorted({number for slot in invoiced or found for number in slot.numbers}))
