"""Accept drift: a person takes QuickBooks' version of a document as the truth.

What was sent stays as it was, and so does the ledger: its hours are billed, and are not billed again because somebody
lowered the amount. The difference is kept beside it, as a row of its own in the second proof, and later changes are
compared with what was accepted.
"""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import Json, parse_json, write_json
from mappings.money import plain
from mappings.problems import Problem
from syncd.config import Config
from syncd.engine.adopt_unknown import unknown_documents
from syncd.engine.drift import acceptances, update_drift
from syncd.engine.drift_applications import accept_undone, open_drifts
from syncd.store import schema
from syncd.store.changes import mark_ours
from syncd.store.database import Store
from syncd.store.events import append_event

_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_COMPARED = ("DocNumber", "CustomerRef", "TxnDate", "CurrencyRef", "SalesTermRef", "DepartmentRef")
_DECIDED = ("voided", "deleted")


@dataclass(frozen=True, slots=True)
class AcceptedDrift:
    """What was accepted. `difference`: before tax, in the document's currency; `what` is "" where nothing differed."""

    document_id: str
    number: str
    client: str
    what: str = ""
    expected: str = ""
    found: str = ""
    difference: str = "0.00"


def accept_drift(store: Store, config: Config, name: str, *, by: str, now: datetime) -> AcceptedDrift | Problem:
    """Take a document (its number, or an id of ours or of QuickBooks) as it now is in QuickBooks.

    What cannot be accepted is refused, with the way out. Accepting the same again changes nothing.
    """
    company = config.company.name
    with store.write() as connection:
        document = _document(connection, company, name)
        if undone := _undone(connection, company, document, name):
            accept_undone(connection, company, name, by, now)
            told = {part: "; ".join(getattr(row, part) for row in undone) for part in ("what", "expected", "found")}
            return AcceptedDrift(undone[0].credit_id, undone[0].number or "", undone[0].client, **told)
        if document is None:
            return _accept_copy(connection, company, name, by, now)
        rows = _open(connection, company, document.id)
        if refused := _refusal(connection, company, document, rows):
            return refused
        if not rows:
            return AcceptedDrift(document.id, document.number or "", document.client)
        return _accept(connection, config, document, rows, by, now)


def _document(connection: Connection, company: str, name: str) -> Row[Any] | None:
    """A sent document, by any of its names; by the number that it has in QuickBooks, too."""
    table, remote = schema.document.c, schema.remote_document.c
    kinds = [(table.kind == kind) & (remote.type == type_) for kind, type_ in _TYPES.items()]
    query = (
        select(schema.document, remote.raw, remote.total_minor, remote.tax_minor.label("remote_tax_minor"))
        .join(schema.remote_document, (remote.company == table.company) & (remote.id == table.quickbooks_id))
        .where(table.company == company, table.withdrawn_at.is_(None), or_(*kinds))
    )
    for condition in (or_(table.id == name, table.number == name), remote.number == name, remote.id == name):
        found: Row[Any] | None = connection.execute(query.where(condition).order_by(table.id)).first()
        if found is not None:
            return found
    return None


def _undone(connection: Connection, company: str, document: Row[Any] | None, name: str) -> list[Row[Any]]:
    """Payments of 0 that are all that drifted under this name; first comes the document's own drift."""
    if document is not None and _open(connection, company, document.id):
        return []
    return open_drifts(connection, company, name)


def _open(connection: Connection, company: str, document_id: str) -> list[Row[Any]]:
    """The open drift of the document itself; a payment of 0 that applied it stands apart."""
    table = schema.drift.c
    query = select(schema.drift).where(table.company == company, table.document_id == document_id)
    query = query.where(table.type != "Payment")
    return list(connection.execute(query.where(table.settled_at.is_(None)).order_by(table.id)))


