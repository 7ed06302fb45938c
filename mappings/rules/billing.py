"""Billing: from a world of work, tables and ledger to documents, and where every other second stands.

BILLING's order of operations, each step in a file of its own: select (`selection`, `placing`) → rate (`rating`,
`rates`) → increments (`measures`, `increments`) → retainer draw (`draw`) → fees (`fees`) → line and round (`lines`) →
documents (`assembly`). Tax follows where tax codes are known (`tax`), so do holds (`holds`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from mappings.documents import Document, DocumentKey, Posted, Standing
from mappings.periods import Period
from mappings.problems import Problem, by_place
from mappings.rows import FixedFeeRow, RetainerRow
from mappings.rules.assembly import Assembly
from mappings.rules.clients import Settings
from mappings.rules.conserve import assert_conserved
from mappings.rules.descriptions import Words
from mappings.rules.draw import Draw
from mappings.rules.due_periods import DuePeriods
from mappings.rules.fees import BilledFee, FeeClient, FeeDue, billed_fees, fee_draft, fixed_fees, retainer_fees
from mappings.rules.ledger import Key, Ledger
from mappings.rules.lines import LineMaker
from mappings.rules.measures import Placed, measure
from mappings.rules.names import fold
from mappings.rules.parts import Blocked, Parts, standings_of
from mappings.rules.placing import WAITS, Placing
from mappings.rules.rating import Rater
from mappings.rules.retainers import Cover
from mappings.rules.selection import Owed, Selection, select
from mappings.world import Bill, Entry, Run, World


def bill(world: World, run: Run = Run()) -> Bill:
    """What every client owes: documents of periods that are over, previews of running ones, and all standings.

    A pure function: the same world gives the same bill, byte for byte, in whatever order its entries arrived.
    """
    return _Billing(world, run).bill()


@dataclass(frozen=True, slots=True)
class _Client:
    """One client of a run."""

    name: str
    settings: Settings
    periods: DuePeriods
    fees: tuple[FeeDue, ...]
    fee_client: FeeClient
    problems: tuple[Problem, ...]


class _Billing:
    def __init__(self, world: World, run: Run) -> None:
        self._world, self._run = world, run
        self._rater = Rater(world)
        self._ledger = Ledger(world.ledger)
        self._entries: Mapping[Key, Entry] = {entry.work.key: entry for entry in world.entries}
        self._billed_fees: Mapping[tuple[str, str], BilledFee] = billed_fees(world.fees)
        self._begin = _Begin(world, self._rater)
        self._documents: list[Document] = []
        self._running: list[Document] = []
        self._problems: list[Problem] = []

    def bill(self) -> Bill:
        world = self._world
        selection = select(world, self._rater, self._ledger)
        fee_rows = self._fee_rows()
        for name in sorted({*selection.owed, *fee_rows}):
            client = self._client(name, fee_rows.get(name, []))
            self._bill_client(client, selection.owed.get(name, []), selection)
        standings = tuple(sorted(selection.standings, key=_standing_order))
        assert_conserved(world, standings)
        problems = by_place([*selection.problems.values(), *self._problems])
        return Bill(tuple(self._documents), tuple(self._running), standings, tuple(problems))

    def _fee_rows(self) -> dict[str, list[RetainerRow | FixedFeeRow]]:
        """Retainers and fixed fees by client; one whose client nothing knows is a problem."""
        found: dict[str, list[RetainerRow | FixedFeeRow]] = defaultdict(list)
        rows: list[RetainerRow | FixedFeeRow] = [*self._world.tables.retainers, *self._world.tables.fixed_fees]
        for row in rows:
            if self._rater.clients.knows(row.client):
                found[self._rater.clients.spell(row.client)].append(row)
            else:
                what = f"No row of the clients table makes a customer {row.client}."
                self._problems.append(Problem("client-unknown", what, "Add it there.", row.place, row.client))
        return found

    def _client(self, name: str, rows: list[RetainerRow | FixedFeeRow]) -> _Client:
        settings = self._rater.clients.settings(name)
        periods = DuePeriods(self._world, self._run, name, settings.policy.period)
        begin = settings.since or (self._begin.of(name) if rows else None)
        fee_client = FeeClient(settings, begin, lambda day: periods.is_posted(periods.own(day)), periods.running.last)
        fees: list[FeeDue] = []
        problems: list[Problem] = []
        for row in rows:
            due = retainer_fees if isinstance(row, RetainerRow) else fixed_fees
            found, wrong = due(row, fee_client, self._billed_fees, self._rater.services)  # type: ignore[arg-type]
            fees.extend(found)
            problems.extend(wrong)
        return _Client(name, settings, periods, tuple(fees), fee_client, tuple(problems))

    def _bill_client(self, client: _Client, owed: list[Owed], selection: Selection) -> None:
        """Place what is owed, then draft period by period; earlier drafts count as billed for the later ones."""
        placing = Placing(self._world, client.periods, selection, self._in_force(client))
        placed = placing.place(owed, (fee.day for fee in client.fees))
        fees: dict[Period, list[FeeDue]] = defaultdict(list)
        for fee in client.fees:
            period = client.periods.place(fee.day)
            if period is not None:
                fees[period].append(fee)
        due = [period for period in client.periods.all() if period in placed or period in fees]
        if client.problems and not any(client.periods.is_over(period) for period in due):
            self._problems.extend(client.problems)
        for period in due:
            made = self._draft(client, period, placed.get(period, []), fees.get(period, []), selection)
            if period is not due[-1]:
                rows = [row for document in made for row in document.allocations]
                self._ledger.book(Posted("", "", period.last, row) for row in rows)

    def _in_force(self, client: _Client) -> Callable[[Cover, Period], bool]:
        def in_force(cover: Cover, period: Period) -> bool:
            """A row without `from` covers no period that was billed without it."""
            if cover.fee is not None or cover.valid_from is not None:
                return True
            key = (cover.key, period.name)
            return not client.fee_client.posted(period.last) or key in self._billed_fees or key in self._ledger.by_cover

        return in_force

    def _draft(
        self, client: _Client, period: Period, placed: list[Placed], fees: list[FeeDue], selection: Selection
    ) -> list[Document]:
        """The documents of one client's period, one for each group."""
        world, name = self._world, client.name
        running = not client.periods.is_over(period)
        parts: dict[str, Parts] = defaultdict(Parts)
        billable = self._without_blocked(placed, parts)
        draw = Draw(self._rater.covers.get(fold(name), ()), self._ledger, self._entries, world.frozen)
        sequence = sum(count for (owner, at, _), count in world.sequences.items() if (owner, at) == (name, period.name))
        measures = measure(billable, self._ledger, self._entries, world.frozen, f"{period.name}#{sequence}")
        draw.run((one for one in placed if one.owed.kind == "reversed"), measures)
        for charge in draw.charges:
            parts[charge.terms.group].charges.append(charge)
        for work, seconds, problem in draw.problems:
            group = work.project if client.settings.policy.one_invoice_per == "project" else ""
            parts[group].blocked.append(Blocked(work, seconds, problem))
        words = Words(client.settings.policy.language)
        for fee in fees:
            tax_code, used = world.company.billing.tax_code, self._used(fee, draw)
            parts[fee.group].fees.append(fee_draft(fee, client.fee_client, words, tax_code, used))
        maker = LineMaker(words, client.settings.policy.lines_per, world.tasks, self._person)
        assembly = Assembly(client.settings, period, maker, world.company.approval)
        made = []
        for group in sorted(parts):
            parts[group].problems.extend(client.problems)
            sequence = world.sequences.get((name, period.name, group), 0) + 1
            document = assembly.document(DocumentKey(name, period.name, group, sequence), parts[group])
            if document is not None:
                made.append(document)
                selection.standings.extend(self._keep(document, parts[group], running))
        return made

    def _without_blocked(self, placed: list[Placed], parts: dict[str, Parts]) -> list[Placed]:
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
                parts[rated.group].blocked.append(Blocked(one.owed.entry.work, one.owed.seconds, problem))
        return billable

    def _keep(self, document: Document, parts: Parts, running: bool) -> list[Standing]:
        """Keep a document, if this run is about its client, and say where its seconds stand."""
        standings = standings_of(document, parts, running)
        if self._run.client is not None and fold(self._run.client) != fold(document.key.client):
            return [_elsewhere(standing) for standing in standings]
        (self._running if running else self._documents).append(document)
        return standings

    def _used(self, fee: FeeDue, draw: Draw) -> tuple[int, int | None]:
        if not isinstance(fee.row, RetainerRow):
            return (0, None)
        pool = draw.pools[fee.key, fee.due]
        return (pool.used, pool.cover.included_seconds if pool.cover else None)

    def _person(self, source: str, person: str) -> str:
        return self._rater.people.find(source, person).name


class _Begin:
    """Each client's earliest work: where a fee without `from` begins when there is no go-live."""

    def __init__(self, world: World, rater: Rater) -> None:
        self._world, self._rater = world, rater
        self._days: dict[str, date] | None = None

    def of(self, client: str) -> date | None:
        if self._days is None:
            days: dict[str, date] = {}
            for posted in self._world.ledger:
                row = posted.allocation
                days[row.terms.client] = min(row.worked_on, days.get(row.terms.client, row.worked_on))
            for entry in self._world.entries:
                work = entry.work
                if not entry.deleted:
                    name = self._rater.clients.find(work.source, work.client, work.worked_on).name
                    days[name] = min(work.worked_on, days.get(name, work.worked_on))
            self._days = days
        return self._days.get(client)


def _elsewhere(standing: Standing) -> Standing:
    """What a run for another client says of work that it leaves alone."""
    if standing.code != "drafted":
        return standing
    return replace(standing, code="not-in-this-run", what=WAITS["not-in-this-run"], key=None)


def _standing_order(standing: Standing) -> tuple[object, ...]:
    return (standing.client, standing.worked_on, standing.source, standing.entry, standing.code, standing.seconds)
