"""Starting books for a Canadian or an American company, and more entries from a file or a test."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from connectors.emulator import lists
from connectors.emulator.books import Books, Data
from connectors.emulator.numbers import ZERO
from connectors.emulator.references import CURRENCIES, currency_reference

REALM_IDS = {"ca": "4620816365000000001", "us": "4620816365000000002"}
COMPANIES = {
    "ca": ("Atelier Boréal inc.", "CAD", "CAN", "QC", "Montréal", "en,fr"),
    "us": ("Boreal Workshop LLC", "USD", "USA", "VT", "Burlington", "en"),
}
# Test rates: home units for one unit, the same on every day unless seeded otherwise.
TEST_RATES = {
    "CAD": {"USD": "1.37", "EUR": "1.48", "GBP": "1.73"},
    "USD": {"CAD": "0.73", "EUR": "1.08", "GBP": "1.26"},
}
ACCOUNTS = (
    ("Services", "Income", "ServiceFeeIncome"),
    ("Reimbursable expenses", "Income", "OtherPrimaryIncome"),
    ("Accounts Receivable (A/R)", "Accounts Receivable", "AccountsReceivable"),
    ("Undeposited Funds", "Other Current Asset", "UndepositedFunds"),
    ("Chequing", "Bank", "Checking"),
    ("Client deposits", "Other Current Liability", "OtherCurrentLiabilities"),
)
# (name, price, account): the first one stands in for lines that name no item.
ITEMS = {
    "ca": (("Services", "0", "1"), ("Consultation", "150", "1"), ("Développement", "120", "1"), ("Support", "95", "1"),
           ("Forfait", "0", "1"), ("Déplacement", "0", "2"), ("Acompte", "0", "6")),
    "us": (("Services", "0", "1"), ("Consulting", "150", "1"), ("Development", "120", "1"), ("Support", "95", "1"),
           ("Retainer", "0", "1"), ("Travel", "0", "2"), ("Deposit", "0", "6")),
}  # fmt: skip
TERMS = (("Due on receipt", 0), ("Net 15", 15), ("Net 30", 30), ("Net 60", 60))
# (name, percent, special type)
RATES = {
    "ca": (("GST", "5", "NONE"), ("QST", "9.975", "NONE"), ("HST ON", "13", "NONE"), ("GST Exempt", "0", "NONE"),
           ("GST Zero-rated", "0", "ZERO_RATE")),
    "us": (("California", "8", "NONE"), ("AZ State tax", "7.1", "NONE"), ("Tucson City", "2", "NONE")),
}  # fmt: skip
# (id or None, name, ids of its rates)
TAX_CODES: dict[str, tuple[tuple[str | None, str, tuple[str, ...]], ...]] = {
    "ca": ((None, "GST", ("1",)), (None, "GST/QST QC - 9.975", ("1", "2")), (None, "HST ON", ("3",)),
           (None, "Exempt", ("4",)), (None, "Zero-rated", ("5",)), (None, "Out of Scope", ())),
    "us": (("TAX", "TAX", ()), ("NON", "NON", ()), (None, "California", ("1",)), (None, "Tucson", ("2", "3"))),
}  # fmt: skip
CUSTOMERS = {
    "ca": (("Clinique du Lac", "CAD"), ("Ville de Rimouski", "CAD"), ("Northwind Traders Inc.", "USD")),
    "us": (("Lakeside Clinic", "USD"), ("City of Winooski", "USD")),
}
FIRST_DOCUMENT_NUMBER = 1000


def open_books(books: Books) -> None:
    """Fill empty books with the starting company of their country. The caller commits."""
    country = books.country
    _company(books)
    _preferences(books)
    books.exchange_rates = {code: [["1970-01-01", rate]] for code, rate in TEST_RATES[COMPANIES[country][1]].items()}
    for name, kind, detail in ACCOUNTS:
        lists.create(books, "Account", {"Name": name, "AccountType": kind, "AccountSubType": detail})
    for name, days in TERMS:
        lists.create(books, "Term", {"Name": name, "DueDays": Decimal(days)})
    _taxes(books)
    for name, price, account in ITEMS[country]:
        _item(books, {"name": name, "price": price, "account": account})
    for name, currency in CUSTOMERS[country]:
        _customer(books, {"name": name, **({"currency": currency} if books.multicurrency else {})})
    books.counters["DocNumber"] = FIRST_DOCUMENT_NUMBER


def _company(books: Books) -> None:
    name, _currency, country, province, city, languages = COMPANIES[books.country]
    address = {
        "Id": "1",
        "Line1": "1 rue du Port",
        "City": city,
        "CountrySubDivisionCode": province,
        "Country": country,
    }
    company: Data = {
        "CompanyName": name,
        "LegalName": name,
        "CompanyAddr": address,
        "LegalAddr": address,
        "CustomerCommunicationAddr": address,
        "Email": {"Address": "finance@example.com"},
        "CompanyStartDate": "2020-01-01",
        "FiscalYearStartMonth": "January",
        "Country": country,
        "DefaultTimeZone": "America/Toronto" if books.country == "ca" else "America/New_York",
        "SupportedLanguages": languages,
        "NameValue": [{"Name": "NeoEnabled", "Value": "true"}],
    }
    books.add("CompanyInfo", company, "1")


def _preferences(books: Books) -> None:
    currency = COMPANIES[books.country][1]
    preferences: Data = {
        "AccountingInfoPrefs": {
            "FirstMonthOfFiscalYear": "January",
            "UseAccountNumbers": False,
            "TrackDepartments": True,
            "ClassTrackingPerTxn": False,
            "ClassTrackingPerTxnLine": True,
            "CustomerTerminology": "Customers",
        },
        "ProductAndServicesPrefs": {"ForSales": True, "ForPurchase": True, "QuantityWithPriceAndRate": True},
        "SalesFormsPrefs": {
            "CustomTxnNumbers": True,
            "AllowDeposit": False,
            "AllowDiscount": False,
            "AllowEstimates": True,
            "AllowServiceDate": True,
            "AllowShipping": False,
            "DefaultTerms": {"value": "3"},
        },
        "TimeTrackingPrefs": {"UseServices": True, "BillCustomers": True, "WorkWeekStartDate": "Monday"},
        "TaxPrefs": {"UsingSalesTax": True, "PartnerTaxEnabled": False},
        "CurrencyPrefs": {"MultiCurrencyEnabled": books.country == "ca", "HomeCurrency": {"value": currency}},
        "ReportPrefs": {"ReportBasis": "Accrual", "CalcAgingReportFromTxnDate": False},
    }
    if books.country == "us":
        preferences["TaxPrefs"]["TaxGroupCodeRef"] = {"value": "1"}
    books.add("Preferences", preferences, "1")


def _taxes(books: Books) -> None:
    names = {}
    for name, percent, special in RATES[books.country]:
        rate = books.add("TaxRate", {
            "Name": name, "Description": name, "Active": True, "RateValue": Decimal(percent),
            "AgencyRef": {"value": "1"}, "SpecialTaxType": special, "DisplayType": "ReadOnly",
        })  # fmt: skip
        names[rate["Id"]] = name
    for identity, name, rates in TAX_CODES[books.country]:
        details = [
            {"TaxRateRef": {"value": rate, "name": names[rate]}, "TaxTypeApplicable": "TaxOnAmount", "TaxOrder": 0}
            for rate in rates
        ]
        code: Data = {
            "Name": name,
            "Description": name,
            "Active": True,
            "Taxable": name not in {"Out of Scope", "NON"},
            "TaxGroup": identity is None,
            "SalesTaxRateList": {"TaxRateDetail": details},
            "PurchaseTaxRateList": {"TaxRateDetail": []},
        }
        books.add("TaxCode", code, identity)


class SeedError(ValueError):
    """A seed that cannot be read; the message names the place."""


_SEED_KEYS = ("customers", "items", "classes", "departments", "vendors", "employees", "preferences", "closed_books",
              "exchange_rates", "tax_rates")  # fmt: skip


def apply_seed(books: Books, seed: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Add a seed's entries to the books and return their ids: {"customers": {name: id}, …}. The caller commits."""
    unknown = sorted(set(seed) - set(_SEED_KEYS))
    if unknown:
        raise SeedError(f"unknown in the seed: {', '.join(unknown)}; known are {', '.join(_SEED_KEYS)}")
    _settings(books, seed)
    ids: dict[str, dict[str, str]] = {}
    for customer in seed.get("customers", ()):
        data = _customer(books, customer)
        ids.setdefault("customers", {})[data["FullyQualifiedName"]] = data["Id"]
    for item in seed.get("items", ()):
        ids.setdefault("items", {})[item["name"]] = _item(books, item)["Id"]
    for key, entity in (("classes", "Class"), ("departments", "Department")):
        for name in seed.get(key, ()):
            ids.setdefault(key, {})[name] = lists.create(books, entity, {"Name": name})["Id"]
    for key, entity in (("vendors", "Vendor"), ("employees", "Employee")):
        for name in seed.get(key, ()):
            members = {"DisplayName": name, "PrintOnCheckName": name, "Active": True}
            if entity == "Vendor":
                members |= {"Balance": ZERO, "CurrencyRef": currency_reference(books.home_currency)}
            ids.setdefault(key, {})[name] = books.add(entity, members)["Id"]
    return ids


