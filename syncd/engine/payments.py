"""Payments back: what changed in QuickBooks since the last look, or all of it again, into the mirror.

Nothing is ever concluded from silence: only a whole read may show that something is gone, and then QuickBooks is asked
for each by its id. Nothing here writes to QuickBooks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal

from sqlalchemy import Connection

from connectors.quickbooks.entities import Entity
from connectors.quickbooks.errors import RefusedError
from connectors.quickbooks.lists import ENTITIES, named_of
from connectors.quickbooks.reading import quoted
from connectors.quickbooks.remote import RemoteDocument, parse_remote
from connectors.quickbooks.values import UnexpectedAnswerError, instant_of, text_of
from connectors.quickbooks.wire import Json
from mappings.catalogue import Books, Named
from mappings.problems import Problem
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine import mirror
from syncd.engine.adopt_unknown import unknown_documents
from syncd.engine.drift import Drift, update_drift
from syncd.engine.marks import DOCUMENTS_READ, read_mark, set_mark
from syncd.engine.mirror import MIRRORED, Deleted, Key
from syncd.engine.quickbooks import QuickBooks, read_pause, speaking_after
from syncd.engine.reference import LONGEST_SILENCE, OVERLAP, load_books, store_named
from syncd.engine.restored import copied_at, note_deleted
from syncd.store.database import Store
from syncd.store.leases import held_and_read, release

MARK = DOCUMENTS_READ
LEASE_SECONDS = 900
_CUSTOMER = ENTITIES["customer"]
_IDS_A_QUERY = 100
_GONE = "610"


@dataclass(frozen=True, slots=True)
class PaymentsReport:
    """What a look at QuickBooks has brought. `whole`: everything was read again, not only what changed."""

    whole: bool
    changed: int
    deleted: int
    drifts: tuple[Drift, ...]
    """All that is open on the documents that changed (on all, after a whole read)."""
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read, and QuickBooks' own time of it."""

    found: tuple[RemoteDocument, ...]
    deleted: tuple[Deleted, ...]
    customers: tuple[Named, ...]
    server_time: datetime
    whole: bool = False
    missing: frozenset[Key] = frozenset()
    problems: tuple[Problem, ...] = ()

    @property
    def has_news(self) -> bool:
        return bool(self.whole or self.found or self.deleted or self.customers)


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known before QuickBooks is asked: until when it wants silence, what was read up to when, its books."""

    pause: datetime | None
    read_at: datetime | None
    books: Books | None


def read_payments(
    store: Store,
    config: Config,
    opened: QuickBooks,
    *,
    clock: Clock,
    holder: str,
    whole: bool = False,
    accept_vanished: bool = False,
    wait_seconds: float = 0,
) -> PaymentsReport:
    """Bring the mirror up to date; raises LeaseHeldError, QuickBooksFailure.

    `whole`: read everything again, not only what changed. `accept_vanished`: a person says that whatever is gone from
    QuickBooks' lists may be taken as deleted, however much it is.
    """
    company = opened.company

    def look(connection: Connection) -> _Known:
        pause = read_pause(connection, company)
        return _Known(pause, read_mark(connection, company, MARK), load_books(connection, company))

    held_here = held_and_read(store, company, "payments", look, holder, LEASE_SECONDS, clock, wait_seconds)
    with held_here as (lease, known):
        with speaking_after(known.pause, store, opened, clock):
            settings = None if accept_vanished else config
            read = _read(store, settings, opened, clock, known, whole=whole or accept_vanished)
        now = clock.now()
        # Without news only the mark moves: lost, the same is read again.
        with store.write(durable=read.has_news) as connection:
            # Asked of all documents: only when there is a deletion to note.
            if read.deleted and (copied_at(connection, company) or unknown_documents(connection, company)):
                note_deleted(connection, company, read.deleted)
            mirrored = mirror.record(connection, company, read.found, read.deleted, now)
            store_named(connection, company, read.customers, now, balances=True)
            only = None if read.whole else mirrored.changed
            drifts = update_drift(connection, company, now, only=only, missing=read.missing)
            set_mark(connection, company, MARK, read.server_time)
            release(connection, lease, now)
    return PaymentsReport(read.whole, len(mirrored.changed), len(mirrored.deleted), drifts, read.problems)


def _read(
    store: Store, config: Config | None, opened: QuickBooks, clock: Clock, known: _Known, *, whole: bool
) -> _Read:
    since, books = known.read_at, known.books or opened.client.books()
    if whole or since is None or clock.now() - since > LONGEST_SILENCE:
        return _read_whole(store, config, opened, books, clock.now())
    changes = opened.client.changes([*MIRRORED, _CUSTOMER], since - OVERLAP)
    if changes.truncated:
        return _read_whole(store, config, opened, books, clock.now())
    found, problems = _parsed(changes.objects, books)
    deleted = tuple(_deleted(entity, stub) for entity in MIRRORED for stub in changes.deleted.get(entity, ()))
    customers = named_of("customer", changes.objects.get(_CUSTOMER, ()), books)
    moved: set[str] = set()
    if found or deleted:
        # A payment moves its customer's balance without being a change of the customer.
        with store.read() as connection:
            moved = mirror.customers_among(connection, opened.company, found, deleted)
    customers = _named_customers(opened, books, moved - {row.id for row in customers}) + customers
    return _Read(found, deleted, tuple(customers), changes.server_time, problems=problems)


def _parsed(
    objects: Mapping[str, Iterable[Json]], books: Books
) -> tuple[tuple[RemoteDocument, ...], tuple[Problem, ...]]:
    """Transactions as values; one that cannot be understood becomes a problem, and the others go on."""
    found, problems = [], []
    for entity in MIRRORED:
        for row in objects.get(entity, ()):
            try:
                found.append(parse_remote(entity, row, books.home_currency))
            except UnexpectedAnswerError as error:
                what = f"{entity} {text_of(row, 'Id')} of QuickBooks cannot be understood: {error.what}."
                fix = "Open it in QuickBooks and complete it; syncd shows it as it was before."
                problems.append(Problem("unreadable-document", what, fix))
    return tuple(found), tuple(problems)


def _deleted(entity: Entity, stub: Json) -> Deleted:
    return Deleted(entity, text_of(stub, "Id"), instant_of(stub, "MetaData", "LastUpdatedTime"))


def _named_customers(opened: QuickBooks, books: Books, ids: Iterable[str]) -> list[Named]:
    wanted, rows = sorted(ids), []
    for start in range(0, len(wanted), _IDS_A_QUERY):
        listed = ", ".join(quoted(one) for one in wanted[start : start + _IDS_A_QUERY])
        rows += opened.client.query(_CUSTOMER, f"Id IN ({listed}) AND Active IN (true,false)")
    return named_of("customer", rows, books)


def _read_whole(store: Store, config: Config | None, opened: QuickBooks, books: Books, now: datetime) -> _Read:
    """Everything, to the last row; the mark is QuickBooks' own time from before the first list.

    Without `config` there is no limit to how much may be gone.
    """
    client, company = opened.client, opened.company
    with store.read() as connection:
        copied = copied_at(connection, company)
    # A list does not tell of what is deleted: a copy that was put back must know what was since it was made.
    since = now - OVERLAP if copied is None else max(copied - OVERLAP, now - LONGEST_SILENCE)
    changes = client.changes(MIRRORED, since)
    before = changes.server_time
    objects = {str(entity): client.query(entity) for entity in MIRRORED}
    found, problems = _parsed(objects, books)
    customers = client.named("customer", books)
    seen = {(entity, text_of(row, "Id")) for entity, rows in objects.items() for row in rows}
    with store.read() as connection:
        known = mirror.known_rows(connection, company)
        ours = mirror.sent_keys(connection, company)
    absent = {key for key, row in known.items() if row.state != "deleted"} | (ours - known.keys())
    absent -= seen
    gone = tuple(_deleted(entity, stub) for entity in MIRRORED for stub in changes.deleted.get(entity, ()))
    read = _Read(found, gone if copied else (), tuple(customers), before, whole=True, problems=problems)
    if config is not None and _too_many(len(absent), len(absent | seen), config):
        return replace(read, missing=frozenset(absent), problems=(*problems, _fuse(len(absent), len(seen))))
    return _confirmed(opened, books, read, absent)


def _too_many(absent: int, known: int, config: Config) -> bool:
    """Whether so much is gone that a wrong company or a broken list is likelier than a person's deletions."""
    return absent > config.safety.vanished_count and Decimal(absent) > config.safety.vanished_share * known


def _fuse(absent: int, seen: int) -> Problem:
    return Problem(
        "too-much-vanished",
        f"{absent} documents and payments that syncd knew are not among the {seen} in QuickBooks' lists: "
        "none of them is taken as deleted.",
        "Look in QuickBooks whether this is the right company; if they were deleted, type "
        "`syncd reconcile --accept-vanished`.",
    )


def _confirmed(opened: QuickBooks, books: Books, read: _Read, absent: Iterable[Key]) -> _Read:
    """Ask for each absent one by its id: only QuickBooks' own word makes it deleted."""
    found, deleted = list(read.found), []
    for entity in MIRRORED:
        for object_id in sorted(object_id for name, object_id in absent if name == entity):
            try:
                found.append(parse_remote(entity, opened.client.get(entity, object_id), books.home_currency))
            except RefusedError as error:
                if _GONE not in error.codes:
                    raise
                deleted.append(Deleted(entity, object_id, None))
    return replace(read, found=tuple(found), deleted=(*read.deleted, *deleted))
