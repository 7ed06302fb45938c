"""Draft: what is owed, as documents ready to be approved. The same input gives the same hash and no new version.

Computing reads one snapshot and holds no transaction open while QuickBooks is asked for an exchange rate; recording
checks that nothing moved in between. Preview, approval and the daemon all come through here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import ColumnElement, Connection, Row, and_, insert, select, update

from mappings.catalogue import Kind
from mappings.documents import Document, DocumentKey, Standing
from mappings.problems import Problem
from mappings.rules.billing import bill
from mappings.tables.resolve import Resolver
from mappings.world import Bill, Run
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.content import content_hash, encode
from syncd.engine.finishing import Finisher
from syncd.engine.history import read_history
from syncd.engine.reference import load_catalogue
from syncd.engine.standings import record_standings
from syncd.engine.world import Key, Unsent, fingerprint, key_of, read_world
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.events import append_event

FetchRates = Callable[[frozenset[tuple[str, date]]], None]
"""Reads the exchange rates of these currencies and days from QuickBooks into the store; called outside transactions."""

_TRIES = 5
"""How often a draft is computed anew because something moved meanwhile; each try starts from what moved it."""


class DraftsMovedError(Exception):
    """Work, tables or documents kept changing while the drafts were computed. Run the command again."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """One document with its place in the store. `state` is open or approved (approved, and still the same)."""

    document: Document
    version: int
    hash: str
    state: str


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An approved document that was taken back before anything was sent, because what it rests on has changed."""

    document_id: str
    key: DocumentKey
    number: str


@dataclass(frozen=True, slots=True)
class DraftReport:
    """What a draft made and where everything else stands."""

    documents: tuple[Drafted, ...]
    running: tuple[Document, ...]
    standings: tuple[Standing, ...]
    withdrawn: tuple[Withdrawn, ...]
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Computed:
    """One computation over one snapshot."""

    moment: tuple[object, ...]
    bill: Bill
    documents: tuple[Document, ...]
    running: tuple[Document, ...]
    pins: Mapping[tuple[Kind, str], str]
    unsent: tuple[Unsent, ...]
    missing_rates: frozenset[tuple[str, date]]


def draft(
    store: Store, config: Config, *, today: date, clock: Clock, run: Run = Run(), fetch_rates: FetchRates | None = None
) -> DraftReport:
    """Compute all drafts that are due (or those that `run` names) and record what changed.

    Raises DraftsMovedError when the store keeps changing underneath.
    """
    for _ in range(_TRIES):
        computed = compute(store, config, today=today, run=run)
        if computed.missing_rates and fetch_rates is not None:
            fetch_rates(computed.missing_rates)
            computed = compute(store, config, today=today, run=run)
        with store.write() as connection:
            if fingerprint(connection, config.company.name) == computed.moment:
                return _record(connection, config.company.name, computed, run, clock.now())
    raise DraftsMovedError(DraftsMovedError.__doc__)


def compute(store: Store, config: Config, *, today: date, run: Run) -> _Computed:
    """Bill one snapshot of the store, resolve names, taxes and holds. Writes nothing."""
    company = config.company.name
    with store.read() as connection:
        moment = fingerprint(connection, company)
        world, unsent = read_world(connection, config, today, run)
        catalogue = load_catalogue(connection, company)
        history = read_history(connection, company, world.ledger, {row.document_id for row in unsent})
        dates = _chosen_dates(connection, company)
    made = bill(world, run)
    resolver = Resolver(catalogue)
    finish = Finisher(config, catalogue, resolver, history, dates)
    documents = tuple(finish(document) for document in made.documents)
    running = tuple(finish(document) for document in made.running)
    return _Computed(moment, made, documents, running, resolver.pins, tuple(unsent), frozenset(finish.missing_rates))


def _chosen_dates(connection: Connection, company: str) -> dict[DocumentKey, date]:
    table = schema.draft.c
    query = select(schema.draft).where(table.company == company, table.dated.is_not(None))
    return {DocumentKey(*key_of(row)): row.dated for row in connection.execute(query)}


def choose_date(store: Store, company: str, clients: Collection[str], dated: date) -> None:
    """Date these clients' open drafts otherwise than their period's last day, because those books are closed."""
    table = schema.draft.c
    with store.write() as connection:
        connection.execute(
            update(schema.draft)
            .where(table.company == company, table.client.in_(clients), table.state == "open")
            .values(dated=dated)
        )


