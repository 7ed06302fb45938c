"""Settlements: documents that go nowhere and only carry ledger rows, such as those that take others back."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import msgspec
from sqlalchemy import Connection, insert, select

from mappings.documents import Allocation, Document, FeeAllocation, HoursAllocation
from mappings.settings import Rounding
from mappings.steps import step
from syncd.engine.approve import insert_ledger
from syncd.engine.content import content_hash, encode
from syncd.store import schema

_NAMESPACE = uuid.UUID("0d6a7b0e-95cf-5a0b-8d41-3f3c1f5b7e52")
_READ_ALLOCATION = msgspec.json.Decoder(Allocation)
_READ_FEE = msgspec.json.Decoder(FeeAllocation)


def taken_back(posted: Allocation, note: str) -> Iterable[Allocation]:
    """The exact negative of a ledger row, whatever its effect."""
    yield _reversal(posted, note)


def written_down(posted: Allocation, note: str) -> Iterable[Allocation]:
    """The negative of what was invoiced, and the same seconds (or quantity) as written down, for nothing."""
    if posted.effect != "invoiced":
        return
    yield _reversal(posted, note)
    reason = replace(posted.reason, steps=(*posted.reason.steps, step("written-off", note=note)))
    yield replace(
        posted,
        effect="written-down",
        billed_seconds=posted.seconds,
        amount_minor=0,
        line=None,
        # Time that was let go of is rounded with no other, and counts against no retainer.
        rounding=Rounding(),
        rounding_group="",
        retainer="",
        retainer_period="",
        drawn_seconds=None,
        reason=reason,
    )


def _reversal(posted: Allocation, note: str) -> Allocation:
    reason = replace(posted.reason, steps=(*posted.reason.steps, step("taken-back", note=note)))
    return replace(
        posted,
        seconds=-posted.seconds,
        billed_seconds=-posted.billed_seconds,
        amount_minor=-posted.amount_minor,
        drawn_seconds=None if posted.drawn_seconds is None else -posted.drawn_seconds,
        scaled_quantity=-posted.scaled_quantity,
        line=None,
        reason=reason,
    )


def fee_taken_back(posted: FeeAllocation, note: str) -> Iterable[FeeAllocation]:
    """The exact negative of a fee's ledger row."""
    reason = replace(posted.reason, steps=(*posted.reason.steps, step("taken-back", note=note)))
    lent = None if posted.lent is None else replace(posted.lent, seconds=-posted.lent.seconds)
    yield replace(posted, amount_minor=-posted.amount_minor, reason=reason, lent=lent)


def fee_kept(_posted: FeeAllocation, _note: str) -> Iterable[FeeAllocation]:
    return ()


def hours_taken_back(posted: HoursAllocation) -> HoursAllocation:
    return replace(
        posted,
        opening_seconds=-posted.opening_seconds,
        bought_seconds=-posted.bought_seconds,
        lapsed_seconds=-posted.lapsed_seconds,
        closing_seconds=-posted.closing_seconds,
    )


def ledger_of(connection: Connection, document_id: str) -> list[Allocation]:
    table = schema.ledger.c
    query = select(table.detail).where(table.document_id == document_id).order_by(table.position)
    return [_READ_ALLOCATION.decode(row.detail) for row in connection.execute(query)]


def fees_of(connection: Connection, document_id: str) -> list[FeeAllocation]:
    table = schema.fee_ledger.c
    query = select(table.detail).where(table.document_id == document_id).order_by(table.id)
    return [_READ_FEE.decode(row.detail) for row in connection.execute(query)]


def insert_settlement(connection: Connection, company: str, document: Document, who: str, now: datetime) -> str:
    """Write a settlement with its ledger rows; a second one with the same key is refused by the database."""
    key = document.key
    identity = "|".join((company, key.client, key.period, key.group, str(key.sequence)))
    document_id = str(uuid.uuid5(_NAMESPACE, identity))
    connection.execute(
        insert(schema.document).values(
            id=document_id,
            company=company,
            realm="",
            kind="settlement",
            client=key.client,
            period=key.period,
            group_name=key.group,
            sequence=key.sequence,
            version=1,
            content_hash=content_hash(document),
            customer_id="",
            period_first=document.period.first,
            period_last=document.period.last,
            dated=document.dated,
            currency=document.currency,
            subtotal_minor=0,
            tax_minor=0,
            content=encode(document),
            approved_by=who,
            approved_at=now,
        )
    )
    insert_ledger(connection, company, document_id, document)
    return document_id