def _settings(books: Books, seed: Mapping[str, Any]) -> None:
    preferences = {name: value for name, value in books.preferences.items() if name.endswith("Prefs")}
    changed = {name: dict(members) for name, members in preferences.items()}
    for section, members in seed.get("preferences", {}).items():
        if section not in changed:
            raise SeedError(f"preferences: {section} is unknown; known are {', '.join(changed)}")
        for name, value in members.items():
            changed[section][name] = value
    if "closed_books" in seed:
        changed["AccountingInfoPrefs"]["BookCloseDate"] = seed["closed_books"]
    if changed != preferences:
        books.update("Preferences", books.preferences, changed)
    for code, rates in seed.get("exchange_rates", {}).items():
        if code not in CURRENCIES:
            raise SeedError(f"exchange_rates: {code} is unknown; known are {', '.join(CURRENCIES)}")
        pairs = (
            [["1970-01-01", str(rates)]] if isinstance(rates, str) else [[str(day), str(rate)] for day, rate in rates]
        )
        books.exchange_rates = {**books.exchange_rates, code: sorted(pairs)}
    for name, percent in seed.get("tax_rates", {}).items():
        for rate in list(books.all("TaxRate")):
            if rate["Name"] == name:
                kept = {k: v for k, v in rate.items() if k not in {"Id", "SyncToken", "MetaData", "domain", "sparse"}}
                books.update("TaxRate", rate, {**kept, "RateValue": Decimal(str(percent))})
                break
        else:
            raise SeedError(f"tax_rates: there is no rate {name}")


