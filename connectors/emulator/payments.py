"""Payments: money received, and what it settles."""

from connectors.emulator import faults, links
from connectors.emulator.books import Books, Data
from connectors.emulator.clock import pacific_day
from connectors.emulator.entities import ENTITIES
from connectors.emulator.numbers import ZERO, half_up
from connectors.emulator.references import check_currency, check_open_period, check_references, currency_of, name_of

UNDEPOSITED_FUNDS = "4"


def create(books: Books, members: Data) -> Data:
    """Stage a new payment; without lines, or with less than its total in them, the rest stays unapplied."""
    members = {name: value for name, value in members.items() if value is not None}
    check_references(books, members, ENTITIES["Payment"].fields)
    payment = _finished(books, members, None)
    check_open_period(books, payment["TxnDate"])
    return links.place_payment(books, None, payment)


def update(books: Books, old: Data, members: Data, *, sparse: bool) -> Data:
    """Stage a change; a list of lines replaces the whole list."""
    if old.get("_voided"):
        raise faults.business("A voided payment cannot be changed.")
    check_references(books, members, ENTITIES["Payment"].fields)
    kept = links.without_stamp(old) if sparse else {"CurrencyRef": old["CurrencyRef"]}
    base = {name: value for name, value in {**kept, **members}.items() if value is not None}
    payment = _finished(books, base, old["Id"])
    check_open_period(books, old["TxnDate"], payment["TxnDate"])
    return links.place_payment(books, old, payment)


def void(books: Books, old: Data) -> Data:
    """Stage the voiding of a payment: nothing received, everything it settled open again."""
    if old.get("_voided"):
        return old
    check_open_period(books, old["TxnDate"])
    note = "Voided" + (f" - {old['PrivateNote']}" if old.get("PrivateNote") else "")
    zero = {"TotalAmt": ZERO, "UnappliedAmt": ZERO, "Line": [], "PrivateNote": note, "_voided": True}
    return links.place_payment(books, old, {**links.without_stamp(old), **zero})


def delete(books: Books, old: Data) -> None:
    """Stage the deletion of a payment."""
    check_open_period(books, old["TxnDate"])
    links.remove_payment(books, old)


def _finished(books: Books, members: Data, payment_id: str | None) -> Data:
    for needed in ("CustomerRef", "TotalAmt"):
        if needed not in members:
            raise faults.missing(needed)
    currency = currency_of(books, members)
    total = half_up(members["TotalAmt"], currency)
    if total < 0:
        raise faults.business("The total of a payment must be zero or more.", "TotalAmt")
    customer = books.get("Customer", members["CustomerRef"]["value"])
    account = books.get("Account", members.get("DepositToAccountRef", {"value": UNDEPOSITED_FUNDS})["value"])
    lines = [_line(line, currency) for line in members.get("Line", [])]
    payment: Data = {
        "CustomerRef": {"value": customer["Id"], "name": name_of(customer)},
        "DepositToAccountRef": {"value": account["Id"], "name": name_of(account)},
        "TotalAmt": total,
        "UnappliedAmt": links.unapplied(total, lines),
        "ProcessPayment": False,
        "TxnDate": members.get("TxnDate", pacific_day(books.now())),
        **check_currency(books, members, customer),
    }
    payment |= {name: members[name] for name in ("PaymentRefNum", "PrivateNote") if name in members}
    payment |= {"LinkedTxn": [], "Line": lines}
    links.check_application(books, payment_id, payment)
    payment["Line"] = [_with_figures(books, line) for line in lines]
    return payment


def _line(line: Data, currency: str) -> Data:
    if "Amount" not in line:
        raise faults.missing("Line.Amount")
    if line["Amount"] <= 0:
        raise faults.business("The amount of a payment line must be more than zero.", "Line.Amount")
    linked = line.get("LinkedTxn", [])
    if len(linked) != 1:
        raise faults.business("A payment line settles exactly one transaction.", "Line.LinkedTxn")
    kind, identity = linked[0].get("TxnType", ""), linked[0].get("TxnId", "")
    if kind not in links.SIGNS:
        raise faults.not_modelled(f"a payment line of a {kind or 'missing TxnType'}")
    return {"Amount": half_up(line["Amount"], currency), "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}


def _with_figures(books: Books, line: Data) -> Data:
    """Add what answers carry beside the link: the document's id, open balance and number when it was applied."""
    entity, identity = links.line_target(line)
    document = books.get(entity, identity)
    figures = {"txnId": identity, "txnOpenBalance": f"{document['Balance']:.2f}"}
    figures["txnReferenceNumber"] = document.get("DocNumber") or ""
    named = [
        {
            "name": "{http://schema.intuit.com/finance/v3}NameValue",
            "declaredType": "com.intuit.schema.finance.v3.NameValue",
            "scope": "javax.xml.bind.JAXBElement$GlobalScope",
            "value": {"Name": name, "Value": value},
            "nil": False,
            "globalScope": True,
            "typeSubstituted": False,
        }
        for name, value in figures.items()
    ]
    return {**line, "LineEx": {"any": named}}
