"""Drafting: the documents of one client, period by period."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TypeAlias

from mappings.documents import Discount, Document, DocumentKey, FeeAllocation, Posted
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import FixedFeeRow, RetainerRow
from mappings.rules.assembly import Assembly
from mappings.rules.begin import Begin
from mappings.rules.capping import Capping
from mappings.rules.charges import merged
from mappings.rules.clients import Settings
from mappings.rules.completion import Completion
from mappings.rules.deposits import KIND as MONEY
from mappings.rules.deposits import deposit_draft, deposit_draws, no_tax_code_missing, of_client
from mappings.rules.descriptions import HoursUsed, Words
from mappings.rules.discount_lines import Discounting
from mappings.rules.draw import Draw
from mappings.rules.due_fees import due_fees
from mappings.rules.due_periods import DuePeriods
from mappings.rules.fee_lines import fee_draft
from mappings.rules.fees import FeeClient, FeeDue, billed_fees
from mappings.rules.grouping import alike, group_of
from mappings.rules.hours_ledger import CoverKey, HoursLedger
from mappings.rules.hours_rows import hours_by_group, hours_rows
from mappings.rules.ledger import Key, Ledger
from mappings.rules.lines import Draft, LineMaker, price_lines
from mappings.rules.measures import measure
from mappings.rules.milestones import Milestones
from mappings.rules.names import fold
from mappings.rules.other_periods import due_periods
from mappings.rules.parts import Blocked, Parts, standings_of
from mappings.rules.placing import Placing
from mappings.rules.pools import Pools
from mappings.rules.premium_cut import PremiumCut
from mappings.rules.priced_items import is_item, item_charges
from mappings.rules.pricing import Pricing
from mappings.rules.rating import Rater
from mappings.rules.rerate import is_rerated, rerate_charges
from mappings.rules.retainer_fees import counts_by_period, owed_periods
from mappings.rules.retainers import Cover, retainer_key
from mappings.rules.selection import Owed, Placed, Selection
from mappings.rules.true_up import KIND as SPEND
from mappings.rules.true_up import TrueUps
from mappings.rules.usage import posted_documents
from mappings.world import Entry, Run, World

FeeRows: TypeAlias = list[RetainerRow | FixedFeeRow]


@dataclass(frozen=True, slots=True)
class _Client:
    """One client of a run."""

    name: str
    settings: Settings
    periods: DuePeriods
    fees: tuple[FeeDue, ...]
    fee_client: FeeClient
    chains: Mapping[str, tuple[Period, ...]]
    """The periods of each retainer whose hours are counted by period."""
    true_ups: TrueUps
    problems: tuple[Problem, ...]


class Drafting:
    """All documents of a run; clients do not influence one another."""

    def __init__(
        self, world: World, run: Run, rater: Rater, ledger: Ledger, selection: Selection, begin: Begin
    ) -> None:
        self._world, self._run, self._rater, self._ledger = world, run, rater, ledger
        self._selection, self._begin = selection, begin
        self._entries: Mapping[Key, Entry] = {entry.work.key: entry for entry in world.entries}
        self._billed_fees = billed_fees(world.fees)
        self._hours = HoursLedger(row.hours for row in world.hours)
        billing = world.company.billing
        self._pricing = Pricing(billing.hours == "two-decimals", billing.round_money == "entry")
        self._capping = Capping(rater.caps, ledger, world.released, selection, world.company.approval, self._pricing)
        self._sent: dict[tuple[str, str], int] = defaultdict(int)
        for (client, period, _), count in world.sequences.items():
            self._sent[client, period] += count
        self.documents: list[Document] = []
        self.running: list[Document] = []
        self.problems: list[Problem] = []

    def bill_client(self, name: str, owed: list[Owed], fee_rows: FeeRows) -> None:
        """Place what is owed, then draft period by period; earlier drafts count as billed for the later ones."""
        client = self._client(name, fee_rows)
        completion = Completion(self._world, client.settings.policy, self._rater.clients)
        placing = Placing(self._world, client.periods, completion, self._selection, self._in_force(client))
        placed = placing.place(owed, (*(fee.day for fee in client.fees), *client.true_ups.days()))
        ends = {client.periods.place(day) for day in client.true_ups.days()}
        fees: dict[Period, list[FeeDue]] = defaultdict(list)
        for fee in client.fees:
            period = client.periods.place(fee.day)
            if period is not None:
                fees[period].append(fee)
        due = [period for period in client.periods.all() if period in placed or period in fees or period in ends]
        if not any(client.periods.is_over(period) for period in due):
            self.problems.extend(client.problems)
        for period in due:
            made = self._draft(client, period, placed.get(period, []), fees.get(period, []))
            client.true_ups.book(made)
            if period is not due[-1]:
                rows = [row for document in made for row in document.allocations]
                self._ledger.book(Posted("", "", period.last, row) for row in rows)
                self._hours.book(row for document in made for row in document.hours)
        self._draw_deposits(client, fee_rows)

    def _client(self, name: str, rows: list[RetainerRow | FixedFeeRow]) -> _Client:
        settings = self._rater.clients.settings(name)
        periods = due_periods(self._world, self._run, name, settings.policy.period)
        begin = settings.since or (self._begin.of(name) if rows else None)
        fee_client = FeeClient(
            settings, begin, lambda day: periods.is_posted(periods.own(day)), periods.until,
            Milestones(self._world.tasks, self._world.today), self._world.tasks,
        )  # fmt: skip
        world, services = self._world, self._rater.services
        fees, problems = due_fees(rows, fee_client, self._billed_fees, services, world.fees, world.estimates)
        true_ups = self._true_ups(name, rows, fee_client)
        problems.extend(true_ups.problems)
        self.problems.extend(problem for problem in problems if problem.warning)
        blocking = tuple(problem for problem in problems if not problem.warning)
        chains = self._chains(rows, fee_client)
        return _Client(name, settings, periods, tuple(fees), fee_client, chains, true_ups, blocking)

    def _true_ups(self, name: str, rows: FeeRows, client: FeeClient) -> TrueUps:
        spends = [row for row in rows if isinstance(row, RetainerRow) and row.kind == SPEND]
        booked = posted_documents(fold(name), self._world.ledger, self._world.fees) if spends else []
        tax_code = self._world.company.billing.tax_code
        return TrueUps(spends, client, self._rater.services, tax_code, booked, self._world.fees)

    def _chains(self, rows: FeeRows, client: FeeClient) -> dict[str, tuple[Period, ...]]:
        def known(key: CoverKey) -> bool:
            return key in self._billed_fees or key in self._ledger.by_cover or self._hours.of(key) is not None

        chains = {}
        for row in rows:
            if isinstance(row, RetainerRow) and counts_by_period(row, client):
                chains[retainer_key(row)] = tuple(owed_periods(row, client, known))
        return chains

    def _in_force(self, client: _Client) -> Callable[[Cover, Period], bool]:
        def in_force(cover: Cover, period: Period) -> bool:
            """A row without `from` covers no period that was billed without it."""
            if cover.kind != "minimum" or cover.valid_from is not None:
                return True
            key = (cover.key, period.name)
            return not client.fee_client.posted(period.last) or key in self._billed_fees or key in self._ledger.by_cover

        return in_force

    def _draft(self, client: _Client, period: Period, placed: list[Placed], fees: list[FeeDue]) -> list[Document]:
        """The documents of one client's period, one for each group."""
        world, policy = self._world, client.settings.policy
        parts: dict[str, Parts] = defaultdict(Parts)
        draw = self._drawn(client, period, placed, parts)
        words = Words(policy.language)
        for fee in fees:
            if fee.kind == "deposit":
                self._join_deposit(client.name, parts[fee.group], deposit_draft(fee, words, self._no_tax_code))
                continue
            tax_code, used = world.company.billing.tax_code, _used(fee, draw)
            draft, row = fee_draft(fee, client.fee_client, words, tax_code, used)
            row = replace(row, discounts=self._off_fee(client.name, fee))
            part = parts[alike(fee.group, parts)]
            part.fees.append((draft, row))
            part.holds += [fee.hold] if fee.hold else []
        self._record_hours(client, draw.pools, parts, fees)
        for part in parts.values():
            part.charges = merged(part.charges)
            part.lines = price_lines(part.charges, self._pricing)
        self.problems.extend(self._capping.apply(client.name, policy.currency, parts))
        assembly = self._assembly(client, period, words)
        made = self._assembled(client, period, assembly, parts, sorted(parts))
        true_ups = client.true_ups.of(period, client.periods.place, made.values(), words)
        made |= self._assembled(client, period, assembly, parts, [one.join(parts, made) for one in true_ups])
        for group in sorted(made):
            self._keep(made[group], parts[group], running=not client.periods.is_over(period))
        return [made[group] for group in sorted(made)]

    def _draw_deposits(self, client: _Client, rows: FeeRows) -> None:
        """Draw for the client's open invoices, in the last period of which a document was sent."""
        money = [row for row in rows if isinstance(row, RetainerRow) and row.kind == MONEY]
        last = self._world.last_posted.get(client.name)
        if not money or last is None:
            return
        period, words = client.periods.own(last), Words(client.settings.policy.language)
        if self._run.period is not None and not (self._run.period.first <= period.last <= self._run.period.last):
            return
        items = of_client(self._world.open_items, client.name)
        paid, no_tax_code = self._world.deposits_paid, self._no_tax_code
        parts: dict[str, Parts] = defaultdict(Parts)
        for draw in deposit_draws(money, client.fee_client, self._billed_fees, items, paid, words, no_tax_code):
            self._join_deposit(client.name, parts[draw.group], (draw.draft, draw.row))
        made = self._assembled(client, period, self._assembly(client, period, words), parts, sorted(parts))
        for group in sorted(made):
            self._keep(made[group], parts[group], running=False)

    def _join_deposit(self, client: str, parts: Parts, fee: tuple[Draft, FeeAllocation]) -> None:
        parts.fees.append(fee)
        if not self._no_tax_code:
            parts.problems.append(no_tax_code_missing(client))

    @property
    def _no_tax_code(self) -> str:
        return self._world.company.billing.no_tax_code

    def _assembly(self, client: _Client, period: Period, words: Words) -> Assembly:
        world, policy = self._world, client.settings.policy
        maker = LineMaker(words, policy.lines_per, world.tasks, self._person, self._pricing)
        discounting = Discounting(self._rater.discounts, client.name, policy.currency, self._no_tax_code, words)
        return Assembly(client.settings, period, maker, world.company.approval, discounting)

    def _assembled(
        self, client: _Client, period: Period, assembly: Assembly, parts: dict[str, Parts], groups: Iterable[str]
    ) -> dict[str, Document]:
        """The documents of these groups, as far as there is anything on them."""
        made = {}
        for group in groups:
            parts[group].problems.extend(client.problems)
            sequence = self._world.sequences.get((client.name, period.name, group), 0) + 1
            document = assembly.document(DocumentKey(client.name, period.name, group, sequence), parts[group])
            if document is not None:
                made[group] = document
        return made

    def _off_fee(self, client: str, fee: FeeDue) -> tuple[Discount, ...]:
        """What comes off a fixed fee: as when it was billed first, else as on its day."""
        billed = self._billed_fees.get((fee.key, fee.due))
        if billed is not None or isinstance(fee.row, RetainerRow):
            return billed.discounts if billed else ()
        return self._rater.discounts.on(client, fee.row.project, fee.row.service, fee.day)

    def _drawn(self, client: _Client, period: Period, placed: list[Placed], parts: dict[str, Parts]) -> Draw:
        """Measure and draw all work of a period, and sort it into the documents that it goes on."""
        world = self._world
        billable = _without_blocked(placed, parts)
        covers = self._rater.covers.get(fold(client.name), ())
        pools = Pools(covers, self._ledger, world.frozen, self._hours, client.chains, period.last)
        draw = Draw(pools, self._ledger, self._entries)
        document = f"{period.name}#{self._sent[client.name, period.name]}"
        items = [one for one in billable if is_item(one)]
        time = [one for one in billable if not is_item(one) and not is_rerated(one)]
        measures = measure(time, self._ledger, self._entries, world.frozen, document)
        reversed_ = [one for one in placed if one.owed.kind == "reversed"]
        premiums = PremiumCut(self._rater.premiums, self._ledger, world.company.timezone, self._person)
        draw.run(reversed_, premiums.cut(client.name, reversed_, measures))
        self.problems.extend(premiums.warnings(client.name))
        rerated = rerate_charges(one for one in placed if is_rerated(one))
        for charge in (*draw.charges, *item_charges(items), *rerated):
            parts[charge.terms.group].charges.append(charge)
        for work, seconds, problem in draw.problems:
            person = self._person(work.source, work.person)
            group = group_of(work, client.settings.policy, person, world.tasks)
            parts[group].blocked.append(Blocked(work, seconds, problem))
        return draw

    def _record_hours(self, client: _Client, pools: Pools, parts: dict[str, Parts], fees: list[FeeDue]) -> None:
        """Put what the retainers' own ledger has to say onto the documents."""
        with_fee = {(fee.key, fee.due): alike(fee.group, parts) for fee in fees}
        charges = {group: part.charges for group, part in parts.items()}
        rows = hours_rows(pools, client.settings.since)
        for group, mine in hours_by_group(rows, charges, with_fee).items():
            parts[group].hours.extend(mine)

    def _keep(self, document: Document, parts: Parts, running: bool) -> None:
        """Keep a document, and say where its seconds stand."""
        self._selection.standings.extend(standings_of(document, parts, running))
        (self.running if running else self.documents).append(document)

    def _person(self, source: str, person: str) -> str:
        return self._rater.people.find(source, person).name


def _without_blocked(placed: list[Placed], parts: dict[str, Parts]) -> list[Placed]:
    """What can be billed; work with a problem goes to its document to block it."""
    billable = []
    for one in placed:
        rated = one.owed.rated
        problem = None
        if rated is not None:
            problem = rated.problem or (None if rated.covers else rated.rate_problem)
        if problem is None or rated is None:
            billable.append(one)
        else:
            owed = one.owed
            blocked = Blocked(owed.entry.work, owed.seconds, problem, owed.scaled_quantity)
            parts[rated.group].blocked.append(blocked)
    return billable


def _used(fee: FeeDue, draw: Draw) -> HoursUsed:
    """Seconds used and included in a retainer's period, for its fee's description."""
    if not isinstance(fee.row, RetainerRow) or fee.row.kind != "minimum" or fee.is_change:
        return HoursUsed()
    pool = draw.pools[fee.key, fee.due]
    if pool.bought is None:
        return HoursUsed(pool.used)
    carried = draw.pools.opening(pool)
    return HoursUsed(pool.used, pool.bought + carried, carried)
