"""Adopt: what QuickBooks has of ours and this database does not know, because an older copy of it was put back.

A document is adopted without a person where its content is known to the hash: it is still here as approved, or a draft
comes out the same. In the order in which they were made, with new drafts between: what is adopted first was billed
first. The rest waits for `syncd adopt`, and so does everything new of those clients.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import product

from sqlalchemy import Connection, select

from connectors.quickbooks.remote import RemoteDocument, parse_remote
from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import parse_json
from connectors.source import Record
from mappings.documents import Document, DocumentKey
from mappings.periods import month_of, parse_period
from mappings.problems import Problem
from mappings.world import Run
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.adopt_lines import SOURCE, billed_by, lines_understood
from syncd.engine.adopt_record import record_drafted, record_known
from syncd.engine.adopt_unknown import Known, Unknown, clients_of_customer, known_by_id, unknown_documents
from syncd.engine.content import content_hash
from syncd.engine.draft import Drafted, DraftReport, FetchRates, draft
from syncd.engine.numbers import note_number
from syncd.engine.push_report import Outcome
from syncd.engine.push_run import LEASE_SECONDS
from syncd.engine.reference import load_books
from syncd.engine.restored import caught_up, copied_at
from syncd.engine.world import key_of
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.leases import Lease, held, renew
from syncd.store.work import mark_vanished, upsert_records


@dataclass(frozen=True, slots=True)
class AdoptReport:
    """What was adopted, and what is still to be adopted, both oldest first."""

    adopted: tuple[Outcome, ...] = ()
    left: tuple[Unknown, ...] = ()


class Adopting:
    """One company's adoption, under its push lease."""

    def __init__(
        self, store: Store, config: Config, clock: Clock, today: date, lease: Lease, fetch_rates: FetchRates | None
    ) -> None:
        self.store, self.config, self.clock, self.today = store, config, clock, today
        self.company = config.company.name
        self._lease, self._fetch_rates = lease, fetch_rates

    def lease(self) -> Lease:
        """The push lease, made longer: drafting may take its time."""
        with self.store.write() as connection:
            self._lease = renew(connection, self._lease, LEASE_SECONDS, self.clock.now())
        return self._lease

    def left(self) -> list[Unknown]:
        """What is not adopted yet, oldest first."""
        with self.store.read() as connection:
            return unknown_documents(connection, self.company)

    def known(self, unknown: Unknown) -> Known:
        """What its marker tells of it."""
        with self.store.read() as connection:
            return known_by_id(connection, self.company, unknown)

    def draft(self, run: Run = Run()) -> DraftReport:
        """Compute and record what is owed, as ever."""
        return draft(
            self.store, self.config, today=self.today, clock=self.clock, run=run, fetch_rates=self._fetch_rates
        )

    def held_here(self) -> list[Outcome]:
        """Adopt what this database holds as approved: before any draft, which might take it back as changed."""
        lease, found = self.lease(), []
        for unknown in self.left():
            with self.store.write() as connection:
                note_number(connection, self.config, unknown.number)
                client = record_known(connection, self.config, lease, unknown, self.clock.now())
            if client is not None:
                found.append(_outcome(unknown, unknown.document_id, client))
        return found

    def round(self) -> list[Outcome]:
        """Adopt what drafts agree with, as far as one drafting goes; nothing: only a person can go on."""
        left = self.left()
        known = {unknown: self.known(unknown) for unknown in left}
        periods = dict.fromkeys(one.key.period for one in known.values() if one.key is not None)
        runs = [Run(), *(Run(parse_period(name)) for name in periods)]
        for run in runs if left else ():
            found = list(self._agreeing(self.draft(run), known))
            if found:
                return found
        return []

    def _agreeing(self, drafts: DraftReport, known: dict[Unknown, Known]) -> Iterator[Outcome]:
        """Of each client the oldest, as long as a draft has its content: what comes later rests on it."""
        stuck: set[str] = set()
        for unknown, one in known.items():
            subject = one.client or unknown.customer_id
            if subject in stuck:
                continue
            same = self._as_drafted(drafts.documents, unknown, one)
            if same is None:
                stuck.add(subject)
            else:
                yield self.record(unknown, same)

    def _as_drafted(self, drafted: Iterable[Drafted], unknown: Unknown, known: Known) -> Document | None:
        remote = self.remote(unknown)
        for item in drafted:
            document = item.document
            if known.client != document.key.client and document.customer_id != unknown.customer_id:
                continue
            same = as_sent(document, remote, unknown.digest)
            if same is not None and same.kind != "settlement":
                return same
        return None

    def record(self, unknown: Unknown, document: Document, payload: str = "") -> Outcome:
        """Write the adoption of one document, in one transaction."""
        lease = self.lease()
        with self.store.write() as connection:
            books = load_books(connection, self.company)
            assert books is not None, "without QuickBooks' lists no document of it was read"
            now = self.clock.now()
            made = record_drafted(connection, self.config, lease, unknown, document, books, now, payload=payload)
        return _outcome(unknown, made, document.key.client)

    def report(self, adopted: list[Outcome]) -> AdoptReport:
        """What was done; where something was, drafts say anew where all seconds stand."""
        if adopted:
            self.draft()
        left = self.left()
        if not left:
            with self.store.write() as connection:
                caught_up(connection, self.company, self.clock.now())
        return AdoptReport(tuple(adopted), tuple(left))

    def by_lines(self, unknown: Unknown) -> Outcome | Problem:
        """Adopt a document by what its lines say; one that was voided or deleted, by its draft: it is held."""
        key = self._free_key(unknown)
        if isinstance(key, Problem):
            return key
        remote = self.remote(unknown)
        if not lines_understood(remote):
            what = (
                f"{unknown.name} has lines that syncd never writes, such as a discount: what it billed cannot be told."
            )
            return Problem("lines-not-understood", what, "Take these lines off it in QuickBooks, or void it there.")
        drafts = self._owed_by(key)
        own = next((document for document in drafts if document.key == key), None)
        if unknown.state != "live" and own is not None and own.kind != "settlement":
            return self.record(unknown, own)
        with self.store.read() as connection:
            names = {
                (row.kind, row.id): row.name
                for row in connection.execute(select(schema.reference)).all()
                if row.company == self.company
            }
        billed = billed_by(remote, key, drafts, names, self.config.company.language, self._go_live())
        if billed.extra:
            now = self.clock.now()
            with self.store.write() as connection:
                records = [Record(work.id, "{}", work) for work in billed.extra]
                upsert_records(connection, self.company, SOURCE, records, now)
                mark_vanished(connection, self.company, SOURCE, [work.id for work in billed.extra], now)
        return self.record(unknown, billed.document, billed.payload)

    def _go_live(self) -> date | None:
        """The first day of which any source tells; None where one of them tells of all."""
        starts = [source.since for source in self.config.sources.values()]
        return min((day for day in starts if day), default=None) if all(starts) else None

    def _owed_by(self, key: DocumentKey) -> list[Document]:
        """All that is owed by the client as drafts say now; where nothing is due, what its own period would carry."""
        for run in (Run(), Run(parse_period(key.period))):
            mine = [item.document for item in self.draft(run).documents if item.document.key.client == key.client]
            if mine:
                return mine
        return []

    def _free_key(self, unknown: Unknown) -> DocumentKey | Problem:
        """Where the document stands among drafts: as its marker tells, else by its customer and month."""
        known = self.known(unknown)
        with self.store.read() as connection:
            named = clients_of_customer(connection, self.company, unknown.customer_id)
            client = known.client or next(iter(named), "")
            taken = {one for one in _live_keys(connection, self.company) if one.client == client}
        if not client:
            what = f"Whose document {unknown.name} is cannot be told: none of our clients is its customer."
            return Problem("client-unknown", what, "Add its customer to the clients table, then type this again.")
        key = known.key or DocumentKey(client, month_of(unknown.dated).name)
        while key in taken:
            key = replace(key, sequence=key.sequence + 1)
        return key

    def remote(self, unknown: Unknown) -> RemoteDocument:
        """The document as QuickBooks has it."""
        table = schema.remote_document.c
        query = select(table.raw).where(
            table.company == self.company, table.type == unknown.type, table.id == unknown.id
        )
        with self.store.read() as connection:
            raw = connection.execute(query).scalar_one()
        return parse_remote(unknown.type, parse_json(raw), self.config.company.currency)