def _record(connection: Connection, company: str, computed: _Computed, run: Run, now: datetime) -> DraftReport:
    """Write new versions, withdraw what has changed, and say where every other second stands.

    Drafts of other periods than the run's are left as they were shown.
    """
    rows = {
        key_of(row): row for row in connection.execute(select(schema.draft).where(schema.draft.c.company == company))
    }
    unsent = {row.key: row for row in computed.unsent}
    withdrawn: list[Withdrawn] = []
    drafted: list[Drafted] = []
    seen: set[Key] = set()
    for document in computed.documents:
        key = (document.key.client, document.key.period, document.key.group, document.key.sequence)
        seen.add(key)
        digest = content_hash(document)
        approved = unsent.get(key)
        if approved is not None and approved.content_hash == digest and not document.problems:
            drafted.append(Drafted(document, approved.version, digest, "approved"))
            continue
        if approved is not None:
            withdrawn.append(_withdraw(connection, company, approved, now))
        version = _record_version(connection, company, key, document, digest, rows.get(key), now)
        drafted.append(Drafted(document, version, digest, "open"))
    withdrawn.extend(_withdraw(connection, company, unsent[key], now) for key in sorted(set(unsent) - seen))
    for key, row in rows.items():
        in_run = run.period is None or row.period_last in run.period
        if key not in seen and in_run and (row.state == "open" or key in unsent):
            connection.execute(update(schema.draft).where(at_key(company, DocumentKey(*key))).values(state="gone"))
    _record_pins(connection, company, computed.pins, now)
    kept = {item.document.key for item in drafted if item.state == "approved"}
    blocked = {item.document.key: item.document.problems[0] for item in drafted if item.document.problems}
    standings = tuple(
        _as_blocked(row, blocked) for row in computed.bill.standings if row.key is None or row.key not in kept
    )
    record_standings(connection, company, standings)
    return DraftReport(tuple(drafted), computed.running, standings, tuple(withdrawn), computed.bill.problems)


def _as_blocked(standing: Standing, blocked: Mapping[DocumentKey, Problem]) -> Standing:
    """Work on a document that a name, a rate or an address in QuickBooks blocks does not just wait to be approved."""
    problem = blocked.get(standing.key) if standing.key is not None and standing.code == "drafted" else None
    if problem is None:
        return standing
    return replace(standing, state="blocked", code=problem.code, what=problem.what)


def at_key(company: str, key: DocumentKey) -> ColumnElement[bool]:
    """The draft's row of this key."""
    columns = schema.draft.c
    return and_(
        columns.company == company,
        columns.client == key.client,
        columns.period == key.period,
        columns.group_name == key.group,
        columns.sequence == key.sequence,
    )


def _record_version(
    connection: Connection,
    company: str,
    key: Key,
    document: Document,
    digest: str,
    row: Row[tuple[object, ...]] | None,
    now: datetime,
) -> int:
    """Make the draft open with this content; a new version only if the content differs from the last one."""
    state = {
        "problems": encode(document.problems),
        "holds": encode(document.holds),
        "period_last": document.period.last,
    }
    if row is not None and row.state == "open" and row.content_hash == digest:
        if (row.problems, row.holds) != (state["problems"], state["holds"]):
            connection.execute(update(schema.draft).where(at_key(company, DocumentKey(*key))).values(**state))
        return int(row.version)
    version = 1 if row is None else int(row.version) + 1
    state |= {"version": version, "content_hash": digest, "state": "open"}
    columns = dict(zip(("client", "period", "group_name", "sequence"), key, strict=True)) | {"company": company}
    if row is None:
        connection.execute(insert(schema.draft).values(**columns, **state))
    else:
        connection.execute(update(schema.draft).where(at_key(company, DocumentKey(*key))).values(**state))
    connection.execute(
        insert(schema.draft_version).values(
            **columns, version=version, content_hash=digest, content=encode(document), made_at=now
        )
    )
    subject = f"{document.key.client} {document.key.period}"
    append_event(connection, company, "drafted", subject, {"version": version, "hash": digest}, now)
    return version


def _withdraw(connection: Connection, company: str, approved: Unsent, now: datetime) -> Withdrawn:
    """Take an approved document back; only while its outbox row still says that nothing can have been posted."""
    moved = connection.execute(
        update(schema.outbox)
        .where(schema.outbox.c.id == approved.outbox_id, schema.outbox.c.state == approved.outbox_state)
        .values(state="withdrawn", changed_at=now)
    )
    assert moved.rowcount == 1, "the fingerprint covers the outbox, so its row cannot have moved"
    because = "its work or tables changed before it was sent"
    number = connection.execute(
        update(schema.document)
        .where(schema.document.c.id == approved.document_id)
        .values(withdrawn_at=now, withdrawn_because=because)
        .returning(schema.document.c.number)
    ).scalar_one()
    append_event(connection, company, "withdrawn", approved.document_id, {"because": because}, now)
    client, period, group, sequence = approved.key
    return Withdrawn(approved.document_id, DocumentKey(client, period, group, sequence), number or "")


def _record_pins(connection: Connection, company: str, pins: Mapping[tuple[Kind, str], str], now: datetime) -> None:
    for (kind, name), quickbooks_id in pins.items():
        connection.execute(
            insert(schema.pin).values(company=company, kind=kind, name=name, quickbooks_id=quickbooks_id, pinned_at=now)
        )
        append_event(connection, company, "pinned", name, {"kind": kind, "id": quickbooks_id}, now)
