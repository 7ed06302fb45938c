"""Explains an entry or a document: each second and cent with the rows of the tables and the steps that made it."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from mappings.documents import Allocation, TaxLine
from mappings.work import WorkItem
from syncd.engine.content import decode_document
from syncd.reports.explain_lines import line_of, retainers_of
from syncd.reports.explain_shares import share_of
from syncd.reports.explain_standings import standing_said
from syncd.reports.explain_words import Words
from syncd.reports.explained import (
    EntryRevision,
    EntryStanding,
    ExplainedDocument,
    ExplainedEntry,
    ExplainedTax,
    Share,
)
from syncd.reports.values import Money, quantity_text
from syncd.store import schema

ENTRY_SCHEMA, DOCUMENT_SCHEMA = "syncd.explain.entry/1", "syncd.explain.document/1"
_read_allocation = msgspec.json.Decoder(Allocation).decode
_read_work = msgspec.json.Decoder(WorkItem).decode


def explain_document(
    company: str, row: Row[Any], line: int | None = None, language: str = "en"
) -> ExplainedDocument | None:
    """Explain a document of ours, or one line of it; None when it has no such line. Sentences are in `language`."""
    document, name, words = decode_document(row.content), row.number or row.id, Words(language)
    if line is not None and line not in {item.number for item in document.lines}:
        return None
    currency = document.currency
    state = _state(row.withdrawn_at)
    shares = [share_of(allocation, name, state, currency, words) for allocation in document.allocations]
    return ExplainedDocument(
        company=company,
        document=name,
        client=document.key.client,
        period=document.key.period,
        kind=document.kind,
        dated=document.dated,
        currency=currency,
        lines=tuple(
            line_of(document, item, [share for share in shares if share.line == item.number], words)
            for item in document.lines
            if line in (None, item.number)
        ),
        unbilled=() if line is not None else tuple(share for share in shares if share.line is None),
        subtotal=Money(document.subtotal_minor, currency),
        taxes=tuple(_tax(tax, currency) for tax in document.taxes),
        tax_computed=document.tax_computed,
        total=Money(document.total_minor, currency),
        next_command=f"syncd show {name}",
        exchange_rate=document.exchange_rate,
        retainers=() if line is not None else retainers_of(document),
        language=words.language,
    )


def explain_entry(
    connection: Connection, company: str, source: str, entry: str, language: str = "en"
) -> ExplainedEntry:
    """Explain one entry that was pulled. Sentences are in `language`."""
    work, words = schema.work.c, Words(language)
    latest = connection.execute(
        select(schema.work).where(work.company == company, work.source == source, work.entry == entry)
    ).one()
    standings = _standings(connection, company, source, entry, words)
    posted = _posted(connection, company, source, entry, words)
    drafted = _drafted(connection, company, source, entry, words)
    held = sum(share.seconds for share in posted if share.state == "approved")
    items = [row.quantity for row in standings] + [share.quantity for share in posted if share.state == "approved"]
    standing_documents = [share.document for share in posted if share.state == "approved"]
    return ExplainedEntry(
        company=company,
        source=source,
        entry=entry,
        deleted=latest.deleted,
        pulled_seconds=0 if latest.deleted else latest.seconds,
        accounted_seconds=held + sum(row.seconds for row in standings),
        revisions=_revisions(connection, company, source, entry),
        shares=(*posted, *drafted),
        standings=standings,
        next_command=f"syncd explain {standing_documents[-1]}" if standing_documents else "syncd preview",
        pulled_quantity=quantity_text(0 if latest.deleted else latest.scaled_quantity),
        accounted_quantity=f"{sum(map(Decimal, items), Decimal(0)).normalize():f}",
        language=words.language,
    )


def _revisions(connection: Connection, company: str, source: str, entry: str) -> tuple[EntryRevision, ...]:
    table = schema.work_revision.c
    query = (
        select(schema.work_revision)
        .where(table.company == company, table.source == source, table.entry == entry)
        .order_by(table.revision)
    )
    found: list[EntryRevision] = []
    before: WorkItem | None = None
    for row in connection.execute(query):
        item = _read_work(row.item)
        found.append(_revision(row, item, _changes(before, item, bool(found) and found[-1].deleted, row.deleted)))
        before = item
    return tuple(found)


def _revision(row: Row[Any], item: WorkItem, changed: tuple[str, ...]) -> EntryRevision:
    return EntryRevision(
        row.revision,
        row.seen_at,
        row.deleted,
        changed,
        item.worked_on,
        item.seconds,
        item.person,
        item.client,
        item.project,
        item.task,
        item.service,
        item.billable,
        item.sign_off,
        item.source_rate,
        item.notes,
        row.raw,
        item.kind,
        quantity_text(item.scaled_quantity),
        item.amount,
        item.rebate_percent,
        item.tax_code,
    )


def _changes(before: WorkItem | None, item: WorkItem, was_deleted: bool, deleted: bool) -> tuple[str, ...]:
    if before is None:
        return ()
    names = [field.name for field in fields(item) if getattr(before, field.name) != getattr(item, field.name)]
    return (*names, "deleted") if deleted != was_deleted else tuple(names)


def _posted(connection: Connection, company: str, source: str, entry: str, words: Words) -> list[Share]:
    document, ledger = schema.document.c, schema.ledger.c
    query = (
        select(document.id, document.number, document.currency, document.withdrawn_at, ledger.detail)
        .join(schema.ledger, ledger.document_id == document.id)
        .where(ledger.company == company, ledger.source == source, ledger.entry == entry)
        .order_by(ledger.id)
    )
    return [
        share_of(_read_allocation(row.detail), row.number or row.id, _state(row.withdrawn_at), row.currency, words)
        for row in connection.execute(query)
    ]


def _state(withdrawn_at: datetime | None) -> str:
    return "withdrawn" if withdrawn_at else "approved"


def _drafted(connection: Connection, company: str, source: str, entry: str, words: Words) -> list[Share]:
    """What open drafts would do to the entry; its standing says which drafts carry it."""
    draft, version, standing = schema.draft.c, schema.draft_version.c, schema.standing.c
    keys = ("company", "client", "period", "group_name", "sequence")
    same_draft = [draft[name] == version[name] for name in keys]
    carries = [draft[name] == standing[name] for name in keys]
    query = (
        select(version.content, draft.client, draft.period)
        .distinct()
        .select_from(schema.draft)
        .join(schema.draft_version, (draft.version == version.version) & same_draft[0])
        .join(schema.standing, carries[0])
        .where(*same_draft[1:], *carries[1:])
        .where(draft.company == company, draft.state == "open")
        .where(standing.source == source, standing.entry == entry)
    )
    shares = []
    for row in connection.execute(query):
        document = decode_document(row.content)
        shares += [
            share_of(allocation, f"{row.client} {row.period}", "drafted", document.currency, words)
            for allocation in document.allocations
            if (allocation.source, allocation.entry) == (source, entry)
        ]
    return shares


def _standings(
    connection: Connection, company: str, source: str, entry: str, words: Words
) -> tuple[EntryStanding, ...]:
    table = schema.standing.c
    query = (
        select(table.state, table.code, table.what, table.client, table.seconds, table.scaled_quantity)
        .where(table.company == company, table.source == source, table.entry == entry)
        .order_by(table.position)
    )
    return tuple(
        EntryStanding(
            row.state,
            row.code,
            standing_said(row.code, row.what, words),
            row.client,
            row.seconds,
            quantity_text(row.scaled_quantity),
        )
        for row in connection.execute(query)
    )


def _tax(tax: TaxLine, currency: str) -> ExplainedTax:
    return ExplainedTax(
        tax.tax_code, tax.component, tax.percent, Money(tax.base_minor, currency), Money(tax.amount_minor, currency)
    )
