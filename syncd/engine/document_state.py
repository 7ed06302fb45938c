"""What a document's state is now: from QuickBooks' present balance, never from adding up what happened."""

from __future__ import annotations

from datetime import date
from typing import Literal

DocumentState = Literal["open", "partial", "paid", "overdue", "voided", "deleted"]


def document_status(
    *, state: str, total_minor: int, balance_minor: int, due: date | None, today: date
) -> DocumentState:
    """The state of a mirrored invoice or credit memo on the business date.

    `state` is the mirror's (live, voided, deleted). An invoice of 0.00 owes nothing: it is paid. An overdue one may be
    paid in part. A credit memo that is wholly applied is paid; it is never overdue, since it has no due day.
    """
    if state == "voided" or state == "deleted":
        return "voided" if state == "voided" else "deleted"
    if balance_minor == 0:
        return "paid"
    if due is not None and due < today:
        return "overdue"
    return "partial" if balance_minor != total_minor else "open"
