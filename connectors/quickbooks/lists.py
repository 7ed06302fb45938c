"""The company's own lists as names and ids: customers, items, terms, classes, departments, tax codes; its settings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from connectors.quickbooks.errors import RefusedError
from connectors.quickbooks.reading import Reader, member
from connectors.quickbooks.values import UnexpectedAnswerError, day_of, decimal_of, minor_of, text_of
from connectors.quickbooks.wire import Json
from mappings.catalogue import Books, Kind, Named, TaxComponent

ENTITIES: Mapping[Kind, str] = {
    "customer": "Customer",
    "item": "Item",
    "term": "Term",
    "class": "Class",
    "department": "Department",
    "tax-code": "TaxCode",
}
_COUNTRIES = {
    "AUS": "AU",
    "BRA": "BR",
    "CAN": "CA",
    "FRA": "FR",
    "GBR": "GB",
    "IND": "IN",
    "IRL": "IE",
    "MEX": "MX",
    "NZL": "NZ",
    "SGP": "SG",
    "USA": "US",
    "ZAF": "ZA",
}
"""ISO-3, as CompanyInfo gives it since 2025, of the countries that have their own edition of QuickBooks Online."""
_US_TAX_CODES = (Named("tax-code", "TAX", "TAX"), Named("tax-code", "NON", "NON"))
_DELETED_SUFFIX = re.compile(r" \((deleted|supprimée?)( \d+)?\)$")


def read_books(reader: Reader, realm: str) -> Books:
    """CompanyInfo and Preferences: two reads."""
    company = member(reader.read(f"companyinfo/{realm}"), "CompanyInfo")
    preferences = member(reader.read("preferences"), "Preferences")
    home = text_of(preferences, "CurrencyPrefs", "HomeCurrency", "value")
    if not home:
        raise UnexpectedAnswerError("QuickBooks' preferences name no home currency")
    country = text_of(company, "Country").upper()
    return Books(
        realm=realm,
        company_name=text_of(company, "CompanyName"),
        country=_COUNTRIES.get(country, country),
        home_currency=home,
        multicurrency=_true(preferences, "CurrencyPrefs", "MultiCurrencyEnabled"),
        custom_numbers=_true(preferences, "SalesFormsPrefs", "CustomTxnNumbers"),
        closed_until=day_of(preferences, "AccountingInfoPrefs", "BookCloseDate"),
        # A company that does not say so has it: the preference is older than the others.
        sales_tax=text_of(preferences, "TaxPrefs", "UsingSalesTax").lower() != "false",
        automatic_tax=_true(preferences, "TaxPrefs", "PartnerTaxEnabled"),
    )


def _true(obj: Json, *path: str) -> bool:
    return text_of(obj, *path).lower() == "true"


def read_named(reader: Reader, kind: Kind, books: Books) -> list[Named]:
    """One list, whole, inactive rows included."""
    named = named_of(kind, _with_inactive(reader, ENTITIES[kind]), books)
    if kind == "tax-code" and books.country == "US":
        # On lines the United States know only these two, which not every company lists.
        named = [row for row in named if row.id not in ("TAX", "NON")] + list(_US_TAX_CODES)
    return named


def named_of(kind: Kind, rows: Iterable[Json], books: Books) -> list[Named]:
    """Rows of one list as names and ids, however they were read (whole, or as changes)."""
    return [_named(kind, row, books) for row in rows if not _heading(kind, row)]


def _with_inactive(reader: Reader, entity: str) -> list[Json]:
    try:
        return reader.query(entity, "Active IN (true,false)")
    except RefusedError as error:
        # Where the list cannot be asked for inactive rows (4001), what it shows by itself is all there is.
        if "4001" not in error.codes:
            raise
    return reader.query(entity)


def _heading(kind: Kind, row: Json) -> bool:
    """Categories and bundles stand in the list of items, and cannot be an item on a line."""
    return kind == "item" and text_of(row, "Type") in ("Category", "Group")


def _named(kind: Kind, row: Json, books: Books) -> Named:
    active = text_of(row, "Active").lower() != "false"
    name = text_of(row, "FullyQualifiedName") or text_of(row, "DisplayName") or text_of(row, "Name")
    if not active:
        name = _DELETED_SUFFIX.sub("", name)
    if kind != "customer":
        return Named(kind, text_of(row, "Id"), name, active)
    currency = text_of(row, "CurrencyRef", "value")
    return Named(
        kind,
        text_of(row, "Id"),
        name,
        active,
        currency=currency if books.multicurrency else "",
        email=text_of(row, "PrimaryEmailAddr", "Address"),
        balance_minor=minor_of(row, currency or books.home_currency, "Balance"),
    )


def read_tax_components(reader: Reader) -> dict[str, tuple[TaxComponent, ...]]:
    """Tax code id → its sales tax rates, in the order in which QuickBooks applies them: two lists read.

    A code with a tax on a tax is left out, since its components cannot be computed from the same base.
    """
    rates = {text_of(row, "Id"): row for row in _with_inactive(reader, "TaxRate")}
    components: dict[str, tuple[TaxComponent, ...]] = {}
    for code in _with_inactive(reader, "TaxCode"):
        details = (code.get("SalesTaxRateList") or {}).get("TaxRateDetail") or []
        if any(text_of(detail, "TaxTypeApplicable") not in ("", "TaxOnAmount") for detail in details):
            continue
        ordered = sorted(details, key=lambda detail: decimal_of(detail, "TaxOrder") or Decimal(0))
        found = [rates.get(text_of(detail, "TaxRateRef", "value")) for detail in ordered]
        components[text_of(code, "Id")] = tuple(_component(rate) for rate in found if rate is not None)
        if None in found:
            # A rate that cannot be read makes the code unusable, rather than cheaper.
            del components[text_of(code, "Id")]
    return components


def _component(rate: Json) -> TaxComponent:
    percent = decimal_of(rate, "RateValue")
    if percent is None:
        raise UnexpectedAnswerError(f"the tax rate {text_of(rate, 'Name')} has no value")
    return TaxComponent(text_of(rate, "Name"), percent)


def read_exchange_rate(reader: Reader, currency: str, day: date) -> Decimal | None:
    """Home units per unit of `currency` on a day; None where QuickBooks knows none. Never 1 for want of one."""
    params = {"sourcecurrencycode": currency, "asofdate": day.isoformat()}
    try:
        answer = member(reader.read("exchangerate", params), "ExchangeRate")
    except RefusedError as error:
        if not {"610", "2500"} & set(error.codes):
            raise
        return None
    return decimal_of(answer, "Rate") or None