def _live_keys(connection: Connection, company: str) -> Iterator[DocumentKey]:
    document = schema.document.c
    query = select(schema.document).where(
        document.company == company, document.withdrawn_at.is_(None), document.quickbooks_id.is_not(None)
    )
    for row in connection.execute(query):
        yield DocumentKey(*key_of(row))


def adopt(
    store: Store,
    config: Config,
    *,
    clock: Clock,
    today: date,
    holder: str,
    fetch_rates: FetchRates | None = None,
    wait_seconds: float = 0,
) -> AdoptReport:
    """Adopt all that can be adopted without a person, the mirror having just been read; raises LeaseHeldError.

    In a database that is up to date this is one look at the mirror, and no lease is taken.
    """
    company = config.company.name
    with store.read() as connection:
        unknown, copied = unknown_documents(connection, company), copied_at(connection, company)
        unread = load_books(connection, company) is None
    if unread or not (unknown or copied):
        return AdoptReport((), tuple(unknown))
    with held(store, company, "push", holder, LEASE_SECONDS, clock, wait_seconds) as lease:
        adopting = Adopting(store, config, clock, today, lease, fetch_rates)
        adopted = adopting.held_here()
        while more := adopting.round():
            adopted += more
        return adopting.report(adopted)


def adopt_document(
    store: Store,
    config: Config,
    name: str,
    *,
    clock: Clock,
    today: date,
    holder: str,
    fetch_rates: FetchRates | None = None,
    wait_seconds: float = 0,
) -> AdoptReport | Problem:
    """Adopt a document (by its number or QuickBooks id) by its lines, because a person says so; "": all, in order.

    What drafts agree with to the hash is adopted so. Raises LeaseHeldError.
    """
    with held(store, config.company.name, "push", holder, LEASE_SECONDS, clock, wait_seconds) as lease:
        adopting = Adopting(store, config, clock, today, lease, fetch_rates)
        adopted = adopting.held_here()
        while True:
            while more := adopting.round():
                adopted += more
            left = adopting.left()
            chosen = _chosen(adopting, left, name, adopted)
            if isinstance(chosen, Problem):
                return chosen
            if chosen is None:
                break
            made = adopting.by_lines(chosen)
            if isinstance(made, Problem):
                return made
            adopted.append(made)
        if adopted:
            adopting.draft()
        return AdoptReport(tuple(adopted), tuple(left))


