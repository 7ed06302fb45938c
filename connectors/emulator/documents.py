"""Invoices and credit memos: creating, changing, voiding, deleting and mailing them."""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from connectors.emulator import faults, links, tax
from connectors.emulator.books import Books, Data
from connectors.emulator.clock import pacific_day, pacific_seconds
from connectors.emulator.entities import ENTITIES
from connectors.emulator.numbers import ZERO, half_up
from connectors.emulator.references import check_currency, check_open_period, check_references, currency_of, name_of

# Without a due date and without terms the sandbox gave thirty days.
DAYS_WITHOUT_TERM = 30
VOIDED = {"en": "Voided", "fr": "Annulé"}


def create(books: Books, entity: str, members: Data, *, allow_duplicate: bool) -> Data:
    """Stage a new document."""
    members = {name: value for name, value in members.items() if value is not None}
    check_references(books, members, ENTITIES[entity].fields)
    document = _finished(books, entity, members, None)
    document["DocNumber"] = _number(books, members, allow_duplicate=allow_duplicate)
    check_open_period(books, document["TxnDate"])
    return links.place_document(books, entity, None, arranged(document))


def update(books: Books, entity: str, old: Data, members: Data, *, sparse: bool, allow_duplicate: bool) -> Data:
    """Stage a change: sparse keeps what is not named, full takes it back to its default."""
    check_references(books, members, ENTITIES[entity].fields)
    kept = links.without_stamp(old) if sparse else _kept_by_full_update(old)
    if "Line" in members and "TxnTaxDetail" not in members:
        kept.pop("TxnTaxDetail", None)
    base = {name: value for name, value in {**kept, **members}.items() if value is not None}
    document = _finished(books, entity, base, old)
    if document.get("DocNumber") and document["DocNumber"] != old.get("DocNumber") and not allow_duplicate:
        _check_number(books, document["DocNumber"])
    check_open_period(books, old["TxnDate"], document["TxnDate"])
    if document["TotalAmt"] < sum(old.get("_applied", {}).values(), ZERO):
        links.release(books, entity, old["Id"], document["TotalAmt"])
    current = books.get(entity, old["Id"])
    document["_applied"] = current.get("_applied", {})
    document |= links.balances(entity, document)
    return links.place_document(books, entity, current, arranged(document))


def _kept_by_full_update(old: Data) -> Data:
    kept: Data = {name: old[name] for name in ("_applied", "_line_id", "DeliveryInfo") if name in old}
    kept["CurrencyRef"] = old["CurrencyRef"]
    return kept


def void(books: Books, entity: str, old: Data, language: str) -> Data:
    """Stage the voiding of a document: nothing owed, its number kept, its payments unapplied."""
    if old.get("_voided"):
        return old
    check_open_period(books, old["TxnDate"])
    links.release(books, entity, old["Id"], ZERO)
    current = books.get(entity, old["Id"])
    note = VOIDED[language] + (f" - {old['PrivateNote']}" if old.get("PrivateNote") else "")
    document = {
        **links.without_stamp(current),
        "Line": [_voided_line(line) for line in old["Line"]],
        "TxnTaxDetail": {"TotalTax": ZERO},
        "TotalAmt": ZERO,
        "PrivateNote": note,
        "_voided": True,
    }
    document |= links.balances(entity, document)
    return links.place_document(books, entity, current, arranged(document))


def _voided_line(line: Data) -> Data:
    if line["DetailType"] == "DescriptionOnly":
        return line
    detail = line[line["DetailType"]]
    kept = {name: value for name, value in detail.items() if name not in {"Qty", "UnitPrice"}}
    return {**line, "Amount": ZERO, line["DetailType"]: kept}


def delete(books: Books, entity: str, old: Data) -> None:
    """Stage the deletion of a document; refused while payments are applied to it."""
    check_open_period(books, old["TxnDate"])
    if old.get("_applied"):
        raise faults.business(f"{entity} {old['Id']} has payments applied to it: unlink them first.")
    links.remove_document(books, entity, old)


