"""What is known of the books in QuickBooks: lists that names are resolved against, as read from it, never created."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["customer", "item", "tax-code", "term", "class", "department", "estimate"]


@dataclass(frozen=True, slots=True)
class Named:
    """One row of a list: the customer "12", named "Hydro-Québec". Deleted rows stay, inactive."""

    kind: Kind
    id: str
    name: str
    """The fully qualified name where the list has levels (Parent:Child)."""
    active: bool = True
    currency: str = ""
    """Customers: theirs; "" in a company with one currency."""
    email: str = ""
    balance_minor: int = 0
    """Customers: open balance in their currency, as QuickBooks says."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """An estimate in QuickBooks; `total_minor` is before tax, in its customer's currency."""

    id: str
    number: str
    customer: str
    """Our name of it, where one is pinned, else QuickBooks'."""
    currency: str
    total_minor: int
    state: str
    """pending, accepted, closed, rejected, converted, deleted: as QuickBooks says, in small letters."""


@dataclass(frozen=True, slots=True)
class TaxComponent:
    """One rate of a tax code (GST 5 %)."""

    name: str
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Books:
    """The company in QuickBooks: CompanyInfo and Preferences."""

    realm: str
    company_name: str
    country: str
    """ISO-2: CA, US."""
    home_currency: str
    multicurrency: bool = False
    custom_numbers: bool = True
    """Preferences' CustomTxnNumbers: our document numbers are kept."""
    closed_until: date | None = None
    """BookCloseDate: documents dated up to this day are refused (6210)."""
    sales_tax: bool = True
    """UsingSalesTax: without it QuickBooks computes no tax, whatever the tax codes say."""
    automatic_tax: bool = False
    """PartnerTaxEnabled: QuickBooks computes it from addresses (automated sales tax, in the United States)."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that resolving a document needs; `books` is None until QuickBooks has been read once."""

    books: Books | None = None
    named: tuple[Named, ...] = ()
    tax_components: Mapping[str, tuple[TaxComponent, ...]] = field(default_factory=dict)
    """Tax code id → its sales tax rates."""
    pins: Mapping[tuple[Kind, str], str] = field(default_factory=dict)
    """(kind, our name) → QuickBooks id, decided once."""
    exchange_rates: Mapping[tuple[str, date], Decimal] = field(default_factory=dict)
    """(currency, day) → home units per unit."""