def _chosen(adopting: Adopting, left: list[Unknown], name: str, adopted: list[Outcome]) -> Unknown | Problem | None:
    """Which one is next by its lines; None when what was asked for is done."""
    if not name:
        return left[0] if left else None
    chosen = next((one for one in left if name in (one.number, one.id, one.document_id, one.name)), None)
    if chosen is None:
        if any(name in (row.number, row.quickbooks_id, row.document_id) for row in adopted):
            return None
        what = f"QuickBooks has no document {name} of ours that this database does not know."
        return Problem("nothing-to-adopt", what, "Type `syncd adopt` for those there are.")
    client = adopting.known(chosen).client
    before = next((one for one in left[: left.index(chosen)] if adopting.known(one).client == client), None)
    if before is None:
        return chosen
    what = f"{before.name} was made before {chosen.name}, and is not adopted yet: what came first was billed first."
    return Problem("adopt-in-order", what, f"Type `syncd adopt {shlex.quote(before.name)}` first.")


def _outcome(unknown: Unknown, document_id: str, client: str) -> Outcome:
    return Outcome(document_id, "create", unknown.number, client, "adopted", unknown.id)


def as_sent(document: Document, remote: RemoteDocument, digest: str) -> Document | None:
    """The draft if its content is what was sent: as it is, or with what QuickBooks' side alone may have changed since.

    That is its day (a person may have chosen it), its rate of exchange, the address and the terms of the customer.
    """
    raw = parse_json(remote.raw)
    days = (document.dated, remote.txn_date or document.dated)
    addresses = (document.email_to, text_of(raw, "BillEmail", "Address"))
    terms = (document.terms_id, text_of(raw, "SalesTermRef", "value"))
    rates = (document.exchange_rate, document.exchange_rate and remote.exchange_rate)
    for day, address, term, rate in product(days, addresses, terms, rates):
        candidate = replace(document, dated=day, email_to=address, terms_id=term, exchange_rate=rate)
        if content_hash(candidate).startswith(digest):
            return candidate
    return None