def send(books: Books, entity: str, old: Data, address: str | None, token_delta: int) -> Data:
    """Stage the mailing of a document to an address, else to its BillEmail."""
    address = address or old.get("BillEmail", {}).get("Address")
    if not address:
        raise faults.business("The document has no e-mail address to send it to.", "BillEmail")
    if "@" not in address or "." not in address:
        raise faults.business(f"The e-mail address {address} is not valid.", "BillEmail")
    delivery = {"DeliveryType": "Email", "DeliveryTime": pacific_seconds(books.now())}
    document = {
        **links.without_stamp(old),
        "BillEmail": {"Address": address},
        "EmailStatus": "EmailSent",
        "DeliveryInfo": delivery,
    }
    data = books.update(entity, old, arranged(document))
    data["SyncToken"] = str(int(old["SyncToken"]) + token_delta)
    return data


def _number(books: Books, members: Data, *, allow_duplicate: bool) -> str | None:
    """Return a document's number: the given one, or the next of the sequence that both kinds share."""
    given = members.get("DocNumber")
    automatic = members.get("AutoDocNumber") or given == "AUTO_GENERATE"
    if given and not automatic:
        if not allow_duplicate:
            _check_number(books, given)
        if given.isdigit():
            books.counters["DocNumber"] = max(books.counters.get("DocNumber", 0), int(given))
        return str(given)
    if books.preferences["SalesFormsPrefs"]["CustomTxnNumbers"] and not automatic:
        return None
    number = str(books.count("DocNumber"))
    while books.holders(("number", number)):
        number = str(books.count("DocNumber"))
    return number


def _check_number(books: Books, number: str) -> None:
    for entity, identity in books.holders(("number", number)):
        raise faults.duplicate_number(number, entity, identity)


def _finished(books: Books, entity: str, members: Data, old: Data | None) -> Data:
    """Return a document with everything that QuickBooks works out: lines, tax, totals, due date, defaults."""
    document = priced(books, members)
    customer = books.get("Customer", document["CustomerRef"]["value"])
    if old is not None and old.get("_applied") and old["CustomerRef"]["value"] != customer["Id"]:
        raise faults.business("A document with payments cannot move to another customer.", "CustomerRef")
    document |= _defaults(books, entity, document, customer)
    document |= links.balances(entity, document)
    return document


def priced(books: Books, members: Data) -> Data:
    """Return a document with its day, customer, currency, lines, tax and total."""
    if "CustomerRef" not in members:
        raise faults.missing("CustomerRef")
    if not members.get("Line"):
        raise faults.missing("Line")
    customer = books.get("Customer", members["CustomerRef"]["value"])
    document = {**members, "TxnDate": members.get("TxnDate", pacific_day(books.now()))}
    document["CustomerRef"] = {"value": customer["Id"], "name": name_of(customer)}
    document |= check_currency(books, members, customer)
    document["Line"], document["_line_id"] = _lines(
        books, members["Line"], members.get("_line_id", 0), currency_of(books, document)
    )
    sales = tax.sales_lines(document["Line"])
    tax.check_codes(books, document, sales)
    document["TxnTaxDetail"] = tax.tax_detail(books, document, sales)
    subtotal = sum((line["Amount"] for line in sales), ZERO)
    document["Line"].append({"Amount": subtotal, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}})
    document["TotalAmt"] = subtotal + document["TxnTaxDetail"]["TotalTax"]
    if document["TotalAmt"] < 0:
        raise faults.business("The total of a transaction must be zero or more.", "TotalAmt")
    return document


def _lines(books: Books, sent: list[Data], last_id: int, currency: str) -> tuple[list[Data], int]:
    lines: list[Data] = []
    known = {line["Id"] for line in sent if line.get("Id", "").isdigit() and int(line["Id"]) <= last_id}
    for line in sent:
        kind = line.get("DetailType")
        if kind is None:
            raise faults.missing("Line.DetailType")
        if kind == "SubTotalLineDetail":
            continue
        identity = line.get("Id")
        if identity not in known:
            last_id += 1
            identity = str(last_id)
        head = {"Id": identity, "LineNum": len(lines) + 1}
        if line.get("Description"):
            head["Description"] = line["Description"]
        lines.append(
            {**head, **(_sales_line(books, line, currency) if kind == "SalesItemLineDetail" else _text_line(line))}
        )
    if not lines:
        raise faults.missing("Line")
    return lines, last_id