def _customer(books: Books, entry: Mapping[str, Any] | str) -> Data:
    entry = {"name": entry} if isinstance(entry, str) else entry
    known = {"name", "currency", "email", "terms", "tax_code", "parent", "bill_with_parent", "active", "company"}
    if unknown := sorted(set(entry) - known):
        raise SeedError(f"customers: unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    members: Data = {"DisplayName": entry["name"]}
    if "currency" in entry:
        members["CurrencyRef"] = {"value": entry["currency"]}
    if "email" in entry:
        members["PrimaryEmailAddr"] = {"Address": entry["email"]}
    if "company" in entry:
        members["CompanyName"] = entry["company"]
    if "terms" in entry:
        members["SalesTermRef"] = {"value": named(books, "Term", entry["terms"])}
    if "tax_code" in entry:
        members["DefaultTaxCodeRef"] = {"value": named(books, "TaxCode", entry["tax_code"])}
    if "parent" in entry:
        members |= {"Job": True, "ParentRef": {"value": named(books, "Customer", entry["parent"])}}
        members["BillWithParent"] = entry.get("bill_with_parent", False)
    customer = lists.create(books, "Customer", members)
    if not entry.get("active", True):
        customer = lists.update(books, "Customer", customer, {"Active": False}, sparse=True)
    return customer


def _item(books: Books, entry: Mapping[str, Any]) -> Data:
    known = {"name", "price", "account", "type", "description", "active", "sku"}
    if unknown := sorted(set(entry) - known):
        raise SeedError(f"items: unknown: {', '.join(unknown)}; known are {', '.join(sorted(known))}")
    members: Data = {
        "Name": entry["name"],
        "Type": entry.get("type", "Service"),
        "IncomeAccountRef": {"value": named(books, "Account", entry.get("account", "1"))},
        "UnitPrice": Decimal(str(entry.get("price", 0))),
    }
    members |= {member: entry[key] for key, member in (("description", "Description"), ("sku", "Sku")) if key in entry}
    item = lists.create(books, "Item", members)
    if not entry.get("active", True):
        item = lists.update(books, "Item", item, {"Active": False}, sparse=True)
    return item


def named(books: Books, entity: str, name: str) -> str:
    """Return the id of an entry by its full name, or by the id itself."""
    if books.find(entity, str(name)) is not None:
        return str(name)
    for data in books.all(entity):
        if name in {data.get("FullyQualifiedName"), data.get("DisplayName"), data.get("Name")}:
            return str(data["Id"])
    raise SeedError(f"there is no {entity} {name}")
