"""Deposits as QuickBooks shows them: what of them was paid, and what is open that they may pay."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

import msgspec
from sqlalchemy import Connection, and_, case, func, or_, select

from mappings.documents import DEPOSIT, DRAW, FeeAllocation
from mappings.world import OpenItem
from syncd.store import schema

_document, _remote, _fee = schema.document.c, schema.remote_document.c, schema.fee_ledger.c
_IDS_A_QUERY = 500
_READ_FEE = msgspec.json.Decoder(FeeAllocation)


def read_open_items(connection: Connection, company: str, names: Collection[str]) -> tuple[OpenItem, ...]:
    """What is open of these clients' documents that were sent. An invoice counts once QuickBooks has been read since.

    What QuickBooks has not shown yet of our credit memos is open as it was sent, so that nothing is drawn twice.
    """
    kind = case((_document.kind == "credit-memo", "CreditMemo"), else_="Invoice")
    total = func.abs(_document.subtotal_minor + _document.tax_minor)
    balance = func.coalesce(_remote.balance_minor, case((_document.kind == "credit-memo", total), else_=0))
    query = (
        select(_document.client, _document.kind, _document.dated, balance, func.coalesce(_fee.fee, ""))
        .outerjoin(
            schema.remote_document,
            and_(_remote.company == company, _remote.type == kind, _remote.id == _document.quickbooks_id),
        )
        .outerjoin(schema.fee_ledger, and_(_fee.document_id == _document.id, _fee.due.in_((DEPOSIT, DRAW))))
        .where(_document.company == company, _document.client.in_(sorted(names)), _document.quickbooks_id.is_not(None))
        .where(_document.kind != "settlement", _document.withdrawn_at.is_(None), _document.decision.is_(None))
        .where(or_(_remote.state.is_(None), _remote.state == "live"))
        .order_by(_document.dated, _document.id)
    )
    rows = connection.execute(query)
    return tuple(OpenItem(row[0], row[1], row[2], int(row[3]), row[4]) for row in rows if row[3] > 0)


def read_paid(connection: Connection, company: str, names: Collection[str]) -> Mapping[str, int]:
    """Per deposit (its key) what its invoice has received in money: credits that somebody applied are none."""
    link, payment = schema.remote_link.c, schema.remote_document.c
    query = (
        select(_fee.fee, func.sum(func.min(link.amount_minor, payment.total_minor)))
        if connection.dialect.name == "sqlite"
        else select(_fee.fee, func.sum(func.least(link.amount_minor, payment.total_minor)))
    )
    query = (
        query.join(schema.document, _document.id == _fee.document_id)
        .join(
            schema.remote_link,
            and_(link.company == company, link.linked_type == "Invoice", link.linked_id == _document.quickbooks_id),
        )
        .join(
            schema.remote_document,
            and_(payment.company == company, payment.type == link.type, payment.id == link.id),
        )
        .where(_fee.company == company, _fee.due == DEPOSIT, _fee.amount_minor > 0)
        .where(_document.client.in_(sorted(names)), _document.withdrawn_at.is_(None), _document.decision.is_(None))
        .where(payment.type == "Payment", payment.state == "live", payment.total_minor > 0)
        .group_by(_fee.fee)
    )
    return {row[0]: int(row[1]) for row in connection.execute(query)}


def draws_since(connection: Connection, company: str, document_ids: Collection[str]) -> dict[str, date]:
    """Of these documents, those that were drawn from a deposit, each with the deposit's day."""
    found: dict[str, date] = {}
    ids = sorted(document_ids)
    for start in range(0, len(ids), _IDS_A_QUERY):
        portion = ids[start : start + _IDS_A_QUERY]
        query = select(_fee.document_id, _fee.detail).where(
            _fee.company == company, _fee.due == DRAW, _fee.document_id.in_(portion)
        )
        for row in connection.execute(query):
            day = _READ_FEE.decode(row.detail).day
            assert day is not None, "a draw has its deposit's day"
            found[row.document_id] = day
    return found


def clients_with_deposits(company: str) -> Any:
    """The names of clients that were invoiced a deposit, or drew from one, as a query."""
    return (
        select(_document.client)
        .join(schema.fee_ledger, _fee.document_id == _document.id)
        .where(_fee.company == company, _fee.due.in_((DEPOSIT, DRAW)))
        .distinct()
    )
