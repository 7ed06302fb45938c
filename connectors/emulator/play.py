"""Playing the people on the other side: the customer who pays, the bookkeeper who voids, deletes and edits by hand."""

from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from connectors.emulator.books import Data
from connectors.emulator.emulator import Emulator
from connectors.emulator.numbers import ZERO, decimal_of
from connectors.emulator.seed import SeedError, named

_DOCUMENTS = ("Invoice", "CreditMemo")


def find_document(emulator: Emulator, reference: str, kinds: tuple[str, ...] = _DOCUMENTS) -> tuple[str, Data]:
    """Return (entity, document) of a document number, else of an id."""
    for member in ("DocNumber", "Id"):
        for entity in kinds:
            for document in emulator.all(entity):
                if document.get(member) == str(reference):
                    return entity, document
    raise SeedError(f"there is no document {reference}")


def _amount(value: Any, name: str = "amount") -> Decimal:
    number = decimal_of(value)
    if number is None:
        raise ValueError(f"{name} must be an amount such as 70 or 70.50, not {value!r}")
    return number


def _link(amount: Decimal, entity: str, document: Data) -> Data:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": document["Id"], "TxnType": entity}]}


def pay(
    emulator: Emulator,
    *,
    doc_number: str | None = None,
    doc_numbers: Sequence[str] = (),
    amount: Any = None,
    customer: str | None = None,
    date: str | None = None,
    memo: str | None = None,
    exchange_rate: Any = None,
) -> Data:
    """Pay invoices in the order given, wholly or as far as `amount` reaches; what is left over stays unapplied.

    Without invoices the customer's open ones are paid, oldest first, when no amount is given; with an amount and a
    customer alone the whole payment is unapplied.
    """
    numbers = [*([doc_number] if doc_number else []), *doc_numbers]
    with emulator.lock:
        invoices = [find_document(emulator, number, ("Invoice",))[1] for number in numbers]
        if not invoices and customer is None:
            raise ValueError("name an invoice (doc_number), invoices (doc_numbers) or a customer")
        customer_id = (
            invoices[0]["CustomerRef"]["value"] if invoices else named(emulator.books, "Customer", customer or "")
        )
        if not invoices and amount is None:
            invoices = [i for i in open_documents(emulator, "Invoice") if i["CustomerRef"]["value"] == customer_id]
        owed = sum((invoice["Balance"] for invoice in invoices), ZERO)
        total = _amount(amount) if amount is not None else owed
        lines, left = [], total
        for invoice in invoices:
            part = min(left, invoice["Balance"])
            left -= part
            if part > 0:
                lines.append(_link(part, "Invoice", invoice))
        body: Data = {"CustomerRef": {"value": customer_id}, "TotalAmt": total, "Line": lines}
        body |= _money(emulator, customer_id, exchange_rate)
        body |= {"TxnDate": date} if date else {}
        body |= {"PrivateNote": memo} if memo else {}
        return emulator.write("Payment", "create", body)


def _money(emulator: Emulator, customer_id: str, exchange_rate: Any = None) -> Data:
    currency = emulator.read("Customer", customer_id)["CurrencyRef"]["value"]
    members: Data = {"CurrencyRef": {"value": currency}}
    if currency != emulator.books.home_currency:
        rates = emulator.books.exchange_rates.get(currency, [["", "1"]])
        members["ExchangeRate"] = _amount(exchange_rate if exchange_rate is not None else rates[-1][1], "exchange_rate")
    return members


def open_documents(emulator: Emulator, entity: str) -> list[Data]:
    """Return the invoices or credit memos with a balance, oldest first."""
    found = [document for document in emulator.all(entity) if document["Balance"] > 0]
    return sorted(found, key=lambda document: (document["TxnDate"], int(document["Id"])))


def _body(document: Data, **members: Any) -> Data:
    return {"Id": document["Id"], "SyncToken": document["SyncToken"], "sparse": True, **members}


def void(emulator: Emulator, *, doc_number: str | None = None, payment: str | None = None) -> Data:
    """Void an invoice or credit memo by its number, or a payment by its id."""
    with emulator.lock:
        if payment is not None:
            return emulator.write("Payment", "void", _body(emulator.read("Payment", payment)))
        entity, document = find_document(emulator, doc_number or "")
        return emulator.write(entity, "void", _body(document))


def delete(emulator: Emulator, *, doc_number: str) -> Data:
    """Delete an invoice or credit memo by its number."""
    with emulator.lock:
        entity, document = find_document(emulator, doc_number)
        return emulator.write(entity, "delete", _body(document))


def edit(
    emulator: Emulator,
    *,
    doc_number: str,
    line: int | str = 1,
    amount: Any = None,
    memo: str | None = None,
    new_doc_number: str | None = None,
    due_date: str | None = None,
) -> Data:
    """Change a document by hand: the amount of one line (Qty becomes 1), memo, number or due date."""
    with emulator.lock:
        entity, document = find_document(emulator, doc_number)
        members: Data = {}
        if amount is not None:
            members["Line"] = _edited_lines(document, str(line), _amount(amount))
        members |= {"PrivateNote": memo} if memo is not None else {}
        members |= {"DocNumber": new_doc_number} if new_doc_number else {}
        members |= {"DueDate": due_date} if due_date else {}
        if not members:
            raise ValueError("name what to change: amount (of line), memo, new_doc_number, due_date")
        return emulator.write(entity, "update", _body(document, **members))


