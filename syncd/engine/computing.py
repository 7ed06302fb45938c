"""Compute what some clients owe, over one snapshot of the store each: billed, names resolved, taxed and held."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select

from mappings.catalogue import Catalogue, Kind
from mappings.documents import Document, DocumentKey
from mappings.rules.billing import bill
from mappings.rules.clients import Clients
from mappings.tables.resolve import Resolver
from mappings.world import Bill, Run
from syncd.config import Config
from syncd.engine.directory import Directory, portions
from syncd.engine.due_drafts import Due, basis_of, due_drafts, lookups_of
from syncd.engine.finishing import Finisher
from syncd.engine.history import read_history
from syncd.engine.reference import load_catalogue
from syncd.engine.world import (
    ClientsWorld,
    EntryKey,
    Reading,
    Unsent,
    fingerprint,
    go_live_of,
    key_of,
    read_world,
)
from syncd.store import schema
from syncd.store.database import Store


@dataclass(frozen=True, slots=True)
class Computed:
    """One computation over one snapshot."""

    moment: tuple[object, ...]
    clients: frozenset[str]
    """Folded; the names under which they stand in the store are `names`."""
    names: frozenset[str]
    entries: frozenset[EntryKey]
    """All entries of theirs: what is not told of them stands nowhere."""
    bill: Bill
    documents: tuple[Document, ...]
    running: tuple[Document, ...]
    pins: Mapping[tuple[Kind, str], str]
    unsent: tuple[Unsent, ...]
    missing_rates: frozenset[tuple[str, date]]


class Computer:
    """One run of drafting: what is the same for all its clients is read once. Writes nothing."""

    def __init__(self, store: Store, config: Config, today: date, run: Run, *, only_changed: bool = False) -> None:
        self._store, self.config = store, config
        self._lookups = lookups_of(config, fresh=not only_changed)
        company = config.company.name
        with store.read() as connection:
            directory = Directory(connection, company, self._lookups)
            self.basis = basis_of(config, today)
            self.due: Due = due_drafts(connection, company, self.basis, directory, only_changed=only_changed)
        find = Clients(self._lookups.clients, config.company, go_live_of(config), ())
        self._reading = Reading(config, today, run, directory, find)
        self._catalogue: tuple[object, Catalogue] | None = None

    def compute(self, clients: Collection[str]) -> Computed:
        """Bill these clients (folded), and those that share entries with them."""
        company = self.config.company.name
        with self._store.read() as connection:
            moment = fingerprint(connection, company)
            read = read_world(connection, self._reading, clients)
            unsent = {row.document_id for row in read.unsent}
            history = read_history(connection, company, read.names, read.world.ledger, unsent)
            dates = _chosen_dates(connection, company, read.names)
            catalogue = self._read_catalogue(connection, moment)
        return self._computed(moment, read, Finisher(self.config, catalogue, Resolver(catalogue), history, dates))

    def _computed(self, moment: tuple[object, ...], read: ClientsWorld, finish: Finisher) -> Computed:
        made = bill(read.world, self._reading.run, self._lookups)
        assert read.world.clients is not None
        return Computed(
            moment=moment,
            clients=read.world.clients,
            names=read.names,
            entries=frozenset(entry.work.key for entry in read.world.entries),
            bill=made,
            documents=tuple(finish(document) for document in made.documents),
            running=tuple(finish(document) for document in made.running),
            pins=finish.resolver.pins,
            unsent=read.unsent,
            missing_rates=frozenset(finish.missing_rates),
        )

    @property
    def company(self) -> str:
        return self.config.company.name

    @property
    def continues(self) -> bool:
        """Whether what was drafted last is over the same basis, so that it stays right while this run lasts."""
        return self.due.mark is not None and self.due.mark.basis == self.basis

    def forget_rates(self) -> None:
        """Exchange rates were read: look at them again."""
        self._catalogue = None

    def _read_catalogue(self, connection: Connection, moment: tuple[object, ...]) -> Catalogue:
        if self._catalogue is None or self._catalogue[0] != moment:
            self._catalogue = (moment, load_catalogue(connection, self.config.company.name))
        return self._catalogue[1]


def missing_rates(store: Store, config: Config, *, today: date, run: Run) -> frozenset[tuple[str, date]]:
    """The exchange rates (currency, day) that drafting would lack."""
    computer = Computer(store, config, today, run)
    found: set[tuple[str, date]] = set()
    for clients in portions(computer.due.clients):
        found |= computer.compute(clients).missing_rates
    return frozenset(found)


def _chosen_dates(connection: Connection, company: str, names: Collection[str]) -> dict[DocumentKey, date]:
    table = schema.draft.c
    columns = (table.client, table.period, table.group_name, table.sequence, table.dated)
    query = select(*columns).where(table.company == company, table.client.in_(names), table.dated.is_not(None))
    return {DocumentKey(*key_of(row)): row.dated for row in connection.execute(query)}
