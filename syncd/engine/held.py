"""Documents that a person voided or deleted in QuickBooks: what they billed waits for a decision."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from syncd.store import schema

_REMOTE_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_DOCUMENT, _REMOTE = schema.document.c, schema.remote_document.c
_HELD = (
    select(schema.document, _REMOTE.state.label("remote_state"))
    .join(schema.remote_document, (_REMOTE.company == _DOCUMENT.company) & (_REMOTE.id == _DOCUMENT.quickbooks_id))
    .where(or_(*((_DOCUMENT.kind == kind) & (_REMOTE.type == name) for kind, name in _REMOTE_TYPES.items())))
    .where(_DOCUMENT.company == bindparam("of_company"), _REMOTE.state != "live")
    .where(_DOCUMENT.decision.is_(None), _DOCUMENT.withdrawn_at.is_(None))
    .order_by(_DOCUMENT.approved_at, _DOCUMENT.id)
)
_HELD_OF_SOME = _HELD.where(_DOCUMENT.client.in_(bindparam("of_names", expanding=True)))


def held_documents(connection: Connection, company: str, clients: Collection[str] | None = None) -> list[Row[Any]]:
    """Live documents that a person voided or deleted in QuickBooks, and nobody has decided about; oldest first.

    `clients`: those of these clients only (our names).
    """
    if clients is None:
        return list(connection.execute(_HELD, {"of_company": company}))
    return list(connection.execute(_HELD_OF_SOME, {"of_company": company, "of_names": list(clients)}))
