"""Drift: where QuickBooks differs from what we sent, because a person changed it there. Shown, never overwritten."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from connectors.quickbooks.values import decimal_of, text_of
from connectors.quickbooks.wire import Json, parse_json
from mappings.money import plain
from syncd.engine.content import decode_document
from syncd.store import schema
from syncd.store.events import append_event

TAX_TOLERANCE_MINOR = 5
"""QuickBooks rounds tax its own way: up to so much it is listed apart, and is nobody's change."""

_IDS_A_QUERY = 500
_TYPES = {"invoice": "Invoice", "credit-memo": "CreditMemo"}
_HEAD = {
    "number": ("DocNumber",),
    "customer": ("CustomerRef", "value"),
    "date": ("TxnDate",),
    "currency": ("CurrencyRef", "value"),
    "terms": ("SalesTermRef", "value"),
    "department": ("DepartmentRef", "value"),
}
_LINE = {
    "description": ("Description",),
    "item": ("SalesItemLineDetail", "ItemRef", "value"),
    "tax code": ("SalesItemLineDetail", "TaxCodeRef", "value"),
    "class": ("SalesItemLineDetail", "ClassRef", "value"),
    "service date": ("SalesItemLineDetail", "ServiceDate"),
}
_NUMBERS = {
    "amount": ("Amount",),
    "quantity": ("SalesItemLineDetail", "Qty"),
    "price": ("SalesItemLineDetail", "UnitPrice"),
}


@dataclass(frozen=True, slots=True)
class Drift:
    """One difference of one document of ours: what we expect there, and what is there."""

    document_id: str
    type: str
    quickbooks_id: str
    code: str
    """edited, voided, deleted, missing, tax-variance"""
    what: str
    expected: str
    found: str


def update_drift(
    connection: Connection,
    company: str,
    now: datetime,
    *,
    only: Collection[tuple[str, str]] | None = None,
    missing: Collection[tuple[str, str]] = (),
) -> tuple[Drift, ...]:
    """Compare our documents with the mirror, open and close rows of drift, and give back all that is open of them.

    `only`: the keys whose mirror has changed (None: all). `missing`: keys that a whole read did not show.
    """
    found: list[Drift] = []
    if only is not None and not only:
        return ()
    accepted = acceptances(connection, company)
    for row in _ours(connection, company, only):
        key = (_TYPES[row.kind], row.quickbooks_id)
        now_open = list(_drifts_of(row, key[0], key in missing, accepted.get(key))) if row.decision is None else []
        _record(connection, company, key, now_open, now)
        found += now_open
    # Imported here, because it goes back to this module for the values that both make.
    from syncd.engine.drift_applications import drifted_applications

    for key, now_open in drifted_applications(connection, company, only, missing):
        _record(connection, company, key, now_open, now)
        found += now_open
    return tuple(found)


def acceptances(connection: Connection, company: str) -> dict[tuple[str, str], Row[*tuple[Any, ...]]]:
    """Of each document that a person accepted as it was edited in QuickBooks, the last acceptance."""
    table = schema.acceptance.c
    query = select(schema.acceptance).where(table.company == company).order_by(table.id)
    return {(row.type, row.quickbooks_id): row for row in connection.execute(query)}


def _ours(
    connection: Connection, company: str, only: Collection[tuple[str, str]] | None
) -> Iterator[Row[*tuple[Any, ...]]]:
    """Our sent documents (with these keys), each with its payload as sent and its row of the mirror, if any."""
    document, remote, sent = schema.document, schema.remote_document.c, schema.outbox.c
    kinds = [
        (document.c.kind == kind) & (remote.type == remote_type) & (remote.id == document.c.quickbooks_id)
        for kind, remote_type in _TYPES.items()
    ]
    query = (
        select(
            document.c.id,
            document.c.kind,
            document.c.currency,
            document.c.content,
            document.c.tax_minor.label("our_tax_minor"),
            document.c.quickbooks_id,
            document.c.decision,
            sent.payload,
            remote.state,
            remote.tax_minor,
            remote.raw,
        )
        .join(
            schema.outbox, (sent.document_id == document.c.id) & (sent.operation == "create") & (sent.state == "done")
        )
        .outerjoin(schema.remote_document, (remote.company == document.c.company) & (kinds[0] | kinds[1]))
        .where(document.c.company == company, document.c.withdrawn_at.is_(None))
        .order_by(document.c.id)
    )
    if only is None:
        yield from connection.execute(query).all()
        return
    ids = sorted({object_id for _, object_id in only})
    for start in range(0, len(ids), _IDS_A_QUERY):
        portion = document.c.quickbooks_id.in_(ids[start : start + _IDS_A_QUERY])
        for row in connection.execute(query.where(portion)).all():
            if (_TYPES[row.kind], row.quickbooks_id) in only:
                yield row


