"""Select: what of each entry is owed to whom. Owed is the latest revision; billed is what the ledger says.

What is not selected gets its standing here: not billable, waiting or blocked, with the reason.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Literal

from mappings.documents import Standing, State
from mappings.periods import period_of
from mappings.problems import Problem
from mappings.rerates import Rerate
from mappings.rules.clients import Settings
from mappings.rules.ledger import Ledger, Slot, settled
from mappings.rules.premium_moves import keeps_premiums
from mappings.rules.prices import quantity_of, same_price
from mappings.rules.rating import Rated, Rater
from mappings.rules.rerate import Rerating
from mappings.rules.same_line import stays
from mappings.steps import Step, step
from mappings.values import value
from mappings.work import WorkItem
from mappings.world import Entry, World


@value(frozen=True, slots=True)
class Owed:
    """One entry's part in a client's next document.

    new: the whole entry at today's tables. changed: its seconds (of a priced item, its quantity or price) differ from
    what `slots` say. reversed: `slots` are taken back. rerated: they are charged by `rerates`. `due` is the earliest
    day that the document's period may end on.
    """

    kind: Literal["new", "changed", "reversed", "rerated"]
    entry: Entry
    client: str
    due: date
    rated: Rated | None = None
    slots: tuple[Slot, ...] = ()
    after_change: bool = False
    """A new charge that follows a reversal."""
    silence: Step | None = None
    """Said where a sign-off was not waited for any longer."""
    rerates: tuple[Rerate, ...] = ()
    """For each of the slots, at what it is charged instead."""

    @property
    def seconds(self) -> int:
        """What it adds to the seconds that the ledger holds of the entry."""
        if self.kind == "new":
            return self.entry.work.seconds
        if self.kind == "rerated":
            return 0
        standing = sum(slot.seconds for slot in self.slots)
        return -standing if self.kind == "reversed" else self.entry.work.seconds - standing

    @property
    def scaled_quantity(self) -> int:
        """What it adds to the quantity that the ledger holds of a priced item."""
        quantity = self.entry.work.scaled_quantity
        if self.kind == "new":
            return quantity
        if self.kind == "rerated":
            return 0
        standing = sum(slot.scaled_quantity for slot in self.slots)
        return -standing if self.kind == "reversed" else quantity - standing


@value(frozen=True, slots=True)
class Placed:
    """Something owed, on its way onto a document: whether it is late there, and why it waits if that is not over."""

    owed: Owed
    late: bool
    status: str


@dataclass(slots=True)
class Selection:
    """All that is owed, per client, and where everything else stands."""

    owed: dict[str, list[Owed]] = field(default_factory=lambda: defaultdict(list))
    standings: list[Standing] = field(default_factory=list)
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def stand(
        self,
        work: WorkItem,
        seconds: int,
        state: State,
        why: tuple[str, str],
        client: str,
        scaled_quantity: int | None = None,
    ) -> None:
        """Say where seconds stand; of a priced item all of its quantity, unless another is given."""
        code, what = why
        quantity = work.scaled_quantity if scaled_quantity is None else scaled_quantity
        about = (state, code, what, client, work.worked_on)
        self.standings.append(Standing(work.source, work.id, seconds, *about, scaled_quantity=quantity))


def select(world: World, rater: Rater, ledger: Ledger) -> Selection:
    """Go through all entries once. Work that is billed as it is costs next to nothing here."""
    selection = Selection()
    rerating = Rerating(world, ledger)
    selector = _Selector(world, rater, ledger, selection, rerating)
    for entry in world.entries:
        key = entry.work.key
        rows = ledger.rows(key)
        seconds, quantity = (0, 0) if entry.deleted else (entry.work.seconds, entry.work.scaled_quantity)
        if rows:
            if settled(rows, entry.revision, seconds, quantity) and key not in rerating:
                continue
            slots = ledger.slots(key)
            if key in world.frozen:
                held = sum(slot.seconds for slot in slots), sum(slot.scaled_quantity for slot in slots)
                selector.freeze(entry, seconds - held[0], quantity - held[1])
                continue
            if slots:
                selector.adjust(entry, slots)
                continue
        if seconds or quantity:
            if key in world.frozen:
                selector.freeze(entry, seconds, quantity)
            else:
                selector.charge(entry, after_change=bool(rows))
    return selection


class _Selector:
    def __init__(self, world: World, rater: Rater, ledger: Ledger, selection: Selection, rerating: Rerating) -> None:
        self._world, self._rater, self._ledger, self._selection = world, rater, ledger, selection
        self._rerating = rerating
        self._billing, self._approval = world.company.billing, world.company.approval

    def freeze(self, entry: Entry, seconds: int, scaled_quantity: int) -> None:
        """Its document was voided or deleted in QuickBooks: a person decides, until then nothing is billed for it."""
        if seconds or scaled_quantity:
            what = "Its document was voided or deleted in QuickBooks; `syncd release` or `syncd write-off` decides."
            client = self._rater.clients.find(entry.work.source, entry.work.client, entry.work.worked_on).name
            why = ("held-for-decision", what)
            self._selection.stand(entry.work, seconds, "waiting", why, client, scaled_quantity)

    def charge(self, entry: Entry, after_change: bool = False) -> None:
        """Work of which nothing stands on the ledger: all of it is owed, by the tables as they are today."""
        work, selection = entry.work, self._selection
        if not work.billable:
            client = self._rater.clients.find(work.source, work.client, work.worked_on).name
            why = ("not-billable", "The source says that it is not billed.")
            selection.stand(work, work.seconds, "not-billable", why, client)
            return
        rated = self._rater.rate(work)
        if rated.not_billable is not None:
            selection.stand(work, work.seconds, "not-billable", rated.not_billable, rated.client)
            return
        if rated.settings is None:
            problem = rated.problem
            assert problem is not None
            selection.problems.setdefault((problem.code, problem.what), problem)
            selection.stand(work, work.seconds, "blocked", (problem.code, problem.what), rated.client)
            return
        waits, silence = self._sign_off(work, rated.settings)
        if waits:
            selection.stand(work, work.seconds, "waiting", waits, rated.client)
            return
        owed = Owed("new", entry, rated.client, work.worked_on, rated, (), after_change, silence)
        selection.owed[rated.client].append(owed)

    def adjust(self, entry: Entry, slots: tuple[Slot, ...]) -> None:
        """Work that stands on the ledger, and of which the latest revision differs."""
        work = entry.work
        gone = entry.deleted or not work.billable
        kept = () if gone else _staying(slots, work, self._rater)
        if not keeps_premiums(kept, work, self._rater, self._ledger, self._world.company.timezone):
            kept = tuple(slot for slot in kept if slot.effect == "written-down" and not slot.is_capped)
        taken_back = tuple(slot for slot in slots if slot not in kept)
        kept = self._rerate(entry, kept)
        if not taken_back and not _differs(work, kept):
            return  # A note, our own marker, another day of the month: a revision, and no adjustment.
        if self._held(entry, kept, taken_back, gone):
            return
        self._take_back(entry, taken_back)
        billed = tuple(slot for slot in kept if slot.effect != "written-down" or slot.is_capped)
        written = tuple(slot for slot in kept if slot.effect == "written-down" and not slot.is_capped)
        let_go = _still_written_down(_size(work), billed, written)
        self._change(_of_size(entry, let_go), written)
        rest = _of_size(entry, _size(work) - let_go)
        if billed:
            self._change(rest, billed)
        elif not entry.deleted and _size(rest.work):
            self.charge(rest, after_change=True)

    def _rerate(self, entry: Entry, kept: tuple[Slot, ...]) -> tuple[Slot, ...]:
        """What stays billed, at another rate where a person decided so."""
        due = self._rerating.due(entry.work.key, kept)
        if not due:
            return kept
        slots, rerates = tuple(slot for slot, _ in due), tuple(one for _, one in due)
        client, day = slots[0].terms.client, max(slot.period_last for slot in slots)
        self._selection.owed[client].append(Owed("rerated", entry, client, day, slots=slots, rerates=rerates))
        return self._rerating.apply(entry.work.key, kept, due)

    def _take_back(self, entry: Entry, slots: tuple[Slot, ...]) -> None:
        per_client: dict[str, list[Slot]] = defaultdict(list)
        for slot in slots:
            per_client[slot.terms.client].append(slot)
        for client, mine in per_client.items():
            due = max(slot.period_last for slot in mine)
            owed = Owed("reversed", entry, client, due, slots=tuple(mine))
            self._selection.owed[client].append(owed)

    def _change(self, entry: Entry, slots: tuple[Slot, ...]) -> None:
        if slots and _differs(entry.work, slots):
            due = max(slot.period_last for slot in slots)
            client = slots[-1].terms.client
            self._selection.owed[client].append(Owed("changed", entry, client, due, slots=slots))

    def _held(self, entry: Entry, kept: tuple[Slot, ...], taken_back: tuple[Slot, ...], gone: bool) -> bool:
        """Whether a policy keeps the change off the next document; says where its seconds stand then."""
        work = entry.work
        why = self._why_held(entry, gone)
        # What a cap held back of a revision that is billed in part has not changed.
        if why is None or (not taken_back and max(slot.last.revision for slot in kept) == entry.revision):
            return False
        state: State = "not-billable" if why[0] == "reported-only" else "waiting"
        seconds: dict[str, int] = defaultdict(int)
        quantity: dict[str, int] = defaultdict(int)
        for slot in taken_back:
            seconds[slot.terms.client] -= slot.seconds
            quantity[slot.terms.client] -= slot.scaled_quantity
        if not entry.deleted:
            match = self._rater.clients.find(work.source, work.client, work.worked_on)
            name = kept[-1].terms.client if kept else match.name
            seconds[name] += work.seconds - sum(slot.seconds for slot in kept)
            quantity[name] += work.scaled_quantity - sum(slot.scaled_quantity for slot in kept)
        for client in sorted(seconds):
            self._selection.stand(work, seconds[client], state, why, client, quantity[client])
        return True

    def _why_held(self, entry: Entry, gone: bool) -> tuple[str, str] | None:
        policy = self._billing.changed_after_posting
        if policy == "report":
            what = 'It changed after it was billed, which changed_after_posting = "report" never bills.'
            return ("reported-only", what)
        if policy == "ask" and entry.work.key not in self._world.released:
            what = "It changed after it was billed; `syncd release` bills the difference, `syncd write-off` does not."
            return ("changed-after-posting-ask", what)
        if not gone:
            match = self._rater.clients.find(entry.work.source, entry.work.client, entry.work.worked_on)
            if match.row is not None:
                return self._sign_off(entry.work, self._rater.clients.settings(match.name))[0]
        return None

    def _sign_off(self, work: WorkItem, settings: Settings) -> tuple[tuple[str, str] | None, Step | None]:
        """Why the work waits for the client's sign-off, if it does; and what to say where silence counts as a yes."""
        if not self._approval.client_must_approve_hours or work.sign_off == "approved":
            return None, None
        if work.sign_off == "refused":
            return ("refused", "The client refused it in the source."), None
        days = self._approval.after_days_without_answer
        end = period_of(settings.policy.period, work.worked_on).last
        if days and self._world.today >= end + timedelta(days=days):
            return None, step("silence-approves", days=days, end=end)
        return ("not-signed-off", "The client has not yet approved it in the source."), None