def _sales_line(books: Books, line: Data, currency: str) -> Data:
    amount: Decimal | None = line.get("Amount")
    if amount is None:
        raise faults.missing("Amount")
    detail = dict(line.get("SalesItemLineDetail") or {})
    quantity, price = detail.get("Qty"), detail.get("UnitPrice")
    if quantity is not None and price is not None and half_up(quantity * price) != amount:
        raise faults.amount_mismatch(amount)
    # A line without an item becomes one of the company's default item.
    item = books.get("Item", detail.get("ItemRef", {"value": "1"})["value"])
    account = item.get("IncomeAccountRef")
    ordered = {"ItemRef": {"value": item["Id"], "name": name_of(item)}}
    ordered |= {name: detail[name] for name in ("ClassRef", "UnitPrice", "Qty") if name in detail}
    if account:
        ordered["ItemAccountRef"] = account
    ordered |= {name: detail[name] for name in ("TaxCodeRef", "ServiceDate") if name in detail}
    return {"Amount": half_up(amount, currency), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": ordered}


def _text_line(line: Data) -> Data:
    if line.get("Amount"):
        raise faults.business("A description line has no amount.", "Line.Amount")
    return {"DetailType": "DescriptionOnly", "DescriptionLineDetail": line.get("DescriptionLineDetail") or {}}


def _defaults(books: Books, entity: str, document: Data, customer: Data) -> Data:
    members: Data = {
        "PrintStatus": document.get("PrintStatus", "NeedToPrint"),
        "EmailStatus": document.get("EmailStatus", "NotSet"),
        "ApplyTaxAfterDiscount": document.get("ApplyTaxAfterDiscount", False),
    }
    if members["EmailStatus"] == "NeedToSend" and not document.get("BillEmail"):
        raise faults.business("EmailStatus NeedToSend wants a BillEmail.", "BillEmail")
    if books.country != "us":
        members["GlobalTaxCalculation"] = document.get("GlobalTaxCalculation", "TaxExcluded")
    if "BillAddr" not in document and customer.get("BillAddr"):
        members["BillAddr"] = customer["BillAddr"]
    if entity == "Invoice":
        members |= {"AllowIPNPayment": document.get("AllowIPNPayment", False)}
        members |= {"AllowOnlinePayment": document.get("AllowOnlinePayment", False)}
        # The sandbox of 2026 offers card and bank payment unless told not to.
        members |= {"AllowOnlineCreditCardPayment": document.get("AllowOnlineCreditCardPayment", True)}
        members |= {"AllowOnlineACHPayment": document.get("AllowOnlineACHPayment", True)}
        term = document.get("SalesTermRef") or customer.get("SalesTermRef")
        if term:
            members["SalesTermRef"] = term
        if "DueDate" not in document:
            term_data = books.get("Term", term["value"]) if term else None
            members["DueDate"] = due_date(date.fromisoformat(document["TxnDate"]), term_data).isoformat()
    return members


def due_date(day: date, term: Mapping[str, Any] | None) -> date:
    """Return when a document of this day is due: after the term's days, or on its day of a month."""
    if term is None:
        return day + timedelta(days=DAYS_WITHOUT_TERM)
    if term["Type"] == "Standard":
        return day + timedelta(days=int(term["DueDays"]))
    due = _on_day(day.year, day.month, int(term["DayOfMonthDue"]))
    # A document dated too close to the day it would be due is due a month later.
    if due < day or (due - day).days < int(term.get("DueNextMonthDays", 0)):
        due = _on_day(day.year + day.month // 12, day.month % 12 + 1, int(term["DayOfMonthDue"]))
    return due


def _on_day(year: int, month: int, day: int) -> date:
    last = (date(year + month // 12, month % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month, min(day, last))


_ORDER = (
    "AllowIPNPayment", "AllowOnlinePayment", "AllowOnlineCreditCardPayment", "AllowOnlineACHPayment",
    "CustomField", "DocNumber", "TxnDate", "DepartmentRef", "CurrencyRef", "ExchangeRate", "PrivateNote", "LinkedTxn",
    "Line", "TxnTaxDetail", "CustomerRef", "CustomerMemo", "BillAddr", "ShipAddr", "ClassRef", "SalesTermRef",
    "DueDate", "GlobalTaxCalculation", "TotalAmt", "HomeTotalAmt", "ApplyTaxAfterDiscount", "PrintStatus",
    "EmailStatus", "BillEmail", "BillEmailCc", "BillEmailBcc", "Balance", "HomeBalance", "RemainingCredit",
    "DeliveryInfo", "_applied", "_line_id", "_voided",
)  # fmt: skip


def arranged(document: Data) -> Data:
    """Put the members in the order in which QuickBooks writes them; what is absent stays absent."""
    return {name: document[name] for name in _ORDER if document.get(name) is not None}