def _drifts_of(
    row: Row[*tuple[Any, ...]], remote_type: str, missing: bool, accepted: Row[*tuple[Any, ...]] | None
) -> Iterator[Drift]:
    def drift(code: str, what: str, expected: str, found: str) -> Drift:
        return Drift(row.id, remote_type, row.quickbooks_id, code, what, expected, found)

    if row.state in ("voided", "deleted"):
        yield drift(row.state, f"It was {row.state} in QuickBooks.", "live", row.state)
        return
    if row.state is None or missing:
        if missing:
            yield drift("missing", "QuickBooks does not show it.", "live", "missing")
        return
    remote = parse_json(row.raw)
    differences = list(differences_of(parse_json(accepted.payload if accepted else row.payload), remote))
    if differences:
        names = ", ".join(dict.fromkeys(name for name, _, _ in differences))
        expected = "; ".join(f"{name}: {ours}" for name, ours, _ in differences)
        found = "; ".join(f"{name}: {theirs}" for name, _, theirs in differences)
        yield drift("edited", f"It was edited in QuickBooks: {names}.", expected, found)
    yield from _tax_drift(row, bool(differences), drift, accepted)


def _tax_drift(
    row: Row[*tuple[Any, ...]], edited: bool, drift: Any, accepted: Row[*tuple[Any, ...]] | None
) -> Iterator[Drift]:
    """QuickBooks' own tax beside ours: a few cents are rounding, more than that is another tax."""
    if edited or (accepted is None and not decode_document(row.content).tax_computed):
        return
    ours, theirs = accepted.tax_minor if accepted else abs(row.our_tax_minor), row.tax_minor
    if ours == theirs:
        return
    expected, found = plain(ours, row.currency), plain(theirs, row.currency)
    if abs(ours - theirs) <= TAX_TOLERANCE_MINOR:
        yield drift("tax-variance", "QuickBooks computed another tax, within rounding.", expected, found)
    else:
        yield drift("edited", "Its tax is another one in QuickBooks.", f"tax: {expected}", f"tax: {found}")


def differences_of(sent: Mapping[str, Any], remote: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What differs between a payload and the document that QuickBooks keeps: name, ours, theirs.

    Only what we sent is compared: QuickBooks fills in the rest.
    """
    for name, path in _HEAD.items():
        ours, theirs = text_of(sent, *path), text_of(remote, *path)
        if ours and ours != theirs:
            yield name, ours, theirs or "none"
    our_lines, their_lines = _lines(sent), _lines(remote)
    if len(our_lines) != len(their_lines):
        yield "lines", f"{len(our_lines)} lines", f"{len(their_lines)} lines"
    ours_total, theirs_total = _total(our_lines), _total(their_lines)
    if ours_total != theirs_total:
        yield "amount", f"{ours_total:f}", f"{theirs_total:f}"
    for number, (our_line, their_line) in enumerate(zip(our_lines, their_lines, strict=False), start=1):
        for name, ours, theirs in _line_differences(our_line, their_line):
            yield f"line {number} {name}", ours, theirs


def _line_differences(sent: Json, remote: Json) -> Iterator[tuple[str, str, str]]:
    for name, path in _LINE.items():
        ours, theirs = _plain_text(sent, path), _plain_text(remote, path)
        if ours and ours != theirs:
            yield name, ours, theirs or "none"
    for name, path in _NUMBERS.items():
        number, there = decimal_of(sent, *path), decimal_of(remote, *path)
        if number is not None and number != (there or Decimal(0)):
            yield name, f"{number:f}", "none" if there is None else f"{there:f}"


def _plain_text(line: Json, path: tuple[str, ...]) -> str:
    """Text without regard to white space, which QuickBooks' own screens change."""
    return " ".join(text_of(line, *path).split())


def _lines(document: Mapping[str, Any]) -> list[Json]:
    """The lines that somebody wrote: QuickBooks adds a subtotal of its own."""
    return [line for line in document.get("Line") or [] if line.get("DetailType") != "SubTotalLineDetail"]


def _total(lines: list[Json]) -> Decimal:
    """The lines' sum; a discount's amount is what it takes away."""
    signs = {"DiscountLineDetail": -1}
    return sum(
        ((decimal_of(line, "Amount") or Decimal(0)) * signs.get(line.get("DetailType", ""), 1) for line in lines),
        Decimal(0),
    )


def _record(connection: Connection, company: str, key: tuple[str, str], now_open: list[Drift], now: datetime) -> None:
    """Close what is no longer so, and open what is new; what stays the same is not touched."""
    table = schema.drift.c
    rows = connection.execute(
        select(schema.drift)
        .where(table.company == company, table.type == key[0], table.quickbooks_id == key[1])
        .where(table.settled_at.is_(None))
    ).all()
    wanted = {(drift.code, drift.expected, drift.found): drift for drift in now_open}
    for row in rows:
        if wanted.pop((row.code, row.expected, row.found), None) is None:
            connection.execute(update(schema.drift).where(table.id == row.id).values(settled_at=now))
    for drift in wanted.values():
        connection.execute(
            insert(schema.drift).values(
                company=company,
                document_id=drift.document_id,
                type=drift.type,
                quickbooks_id=drift.quickbooks_id,
                code=drift.code,
                what=drift.what,
                expected=drift.expected,
                found=drift.found,
                found_at=now,
            )
        )
        append_event(connection, company, "drift", drift.document_id, {"code": drift.code, "what": drift.what}, now)
