"""References between entities: they must exist and be active; answers carry the name beside the id."""

from collections.abc import Mapping
from typing import Any

from connectors.emulator import faults
from connectors.emulator.books import Books, Data
from connectors.emulator.fields import Field, references

CURRENCIES = {
    "AUD": "Australian Dollar",
    "CAD": "Canadian Dollar",
    "CHF": "Swiss Franc",
    "EUR": "Euro",
    "GBP": "British Pound Sterling",
    "JPY": "Japanese Yen",
    "KWD": "Kuwaiti Dinar",
    "MXN": "Mexican Peso",
    "USD": "United States Dollar",
}


def currency_reference(code: str) -> Data:
    """Return a currency's reference with its name."""
    return {"value": code, "name": CURRENCIES[code]}


def check_references(books: Books, members: Mapping[str, Any], known: Mapping[str, Field]) -> None:
    """Refuse references to what does not exist (2500) or is inactive (610), and write the names beside the ids."""
    for place, target, reference in references(members, known):
        value = reference["value"]
        if target == "Currency":
            if value not in CURRENCIES:
                raise faults.bad_reference(target, value, place)
            reference["name"] = CURRENCIES[value]
            continue
        found = books.find(target, value)
        if found is None:
            raise faults.bad_reference(target, value, place)
        if found.get("Active") is False:
            raise faults.inactive(place)
        if target not in {"TaxCode", "TaxRate"}:
            reference["name"] = name_of(found)


def currency_of(books: Books, document: Mapping[str, Any]) -> str:
    """Return the code of a document's currency: the books' own where it names none."""
    return str((document.get("CurrencyRef") or {"value": books.home_currency})["value"])


def name_of(data: Data) -> str:
    """Return what an entity is called."""
    return str(data.get("DisplayName") or data.get("FullyQualifiedName") or data["Name"])


def check_open_period(books: Books, *dates: str | None) -> None:
    """Refuse a change dated on or before the day the books were closed (6210)."""
    closed = books.preferences["AccountingInfoPrefs"].get("BookCloseDate")
    for day in dates:
        if closed and day and day <= closed:
            raise faults.closed_books(closed)


def check_currency(books: Books, members: Data, customer: Data) -> Data:
    """Return the currency and exchange rate of a transaction: the customer's currency, or a fault.

    With several currencies CurrencyRef must be sent; a missing ExchangeRate counts as 1, as the real service has it.
    """
    expected = customer["CurrencyRef"]["value"]
    sent = members.get("CurrencyRef", {}).get("value")
    if sent is None and books.multicurrency:
        raise faults.missing("CurrencyRef")
    if sent is not None and sent != expected:
        raise faults.business(f"The currency of the transaction ({sent}) is not the customer's ({expected}).")
    rate = members.get("ExchangeRate", 1)
    if rate <= 0 or (expected == books.home_currency and rate != 1):
        raise faults.business(f"The exchange rate {rate} is not valid for {expected}.", "ExchangeRate")
    head: Data = {"CurrencyRef": currency_reference(expected)}
    return {**head, "ExchangeRate": rate} if books.multicurrency else head
