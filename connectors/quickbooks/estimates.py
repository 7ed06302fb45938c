"""Estimates: what a customer was offered, as far as fixed fees are shares of it."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.quickbooks.values import minor_of, text_of
from connectors.quickbooks.wire import Json
from mappings.catalogue import Books, Estimate

ENTITY = "Estimate"


def estimates_of(rows: Iterable[Json], books: Books) -> list[Estimate]:
    """Estimates however they were read (whole, or as changes); `customer` is its id. A deleted one says only its id."""
    return [_estimate(row, books) for row in rows]


def _estimate(row: Json, books: Books) -> Estimate:
    if text_of(row, "status") == "Deleted":
        return Estimate(text_of(row, "Id"), "", "", "", 0, "deleted")
    currency = text_of(row, "CurrencyRef", "value")
    # Prices in our tables are before tax, and TotalAmt is with it.
    total = minor_of(row, currency or books.home_currency, "TotalAmt")
    tax = minor_of(row, currency or books.home_currency, "TxnTaxDetail", "TotalTax")
    state = text_of(row, "TxnStatus").lower() or "pending"
    customer = text_of(row, "CustomerRef", "value")
    return Estimate(
        text_of(row, "Id"), text_of(row, "DocNumber"), customer, currency if books.multicurrency else "", total - tax,
        state,
    )  # fmt: skip
