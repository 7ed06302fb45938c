"""What rating billed work anew comes to: all that stands invoiced, beside what today's tables say of its day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from mappings.documents import Terms
from mappings.money import plain
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rerates import Rerate
from mappings.rules.charges import Charge, line_key
from mappings.rules.day_split import split_days
from mappings.rules.ledger import Key, Ledger, Slot
from mappings.rules.names import fold
from mappings.rules.pool import extra_terms
from mappings.rules.pricing import Pricing
from mappings.rules.rating import Lookups, Rated, Rater
from mappings.rules.rerate import Rerating, documents_of, may_rerate, pair
from mappings.rules.same_line import stays
from mappings.world import Entry, World


@dataclass(frozen=True, slots=True)
class RerateLine:
    """What is billed at one rate and would be at another: one line's worth of it."""

    client: str
    service: str
    label: str
    month: str
    currency: str
    unit: str
    """hour, day: of the rate as it is billed."""
    entries: int
    seconds: int
    """Billed."""
    before: Terms
    after: Terms
    before_minor: int
    after_minor: int
    rate_row: str
    decided: bool
    """It is decided already, and comes on the next document."""


@dataclass(slots=True)
class RerateChange:
    """What is to be recorded of one entry: all that today's tables say of it, which may be nothing any more."""

    client: str
    decided: tuple[Rerate, ...] = ()
    """What was decided of it before, and is not billed yet."""
    wanted: list[Rerate] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        """Whether it differs from what is decided."""
        return {(one.part, one.billed, one.wanted) for one in self.decided} != {
            (one.part, one.billed, one.wanted) for one in self.wanted
        }


@dataclass(frozen=True, slots=True)
class RerateFound:
    """All of it, with what cannot be rated anew and why. `changes` are by (source, entry)."""

    lines: tuple[RerateLine, ...]
    changes: dict[Key, RerateChange]
    problems: tuple[Problem, ...]


def plan_rerates(world: World, period: Period, client: str = "", lookups: Lookups | None = None) -> RerateFound:
    """Rate anew what is billed of work of a period (by its worked days), of one client (folded) or of all.

    Writes nothing and asks nobody: the world is as a draft reads it.
    """
    world = split_days(world)
    finder = _Finder(world, Rater(world, lookups or Lookups(world.tables)), Ledger(world.ledger))
    for entry in world.entries:
        finder.look_at(entry, period, client)
    lines = tuple(finder.lines())
    return RerateFound(lines, finder.changes, tuple(finder.problems.values()))


