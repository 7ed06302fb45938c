"""Simulate: what past periods come to by the company's tables, and by others. Posts nothing and writes nothing.

Both sides are computed alike, by `bill` over the same work as it is today, as if nothing of these periods (or of later
ones) had been billed: what earlier periods were billed stands, so that retainers, caps and late work go on from there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from sqlalchemy import Row, bindparam, select

from mappings.documents import Document
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rows import Tables
from mappings.rules.billing import bill
from mappings.rules.clients import Clients
from mappings.rules.grouping import DRAW_GROUP
from mappings.rules.names import fold
from mappings.tables import load_tables
from mappings.tables.instead import Instead
from mappings.world import Run, World
from syncd.config import Config
from syncd.engine.directory import portions
from syncd.engine.due_drafts import basis_of, due_drafts
from syncd.engine.held import held_documents
from syncd.engine.kept import Kept
from syncd.engine.world import ClientsWorld, Reading, go_live_of, read_world
from syncd.store import schema
from syncd.store.database import Store

_DOCUMENT = schema.document.c
_STANDING = (
    select(_DOCUMENT.id, _DOCUMENT.kind, _DOCUMENT.client, _DOCUMENT.period, _DOCUMENT.group_name, _DOCUMENT.sequence)
    .add_columns(_DOCUMENT.period_last, _DOCUMENT.currency, _DOCUMENT.subtotal_minor, _DOCUMENT.decision)
    .where(_DOCUMENT.company == bindparam("of_company"), _DOCUMENT.withdrawn_at.is_(None))
    .order_by(_DOCUMENT.sequence)
)
_WRITE_OFF = "write-off "
"""How the groups of settlements begin that write off one entry: that work is let go under any tables."""


Key = tuple[str, str]
"""A client of ours and a currency."""


class TablesWrongError(Exception):
    """The other tables cannot be read; `problems` say where and why."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__(f"{len(problems)} problems")
        self.problems = problems


@dataclass(slots=True)
class Side:
    """What one set of tables comes to, before tax: per (client, currency), and how many documents something blocks."""

    amounts: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    blocked: dict[Key, int] = field(default_factory=lambda: defaultdict(int))
    problems: dict[tuple[str, str], Problem] = field(default_factory=dict)

    def add(self, document: Document) -> None:
        """Count a document."""
        key = (document.key.client, document.currency)
        self.amounts[key] += document.subtotal_minor
        self.blocked[key] += bool(document.problems)
        self.tell(document.problems)

    def tell(self, problems: Iterable[Problem]) -> None:
        """Keep problems, each once."""
        self.problems |= {(one.code, one.what): one for one in problems}


@dataclass(frozen=True, slots=True)
class Simulated:
    """The two sides, and what was really billed, before tax, by (client, currency)."""

    present: Side
    other: Side
    billed: dict[Key, int]


def other_tables(config: Config, instead: Instead) -> Tables:
    """The company's tables with some replaced; raises TablesWrongError with all that is wrong with them together."""
    company = config.company
    tables, problems = load_tables(
        config.folder / "mappings", currency=company.currency, region=company.holidays, instead=instead
    )
    if problems:
        raise TablesWrongError(problems)
    return tables


def simulate(store: Store, config: Config, tables: Tables, period: Period, today: date, client: str = "") -> Simulated:
    """Bill each client's own periods that end in `period` with the company's tables, and with others.

    `client` is one of ours, or "" for all. Over several reads of the store, none of which writes.
    """
    with store.read() as connection:
        documents = list(connection.execute(_STANDING, {"of_company": config.company.name}))
        voided = {row.id for row in held_documents(connection, config.company.name)}
    present = _Simulation(store, config, period, today, documents).run(client)
    other = _Simulation(store, replace(config, tables=tables), period, today, documents).run(client)
    billed: dict[tuple[str, str], int] = defaultdict(int)
    for row in documents:
        counts = row.kind != "settlement" and row.decision is None and row.id not in voided
        counts = counts and period.first <= row.period_last <= period.last and not row.group_name.startswith(DRAW_GROUP)
        if counts and fold(client) in ("", fold(row.client)):
            billed[row.client, row.currency] += row.subtotal_minor
    return Simulated(present, other, billed)


class _Simulation:
    """One set of tables."""

    def __init__(
        self, store: Store, config: Config, period: Period, today: date, documents: list[Row[*tuple[Any, ...]]]
    ) -> None:
        self._store, self._config, self._period = store, config, period
        # What is kept between drafts is not touched: these tables are not the company's.
        self._kept = Kept(config)
        find = Clients(self._kept.lookups.clients, config.company, go_live_of(config), ())
        self._reading = Reading(config, today, Run(), self._kept.directory, find)
        self._documents = documents
        before = (row for row in documents if row.period_last < period.first or _lets_go(row))
        self._stand = frozenset(row.id for row in before)

    def run(self, client: str) -> Side:
        side, asked, everybody = Side(), fold(client), self._everybody()
        for clients in portions({asked} if client else everybody):
            with self._store.read() as connection:
                read = read_world(connection, self._reading, clients)
            self._bill(self._as_before(read), side, asked)
        return side

    def _everybody(self) -> frozenset[str]:
        config, kept = self._config, self._kept
        with self._store.read() as connection:
            basis = basis_of(config, self._reading.today, kept.digest)
            return due_drafts(connection, config, basis, kept.directory, only_changed=False).clients

    def _as_before(self, read: ClientsWorld) -> World:
        """The world as if nothing of the simulated periods had been billed, and no later work been done."""
        # What is approved and not sent yet is drafted again, as a preview would.
        world, stand = read.world, self._stand - {row.document_id for row in read.unsent}
        ledger = tuple(row for row in world.ledger if row.document in stand)
        kept = {(row.allocation.source, row.allocation.entry) for row in ledger}
        entries = (one for one in world.entries if one.work.worked_on <= self._period.last or one.work.key in kept)
        mine = [row for row in self._documents if row.id in stand and row.client in read.names and row.sequence > 0]
        last: dict[str, date] = {}
        for row in mine:
            if row.decision != "release":
                last[row.client] = max(row.period_last, last.get(row.client, row.period_last))
        return replace(
            world,
            entries=tuple(entries),
            ledger=ledger,
            fees=tuple(row for row in world.fees if row.document in stand),
            hours=tuple(row for row in world.hours if row.document in stand),
            last_posted=last,
            sequences={(row.client, row.period, row.group_name): row.sequence for row in mine},
            frozen=world.frozen & kept,
            rerates=(),
            open_items=(),
            deposits_paid={},
        )

    def _bill(self, world: World, side: Side, asked: str) -> None:
        """What is due of these periods; clients billed by hand are billed for all of their days at once."""
        by_hand = self._reading.find.settings
        made = bill(world, Run(), self._kept.lookups)
        documents = [one for one in made.documents if by_hand(one.key.client).policy.period != "manual"]
        if any(by_hand(name).policy.period == "manual" for name in _names(world)):
            asked_for = bill(world, Run(period=self._period), self._kept.lookups).documents
            documents += [one for one in asked_for if by_hand(one.key.client).policy.period == "manual"]
        for document in documents:
            ends_here = self._period.first <= document.period.last <= self._period.last
            if ends_here and asked in ("", fold(document.key.client)) and document.kind != "settlement":
                side.add(document)
        side.tell(one for one in made.problems if not one.warning and asked in ("", fold(one.subject)))


def _lets_go(row: Row[*tuple[Any, ...]]) -> bool:
    return bool(row.kind == "settlement" and row.group_name.startswith(_WRITE_OFF))


def _names(world: World) -> Collection[str]:
    return world.clients or ()
