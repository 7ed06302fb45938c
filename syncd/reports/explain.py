"""Explains an entry or a document: each second and cent with the rows of the tables and the steps that made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec
from sqlalchemy import Connection, Row, select

from mappings.documents import Allocation, Document, FeeAllocation, Line, Reason, TaxLine
from mappings.steps import say
from mappings.work import WorkItem
from syncd.engine.content import decode_document
from syncd.reports.explained import (
    EntryRevision,
    EntryStanding,
    ExplainedDocument,
    ExplainedEntry,
    ExplainedLine,
    ExplainedTax,
    FeeShare,
    Share,
    TableRow,
)
from syncd.reports.values import Money, quantity_text
from syncd.store import schema

ENTRY_SCHEMA, DOCUMENT_SCHEMA = "syncd.explain.entry/1", "syncd.explain.document/1"
_read_allocation = msgspec.json.Decoder(Allocation).decode
_read_work = msgspec.json.Decoder(WorkItem).decode


def explain_document(company: str, row: Row[Any], line: int | None = None) -> ExplainedDocument | None:
    """Explain a document of ours, or one line of it; None when it has no such line."""
    document, name = decode_document(row.content), row.number or row.id
    if line is not None and line not in {item.number for item in document.lines}:
        return None
    currency = document.currency
    shares = [_share(allocation, name, _state(row.withdrawn_at), currency) for allocation in document.allocations]
    return ExplainedDocument(
        company=company,
        document=name,
        client=document.key.client,
        period=document.key.period,
        kind=document.kind,
        dated=document.dated,
        currency=currency,
        lines=tuple(
            _line(document, item, [share for share in shares if share.line == item.number])
            for item in document.lines
            if line in (None, item.number)
        ),
        unbilled=() if line is not None else tuple(share for share in shares if share.line is None),
        subtotal=Money(document.subtotal_minor, currency),
        taxes=tuple(_tax(tax, currency) for tax in document.taxes),
        tax_computed=document.tax_computed,
        total=Money(document.total_minor, currency),
        next_command=f"syncd show {name}",
    )


def explain_entry(connection: Connection, company: str, source: str, entry: str) -> ExplainedEntry:
    """Explain one entry that was pulled."""
    work = schema.work.c
    latest = connection.execute(
        select(schema.work).where(work.company == company, work.source == source, work.entry == entry)
    ).one()
    standings = _standings(connection, company, source, entry)
    posted = _posted(connection, company, source, entry)
    drafted = _drafted(connection, company, source, entry)
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


def _posted(connection: Connection, company: str, source: str, entry: str) -> list[Share]:
    document, ledger = schema.document.c, schema.ledger.c
    query = (
        select(document.id, document.number, document.currency, document.withdrawn_at, ledger.detail)
        .join(schema.ledger, ledger.document_id == document.id)
        .where(ledger.company == company, ledger.source == source, ledger.entry == entry)
        .order_by(ledger.id)
    )
    return [
        _share(_read_allocation(row.detail), row.number or row.id, _state(row.withdrawn_at), row.currency)
        for row in connection.execute(query)
    ]


def _state(withdrawn_at: datetime | None) -> str:
    return "withdrawn" if withdrawn_at else "approved"


def _drafted(connection: Connection, company: str, source: str, entry: str) -> list[Share]:
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
            _share(allocation, f"{row.client} {row.period}", "drafted", document.currency)
            for allocation in document.allocations
            if (allocation.source, allocation.entry) == (source, entry)
        ]
    return shares


def _standings(connection: Connection, company: str, source: str, entry: str) -> tuple[EntryStanding, ...]:
    table = schema.standing.c
    query = (
        select(table.state, table.code, table.what, table.client, table.seconds, table.scaled_quantity)
        .where(table.company == company, table.source == source, table.entry == entry)
        .order_by(table.position)
    )
    return tuple(EntryStanding(*row[:5], quantity_text(row[5])) for row in connection.execute(query))


def _share(row: Allocation, document: str, state: str, currency: str) -> Share:
    terms = row.terms
    return Share(
        document=document,
        state=state,
        line=row.line,
        source=row.source,
        entry=row.entry,
        revision=row.revision,
        worked_on=row.worked_on,
        person=row.person,
        project=row.project,
        task=row.task,
        effect=row.effect,
        seconds=row.seconds,
        billed_seconds=row.billed_seconds,
        amount=Money(row.amount_minor, currency),
        rate=terms.rate,
        unit=terms.unit,
        service=terms.service,
        item=terms.item,
        tax_code=terms.tax_code,
        rounding=_rounding(row),
        tables=_tables(row.reason),
        steps=_said(row.reason),
        quantity=quantity_text(row.scaled_quantity),
    )


def _said(reason: Reason) -> tuple[str, ...]:
    return tuple(say(step, "en") for step in reason.steps)


def _rounding(row: Allocation) -> str:
    rounding = row.rounding
    parts = []
    if rounding.minimum_minutes:
        parts.append(f"at least {rounding.minimum_minutes} min")
    if rounding.step_minutes:
        parts.append(f"steps of {rounding.step_minutes} min, {rounding.direction}")
    return f"{', '.join(parts)}, by {rounding.applies_to}" if parts else ""


def _tables(reason: Reason) -> tuple[TableRow, ...]:
    """The rows that decided, in the order of the journey: client, service, person, rate, retainer."""
    dates = "" if reason.rate_dates == ".." else reason.rate_dates
    rate_note = "; ".join(filter(None, (dates, reason.runner_up)))
    rows = (
        TableRow("client", reason.client_row),
        TableRow("service", reason.service_row),
        TableRow("person", reason.person_row),
        TableRow("rate", reason.rate_row, rate_note),
        TableRow("retainer", reason.retainer_row),
    )
    return tuple(row for row in rows if row.row)


def _line(document: Document, line: Line, shares: Sequence[Share]) -> ExplainedLine:
    fees = [fee for fee in document.fees if fee.line == line.number]
    return ExplainedLine(
        number=line.number,
        kind=line.kind,
        description=line.description,
        item=line.item,
        arithmetic=arithmetic(line, document.currency),
        amount=Money(line.amount_minor, document.currency),
        shares=tuple(shares),
        fees=tuple(_fee(fee, document.currency) for fee in fees),
    )


def _fee(fee: FeeAllocation, currency: str) -> FeeShare:
    return FeeShare(fee.fee, fee.due, Money(fee.amount_minor, currency), _tables(fee.reason), _said(fee.reason))


def _tax(tax: TaxLine, currency: str) -> ExplainedTax:
    return ExplainedTax(
        tax.tax_code, tax.component, tax.percent, Money(tax.base_minor, currency), Money(tax.amount_minor, currency)
    )


def arithmetic(line: Line, currency: str) -> str:
    """How a line's amount comes about: "2.5 hour × 84.00 = 210.00 CAD"."""
    amount = f"{Money(line.amount_minor, currency)} {currency}"
    if line.rate is None:
        return amount
    exact = line.quantity * line.rate
    rounded = "=" if exact == Decimal(str(Money(line.amount_minor, currency))) else "≈"
    billed = f" ({line.seconds:,} s)" if line.seconds else ""
    return f"{line.quantity.normalize():f} {line.unit}{billed} × {line.rate:f} {rounded} {amount}"