class _Finder:
    def __init__(self, world: World, rater: Rater, ledger: Ledger) -> None:
        self._world, self._rater, self._ledger = world, rater, ledger
        self._rerating = Rerating(world, ledger)
        billing = world.company.billing
        self._pricing = Pricing(billing.hours == "two-decimals", billing.round_money == "entry")
        self._pairs: list[tuple[Slot, Rerate, Charge, bool]] = []
        self.changes: dict[Key, RerateChange] = {}
        self.problems: dict[tuple[str, str], Problem] = {}

    def look_at(self, entry: Entry, period: Period, client: str) -> None:
        """Compare what stands of an entry with the tables; what is taken back anyway is left alone."""
        work = entry.work
        if entry.deleted or not work.billable or work.key in self._world.frozen:
            return
        for slot in self._ledger.slots(work.key):
            name = fold(slot.terms.client)
            asked = slot.last.worked_on in period and client in ("", name) and self._world.has(name)
            if asked and may_rerate(slot) and stays(slot, work, self._rater):
                self._compare(entry, slot)

    def _compare(self, entry: Entry, slot: Slot) -> None:
        work = entry.work
        decided = tuple(one for _, one in self._rerating.due(work.key, [slot]))
        rerate = self._rerate(entry, slot)
        if rerate is None and not decided:
            return
        change = self.changes.setdefault((slot.last.source, slot.last.entry), RerateChange(slot.terms.client))
        change.decided += decided
        if rerate is not None:
            change.wanted.append(rerate)
            is_decided = any(one.wanted == rerate.wanted for one in decided)
            self._pairs.append((slot, rerate, pair(work, slot, rerate)[1], is_decided))

    def _rerate(self, entry: Entry, slot: Slot) -> Rerate | None:
        """The decision that would charge a slot at what the tables say today; None where that is the same."""
        last = slot.last
        as_billed = replace(
            entry.work, worked_on=last.worked_on, client=last.source_client, person=last.person,
            project=last.project, task=last.task, service=last.source_service,
        )  # fmt: skip
        rated = self._rater.rate(as_billed)
        found = self._terms(rated, slot)
        if isinstance(found, Problem):
            self.problems.setdefault((found.code, found.what), found)
            return None
        if _price(found) == _price(slot.terms):
            return None
        documents = documents_of(self._ledger.rows(entry.work.key), slot)
        return Rerate(last.source, last.entry, last.part, slot.terms, found, documents, rated.reason)

    def _terms(self, rated: Rated, slot: Slot) -> Terms | Problem:
        """The terms of a slot at today's rate: with its premium, or its retainer's rate for extra work."""
        billed, terms = slot.terms, rated.terms
        if terms is None or fold(rated.client) != fold(billed.client):
            return rated.problem or _not_theirs(slot)
        if slot.cover[0]:
            covers = self._rater.covers.get(fold(billed.client), ())
            cover = next((cover for cover in covers if cover.key == slot.cover[0]), None)
            if cover is None:
                return _gone(slot, f"the retainer {slot.cover[0].rpartition('|')[2]}")
            if cover.retainer is not None and cover.retainer.extra_rate is not None:
                return _with_rate(billed, extra_terms(cover, terms))
        if terms.rate is None:
            return rated.rate_problem or _not_theirs(slot)
        if not billed.premium:
            return _with_rate(billed, terms)
        rules = self._rater.premiums.of(terms.client, terms.service, slot.last.worked_on)
        rates = [rule.rate(terms.rate) for rule in rules if rule.row.name == billed.premium]
        if not rates:
            return _gone(slot, f"the premium {billed.premium}")
        return _with_rate(billed, replace(terms, rate=max(rates), base_rate=terms.rate))

    def lines(self) -> Iterator[RerateLine]:
        """What the pairs come to, line by line as a document would have them."""
        alike: dict[tuple[object, ...], list[tuple[Slot, Rerate, Charge, bool]]] = defaultdict(list)
        for one in self._pairs:
            slot, rerate, _, decided = one
            alike[line_key(slot.terms), line_key(rerate.wanted), decided].append(one)
        made = [self._line(group) for group in alike.values()]
        return iter(sorted(made, key=lambda line: (line.client, line.month, line.service, line.label, line.decided)))

    def _line(self, group: Iterable[tuple[Slot, Rerate, Charge, bool]]) -> RerateLine:
        members = sorted(group, key=lambda one: one[2].work.chronological)
        slot, rerate, _, decided = members[0]
        terms = slot.terms
        return RerateLine(
            client=terms.client,
            service=", ".join(sorted({one.terms.service for one, *_ in members})),
            label=terms.label if terms.label != terms.service else "",
            month=terms.service_month,
            currency=terms.currency,
            unit=terms.unit,
            entries=len({(one.last.source, one.last.entry) for one, *_ in members}),
            seconds=sum(one.billed_seconds for one, *_ in members),
            before=terms,
            after=rerate.wanted,
            before_minor=sum(one.amount_minor for one, *_ in members),
            after_minor=self._pricing.price([charge for _, _, charge, _ in members])[0],
            rate_row=rerate.reason.rate_row,
            decided=decided,
        )


def _price(terms: Terms) -> tuple[object, ...]:
    return (terms.rate, terms.unit, terms.seconds_per_unit)


def _with_rate(billed: Terms, now: Terms) -> Terms:
    """The terms that were billed, at another rate."""
    base = now.base_rate if billed.premium else billed.base_rate
    return replace(billed, rate=now.rate, unit=now.unit, seconds_per_unit=now.seconds_per_unit, base_rate=base)


def _about(slot: Slot) -> str:
    terms = slot.terms
    amount = f"{plain(slot.amount_minor, terms.currency)} {terms.currency}"
    return f"{amount} of {terms.client} › {terms.service}, worked on {slot.last.worked_on} ({slot.last.entry})"


def _not_theirs(slot: Slot) -> Problem:
    what = f"{_about(slot)}: by today's tables it is no longer billed there, and stays as it is."
    return Problem("not-rerated", what, "Only rates are changed: move the work in its source.", None, slot.terms.client)


def _gone(slot: Slot, what: str) -> Problem:
    what = f"{_about(slot)}: it was billed by {what}, which the tables no longer have, and stays as it is."
    return Problem("not-rerated", what, "Put the row back to rate it anew.", None, slot.terms.client)
