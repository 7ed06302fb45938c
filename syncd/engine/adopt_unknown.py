"""Documents of ours in QuickBooks that this database does not know: it is older than QuickBooks, as after a restore.

They are told by our marker in the mirror. Until each is adopted, nothing new is sent to the clients concerned: it
might be the same work a second time.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import product

from sqlalchemy import Connection, case, select, tuple_, union

from connectors.quickbooks.entities import NUMBERED, Entity
from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import parse_json
from mappings.documents import DocumentKey
from mappings.periods import PERIOD_KINDS, period_of, single_day
from syncd.engine.content import document_id_of
from syncd.store import schema

_IN_FLIGHT = ("sending", "unknown")
_MONTHS_BACK, _SEQUENCES, _VERSIONS = 3, 12, 40
"""How far the key behind a marker is searched: a document may be dated later than its period, but not by much."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """One document with our marker that no document of this database is. `state`: live, voided, deleted."""

    type: Entity
    id: str
    number: str
    customer_id: str
    dated: date
    state: str
    marker: str
    made_at: str
    """When QuickBooks made it, as it says: what is adopted first was billed first."""

    @property
    def document_id(self) -> str:
        """Under which id we made it."""
        return self.marker.removeprefix("syncd:").partition(" ")[0]

    @property
    def digest(self) -> str:
        """How the hash of its content begins."""
        return self.marker.rpartition(" ")[2]

    @property
    def name(self) -> str:
        """How people know it."""
        return self.number or f"{self.type} {self.id}"


@dataclass(frozen=True, slots=True)
class Known:
    """What is told of an unknown document by its marker's id. `client` is "" where it cannot be told."""

    client: str = ""
    key: DocumentKey | None = None


@dataclass(frozen=True, slots=True)
class Behind:
    """Who waits until QuickBooks' documents are adopted. `everybody`: for one of them the client cannot be told."""

    clients: frozenset[str] = frozenset()
    customers: frozenset[str] = frozenset()
    everybody: bool = False

    def __bool__(self) -> bool:
        return self.everybody or bool(self.clients or self.customers)

    def holds(self, client: str, customer_id: str) -> bool:
        """Whether nothing may be sent to this client for the first time."""
        return self.everybody or client in self.clients or customer_id in self.customers


def unknown_documents(connection: Connection, company: str) -> list[Unknown]:
    """All that the mirror shows, oldest first. A copy that a person made of a document that we know is not among them.

    Nor is what was sent and not yet answered: the push looks for that by itself.
    """
    remote, document, outbox = schema.remote_document.c, schema.document.c, schema.outbox.c
    kind = case((document.kind == "invoice", "Invoice"), else_="CreditMemo")
    # Asked as a set of keys: each report asks, of a mirror with tens of thousands of documents that all are ours.
    ours = select(kind, document.quickbooks_id).where(document.company == company, document.quickbooks_id.is_not(None))
    mine = (remote.company == company, remote.type.in_(NUMBERED), remote.marker != "")
    key = tuple_(remote.type, remote.id)
    marked = connection.execute(select(remote.type, remote.id, remote.marker).where(*mine, key.not_in(ours))).all()
    if not marked:
        return []
    copied = set(connection.execute(select(remote.marker).where(*mine, key.in_(ours))).scalars())
    sent = select(document.id).where(document.company == company, document.quickbooks_id.is_not(None))
    flying = select(outbox.document_id).where(outbox.company == company, outbox.state.in_(_IN_FLIGHT))
    settled = {*connection.execute(sent).scalars(), *connection.execute(flying).scalars()}
    keys = [
        (row.type, row.id)
        for row in marked
        if row.marker not in copied and row.marker.removeprefix("syncd:").partition(" ")[0] not in settled
    ]
    return sorted(_read(connection, company, keys), key=lambda row: (row.made_at, int(row.id)))


def _read(connection: Connection, company: str, keys: Iterable[tuple[str, str]]) -> Iterator[Unknown]:
    remote = schema.remote_document.c
    for kind, identity in keys:
        row = connection.execute(
            select(schema.remote_document).where(remote.company == company, remote.type == kind, remote.id == identity)
        ).one()
        made_at = text_of(parse_json(row.raw), "MetaData", "CreateTime")
        yield Unknown(row.type, row.id, row.number, row.customer_id, row.dated, row.state, row.marker, made_at)


def who_is_behind(connection: Connection, company: str, unknown: Collection[Unknown]) -> Behind:
    """Whom nothing new is sent to. A document's customer may have been changed by hand: its client counts, too."""
    if not unknown:
        return Behind()
    known = [known_by_id(connection, company, row) for row in unknown]
    return Behind(
        frozenset(one.client for one in known if one.client),
        frozenset(row.customer_id for row in unknown if row.customer_id),
        everybody=any(not one.client for one in known),
    )


def known_by_id(connection: Connection, company: str, unknown: Unknown) -> Known:
    """Which client and draft a marker's id was made of: ours to look up, or one of few that are tried in turn."""
    document = schema.document.c
    row = connection.execute(select(schema.document).where(document.id == unknown.document_id)).one_or_none()
    if row is not None:
        return Known(row.client, DocumentKey(row.client, row.period, row.group_name, row.sequence))
    for client in _clients(connection, company, unknown.customer_id):
        for key in _keys(connection, company, client, unknown.dated):
            for version in range(1, _VERSIONS + 1):
                if document_id_of(company, key, version) == unknown.document_id:
                    return Known(client, key)
    return Known()


def clients_of_customer(connection: Connection, company: str, customer_id: str) -> list[str]:
    """Our names for a customer of QuickBooks; that which it has there is one, as long as no table says otherwise."""
    pin, reference = schema.pin.c, schema.reference.c
    pinned = select(pin.name).where(pin.company == company, pin.kind == "customer", pin.quickbooks_id == customer_id)
    named = select(reference.name).where(
        reference.company == company, reference.kind == "customer", reference.id == customer_id
    )
    return [*sorted(connection.execute(pinned).scalars()), *connection.execute(named).scalars()]


def _clients(connection: Connection, company: str, customer_id: str) -> list[str]:
    """Every name that may be a client's, those of the document's customer first."""
    pin, standing, draft = schema.pin.c, schema.standing.c, schema.draft.c
    likely = clients_of_customer(connection, company, customer_id)
    names = union(
        select(pin.name).where(pin.company == company, pin.kind == "customer"),
        select(standing.client).where(standing.company == company),
        select(draft.client).where(draft.company == company),
    )
    return list(dict.fromkeys([*likely, *sorted(connection.execute(names).scalars())]))


def _keys(connection: Connection, company: str, client: str, dated: date) -> Iterator[DocumentKey]:
    draft = schema.draft.c
    groups = {
        "",
        *connection.execute(
            select(draft.group_name).where(draft.company == company, draft.client == client).distinct()
        ).scalars(),
    }
    days = [dated - timedelta(days=31 * months) for months in range(_MONTHS_BACK + 1)]
    periods = dict.fromkeys(period_of(kind, day).name for day, kind in product(days, reversed(PERIOD_KINDS)))
    periods[single_day(dated).name] = None
    for period, group, sequence in product(periods, sorted(groups), range(1, _SEQUENCES + 1)):
        yield DocumentKey(client, period, group, sequence)