def _edited_lines(document: Data, line: str, amount: Decimal) -> list[Data]:
    lines, found = [], False
    for old in document["Line"]:
        if str(old.get("LineNum")) == line and old["DetailType"] == "SalesItemLineDetail":
            detail = {**old["SalesItemLineDetail"], "Qty": Decimal(1), "UnitPrice": amount}
            lines.append({**old, "Amount": amount, "SalesItemLineDetail": detail})
            found = True
        else:
            lines.append(old)
    if not found:
        raise ValueError(f"document {document.get('DocNumber')} has no line {line} with an amount")
    return lines


def customer(
    emulator: Emulator,
    *,
    name: str,
    new_name: str | None = None,
    active: bool | str | None = None,
    **members: Any,
) -> Data:
    """Create a customer (name, currency, email, terms, tax_code, parent …), or rename or (in)activate one."""
    with emulator.lock:
        if new_name is None and active is None:
            ids = emulator.seed({"customers": [{"name": name, **members}]})["customers"]
            return emulator.read("Customer", next(iter(ids.values())))
        if members:
            raise ValueError(f"these are set at creation only: {', '.join(members)}")
        found = emulator.read("Customer", named(emulator.books, "Customer", name))
        changes: Data = {"DisplayName": new_name} if new_name else {}
        if active is not None:
            changes["Active"] = active in {True, "true", "1"}
        return emulator.write("Customer", "update", _body(found, **changes))


def credit(
    emulator: Emulator,
    *,
    customer: str | None = None,
    amount: Any = None,
    item: str = "1",
    tax_code: str | None = None,
    apply: str | None = None,
    to: str | None = None,
    date: str | None = None,
) -> Data:
    """Create a credit memo for a customer, or apply one (`apply`, its number) to an invoice (`to`, its number)."""
    with emulator.lock:
        if apply is not None:
            return _apply_credit(emulator, apply, to or "", amount, date)
        identity = named(emulator.books, "Customer", customer or "")
        detail: Data = {"ItemRef": {"value": named(emulator.books, "Item", item)}}
        default = {"ca": "Out of Scope", "us": "NON"}[emulator.country]
        detail["TaxCodeRef"] = {"value": named(emulator.books, "TaxCode", tax_code or default)}
        line = {"Amount": _amount(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        body: Data = {"CustomerRef": {"value": identity}, "Line": [line], "AutoDocNumber": True}
        body |= _money(emulator, identity) | ({"TxnDate": date} if date else {})
        return emulator.write("CreditMemo", "create", body)


def estimate(
    emulator: Emulator,
    *,
    number: str,
    customer: str | None = None,
    amount: Any = None,
    item: str = "1",
    tax_code: str | None = None,
    status: str | None = None,
    date: str | None = None,
) -> Data:
    """Write an estimate for a customer, or say of one, by its number, that it is Accepted, Rejected or Closed."""
    with emulator.lock:
        if customer is None:
            found = find_document(emulator, number, ("Estimate",))[1]
            return emulator.write("Estimate", "update", _body(found, TxnStatus=status or "Accepted"))
        identity = named(emulator.books, "Customer", customer)
        detail: Data = {"ItemRef": {"value": named(emulator.books, "Item", item)}}
        default = {"ca": "Out of Scope", "us": "NON"}[emulator.country]
        detail["TaxCodeRef"] = {"value": named(emulator.books, "TaxCode", tax_code or default)}
        line = {"Amount": _amount(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
        body: Data = {"CustomerRef": {"value": identity}, "Line": [line], "DocNumber": number}
        body |= _money(emulator, identity) | ({"TxnDate": date} if date else {})
        return emulator.write("Estimate", "create", body | ({"TxnStatus": status} if status else {}))


def _apply_credit(emulator: Emulator, number: str, to: str, amount: Any, date: str | None) -> Data:
    memo = find_document(emulator, number, ("CreditMemo",))[1]
    invoice = find_document(emulator, to, ("Invoice",))[1]
    part = _amount(amount) if amount is not None else min(memo["Balance"], invoice["Balance"])
    body: Data = {
        "CustomerRef": {"value": invoice["CustomerRef"]["value"]},
        "TotalAmt": ZERO,
        "PrivateNote": "Created by QB Online to link credits to charges.",
        "Line": [_link(part, "CreditMemo", memo), _link(part, "Invoice", invoice)],
    }
    body |= _money(emulator, invoice["CustomerRef"]["value"]) | ({"TxnDate": date} if date else {})
    return emulator.write("Payment", "create", body)


def edit_payment(
    emulator: Emulator, identity: str, *, amount: Any = None, date: str | None = None, memo: str | None = None
) -> Data:
    """Change a payment: a smaller amount takes its lines back from the last, a larger one leaves the rest unapplied."""
    with emulator.lock:
        payment = emulator.read("Payment", identity)
        members: Data = {"TxnDate": date} if date else {}
        members |= {"PrivateNote": memo} if memo is not None else {}
        if amount is not None:
            total = _amount(amount)
            lines, left = [], total
            for line in payment["Line"]:
                part = min(left, line["Amount"])
                left -= part
                if part > 0:
                    lines.append({**line, "Amount": part})
            members |= {"TotalAmt": total, "Line": lines}
        return emulator.write("Payment", "update", _body(payment, **members))


def delete_payment(emulator: Emulator, identity: str) -> Data:
    """Delete a payment; what it settled is open again."""
    with emulator.lock:
        return emulator.write("Payment", "delete", _body(emulator.read("Payment", identity)))


ACTS: dict[str, Callable[..., Data]] = {
    "pay": pay,
    "void": void,
    "delete": delete,
    "edit": edit,
    "customer": customer,
    "credit": credit,
    "estimate": estimate,
}
