"""Invoices, credit memos and payments as QuickBooks has them now: plain values for the engine's mirror."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Literal

from connectors.quickbooks.entities import Entity
from connectors.quickbooks.marker import find_marker
from connectors.quickbooks.values import UnexpectedAnswerError, day_of, decimal_of, instant_of, minor_of, text_of
from connectors.quickbooks.wire import Json, write_json
from mappings.money import round_to_minor

RemoteState = Literal["live", "voided", "deleted"]
_BALANCES: Mapping[Entity, str] = {"Invoice": "Balance", "CreditMemo": "RemainingCredit", "Payment": "UnappliedAmt"}
_VOID_WORDS = ("voided", "annulé", "annulée", "anulado", "anulada", "storniert", "annullato")
"""What voiding writes before PrivateNote: "Voided", and presumably its translation in companies of other languages."""


@dataclass(frozen=True, slots=True)
class Link:
    """A link to another transaction; only payments say how much of it."""

    txn_type: str
    txn_id: str
    amount_minor: int | None = None


@dataclass(frozen=True, slots=True)
class RemoteDocument:
    """One transaction. Amounts are minor units of `currency`, but for the home total, and positive on credit memos.

    A deleted one that CDC tells of has its id and time alone.
    """

    entity: Entity
    id: str
    sync_token: str
    state: RemoteState
    doc_number: str
    txn_date: date | None
    due_date: date | None
    customer_id: str
    customer_name: str
    currency: str
    exchange_rate: Decimal | None
    subtotal_minor: int
    """Before tax."""
    tax_minor: int
    total_minor: int
    balance_minor: int
    """Invoice: still owed. Credit memo: still to be applied. Payment: applied to nothing."""
    home_total_minor: int
    email_status: str
    delivered_at: datetime | None
    marker: str
    last_updated: datetime | None
    links: tuple[Link, ...]
    raw: str
    """As received, JSON."""


def parse_remote(entity: Entity, found: Json, home_currency: str) -> RemoteDocument:
    """Read a transaction; raises UnexpectedAnswerError for one that cannot be understood."""
    if not text_of(found, "Id"):
        raise UnexpectedAnswerError(f"QuickBooks gave {entity} without an id")
    currency = text_of(found, "CurrencyRef", "value") or home_currency
    total = minor_of(found, currency, "TotalAmt")
    tax = minor_of(found, currency, "TxnTaxDetail", "TotalTax")
    return RemoteDocument(
        entity=entity,
        id=text_of(found, "Id"),
        sync_token=text_of(found, "SyncToken"),
        state=_state(found),
        doc_number=text_of(found, "DocNumber"),
        txn_date=day_of(found, "TxnDate"),
        due_date=day_of(found, "DueDate"),
        customer_id=text_of(found, "CustomerRef", "value"),
        customer_name=text_of(found, "CustomerRef", "name"),
        currency=currency,
        exchange_rate=decimal_of(found, "ExchangeRate"),
        subtotal_minor=total - tax,
        tax_minor=tax,
        total_minor=total,
        balance_minor=_balance(entity, found, currency),
        home_total_minor=_home_total(found, currency, home_currency),
        email_status=text_of(found, "EmailStatus"),
        delivered_at=instant_of(found, "DeliveryInfo", "DeliveryTime"),
        marker=find_marker(text_of(found, "PrivateNote")),
        last_updated=instant_of(found, "MetaData", "LastUpdatedTime"),
        links=_links(found, currency),
        raw=write_json(found),
    )


def _balance(entity: Entity, found: Json, currency: str) -> int:
    name = _BALANCES[entity]
    return minor_of(found, currency, name if name in found else "Balance")


def _home_total(found: Json, currency: str, home_currency: str) -> int:
    """HomeTotalAmt, else the total at the document's own rate; QuickBooks leaves it out in single-currency books."""
    if "HomeTotalAmt" in found:
        return minor_of(found, home_currency, "HomeTotalAmt")
    total = decimal_of(found, "TotalAmt") or Decimal(0)
    rate = decimal_of(found, "ExchangeRate")
    if currency != home_currency and rate is None and total:
        raise UnexpectedAnswerError(f"{text_of(found, 'Id')} is in {currency} and has no exchange rate")
    return round_to_minor(total * (rate or 1) if currency != home_currency else total, home_currency)


def _links(found: Json, currency: str) -> tuple[Link, ...]:
    """Links of the transaction itself, and of its lines with their amounts."""
    links = [Link(text_of(link, "TxnType"), text_of(link, "TxnId")) for link in _list(found, "LinkedTxn")]
    for line in _list(found, "Line"):
        linked = _list(line, "LinkedTxn")
        # A line that settles several at once does not say how much of each.
        amount = minor_of(line, currency, "Amount") if len(linked) == 1 else None
        links += [Link(text_of(link, "TxnType"), text_of(link, "TxnId"), amount) for link in linked]
    return tuple(links)


def _list(obj: Mapping[str, Any], name: str) -> list[Json]:
    value = obj.get(name)
    return value if isinstance(value, list) else []


def _state(found: Json) -> RemoteState:
    """QuickBooks has no status field: deleted ones say so in CDC, voided ones by their note and their zeros."""
    if text_of(found, "status").lower() == "deleted":
        return "deleted"
    return "voided" if _voided(found) else "live"


def _voided(found: Json) -> bool:
    """Voiding makes all amounts 0, drops quantities, and writes a word before the note, in the company's language.

    So: zeros everywhere, and either a word we know, or something else before our own marker on lines without
    quantity. An invoice of 0.00 whose lines cancel out, or hours at a rate of 0, stay live.
    """
    total = decimal_of(found, "TotalAmt")
    lines = _list(found, "Line")
    if total is None or total != 0 or any(decimal_of(line, "Amount") for line in lines):
        return False
    note = unicodedata.normalize("NFC", text_of(found, "PrivateNote")).strip()
    if any(_begins_with(word, note) for word in _VOID_WORDS):
        return True
    marker = find_marker(note)
    with_quantity = any(decimal_of(line, "SalesItemLineDetail", "Qty") for line in lines)
    return bool(marker) and not note.startswith(marker) and not with_quantity


def _begins_with(word: str, note: str) -> bool:
    """Whether a note begins with this word, and not merely with its letters."""
    rest = note[len(word) :]
    return note[: len(word)].lower() == word and (not rest[:1].isalpha() or rest.startswith("syncd:"))
