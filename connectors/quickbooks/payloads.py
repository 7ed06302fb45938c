"""What is posted for a document: a pure function of the document, its number and its marker.

Only fields that somebody decided are written: QuickBooks fills the rest from the customer and the company's
preferences. Sources: Intuit's v3 schema and reference for Invoice and CreditMemo.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from connectors.quickbooks.marker import find_marker
from mappings.catalogue import Books
from mappings.documents import Document, Line
from mappings.money import to_decimal
from mappings.problems import Problem

DOC_NUMBER_LENGTH = 21
DESCRIPTION_LENGTH = 4000
EMAIL_LENGTH = 100
MEMO_LENGTH = 1000
MOST_LINES = 750
"""Of a taxed document."""

_HUNDREDTH = Decimal("0.01")
_UNITS = {"en": {"hour": "h", "day": "d"}, "fr": {"hour": "h", "day": "j"}}
_ORDER_WORDS = {"en": "Purchase order: ", "fr": "Bon de commande : "}


class PayloadError(Exception):
    """A document that QuickBooks cannot take as it is; `problems` says all that is wrong."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("; ".join(problem.what for problem in problems))
        self.problems = problems


def document_payload(document: Document, *, doc_number: str | None, marker: str, books: Books) -> dict[str, Any]:
    """The JSON object that creates a document, its numbers exact decimals; raises PayloadError.

    `doc_number` None lets QuickBooks number. A credit memo's lines are negated: there it counts positive. No tax is
    sent: QuickBooks computes it from the codes on the lines, and what it answers is the truth.
    """
    _assert_resolved(document, marker, books)
    if problems := payload_problems(document, doc_number=doc_number, books=books):
        raise PayloadError(problems)
    abroad = document.currency != books.home_currency
    payload: dict[str, Any] = {
        "CustomerRef": {"value": document.customer_id},
        "TxnDate": document.dated.isoformat(),
        "PrivateNote": marker,
        "Line": [_line(line, document) for line in document.lines],
    }
    if doc_number is not None:
        payload["DocNumber"] = doc_number
    if books.multicurrency:
        payload["CurrencyRef"] = {"value": document.currency}
    if abroad:
        payload["ExchangeRate"] = document.exchange_rate
    if document.terms_id and document.kind == "invoice":
        payload["SalesTermRef"] = {"value": document.terms_id}
    if document.email_to:
        payload["BillEmail"] = {"Address": document.email_to}
    if document.purchase_order:
        payload["CustomerMemo"] = {"value": _order_memo(document)}
    if document.department_id:
        payload["DepartmentRef"] = {"value": document.department_id}
    if books.country != "US":
        payload["GlobalTaxCalculation"] = "TaxExcluded"
    return payload


def application_payload(
    *,
    customer_id: str,
    dated: date,
    currency: str,
    exchange_rate: Decimal | None,
    credit_id: str,
    invoice_id: str,
    amount_minor: int,
    marker: str,
    books: Books,
) -> dict[str, Any]:
    """The payment of 0 that applies a credit memo to an invoice: a positive line for each, by QuickBooks' ids.

    It is what QuickBooks itself makes when credits are applied by hand. In closed books it is dated the first open day.
    """
    assert find_marker(marker) == marker != "", marker
    if books.closed_until is not None and dated <= books.closed_until:
        dated = books.closed_until + timedelta(days=1)
    amount = to_decimal(amount_minor, currency)
    payload: dict[str, Any] = {
        "CustomerRef": {"value": customer_id},
        "TotalAmt": 0,
        "TxnDate": dated.isoformat(),
        "PrivateNote": marker,
        "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}
            for kind, identity in (("CreditMemo", credit_id), ("Invoice", invoice_id))
        ],
    }
    if books.multicurrency:
        payload["CurrencyRef"] = {"value": currency}
    if currency != books.home_currency:
        payload["ExchangeRate"] = exchange_rate
    return payload


def _assert_resolved(document: Document, marker: str, books: Books) -> None:
    """What must hold before a payload is asked for; each breach is a defect of the caller."""
    assert document.kind != "settlement", "a settlement is not sent"
    assert document.lines, "a document without lines is not sent"
    assert document.customer_id, "the customer is resolved before"
    assert all(line.item_id for line in document.lines), "items are resolved before"
    assert books.country == "US" or all(line.tax_code_id for line in document.lines), "tax codes are resolved before"
    assert find_marker(marker) == marker != "", marker


