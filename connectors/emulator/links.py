"""Balances: what payments and credit memos are applied to, and the customer balances that follow from it.

A document keeps `_applied`, the amount that each payment settles of it; a payment's lines say the same from its side.
Every change goes through the functions here, so that both sides and the customer's balance always agree.
"""

from decimal import Decimal

from connectors.emulator import faults
from connectors.emulator.books import Books, Data
from connectors.emulator.numbers import ZERO, half_up

# How a document's open balance counts in what the customer owes.
SIGNS = {"Invoice": 1, "CreditMemo": -1}


def place_document(books: Books, entity: str, old: Data | None, members: Data) -> Data:
    """Stage a new or changed invoice or credit memo and move its customer's balance by the difference."""
    if old is not None:
        _move_customer(books, old["CustomerRef"]["value"], -SIGNS[entity] * old["Balance"])
    data = books.update(entity, old, members) if old is not None else books.add(entity, members)
    _move_customer(books, data["CustomerRef"]["value"], SIGNS[entity] * data["Balance"])
    return data


def remove_document(books: Books, entity: str, old: Data) -> None:
    """Stage the deletion of an invoice or credit memo to which nothing is applied."""
    _move_customer(books, old["CustomerRef"]["value"], -SIGNS[entity] * old["Balance"])
    books.delete(entity, old)


def balances(entity: str, document: Data) -> Data:
    """Return the members that follow from a document's total and from what is applied to it."""
    applied: dict[str, Decimal] = document.get("_applied", {})
    balance = document["TotalAmt"] - sum(applied.values(), ZERO)
    members: Data = {"Balance": balance, "LinkedTxn": [{"TxnId": p, "TxnType": "Payment"} for p in applied]}
    if entity == "CreditMemo":
        members["RemainingCredit"] = balance
    if "ExchangeRate" in document:
        members["HomeTotalAmt"] = half_up(document["TotalAmt"] * document["ExchangeRate"])
        members["HomeBalance"] = half_up(balance * document["ExchangeRate"])
    return members


def _move_customer(books: Books, customer_id: str, amount: Decimal) -> None:
    if not amount:
        return
    customer = books.get("Customer", customer_id)
    books.amend("Customer", customer, {"Balance": customer["Balance"] + amount})
    above: str | None = customer_id
    while above:
        customer = books.get("Customer", above)
        books.amend("Customer", customer, {"BalanceWithJobs": customer["BalanceWithJobs"] + amount})
        above = customer.get("ParentRef", {}).get("value")


def line_target(line: Data) -> tuple[str, str]:
    """Return (TxnType, TxnId) of what a payment line settles."""
    link = line["LinkedTxn"][0]
    return link["TxnType"], link["TxnId"]


def unapplied(total: Decimal, lines: list[Data]) -> Decimal:
    """Return what is left of a payment: its total and the credits it uses, less the invoices it settles."""
    return total - sum((SIGNS[line_target(line)[0]] * line["Amount"] for line in lines), ZERO)


def place_payment(books: Books, old: Data | None, members: Data) -> Data:
    """Stage a new or changed payment, and with it every document that it settles or no longer settles."""
    if old is not None:
        _move_customer(books, old["CustomerRef"]["value"], old["UnappliedAmt"])
    data = books.update("Payment", old, members) if old is not None else books.add("Payment", members)
    _move_customer(books, data["CustomerRef"]["value"], -data["UnappliedAmt"])
    _apply(books, data["Id"], old["Line"] if old is not None else [], data["Line"])
    return data


def remove_payment(books: Books, old: Data) -> None:
    """Stage the deletion of a payment; what it settled is open again."""
    _move_customer(books, old["CustomerRef"]["value"], old["UnappliedAmt"])
    _apply(books, old["Id"], old["Line"], [])
    books.delete("Payment", old)


