"""Currencies and amounts that only make sense together with the client that a row names."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from mappings.money import digits_of
from mappings.problems import Problem
from mappings.rows import AssignmentRow, CapRow, ClientRow, DiscountRow, FixedFeeRow, RateRow, RetainerRow
from mappings.tables.shape import Line


def client_currencies(clients: Iterable[ClientRow]) -> dict[str, str]:
    """Customer (case folded; with * at its end, all that begin so) → the currency that its rows give, "" if none does.

    A row with "=" speaks of the customers that are named as its source's clients.
    """
    found: dict[str, str] = {}
    for row in sorted(clients, key=lambda row: not row.currency):
        own = (row.quickbooks_customer,) if row.quickbooks_customer != "=" else row.source_client or ("*",)
        for name in own:
            if row.currency or not name.endswith("*"):
                found.setdefault(name.casefold(), row.currency)
    return found


def _currency_of(client: str, currencies: Mapping[str, str], default: str) -> str:
    name = client.casefold()
    if name in currencies:
        return currencies[name] or default
    alike = (currency for key, currency in currencies.items() if key.endswith("*") and name.startswith(key[:-1]))
    return next(alike, default)


def other_currency(
    lines: Iterable[Line[RetainerRow]] | Iterable[Line[FixedFeeRow]] | Iterable[Line[AssignmentRow]],
    currencies: Mapping[str, str],
    default: str,
) -> Iterator[Problem]:
    """A fee in another currency than its client's: nothing is converted silently."""
    for line in lines:
        if line.row is None:
            continue
        theirs = _currency_of(line.row.client, currencies, default)
        if line.row.currency and theirs and line.row.currency != theirs:
            what = f"{line.row.client} is billed in {theirs}, this row is in {line.row.currency}."
            yield Problem("currency-not-clients", what, f"Give its price in {theirs}.", line.at("currency"))


def other_named_currency(
    lines: Iterable[Line[RateRow]] | Iterable[Line[CapRow]] | Iterable[Line[DiscountRow]],
    noun: str,
    currencies: Mapping[str, str],
    default: str,
) -> Iterator[Problem]:
    """A rate, cap or discount for named clients, none of which has its currency: it could never count."""
    for line in lines:
        if line.row is None or not line.row.currency or not line.row.client:
            continue
        if any(name.endswith("*") for name in line.row.client):
            continue
        theirs = {_currency_of(name, currencies, default) for name in line.row.client}
        if "" not in theirs and line.row.currency not in theirs:
            clients = " and ".join(line.row.client)
            what = f"{clients} is billed in {' and '.join(sorted(theirs))}, this {noun} is in {line.row.currency}."
            fix = f"Give its {noun} in the client's currency."
            yield Problem("currency-not-clients", what, fix, line.at("currency"))


def too_fine(
    lines: Iterable[Line[RetainerRow]]
    | Iterable[Line[FixedFeeRow]]
    | Iterable[Line[CapRow]]
    | Iterable[Line[DiscountRow]]
    | Iterable[Line[AssignmentRow]],
    column: str,
    currencies: Mapping[str, str],
    default: str,
) -> Iterator[Problem]:
    """An amount with more decimals than its currency has."""
    for line in lines:
        if line.row is None:
            continue
        amount: Decimal | None = getattr(line.row, column)
        client = line.row.client if isinstance(line.row.client, str) else line.row.client[0]
        currency = line.row.currency or _currency_of(client, currencies, default)
        digits = digits_of(currency)
        if amount is not None and amount != round(amount, digits):
            what = f"The {column} for {line.about} has more decimals than {currency or 'its currency'} ({digits})."
            yield Problem("too-many-decimals", what, f"Write {round(amount, digits):f}.", line.at(column))
