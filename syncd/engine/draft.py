"""Draft: what is owed, as documents ready to be approved. The same input gives the same hash and no new version.

Some clients at a time: computing reads one snapshot and holds no transaction open while QuickBooks is asked for an
exchange rate; recording checks that nothing moved in between. Preview, approval and the daemon all come through here;
the daemon asks only for the clients that something concerns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, bindparam, insert, select, update

from mappings.catalogue import Kind
from mappings.documents import Document, DocumentKey, Standing
from mappings.money import to_minor
from mappings.problems import Problem, by_place
from mappings.rules.billing import standing_order
from mappings.rules.names import fold
from mappings.world import Run
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.cap_alerts import tell_once
from syncd.engine.computing import Computed, Computer
from syncd.engine.content import encode
from syncd.engine.directory import portions
from syncd.engine.due_drafts import DraftedMark, read_drafted, write_drafted
from syncd.engine.intercompany import Mirror, pair_hash, told
from syncd.engine.pairs import withdraw_twins
from syncd.engine.standings import record_standings
from syncd.engine.world import Key, Unsent, fingerprint, key_of
from syncd.store import schema
from syncd.store.changes import mark_everything, mark_ours
from syncd.store.database import Store
from syncd.store.events import append_event

FetchRates = Callable[[frozenset[tuple[str, date]]], None]
"""Reads the exchange rates of these currencies and days from QuickBooks into the store; called outside transactions."""

_TRIES = 5
"""How often a draft is computed anew because something moved meanwhile; each try starts from what moved it."""

# The statements are built once: building one takes longer than SQLite takes to do it.
_DRAFT = schema.draft.c
_DRAFTS = select(schema.draft).where(
    _DRAFT.company == bindparam("of_company"), _DRAFT.client.in_(bindparam("of_names", expanding=True))
)
_KEY_VALUES = ("of_company", "of_client", "of_period", "of_group_name", "of_sequence")
_NOTES = ("problems", "holds", "period_last")
_AT_KEY = update(schema.draft).where(*(_DRAFT[name.removeprefix("of_")] == bindparam(name) for name in _KEY_VALUES))
_CHANGE_NOTES = _AT_KEY.values({name: bindparam(name) for name in _NOTES})
_CHANGE_DRAFT = _AT_KEY.values({name: bindparam(name) for name in (*_NOTES, "version", "content_hash", "state")})
_ADD_DRAFT, _ADD_VERSION = insert(schema.draft), insert(schema.draft_version)


class DraftsMovedError(Exception):
    """Work, tables or documents kept changing while the drafts were computed. Run the command again."""


class TablesMovedError(DraftsMovedError):
    """The tables were changed since they were read: what was computed with them is not recorded."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """One document with its place in the store. `state` is open or approved (approved, and still the same)."""

    document: Document
    version: int
    hash: str
    state: str
    mirrors: tuple[Mirror, ...] = ()
    """What other companies bill for hours on it: approved with it or not at all."""


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
    clients: int = 0
    """How many clients were drafted; none when nothing has changed."""


def draft(
    store: Store,
    config: Config,
    *,
    today: date,
    clock: Clock,
    run: Run = Run(),
    fetch_rates: FetchRates | None = None,
    only_changed: bool = False,
    still: Callable[[], bool] = lambda: True,
) -> DraftReport:
    """Compute all drafts that are due (or those that `run` names) and record what changed.

    `only_changed`: those of clients whom something concerns since the last time; the report tells of them alone.
    `still` tells, while a draft is recorded, whether the tables are still those of `config`: an approval made with
    newer ones must not be taken back. Raises TablesMovedError when they are not, DraftsMovedError when the store keeps
    changing underneath.
    """
    assert not only_changed or run.period is None, "what is drafted of one period is drafted for all"
    computer = Computer(store, config, today, run, only_changed=only_changed)
    if only_changed and computer.is_at_rest:
        return DraftReport((), (), (), (), ())
    drafting = _Drafting(store, computer, run, clock, fetch_rates or (lambda _wanted: None), still)
    drafting.draft_all()
    return _joined(drafting.parts)


@dataclass(frozen=True, slots=True)
class _Part:
    """What was drafted of some clients; `again`: those whose drafts are not at rest."""

    clients: frozenset[str]
    report: DraftReport
    again: frozenset[str]


@dataclass(slots=True)
class _Drafting:
    """One run through all clients that it is over."""

    store: Store
    computer: Computer
    run: Run
    clock: Clock
    fetch_rates: FetchRates
    still: Callable[[], bool]
    parts: list[_Part] = field(default_factory=list)
    finished: bool = False

    def draft_all(self) -> None:
        waiting = list(portions(self.computer.due.clients))
        while waiting:
            clients = waiting.pop(0).difference(*(part.clients for part in self.parts))
            if clients:
                self._draft(clients, last=not waiting)
        if not self.finished:
            with self.store.write() as connection:
                self._finish(connection)

    def _draft(self, clients: frozenset[str], *, last: bool) -> None:
        company = self.computer.company
        for _ in range(_TRIES):
            computed = self.computer.compute(clients)
            if computed.missing_rates:
                self.fetch_rates(computed.missing_rates)
                computed = self.computer.compute(clients)
            with self.store.write() as connection:
                if not self.still():
                    raise TablesMovedError(TablesMovedError.__doc__)
                if fingerprint(connection, company) != computed.moment:
                    continue
                if not self.computer.continues:
                    write_drafted(connection, company, None)
                self.parts.append(_record(connection, self.computer, computed, self.run, self.clock.now()))
                if last:
                    self._finish(connection)
                return
        raise DraftsMovedError(DraftsMovedError.__doc__)

    def _finish(self, connection: Connection) -> None:
        """All drafts are made over this basis: unless another run, perhaps over another one, came in between."""
        self.finished = True
        if self.run.period is not None:
            return
        due, company = self.computer.due, self.computer.company
        again = sorted({client for part in self.parts for client in part.again})
        mark = DraftedMark(due.change, self.computer.basis, tuple(again))
        found = read_drafted(connection, company)
        undisturbed = found == (due.mark if self.computer.continues else None)
        if found != (mark if undisturbed else None):
            write_drafted(connection, company, mark if undisturbed else None)


def _joined(parts: Sequence[_Part]) -> DraftReport:
    """One report of all parts, in the order in which one part would have told it."""
    reports = [part.report for part in parts]
    # A client whose work moved meanwhile to one that was drafted later comes twice: it counts as it was last.
    documents = {item.document.key: item for report in reports for item in report.documents}
    running = {document.key: document for report in reports for document in report.running}
    standings = dict.fromkeys(standing for report in reports for standing in report.standings)
    problems = {(one.code, one.what, one.place): one for report in reversed(reports) for one in report.problems}
    return DraftReport(
        documents=tuple(sorted(documents.values(), key=lambda item: item.document.key.client)),
        running=tuple(sorted(running.values(), key=lambda document: document.key.client)),
        standings=tuple(sorted(standings, key=standing_order)),
        withdrawn=tuple(one for report in reports for one in report.withdrawn),
        problems=tuple(by_place(problems.values())),
        clients=len({client for part in parts for client in part.clients}),
    )


def choose_date(store: Store, company: str, clients: Collection[str], dated: date) -> None:
    """Date these clients' open drafts otherwise than their period's last day, because those books are closed."""
    table = schema.draft.c
    with store.write() as connection:
        connection.execute(
            update(schema.draft)
            .where(table.company == company, table.client.in_(clients), table.state == "open")
            .values(dated=dated)
        )
        mark_ours(connection, company, clients)


def _record(connection: Connection, computer: Computer, computed: Computed, run: Run, now: datetime) -> _Part:
    """Write new versions, withdraw what has changed, and say where every other second stands.

    Drafts of other clients, and of other periods than the run's, are left as they were shown.
    """
    company = computer.company
    rows = _draft_rows(connection, company, computed.names)
    unsent = {row.key: row for row in computed.unsent}
    withdrawn: list[Withdrawn] = []
    drafted: list[Drafted] = []
    seen: set[Key] = set()
    for document in computed.documents:
        key = (document.key.client, document.key.period, document.key.group, document.key.sequence)
        seen.add(key)
        mirrors = computed.pairs.mirrors.get(document.key, ())
        digest = pair_hash(document, mirrors)
        approved = unsent.get(key)
        if approved is not None and approved.content_hash == digest and not document.problems:
            drafted.append(Drafted(document, approved.version, digest, "approved", mirrors))
            continue
        if approved is not None:
            withdrawn.append(withdraw(connection, company, approved, now))
        version = record_version(connection, company, key, document, digest, rows.get(key), now)
        drafted.append(Drafted(document, version, digest, "open", mirrors))
    withdrawn.extend(withdraw(connection, company, unsent[key], now) for key in sorted(set(unsent) - seen))
    gone = [
        DocumentKey(*key)
        for key, row in rows.items()
        if key not in seen
        and (run.period is None or row.period_last in run.period)
        and (row.state == "open" or key in unsent)
    ]
    for each in gone:
        connection.execute(update(schema.draft).where(at_key(company, each)).values(state="gone"))
    for name, pins in {company: computed.pins, **computed.pairs.pins}.items():
        _record_pins(connection, name, pins, now)
    standings = _standings_of(computed, drafted)
    moved = record_standings(connection, company, computed.entries, standings)
    if run.period is not None and (moved or _draft_rows(connection, company, computed.names) != rows):
        # Where other work stands was told from the view of that period: the daemon's next draft tells it as it is.
        mark_everything(connection, company)
    problems = (
        *computed.bill.problems,
        *tell_once(connection, company, computed.bill.alerts, now),
        *(one for item in drafted if item.state == "open" for one in told(item.document, item.mirrors, company)),
    )
    report = DraftReport(tuple(drafted), computed.running, standings, tuple(withdrawn), problems)
    keys = {*gone, *(row.key for row in withdrawn), *_unfinished(computer.config, drafted)}
    return _Part(computed.clients, report, frozenset(fold(key.client) for key in keys))


def passes_policy(config: Config, item: Drafted) -> bool:
    """Whether `auto_approve_up_to` (before tax) lets a draft through: it is neither blocked nor held."""
    both = ((config, item.document), *((one.lender, one.document) for one in item.mirrors))
    return item.state == "open" and all(_within_policy(one, document) for one, document in both)


def _within_policy(config: Config, document: Document) -> bool:
    limit = config.company.approval.auto_approve_up_to
    if limit <= 0 or document.problems or document.holds:
        return False
    return abs(document.subtotal_minor) <= to_minor(limit, document.currency)


def _unfinished(config: Config, drafted: Iterable[Drafted]) -> list[DocumentKey]:
    """Drafts for which more is to be done, by whoever drafts next: approve them by policy, or find what they lack."""
    return [
        item.document.key
        for item in drafted
        if passes_policy(config, item) or any(one.code == "no-exchange-rate" for one in item.document.problems)
    ]


def _draft_rows(connection: Connection, company: str, names: Collection[str]) -> dict[Key, Row[*tuple[Any, ...]]]:
    rows = connection.execute(_DRAFTS, {"of_company": company, "of_names": list(names)})
    return {key_of(row): row for row in rows}


def _standings_of(computed: Computed, drafted: Iterable[Drafted]) -> tuple[Standing, ...]:
    """Where the seconds stand that no approved document holds."""
    drafted = tuple(drafted)
    kept = {item.document.key for item in drafted if item.state == "approved"}
    blocked = {item.document.key: item.document.problems[0] for item in drafted if item.document.problems}
    return tuple(_as_blocked(row, blocked) for row in computed.bill.standings if row.key is None or row.key not in kept)


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


def record_version(
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
            connection.execute(_CHANGE_NOTES, _of_key(company, key) | state)
        return int(row.version)
    version = 1 if row is None else int(row.version) + 1
    state |= {"version": version, "content_hash": digest, "state": "open"}
    columns = dict(zip(("client", "period", "group_name", "sequence"), key, strict=True)) | {"company": company}
    if row is None:
        connection.execute(_ADD_DRAFT, columns | state)
    else:
        connection.execute(_CHANGE_DRAFT, _of_key(company, key) | state)
    connection.execute(
        _ADD_VERSION,
        columns | {"version": version, "content_hash": digest, "content": encode(document), "made_at": now},
    )
    subject = f"{document.key.client} {document.key.period}"
    append_event(connection, company, "drafted", subject, {"version": version, "hash": digest}, now)
    return version


def _of_key(company: str, key: Key) -> dict[str, object]:
    return dict(zip(_KEY_VALUES, (company, *key), strict=True))


def withdraw(
    connection: Connection,
    company: str,
    approved: Unsent,
    now: datetime,
    because: str = "its work or tables changed before it was sent",
) -> Withdrawn:
    """Take an approved document back; only while its outbox row still says that nothing can have been posted."""
    moved = connection.execute(
        update(schema.outbox)
        .where(schema.outbox.c.id == approved.outbox_id, schema.outbox.c.state == approved.outbox_state)
        .values(state="withdrawn", changed_at=now)
    )
    assert moved.rowcount == 1, "the fingerprint covers the outbox, so its row cannot have moved"
    number = connection.execute(
        update(schema.document)
        .where(schema.document.c.id == approved.document_id)
        .values(withdrawn_at=now, withdrawn_because=because)
        .returning(schema.document.c.number)
    ).scalar_one()
    mark_ours(connection, company, [approved.key[0]])
    withdraw_twins(connection, approved.document_id, because, now)
    append_event(connection, company, "withdrawn", approved.document_id, {"because": because}, now)
    client, period, group, sequence = approved.key
    return Withdrawn(approved.document_id, DocumentKey(client, period, group, sequence), number or "")


def _record_pins(connection: Connection, company: str, pins: Mapping[tuple[Kind, str], str], now: datetime) -> None:
    for (kind, name), quickbooks_id in pins.items():
        connection.execute(
            insert(schema.pin).values(company=company, kind=kind, name=name, quickbooks_id=quickbooks_id, pinned_at=now)
        )
        append_event(connection, company, "pinned", name, {"kind": kind, "id": quickbooks_id}, now)