def _apply(books: Books, payment_id: str, before: list[Data], after: list[Data]) -> None:
    amounts = [_amounts(lines) for lines in (before, after)]
    for target in dict.fromkeys([*amounts[0], *amounts[1]]):
        if amounts[0].get(target) == amounts[1].get(target):
            continue
        entity, identity = target
        document = books.get(entity, identity)
        applied = {p: a for p, a in document.get("_applied", {}).items() if p != payment_id}
        if target in amounts[1]:
            applied[payment_id] = amounts[1][target]
        changed = {**document, "_applied": applied}
        place_document(books, entity, document, {**without_stamp(changed), **balances(entity, changed)})


def _amounts(lines: list[Data]) -> dict[tuple[str, str], Decimal]:
    amounts: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        amounts[line_target(line)] = amounts.get(line_target(line), ZERO) + line["Amount"]
    return amounts


def without_stamp(data: Data) -> Data:
    """Return an entity's members without those that each version gets anew."""
    return {
        name: value for name, value in data.items() if name not in {"domain", "sparse", "Id", "SyncToken", "MetaData"}
    }


def check_application(books: Books, payment_id: str | None, members: Data) -> None:
    """Refuse payment lines that settle more than is open, another customer's or another currency's documents."""
    for (entity, identity), amount in _amounts(members["Line"]).items():
        document = books.find(entity, identity)
        if document is None:
            raise faults.bad_reference(entity, identity, "Line.LinkedTxn")
        if not _same_family(books, document["CustomerRef"]["value"], members["CustomerRef"]["value"]):
            raise faults.business(f"{entity} {identity} belongs to another customer.", "Line.LinkedTxn")
        if document["CurrencyRef"]["value"] != members["CurrencyRef"]["value"]:
            raise faults.business(f"{entity} {identity} is in another currency.", "Line.LinkedTxn")
        others = sum((a for p, a in document.get("_applied", {}).items() if p != payment_id), ZERO)
        if amount > document["TotalAmt"] - others:
            raise faults.business(
                f"You can't apply {amount} to {entity} {identity}: only {document['TotalAmt'] - others} is open.",
                "Line.Amount",
            )
    left = unapplied(members["TotalAmt"], members["Line"])
    if left < 0:
        raise faults.business("The amounts applied are more than the payment and its credits.", "Line.Amount")
    if left > members["TotalAmt"]:
        raise faults.business("More credit is used than the invoices of the payment take.", "Line.Amount")


def _same_family(books: Books, one: str, other: str) -> bool:
    return _root(books, one) == _root(books, other)


def _root(books: Books, customer_id: str) -> str:
    customer = books.get("Customer", customer_id)
    while customer.get("ParentRef"):
        customer = books.get("Customer", customer["ParentRef"]["value"])
    return str(customer["Id"])


def release(books: Books, entity: str, identity: str, most: Decimal) -> None:
    """Take payments off a document until they settle no more than `most`, the latest first; the rest is credit."""
    for payment_id in reversed(list(books.get(entity, identity).get("_applied", {}))):
        applied: dict[str, Decimal] = books.get(entity, identity)["_applied"]
        excess = sum(applied.values(), ZERO) - most
        if excess <= 0:
            return
        payment = books.get("Payment", payment_id)
        lines = _reduced(payment["Line"], (entity, identity), min(excess, applied[payment_id]))
        lines = _settled(payment["TotalAmt"], lines)
        left = {"Line": lines, "UnappliedAmt": unapplied(payment["TotalAmt"], lines)}
        place_payment(books, payment, {**without_stamp(payment), **left})


def _reduced(lines: list[Data], target: tuple[str, str], amount: Decimal) -> list[Data]:
    kept: list[Data] = []
    for line in reversed(lines):
        take = min(line["Amount"], amount) if line_target(line) == target else ZERO
        amount -= take
        if take != line["Amount"]:
            kept.insert(0, {**line, "Amount": line["Amount"] - take} if take else line)
    return kept


def _settled(total: Decimal, lines: list[Data]) -> list[Data]:
    """Keep a payment's lines in balance: credits without an invoice are free again, and the other way round."""
    for entity in ("Invoice", "CreditMemo"):
        for line in reversed(lines):
            left = unapplied(total, lines)
            over = -left if entity == "Invoice" else left - total
            if line_target(line)[0] == entity and over > 0:
                lines = _reduced(lines, line_target(line), over)
    return lines