def _size(work: WorkItem) -> int:
    """How much an entry is: its seconds, or a priced item's quantity."""
    return work.seconds if work.kind == "time" else work.scaled_quantity


def _standing(slot: Slot, work: WorkItem) -> int:
    return slot.seconds if work.kind == "time" else slot.scaled_quantity


def _differs(work: WorkItem, slots: tuple[Slot, ...]) -> bool:
    """Whether an entry is more or less than what stands of it, or a priced item costs otherwise."""
    if _size(work) != sum(_standing(slot, work) for slot in slots):
        return True
    prices = (slot.terms.price for slot in slots if slot.effect == "invoiced")
    return any(price is not None and not same_price(price, work) for price in prices)


def _staying(slots: tuple[Slot, ...], work: WorkItem, rater: Rater) -> tuple[Slot, ...]:
    """What stands and stays. What was billed on the documents of one group moves together, covered and extra alike."""
    moved = {(slot.terms.client, slot.terms.group) for slot in slots if not stays(slot, work, rater)}
    return tuple(
        slot
        for slot in slots
        if (slot.effect == "written-down" and not slot.is_capped) or (slot.terms.client, slot.terms.group) not in moved
    )


def _still_written_down(size: int, billed: tuple[Slot, ...], written: tuple[Slot, ...]) -> int:
    """What of an entry stays written down: all of it when work is added, and the first to go when there is less."""
    let_go = sum(slot.seconds or slot.scaled_quantity for slot in written)
    rest = size - sum(slot.seconds or slot.scaled_quantity for slot in billed)
    return min(max(rest, 0), let_go) if let_go > 0 else max(min(rest, 0), let_go)


def _of_size(entry: Entry, size: int) -> Entry:
    """A part of an entry, as if that were all of it."""
    work = entry.work
    if _size(work) == size:
        return entry
    if work.kind == "time":
        return replace(entry, work=replace(work, seconds=size))
    return replace(entry, work=replace(work, quantity=quantity_of(size)))