def _line(line: Line, document: Document) -> dict[str, Any]:
    sign = -1 if document.kind == "credit-memo" else 1
    description, detail = _printable(line.description), dict[str, Any](ItemRef={"value": line.item_id})
    if line.rate is not None and _priced_alike(line, document.currency):
        detail |= {"Qty": sign * line.quantity, "UnitPrice": line.rate}
    else:
        description = _with_arithmetic(description, line, document.language)
    if line.tax_code_id:
        detail["TaxCodeRef"] = {"value": line.tax_code_id}
    if line.service_date is not None:
        detail["ServiceDate"] = line.service_date.isoformat()
    if line.class_id:
        detail["ClassRef"] = {"value": line.class_id}
    return {
        "DetailType": "SalesItemLineDetail",
        "Amount": to_decimal(sign * line.amount_minor, document.currency),
        "Description": _cut(description, DESCRIPTION_LENGTH),
        "SalesItemLineDetail": detail,
    }


def _priced_alike(line: Line, currency: str) -> bool:
    """Whether quantity times price, half-up to 0.01, is the amount: QuickBooks refuses a line where it is not (6070).

    It counts in hundredths of every currency, also of those that have none, such as the yen.
    """
    assert line.rate is not None
    product = (line.quantity * line.rate).quantize(_HUNDREDTH, ROUND_HALF_UP)
    return product == to_decimal(line.amount_minor, currency)


def _with_arithmetic(description: str, line: Line, language: str) -> str:
    """The description with hours and rate behind it, for a line whose amount stands alone."""
    if line.rate is None:
        return description
    spoken = "fr" if language.startswith("fr") else "en"
    numbers = [f"{number.normalize():f}" for number in (line.quantity, line.rate)]
    quantity, rate = (number.replace(".", ",") if spoken == "fr" else number for number in numbers)
    unit = _UNITS[spoken].get(line.unit, "")
    arithmetic = f"({quantity}{f' {unit}' if unit else ''} × {rate})"
    return f"{_cut(description, DESCRIPTION_LENGTH - len(arithmetic) - 1)} {arithmetic}".strip()


def _order_memo(document: Document) -> str:
    return _ORDER_WORDS["fr" if document.language.startswith("fr") else "en"] + document.purchase_order


def _printable(text: str) -> str:
    """Text without control characters, but for line breaks."""
    return re.sub(r"[\x00-\x08\x0b-\x1f\x7f]", "", text.replace("\r\n", "\n").replace("\t", " ")).strip()


def _cut(text: str, length: int) -> str:
    return text if len(text) <= length else text[: length - 1] + "…"


def payload_problems(document: Document, *, doc_number: str | None, books: Books) -> tuple[Problem, ...]:
    """All that would make QuickBooks refuse the document, known before sending it."""
    client = document.key.client
    found: list[Problem] = []

    def add(code: str, what: str, fix: str) -> None:
        found.append(Problem(code, what, fix, subject=client))

    if doc_number is not None and not 0 < len(doc_number) <= DOC_NUMBER_LENGTH:
        what = f"The document number {doc_number!r} has {len(doc_number)} characters, QuickBooks takes 1 to 21."
        add("number-too-long", what, "Shorten `invoice_number` in config.toml.")
    if len(document.email_to) > EMAIL_LENGTH:
        what = f"The addresses in email_to of {client} have {len(document.email_to)} characters, QuickBooks takes 100."
        add("email-too-long", what, "Write fewer addresses in email_to of the clients table.")
    if document.purchase_order and len(_order_memo(document)) > MEMO_LENGTH:
        what = f"The purchase order of {client} is too long for QuickBooks' memo of 1000 characters."
        add("purchase-order-too-long", what, "Shorten purchase_order in the clients table.")
    if len(document.lines) > MOST_LINES:
        what = f"The document of {client} has {len(document.lines)} lines, QuickBooks takes 750."
        add("too-many-lines", what, 'Choose a coarser `lines_per`, such as "service".')
    if document.currency != books.home_currency and not books.multicurrency:
        what = f"{client} is billed in {document.currency}, and QuickBooks keeps {books.home_currency} only."
        add("single-currency-books", what, "Turn on Multicurrency in QuickBooks, or bill in the home currency.")
    if document.currency != books.home_currency and not document.exchange_rate:
        what = f"No exchange rate for {document.currency} on {document.dated.isoformat()}."
        add("no-exchange-rate", what, "Enter the rate for that day in QuickBooks, then run this again.")
    return tuple(found)
