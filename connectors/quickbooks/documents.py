"""Writing documents, each under a request id, and looking for them when an answer was lost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from connectors.quickbooks.entities import NUMBERED, Entity
from connectors.quickbooks.marker import find_marker
from connectors.quickbooks.reading import Reader, quoted
from connectors.quickbooks.session import NotAllowedError, Session
from connectors.quickbooks.values import UnexpectedAnswerError, decimal_of, text_of
from connectors.quickbooks.wire import Json, parse_json, write_json


@dataclass(frozen=True, slots=True)
class Found:
    """What a look-up found: documents with our marker, and others that have our number."""

    ours: tuple[tuple[Entity, Json], ...] = ()
    others: tuple[tuple[Entity, Json], ...] = ()


class Writer:
    """Every write is tried once; what to make of its error is the caller's decision."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def create(self, entity: Entity, payload: Mapping[str, Any] | str, request_id: str) -> Json:
        """Create a document and return it as QuickBooks keeps it; raises QuickBooksError.

        JSON text is posted as it stands. A payment must be of 0, applying a credit: syncd never records money.
        """
        text = payload if isinstance(payload, str) else write_json(payload)
        payload = parse_json(text)
        assert isinstance(payload, dict)
        if "Id" in payload:
            raise NotAllowedError("a create must not name an id: that would be an update")
        if entity == "Payment" and payload.get("TotalAmt") != 0:
            raise NotAllowedError("syncd only makes payments of 0")
        return _written(self._session.post(entity.lower(), text, request_id, {}), entity)

    def send(self, entity: Entity, object_id: str, request_id: str, send_to: str = "") -> Json:
        """E-mail a document, to its BillEmail unless `send_to` is given; sending twice mails twice."""
        params = {"sendTo": send_to} if send_to else {}
        path = f"{entity.lower()}/{_digits(object_id)}/send"
        return _written(self._session.post_empty(path, request_id, params), entity)

    def void(self, object_id: str, sync_token: str, request_id: str) -> Json:
        """Void an invoice, as it was last seen: another SyncToken is refused (5010)."""
        payload = {"Id": _digits(object_id), "SyncToken": sync_token}
        return _written(
            self._session.post("invoice", write_json(payload), request_id, {"operation": "void"}), "Invoice"
        )


def _digits(object_id: str) -> str:
    assert object_id.isdecimal(), object_id
    return object_id


def _written(body: Json, entity: Entity) -> Json:
    written = body.get(entity)
    if not isinstance(written, dict) or not text_of(written, "Id"):
        raise UnexpectedAnswerError(f"QuickBooks' answer holds no {entity}, and may have made one", status=200)
    return written


def look_for(reader: Reader, entity: Entity, payload: Mapping[str, Any]) -> Found:
    """Whether the document of a payload exists: by its number, else by customer and day; then the marker tells.

    A document with our marker is ours whatever else was changed on it since, `same_document` or not: it must never be
    posted again. A failed look raises, and says nothing.
    """
    marker = find_marker(text_of(payload, "PrivateNote"))
    assert marker, "a payload carries its marker"
    candidates: list[tuple[Entity, Json]] = []
    if number := text_of(payload, "DocNumber"):
        for numbered in NUMBERED:
            candidates += ((numbered, row) for row in reader.query(numbered, f"DocNumber = {quoted(number)}"))
    ours = tuple(pair for pair in candidates if _marker_in(pair[1]) == marker)
    others = tuple(pair for pair in candidates if _marker_in(pair[1]) != marker)
    if not ours:
        customer, day = text_of(payload, "CustomerRef", "value"), text_of(payload, "TxnDate")
        rows = reader.query(entity, f"CustomerRef = {quoted(customer)} AND TxnDate = {quoted(day)}")
        ours = tuple((entity, row) for row in rows if _marker_in(row) == marker)
    return Found(ours, others)


def _marker_in(found: Mapping[str, Any]) -> str:
    return find_marker(text_of(found, "PrivateNote"))


def same_document(found: Mapping[str, Any], payload: Mapping[str, Any]) -> bool:
    """Whether what QuickBooks keeps is what we posted: marker, customer, currency and total before tax.

    Tax is QuickBooks' own computation and does not count.
    """
    same_currency = text_of(found, "CurrencyRef", "value") == text_of(payload, "CurrencyRef", "value")
    return (
        _marker_in(found) == find_marker(text_of(payload, "PrivateNote")) != ""
        and text_of(found, "CustomerRef", "value") == text_of(payload, "CustomerRef", "value")
        and ("CurrencyRef" not in payload or "CurrencyRef" not in found or same_currency)
        and before_tax(found) == sum((decimal_of(line, "Amount") or Decimal(0) for line in payload["Line"]), Decimal(0))
    )


def before_tax(found: Mapping[str, Any]) -> Decimal:
    """A document's total less its tax, exact."""
    total, tax = decimal_of(found, "TotalAmt"), decimal_of(found, "TxnTaxDetail", "TotalTax")
    return (total or Decimal(0)) - (tax or Decimal(0))
