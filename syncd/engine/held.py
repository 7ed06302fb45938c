"""Documents that a person voided or deleted in QuickBooks: what they billed waits for a decision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, or_, select

from syncd.store import schema

_REMOTE_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}


def held_documents(connection: Connection, company: str, clients: Collection[str] | None = None) -> list[Row[Any]]:
    """Live documents that a person voided or deleted in QuickBooks, and nobody has decided about; oldest first.

    `clients`: those of these clients only (our names).
    """
    document, remote = schema.document.c, schema.remote_document.c
    matches = [(document.kind == kind) & (remote.type == name) for kind, name in _REMOTE_TYPES.items()]
    query = (
        select(schema.document, remote.state.label("remote_state"))
        .join(schema.remote_document, (remote.company == document.company) & (remote.id == document.quickbooks_id))
        .where(document.company == company, or_(*matches), remote.state != "live")
        .where(document.decision.is_(None), document.withdrawn_at.is_(None))
        .order_by(document.approved_at, document.id)
    )
    if clients is not None:
        query = query.where(document.client.in_(clients))
    return list(connection.execute(query))
