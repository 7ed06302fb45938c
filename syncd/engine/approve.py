"""Approve: a person or a policy, bound to the content hash, turns a draft version into a document that will be sent.

In one transaction: the document, its ledger rows, its number, and the outbox row with the exact payload and the request
id. What was approved is what is sent, or nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime

from sqlalchemy import Connection, insert, update

from connectors.quickbooks.marker import marker_of
from connectors.quickbooks.payloads import document_payload
from connectors.quickbooks.wire import write_json
from mappings.catalogue import Books
from mappings.documents import Document, DocumentKey
from mappings.problems import Problem
from mappings.world import Run
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.content import document_id_of, encode
from syncd.engine.draft import Drafted, DraftReport, at_key, choose_date, draft, passes_policy
from syncd.engine.numbers import document_number
from syncd.engine.outbox import enqueue
from syncd.engine.pairs import join_pair
from syncd.engine.reference import load_books
from syncd.engine.standings import take_drafted
from syncd.engine.world import key_of
from syncd.store import schema
from syncd.store.changes import mark_ours
from syncd.store.database import Store
from syncd.store.events import append_event

Shown = Mapping[DocumentKey, str]
"""Draft key → the content hash that a person was shown."""


@dataclass(frozen=True, slots=True)
class Approved:
    """One document as approved. `number` is empty for a settlement, or where QuickBooks numbers."""

    document_id: str
    number: str
    document: Document


@dataclass(frozen=True, slots=True)
class ApproveReport:
    """What was approved; and for each wanted document that was not, why."""

    approved: tuple[Approved, ...]
    refused: tuple[Problem, ...]
    drafts: DraftReport


def approve(
    store: Store,
    config: Config,
    *,
    today: date,
    clock: Clock,
    by: str,
    wanted: Callable[[Drafted], bool],
    shown: Shown | None = None,
    run: Run = Run(),
    dated: date | None = None,
) -> ApproveReport:
    """Approve the wanted drafts, each as far as it still is what was shown.

    `shown` are the hashes of a plan; None: what the last preview showed of each, if it was shown at all, whatever was
    drafted since. All of a plan or nothing: if one document of it has moved, none is approved. `dated` dates the
    documents otherwise, for closed books.
    """
    before = _last_shown(store, config.company.name) if shown is None else dict(shown)
    report = draft(store, config, today=today, clock=clock, run=run)
    chosen = [item for item in report.documents if wanted(item) and item.state == "open"]
    if dated is not None and not any(_moved(item, before) for item in chosen):
        # The date is the person's own change, and all else has just been found as it was shown.
        choose_date(store, config.company.name, {item.document.key.client for item in chosen}, dated)
        report, before = draft(store, config, today=today, clock=clock, run=run), {}
        chosen = [item for item in report.documents if wanted(item) and item.state == "open"]
    refused = [problem for item in chosen if (problem := _refusal(item, before)) is not None]
    if shown is not None:
        refused += _missing_from(shown, report)
        if refused:
            return ApproveReport((), tuple(refused), report)
    agreed = [item for item in chosen if _refusal(item, before) is None]
    approved = [_approve_one(store, config, item, clock.now(), by) for item in agreed]
    return ApproveReport(tuple(row for row in approved if row is not None), tuple(refused), report)


def auto_approve(store: Store, config: Config, drafts: DraftReport, *, clock: Clock) -> tuple[Approved, ...]:
    """Approve by policy: what is within `auto_approve_up_to` (before tax) and neither blocked nor held."""
    by = f"policy auto_approve_up_to = {config.company.approval.auto_approve_up_to}"
    wanted = (item for item in drafts.documents if passes_policy(config, item))
    approved = [_approve_one(store, config, item, clock.now(), by) for item in wanted]
    return tuple(row for row in approved if row is not None)


def remember_shown(store: Store, company: str, items: Iterable[Drafted]) -> None:
    """Keep what a person has just been shown of each draft: a later approval by name is for that and nothing else."""
    with store.write() as connection:
        for item in items:
            connection.execute(
                update(schema.draft)
                .where(at_key(company, item.document.key), schema.draft.c.shown_hash.is_distinct_from(item.hash))
                .values(shown_hash=item.hash)
            )


def _last_shown(store: Store, company: str) -> dict[DocumentKey, str]:
    table = schema.draft.c
    query = schema.draft.select().where(table.company == company, table.shown_hash.is_not(None))
    with store.read() as connection:
        return {DocumentKey(*key_of(row)): row.shown_hash for row in connection.execute(query)}


def _refusal(item: Drafted, shown: Mapping[DocumentKey, str]) -> Problem | None:
    """Why this draft may not be approved now, if there is a reason."""
    key = item.document.key
    name = f"{key.client} {key.period}" + (f" {key.group}" if key.group else "")
    if item.document.problems:
        first = item.document.problems[0]
        return Problem("blocked", f"{name} is blocked: {first.what}", first.fix, first.place, subject=key.client)
    if _moved(item, shown):
        return Problem(
            "draft-changed",
            f"{name} has changed since it was last shown: its work or tables moved.",
            "Look at it again with `syncd preview`, then approve.",
            subject=key.client,
        )
    return None


def _moved(item: Drafted, shown: Shown) -> bool:
    return shown.get(item.document.key, item.hash) != item.hash


def _missing_from(shown: Shown, report: DraftReport) -> list[Problem]:
    have = {item.document.key for item in report.documents if item.state == "open"}
    return [
        Problem(
            "draft-gone",
            f"{key.client} {key.period} of the plan is not there to approve any more: approved, or nothing is left.",
            "Make a new plan with `syncd preview --out plan.json`.",
            subject=key.client,
        )
        for key in shown
        if key not in have
    ]


def _approve_one(store: Store, config: Config, item: Drafted, now: datetime, by: str) -> Approved | None:
    """Write one approval; None when another process approved or redrafted it in between."""
    company, key = config.company.name, item.document.key
    with store.write() as connection:
        table = schema.draft.c
        claimed = connection.execute(
            update(schema.draft)
            .where(at_key(company, key))
            .where(table.state == "open", table.version == item.version, table.content_hash == item.hash)
            .values(state="approved")
        )
        if claimed.rowcount != 1:
            return None
        approved = _write_approved(connection, config, item, now, by)
        take_drafted(connection, company, key)
        for mirror in item.mirrors:
            lender = mirror.lender
            twin = _write_approved(
                connection, lender, Drafted(mirror.document, item.version, mirror.hash, "open"), now, by
            )
            join_pair(
                connection,
                company=lender.company.name,
                document_id=twin.document_id,
                borrower=company,
                first_id=approved.document_id,
            )
    return approved


def _write_approved(connection: Connection, config: Config, item: Drafted, now: datetime, by: str) -> Approved:
    """The document with its number, its ledger rows, and the intent to send it."""
    company, document = config.company.name, item.document
    document_id = document_id_of(company, document.key, item.version)
    books = load_books(connection, company)
    number = None if document.kind == "settlement" else document_number(connection, config, document)
    insert_document(connection, config, document_id, item, books, number, now, by)
    insert_ledger(connection, company, document_id, document)
    if document.kind != "settlement":
        assert books is not None, "a document without QuickBooks' lists has a problem and is refused"
        payload = encode_payload(document, document_id, item.hash, books, number)
        enqueue(
            connection,
            company=company,
            realm=books.realm,
            operation="create",
            document_id=document_id,
            payload=payload,
            now=now,
        )
    append_event(connection, company, "approved", document_id, {"hash": item.hash, "number": number, "by": by}, now)
    return Approved(document_id, number or "", document)


def insert_document(
    connection: Connection,
    config: Config,
    document_id: str,
    item: Drafted,
    books: Books | None,
    number: str | None,
    now: datetime,
    by: str,
) -> None:
    """Write the row of a document; its ledger rows and its intent to be sent are written beside it."""
    document, key = item.document, item.document.key
    connection.execute(
        insert(schema.document).values(
            id=document_id,
            company=config.company.name,
            realm=books.realm if books is not None and document.kind != "settlement" else "",
            kind=document.kind,
            client=key.client,
            period=key.period,
            group_name=key.group,
            sequence=key.sequence,
            version=item.version,
            content_hash=item.hash,
            number=number,
            customer_id=document.customer_id,
            period_first=document.period.first,
            period_last=document.period.last,
            dated=document.dated,
            currency=document.currency,
            subtotal_minor=document.subtotal_minor,
            tax_minor=document.tax_minor,
            content=encode(document),
            approved_by=by,
            approved_at=now,
        )
    )


def insert_ledger(connection: Connection, company: str, document_id: str, document: Document) -> None:
    """Write the ledger rows of a document; from here on they are what was billed."""
    mark_ours(connection, company, {document.key.client, *(row.terms.client for row in document.allocations)})
    rows = [
        {
            "company": company,
            "document_id": document_id,
            "position": position,
            "line": row.line,
            "source": row.source,
            "entry": row.entry,
            "revision": row.revision,
            "effect": row.effect,
            "seconds": row.seconds,
            "billed_seconds": row.billed_seconds,
            "amount_minor": row.amount_minor,
            "worked_on": row.worked_on,
            "client": row.terms.client,
            "detail": encode(row),
            "scaled_quantity": row.scaled_quantity,
            "retainer": row.retainer or None,
            "retainer_period": row.retainer_period or None,
            "drawn_seconds": row.draws_seconds if row.retainer else None,
        }
        for position, row in enumerate(document.allocations)
    ]
    if rows:
        connection.execute(insert(schema.ledger), rows)
    fees = [
        {
            "company": company,
            "document_id": document_id,
            "fee": row.fee,
            "due": row.due,
            "amount_minor": row.amount_minor,
            "detail": encode(row),
        }
        for row in document.fees
    ]
    if fees:
        connection.execute(insert(schema.fee_ledger), fees)
    hours = [{"company": company, "document_id": document_id, **asdict(row)} for row in document.hours]
    if hours:
        connection.execute(insert(schema.retainer_ledger), hours)


def encode_payload(document: Document, document_id: str, digest: str, books: Books, number: str | None) -> str:
    """The exact JSON that QuickBooks receives for a document."""
    marker = marker_of(document_id, digest)
    return write_json(document_payload(document, doc_number=number, marker=marker, books=books))
