"""Known work by today's tables: which rows speak of each piece, and which of them win."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from mappings.problems import Problem
from mappings.rows import ClientRow, ExpenseRow, PersonRow, RateRow, ServiceRow, Tables
from mappings.rules.clients import ClientMatch, Clients
from mappings.rules.item_rating import EACH
from mappings.rules.names import NO_MATCH, Matcher, fold, in_window
from mappings.rules.rates import Names, Rates, names_of
from mappings.rules.rating import Lookups
from mappings.rules.services import PersonMatch
from mappings.settings import Company
from mappings.tables.checks.pieces import Piece, gather
from mappings.tables.rates import MATCHING
from mappings.work import WorkItem

Row = ClientRow | ServiceRow | PersonRow | ExpenseRow | RateRow


@dataclass(frozen=True, slots=True)
class Placed:
    """A piece of work and what the tables say of it.

    `problem`: why it is blocked before it is priced. Where it is to be priced, `rates` are the strongest rows.
    """

    piece: Piece
    client: ClientMatch
    person: PersonMatch
    service: str
    """Our name of its service or category."""
    problem: Problem | None = None
    names: Names | None = None
    rates: tuple[RateRow, ...] = ()
    currency: str = ""
    unit: str = "hour"
    """Of its service: what a rate that names no unit is for."""

    @property
    def is_priced(self) -> bool:
        """Whether it needs a rate."""
        return self.names is not None


@dataclass(slots=True)
class Contest:
    """How one row fared: whether it was a strongest one for any work, and where it lost, to whom."""

    won: bool = False
    lost_seconds: int = 0
    lost_entries: int = 0
    winners: dict[int, tuple[Row, int]] = field(default_factory=dict)
    """By identity: the row that won, and for how many entries."""


class Known:
    """All work that is known, placed by the tables, as values; and the names that sources and QuickBooks have."""

    def __init__(
        self,
        tables: Tables,
        company: Company,
        go_live: date | None,
        pieces: Iterable[Piece],
        *,
        customers: Iterable[str] = (),
        projects: Iterable[str] = (),
        tasks: Iterable[str] = (),
    ) -> None:
        self.tables, self.company, self.go_live = tables, company, go_live
        self.customers, self.projects, self.tasks = tuple(customers), tuple(projects), tuple(tasks)
        self.lookups = Lookups(tables)
        self.general_rates = [row for row in tables.rates if not any(getattr(row, column) for column in MATCHING)]
        """Those that name nothing."""
        self.clients = Clients(self.lookups.clients, company, go_live, ())
        self.contests: dict[int, Contest] = defaultdict(Contest)
        self._clients = [(Matcher(row.source_client), Matcher(row.source), row) for row in tables.clients]
        self._services = [(Matcher(row.source_service), Matcher(row.source), row) for row in tables.services]
        self._people = [(Matcher(row.source_person), Matcher(row.source), row) for row in tables.people]
        self._expenses = [(Matcher(row.category), Matcher(row.source), row) for row in tables.expenses]
        self._ranked: dict[tuple[object, ...], tuple[tuple[Row, ...], tuple[Row, ...]]] = {}
        self.placed = [self._place(piece) for piece in gather(pieces, tables, go_live)]

    def _place(self, piece: Piece) -> Placed:
        match = self.clients.find(piece.source, piece.client, piece.first)
        person = self.lookups.people.find(piece.source, piece.person)
        service, problem, unit, billable = self._service(piece)
        self._rank_names(piece)
        placed = Placed(piece, match, person, service, unit=unit)
        early = self.go_live is not None and piece.first < self.go_live
        if early or match.not_billable is not None or not piece.billable or not billable:
            return placed
        problem = match.problem or problem or person.problem
        if problem is not None:
            return Placed(piece, match, person, service, problem, unit=unit)
        currency = self.clients.settings(match.name).policy.currency
        if piece.kind != "time" and piece.amount:
            return Placed(piece, match, person, service, currency=currency, unit=unit)
        names = names_of(piece.task, piece.project, match.name, person.name, person.role, person.team, service)
        strongest, beaten = self._rates(piece, unit).contest(names, piece.first)
        self._count(piece, strongest, beaten)
        return Placed(piece, match, person, service, None, names, strongest, currency, unit)

    def _service(self, piece: Piece) -> tuple[str, Problem | None, str, bool]:
        """Our name of the service or category, what is wrong with it, its unit, and whether it is billed."""
        if piece.kind == "time":
            found = self.lookups.services.find(piece.source, piece.service)
            row = found.row
            return found.name, found.problem, row.unit if row else "hour", row.billable if row else True
        item = WorkItem(piece.source, "", piece.first, 0, service=piece.service, kind=piece.kind)
        category = self.lookups.expenses.find(item)
        return category.name, category.problem, category.unit, category.billable

    def _rates(self, piece: Piece, unit: str) -> Rates:
        if piece.kind != "time":
            return self.lookups.item_rates.of(unit)
        return self.lookups.named_rates if unit == EACH else self.lookups.rates

    def _rank_names(self, piece: Piece) -> None:
        """Let the rows that say what a name means compete for it."""
        source, day = piece.source, piece.first
        key = ("client", source, piece.client, self.lookups.clients.seasons.of(day))
        in_force = [] if key in self._ranked else [row for row in self._clients if _counts(row[2], day)]
        self._compete(piece, key, in_force, piece.client)
        self._compete(piece, ("person", source, piece.person), self._people, piece.person)
        if piece.kind == "time":
            self._compete(piece, ("service", source, piece.service), self._services, piece.service)
        else:
            self._compete(piece, ("category", source, piece.service), self._expenses, piece.service)

    def _compete(
        self, piece: Piece, key: tuple[object, ...], rows: Iterable[tuple[Matcher, Matcher, Row]], name: str
    ) -> None:
        ranked = self._ranked.get(key)
        if ranked is None:
            matches = []
            for names, sources, row in rows:
                strength = (names.strength(fold(name)), sources.strength(fold(piece.source)))
                if NO_MATCH not in strength:
                    matches.append((strength, row))
            best = max((strength for strength, _ in matches), default=None)
            ranked = self._ranked[key] = (
                tuple(row for strength, row in matches if strength == best),
                tuple(row for strength, row in matches if strength != best),
            )
        self._count(piece, *ranked)

    def _count(self, piece: Piece, strongest: tuple[Row, ...], beaten: tuple[Row, ...]) -> None:
        for row in strongest:
            self.contests[id(row)].won = True
        for row in beaten:
            contest = self.contests[id(row)]
            if contest.won:
                continue
            contest.lost_seconds += piece.seconds
            contest.lost_entries += piece.entries
            _, before = contest.winners.get(id(strongest[0]), (strongest[0], 0))
            contest.winners[id(strongest[0])] = (strongest[0], before + piece.entries)

    def customers_of_work(self) -> Mapping[str, str]:
        """Our clients that have work, folded, as they are spelled."""
        return {fold(one.client.name): one.client.name for one in self.placed if one.client.row is not None}


def _counts(row: ClientRow, day: date) -> bool:
    return in_window(day, row.since, row.until)
