"""The mirror of QuickBooks' invoices, credit memos and payments: what was read, as it was read, and only forwards.

The same change read twice, or an older one after a newer, changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, insert, literal, select, update

from connectors.quickbooks.entities import Entity
from connectors.quickbooks.remote import RemoteDocument
from connectors.quickbooks.wire import parse_json
from syncd.engine.deposits import clients_with_deposits
from syncd.store import schema
from syncd.store.changes import mark_document_clients
from syncd.store.events import append_event

MIRRORED: tuple[Entity, ...] = ("Invoice", "CreditMemo", "Payment")
KINDS = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
"""What our kinds of documents are called in QuickBooks."""
_NEVER_READ = "0"
_IDS_A_QUERY = 500
Key = tuple[str, str]
"""Type and id in QuickBooks."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """A transaction that QuickBooks says is deleted; all that is told is its id, and when."""

    entity: Entity
    id: str
    at: datetime | None


def key_of(value: RemoteDocument | Deleted) -> Key:
    """Under which key the mirror has it."""
    return (value.entity, value.id)


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What recording changed: the keys of rows that are new or other than before, and of those that are gone."""

    changed: frozenset[Key] = frozenset()
    deleted: frozenset[Key] = frozenset()


def known_rows(
    connection: Connection, company: str, keys: Collection[Key] | None = None
) -> dict[Key, Row[*tuple[Any, ...]]]:
    """The mirror's rows, or those with these keys, without what is long."""
    table = schema.remote_document.c
    columns = [column for column in table if column.name != "raw"]
    query = select(*columns).where(table.company == company)
    if keys is None:
        return {(row.type, row.id): row for row in connection.execute(query)}
    found: dict[Key, Row[*tuple[Any, ...]]] = {}
    for ids in _portions({object_id for _, object_id in keys}):
        found |= {(row.type, row.id): row for row in connection.execute(query.where(table.id.in_(ids)))}
    return {key: row for key, row in found.items() if key in set(keys)}


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    listed = sorted(ids)
    for start in range(0, len(listed), _IDS_A_QUERY):
        yield listed[start : start + _IDS_A_QUERY]


def sent_keys(connection: Connection, company: str) -> set[Key]:
    """The documents and payments of 0 of ours that QuickBooks has answered for."""
    return set(_sent(connection, company))


def _sent(connection: Connection, company: str) -> dict[Key, Row[*tuple[Any, ...]]]:
    table = schema.document.c
    columns = [column for column in table if column.name != "content"]
    query = select(*columns).where(table.company == company, table.quickbooks_id.is_not(None))
    sent = {(KINDS[row.kind], row.quickbooks_id): row for row in connection.execute(query)}
    application = schema.application.c
    # A payment of 0 is known by the credit memo that it applies.
    instead = {"quickbooks_id": application.quickbooks_id, "number": literal(""), "subtotal_minor": literal(0)}
    instead |= {"tax_minor": literal(0)}
    payments = (
        select(*(instead[column.name].label(column.name) if column.name in instead else column for column in columns))
        .join(schema.application, application.credit_id == table.id)
        .where(application.company == company, application.quickbooks_id.is_not(None))
    )
    return sent | {("Payment", row.quickbooks_id): row for row in connection.execute(payments)}


def changes_among(
    connection: Connection, company: str, found: Collection[RemoteDocument], deleted: Collection[Deleted]
) -> tuple[list[RemoteDocument], list[Deleted]]:
    """Of what was read, that which is news to the mirror; a deletion also of what of ours it has never shown."""
    keys = {key_of(row) for row in found} | {key_of(stub) for stub in deleted}
    known, sent = known_rows(connection, company, keys), sent_keys(connection, company)
    newer = [row for row in found if _is_news(connection, known.get((row.entity, row.id)), row)]
    gone = []
    for stub in deleted:
        before = known.get((stub.entity, stub.id))
        if (before is not None and before.state != "deleted") or (before is None and (stub.entity, stub.id) in sent):
            gone.append(stub)
    return newer, gone


def customers_among(
    connection: Connection, company: str, found: Collection[RemoteDocument], deleted: Collection[Deleted]
) -> set[str]:
    """The customers whose balances the news move."""
    newer, gone = changes_among(connection, company, found, deleted)
    known = known_rows(connection, company, {key_of(stub) for stub in gone})
    sent = _sent(connection, company)
    customers = {row.customer_id for row in newer} | {row.customer_id for row in known.values()}
    customers |= {sent[row.entity, row.id].customer_id for row in gone if (row.entity, row.id) not in known}
    return customers - {""}


def _is_news(connection: Connection, known: Row[*tuple[Any, ...]] | None, found: RemoteDocument) -> bool:
    if known is None:
        return True
    if known.state == "deleted" or _version(found.sync_token, found.last_updated) < _version(
        known.sync_token, known.last_updated
    ):
        # A deleted id never lives again; an older version was late on its way.
        return False
    table = schema.remote_document.c
    raw = select(table.raw).where(table.company == known.company, table.type == known.type, table.id == known.id)
    before = connection.execute(raw).scalar_one()
    # Members may come in another order each time: only what they say counts.
    return before != found.raw and bool(parse_json(before) != parse_json(found.raw))


def _version(sync_token: str, last_updated: datetime | None) -> tuple[int, float]:
    """SyncToken grows with each change; what is applied to a document may move its time alone."""
    return (int(sync_token or 0), last_updated.timestamp() if last_updated else 0.0)


