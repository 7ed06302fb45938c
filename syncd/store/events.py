"""What happened, in the transaction in which it did: append-only."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, insert

from syncd.store import schema

_ADD = insert(schema.event)


def append_event(
    connection: Connection, company: str, kind: str, subject: str, detail: Mapping[str, object], now: datetime
) -> None:
    """Record that `kind` happened to `subject` (a document's id, a source's name). `detail` holds plain JSON values."""
    text = json.dumps(detail, ensure_ascii=False, sort_keys=True)
    row = {"company": company, "at": now, "kind": kind, "subject": subject, "detail": text}
    connection.execute(_ADD, row)
