"""Record that a document in QuickBooks is one of ours: its row, ledger, number, and the outbox row as done."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select, update

from connectors.quickbooks.payloads import document_payload
from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import parse_json, write_json
from mappings.catalogue import Books
from mappings.documents import Document, DocumentKey
from syncd.config import Config
from syncd.engine import outbox
from syncd.engine.adopt_unknown import Unknown
from syncd.engine.approve import insert_document, insert_ledger
from syncd.engine.content import content_hash, decode_document
from syncd.engine.draft import Drafted, at_key, record_version, withdraw
from syncd.engine.drift import update_drift
from syncd.engine.numbers import next_number
from syncd.engine.outbox import Answer, OutboxRow
from syncd.engine.push_run import tasks_of
from syncd.engine.push_step import enqueue_email
from syncd.engine.standings import take_drafted
from syncd.engine.world import UNSENT, Key, unsent_documents
from syncd.store import schema
from syncd.store.changes import mark_ours
from syncd.store.leases import Lease

BY = "found in QuickBooks"
"""Who is recorded to have approved it: the approval itself is lost with the newer database."""
_BECAUSE = "QuickBooks has another document of this draft, which was adopted"


def record_known(connection: Connection, config: Config, lease: Lease, unknown: Unknown, now: datetime) -> str | None:
    """Adopt what this database holds as approved, refused or withdrawn: its client; None where the content differs."""
    table, company = schema.document.c, config.company.name
    row = connection.execute(
        select(schema.document).where(table.id == unknown.document_id, table.company == company)
    ).one_or_none()
    if row is None or row.quickbooks_id is not None or not row.content_hash.startswith(unknown.digest):
        return None
    create = _create_row(connection, row.id)
    if create is None or create.state not in (*UNSENT, "withdrawn"):
        return None
    document = decode_document(row.content)
    _make_room(connection, company, document.key, now, keep=row.id)
    number = _free_number(connection, config, lease, unknown, now)
    connection.execute(
        update(schema.document)
        .where(table.id == row.id)
        .values(withdrawn_at=None, withdrawn_because=None, number=number)
    )
    payload = parse_json(create.payload)
    if number is not None and text_of(payload, "DocNumber") not in ("", number):
        _set_payload(connection, create, write_json(payload | {"DocNumber": number}))
    before = _draft_row(connection, company, document.key)
    if before is None or before.content_hash != row.content_hash:
        record_version(connection, company, _key(document), document, row.content_hash, before, now)
    connection.execute(update(schema.draft).where(at_key(company, document.key)).values(state="approved"))
    take_drafted(connection, company, document.key)
    _record_found(connection, config, lease, row.id, unknown, now)
    mark_ours(connection, company, [document.key.client])
    return document.key.client


def record_drafted(
    connection: Connection,
    config: Config,
    lease: Lease,
    unknown: Unknown,
    document: Document,
    books: Books,
    now: datetime,
    *,
    payload: str = "",
) -> str:
    """Adopt a draft of the same content (or, with a `payload`, what a person had taken for it); gives back its id."""
    company, digest = config.company.name, content_hash(document)
    _make_room(connection, company, document.key, now)
    number = _free_number(connection, config, lease, unknown, now)
    before = _draft_row(connection, company, document.key)
    version = record_version(connection, company, _key(document), document, digest, before, now)
    connection.execute(update(schema.draft).where(at_key(company, document.key)).values(state="approved"))
    taken = connection.execute(
        select(schema.document.c.id).where(schema.document.c.id == unknown.document_id)
    ).one_or_none()
    document_id = unknown.document_id if taken is None else f"{unknown.document_id}-{unknown.type}-{unknown.id}"
    drafted = Drafted(document, version, digest, "approved")
    insert_document(connection, config, document_id, drafted, books, number, now, BY)
    insert_ledger(connection, company, document_id, document)
    take_drafted(connection, company, document.key)
    if not payload:
        bare = replace(document, problems=())
        payload = write_json(document_payload(bare, doc_number=number, marker=unknown.marker, books=books))
    outbox.enqueue(
        connection,
        company=company,
        realm=books.realm,
        operation="create",
        document_id=document_id,
        payload=payload,
        now=now,
    )
    _record_found(connection, config, lease, document_id, unknown, now)
    mark_ours(connection, company, [document.key.client])
    return document_id


def _record_found(
    connection: Connection, config: Config, lease: Lease, document_id: str, unknown: Unknown, now: datetime
) -> None:
    """The outbox row is done, its e-mail is owed unless it has left, and what a person changed there is drift."""
    row = _create_row(connection, document_id)
    assert row is not None, "a document has the intent to create it"
    answer = Answer("found", detail=f"{unknown.type} {unknown.id} carries our marker; this database did not know it")
    moved = outbox.record_done(connection, row, lease, unknown.id, answer, now)
    assert moved, "it was read in this transaction"
    remote = schema.remote_document.c
    here = (remote.company == row.company) & (remote.type == unknown.type) & (remote.id == unknown.id)
    mailed = connection.execute(select(remote.email_status).where(here)).scalar_one() == "EmailSent"
    if unknown.state == "live" and not mailed:
        enqueue_email(connection, config, tasks_of(connection, [row])[0], unknown.id, now)
    update_drift(connection, row.company, now, only={(unknown.type, unknown.id)})


def _create_row(connection: Connection, document_id: str) -> OutboxRow | None:
    """The newest row that creates a document, withdrawn or not."""
    table = schema.outbox.c
    columns = [table[name] for name in OutboxRow.__dataclass_fields__]
    query = select(*columns).where(table.document_id == document_id, table.operation == "create")
    row = connection.execute(query.order_by(table.generation.desc(), table.id.desc()).limit(1)).one_or_none()
    return None if row is None else OutboxRow(*row)


def _key(document: Document) -> Key:
    key = document.key
    return (key.client, key.period, key.group, key.sequence)


def _draft_row(connection: Connection, company: str, key: DocumentKey) -> Row[Any] | None:
    return connection.execute(select(schema.draft).where(at_key(company, key))).one_or_none()


def _make_room(connection: Connection, company: str, key: DocumentKey, now: datetime, keep: str = "") -> None:
    """Take back what was approved here for the same draft: it is not what QuickBooks has."""
    same = (key.client, key.period, key.group, key.sequence)
    for unsent in unsent_documents(connection, company):
        if unsent.key == same and unsent.document_id != keep:
            withdraw(connection, company, unsent, now, _BECAUSE)


def _free_number(connection: Connection, config: Config, lease: Lease, unknown: Unknown, now: datetime) -> str | None:
    """The document's number for our books; what was to be sent under it gets the next one."""
    if config.quickbooks.invoice_number == "quickbooks" or not unknown.number:
        return None
    table, company = schema.document.c, config.company.name
    holder = connection.execute(
        select(schema.document).where(
            table.company == company,
            table.number == unknown.number,
            table.withdrawn_at.is_(None),
            table.id != unknown.document_id,
        )
    ).one_or_none()
    if holder is None:
        return unknown.number
    row = _create_row(connection, holder.id)
    if row is None or row.state not in UNSENT or row.doubted:
        return None  # A person gave it the number of another document of ours: drift tells.
    if row.state == "refused":
        unsent = next(one for one in unsent_documents(connection, company) if one.document_id == holder.id)
        withdraw(connection, company, unsent, now, f"its number {unknown.number} is another document's in QuickBooks")
        return unknown.number
    number = next_number(connection, config, decode_document(holder.content))
    connection.execute(update(schema.document).where(table.id == holder.id).values(number=number))
    outbox.renew(connection, row, lease, write_json(parse_json(row.payload) | {"DocNumber": number}), now)
    return unknown.number


def _set_payload(connection: Connection, row: OutboxRow, payload: str) -> None:
    connection.execute(
        update(schema.outbox)
        .where(schema.outbox.c.id == row.id)
        .values(payload=payload, payload_hash=outbox.payload_hash_of(payload))
    )
