"""Compute what some clients owe, over one snapshot of the store each: billed, names resolved, taxed and held."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, bindparam, select

from mappings.catalogue import Kind
from mappings.documents import Document, DocumentKey
from mappings.rules.billing import bill
from mappings.rules.clients import Clients
from mappings.tables.resolve import Resolver
from mappings.world import Bill, Run
from syncd.config import Config
from syncd.engine.directory import portions
from syncd.engine.due_drafts import DraftedMark, Due, basis_of, due_drafts
from syncd.engine.finishing import Finisher
from syncd.engine.history import read_history
from syncd.engine.intercompany import Mirrored, lenders_basis, mirrored
from syncd.engine.kept import kept_of
from syncd.engine.reference import with_decided
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

_DRAFT = schema.draft.c
_CHOSEN_DATES = (
    select(_DRAFT.client, _DRAFT.period, _DRAFT.group_name, _DRAFT.sequence, _DRAFT.dated)
    .where(_DRAFT.company == bindparam("of_company"), _DRAFT.client.in_(bindparam("of_names", expanding=True)))
    .where(_DRAFT.dated.is_not(None))
)


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
    pairs: Mirrored
    """What other companies bill for hours on these documents."""
    running: tuple[Document, ...]
    pins: Mapping[tuple[Kind, str], str]
    unsent: tuple[Unsent, ...]
    missing_rates: frozenset[tuple[str, date]]


class Computer:
    """One run of drafting: what is the same for all its clients is read once. Writes nothing."""

    def __init__(self, store: Store, config: Config, today: date, run: Run, *, only_changed: bool = False) -> None:
        self._store, self.config = store, config
        # What whole drafting remembers is dropped each time, so that months leave nothing behind.
        self._kept = kept_of(store, config, fresh=not only_changed)
        directory = self._kept.directory
        with store.read() as connection:
            self.basis = basis_of(config, today, self._kept.digest, lenders_basis(connection, store, config))
            self.due: Due = due_drafts(connection, config, self.basis, directory, only_changed=only_changed)
        find = Clients(self._kept.lookups.clients, config.company, go_live_of(config), ())
        self._reading = Reading(config, today, run, directory, find)

    def compute(self, clients: Collection[str]) -> Computed:
        """Bill these clients (folded), and those that share entries with them."""
        company = self.config.company.name
        with self._store.read() as connection:
            moment = fingerprint(connection, company)
            read = read_world(connection, self._reading, clients)
            unsent = {row.document_id for row in read.unsent}
            history = read_history(connection, company, read.names, read.world.ledger, unsent)
            dates = _chosen_dates(connection, company, read.names)
            lists = self._kept.lists(connection)
            catalogue = with_decided(connection, company, lists.lists, read.names)
        resolver = Resolver(catalogue, index=lists.index)
        return self._computed(moment, read, Finisher(self.config, catalogue, resolver, history, dates))

    def _computed(self, moment: tuple[object, ...], read: ClientsWorld, finish: Finisher) -> Computed:
        made = bill(read.world, self._reading.run, self._kept.lookups)
        assert read.world.clients is not None
        documents = tuple(finish(document) for document in made.documents)
        again = {row.document_id for row in read.unsent}
        pairs = mirrored(self._store, self.config, self._kept.lookups.people, documents, again)
        return Computed(
            moment=moment,
            clients=read.world.clients,
            names=read.names,
            entries=frozenset(entry.work.key for entry in read.world.entries),
            bill=made,
            documents=pairs.documents,
            pairs=pairs,
            running=tuple(finish(document) for document in made.running),
            pins=finish.resolver.pins,
            unsent=read.unsent,
            missing_rates=frozenset(finish.missing_rates),
        )

    @property
    def company(self) -> str:
        return self.config.company.name

    @property
    def is_at_rest(self) -> bool:
        """Whether all drafts are made up to the last change."""
        return self.due.mark == DraftedMark(self.due.change, self.basis)

    @property
    def continues(self) -> bool:
        """Whether what was drafted last is over the same basis, so that it stays right while this run lasts."""
        return self.due.mark is not None and self.due.mark.basis == self.basis


def missing_rates(store: Store, config: Config, *, today: date, run: Run) -> frozenset[tuple[str, date]]:
    """The exchange rates (currency, day) that drafting would lack."""
    computer = Computer(store, config, today, run)
    found: set[tuple[str, date]] = set()
    for clients in portions(computer.due.clients):
        found |= computer.compute(clients).missing_rates
    return frozenset(found)


def _chosen_dates(connection: Connection, company: str, names: Collection[str]) -> dict[DocumentKey, date]:
    rows = connection.execute(_CHOSEN_DATES, {"of_company": company, "of_names": list(names)})
    return {DocumentKey(*key_of(row)): row.dated for row in rows}