def record(
    connection: Connection,
    company: str,
    found: Collection[RemoteDocument],
    deleted: Collection[Deleted],
    now: datetime,
) -> Mirrored:
    """Write what is news; of a deleted one its last known amounts stay, for the record."""
    if not found and not deleted:
        return Mirrored()
    newer, gone = changes_among(connection, company, found, deleted)
    known = known_rows(connection, company, {key_of(row) for row in newer} | {key_of(stub) for stub in gone})
    for row in newer:
        _write(connection, company, row, known.get((row.entity, row.id)), now)
    _mark_deposits(connection, company, newer, gone)
    for stub in gone:
        if (stub.entity, stub.id) not in known:
            _write_as_sent(connection, company, stub, now)
        _write_deleted(connection, company, stub, now)
    gone_keys = {key_of(stub) for stub in gone}
    return Mirrored(frozenset({key_of(row) for row in newer} | gone_keys), frozenset(gone_keys))


def _write(
    connection: Connection, company: str, row: RemoteDocument, before: Row[*tuple[Any, ...]] | None, now: datetime
) -> None:
    updated = row.last_updated or now
    values: Mapping[str, object] = {
        "sync_token": row.sync_token,
        "number": row.doc_number,
        "customer_id": row.customer_id,
        "currency": row.currency,
        "dated": row.txn_date or updated.date(),
        "due": row.due_date,
        "total_minor": row.total_minor,
        "tax_minor": row.tax_minor,
        "balance_minor": row.balance_minor,
        "state": row.state,
        "marker": row.marker,
        "email_status": row.email_status,
        "last_updated": updated,
        "raw": row.raw,
    }
    if before is None:
        key = {"company": company, "type": row.entity, "id": row.id}
        connection.execute(insert(schema.remote_document).values(**key, **values))
    else:
        connection.execute(update(schema.remote_document).where(_here(company, row.entity, row.id)).values(**values))
    if row.entity == "Payment":
        _write_links(connection, company, row)
    if row.state != ("live" if before is None else before.state):
        mark_document_clients(connection, company, _ours(row.entity, row.id))
    if before is not None and before.state != row.state:
        append_event(connection, company, f"remote-{row.state}", f"{row.entity} {row.id}", {}, now)


def _mark_deposits(
    connection: Connection, company: str, newer: Collection[RemoteDocument], gone: Collection[Deleted]
) -> None:
    """What is open, and what was paid, decides what is drawn from a deposit: of clients that have one."""
    with_deposits = set(connection.execute(clients_with_deposits(company)).scalars())
    if not with_deposits:
        return
    document = schema.document.c
    for ids in _portions({row.id for row in newer} | {stub.id for stub in gone}):
        mark_document_clients(
            connection, company, document.quickbooks_id.in_(ids) & document.client.in_(sorted(with_deposits))
        )


def _write_links(connection: Connection, company: str, row: RemoteDocument) -> None:
    """A payment's links as they are now, in place of those it had: a payment that was changed counts as it is."""
    connection.execute(delete(schema.remote_link).where(_links_of(company, row.entity, row.id)))
    links = [
        {
            "company": company,
            "type": row.entity,
            "id": row.id,
            "position": position,
            "linked_type": link.txn_type,
            "linked_id": link.txn_id,
            "amount_minor": link.amount_minor,
        }
        for position, link in enumerate(link for link in row.links if link.amount_minor is not None)
    ]
    if links and row.state == "live":
        connection.execute(insert(schema.remote_link), links)


def _write_as_sent(connection: Connection, company: str, stub: Deleted, now: datetime) -> None:
    """A row for a document of ours that was deleted before it was ever read: as we sent it."""
    document = _sent(connection, company)[stub.entity, stub.id]
    connection.execute(
        insert(schema.remote_document).values(
            company=company,
            type=stub.entity,
            id=stub.id,
            sync_token=_NEVER_READ,
            number=document.number or "",
            customer_id=document.customer_id,
            currency=document.currency,
            dated=document.dated,
            total_minor=abs(document.subtotal_minor + document.tax_minor),
            tax_minor=abs(document.tax_minor),
            balance_minor=0,
            state="live",
            marker="",
            email_status="",
            last_updated=stub.at or now,
            raw="{}",
        )
    )


def _write_deleted(connection: Connection, company: str, stub: Deleted, now: datetime) -> None:
    connection.execute(
        update(schema.remote_document)
        .where(_here(company, stub.entity, stub.id))
        .values(state="deleted", balance_minor=0, last_updated=stub.at or now)
    )
    connection.execute(delete(schema.remote_link).where(_links_of(company, stub.entity, stub.id)))
    mark_document_clients(connection, company, _ours(stub.entity, stub.id))
    append_event(connection, company, "remote-deleted", f"{stub.entity} {stub.id}", {}, now)


def _ours(entity: str, object_id: str) -> ColumnElement[bool]:
    """The document of ours that this is, if it is one."""
    kinds = [kind for kind, name in KINDS.items() if name == entity]
    return schema.document.c.kind.in_(kinds) & (schema.document.c.quickbooks_id == object_id)


def _here(company: str, entity: str, object_id: str) -> Any:
    table = schema.remote_document.c
    return (table.company == company) & (table.type == entity) & (table.id == object_id)


def _links_of(company: str, entity: str, object_id: str) -> Any:
    table = schema.remote_link.c
    return (table.company == company) & (table.type == entity) & (table.id == object_id)