def _refusal(connection: Connection, company: str, document: Row[Any], rows: list[Row[Any]]) -> Problem | None:
    """Why this drift is not one to accept, and what is the way out."""
    name = shlex.quote(document.number or document.id)
    codes = {row.code for row in rows}
    if decided := codes & set(_DECIDED):
        what = f"{name} was {decided.pop()} in QuickBooks: its work is held, and is billed again or never."
        return Problem("decide-instead", what, f"Type `syncd release {name}` or `syncd write-off {name}`.")
    if "missing" in codes:
        what = f"QuickBooks does not show {name}: there is nothing to accept."
        return Problem("nothing-to-accept", what, "Type `syncd reconcile`, which asks QuickBooks for it by its id.")
    raw = parse_json(document.raw)
    currency = text_of(raw, "CurrencyRef", "value")
    if currency and currency != document.currency:
        what = (
            f"{name} is in {currency} in QuickBooks, and was billed in {document.currency}: amounts cannot be compared."
        )
        fix = f"Undo it in QuickBooks; or void it there, then type `syncd release {name}`."
        return Problem("currency-changed", what, fix)
    number, table = text_of(raw, "DocNumber"), schema.document.c
    taken = select(table.id).where(
        table.company == company, table.number == number, table.id != document.id, table.withdrawn_at.is_(None)
    )
    if number and document.number and connection.execute(taken).first() is not None:
        what = f"{name} has the number {number} in QuickBooks, which is that of another document of ours."
        return Problem("number-of-another", what, "Give one of the two another number in QuickBooks.")
    return None


def _accept(
    connection: Connection, config: Config, document: Row[Any], rows: list[Row[Any]], by: str, now: datetime
) -> AcceptedDrift:
    company, kind = config.company.name, _TYPES[document.kind]
    sign = -1 if document.kind == "credit-memo" else 1
    raw = parse_json(document.raw)
    difference = sign * (document.total_minor - document.remote_tax_minor) - document.subtotal_minor
    told = {name: "; ".join(getattr(row, name) for row in rows) for name in ("what", "expected", "found")}
    connection.execute(
        insert(schema.acceptance).values(
            company=company,
            document_id=document.id,
            type=kind,
            quickbooks_id=document.quickbooks_id,
            payload=_compared(raw),
            tax_minor=document.remote_tax_minor,
            difference_minor=difference,
            accepted_by=by,
            accepted_at=now,
            **told,
        )
    )
    # Where QuickBooks gives the numbers, ours has none.
    number = document.number and (text_of(raw, "DocNumber") or document.number)
    table = schema.document.c
    connection.execute(
        update(schema.document).where(table.id == document.id).values(accepted_minor=difference, number=number)
    )
    # Corrections of its work name the document by its number.
    mark_ours(connection, company, [document.client])
    left = update_drift(connection, company, now, only={(kind, document.quickbooks_id)})
    assert not [drift for drift in left if drift.type == kind], (
        "what was accepted is what later changes are compared with"
    )
    detail = {"by": by, "difference_minor": difference, **told}
    append_event(connection, company, "drift-accepted", document.id, detail, now)
    amount = plain(difference, document.currency)
    return AcceptedDrift(document.id, number or "", document.client, **told, difference=amount)


def _compared(raw: Json) -> str:
    """Of QuickBooks' version what is compared from now on."""
    lines = [line for line in raw.get("Line") or [] if line.get("DetailType") != "SubTotalLineDetail"]
    return write_json({name: raw[name] for name in _COMPARED if name in raw} | {"Line": lines})


def _accept_copy(connection: Connection, company: str, name: str, by: str, now: datetime) -> AcceptedDrift | Problem:
    """A copy that a person made of our invoice carries our mark: accepted, it is a document that is not ours."""
    table = schema.remote_document.c
    query = select(schema.remote_document).where(
        table.company == company, table.marker != "", or_(table.id == name, table.number == name)
    )
    row = connection.execute(query.order_by(table.id)).first()
    if row is None:
        return Problem("unknown-document", f"There is no document {name}.", "Type `syncd drift` for those that differ.")
    if any((one.type, one.id) == (row.type, row.id) for one in unknown_documents(connection, company)):
        what = f"{name} is ours, and this database, an older copy, does not know it."
        return Problem("older-than-quickbooks", what, f"Type `syncd adopt {shlex.quote(name)}`.")
    told = {"what": "It carries our mark and is no document of ours: a copy.", "expected": "", "found": row.marker}
    if (row.type, row.id) in acceptances(connection, company):
        return AcceptedDrift("", row.number, "")
    connection.execute(
        insert(schema.acceptance).values(
            company=company,
            type=row.type,
            quickbooks_id=row.id,
            payload="{}",
            tax_minor=row.tax_minor,
            difference_minor=0,
            accepted_by=by,
            accepted_at=now,
            **told,
        )
    )
    append_event(connection, company, "drift-accepted", f"{row.type} {row.id}", {"by": by, **told}, now)
    return AcceptedDrift("", row.number or row.id, "", **told)
