"""Estimates: priced like an invoice, owed by nobody; Pending until somebody says Accepted, Rejected or Closed."""

from connectors.emulator.books import Books, Data
from connectors.emulator.documents import arranged, priced
from connectors.emulator.entities import ENTITIES
from connectors.emulator.links import without_stamp
from connectors.emulator.references import check_open_period, check_references

_OWN = ("TxnStatus", "ExpirationDate", "AcceptedBy", "AcceptedDate")


def create(books: Books, members: Data) -> Data:
    """Stage a new estimate."""
    members = {name: value for name, value in members.items() if value is not None}
    check_references(books, members, ENTITIES["Estimate"].fields)
    estimate = _finished(books, members)
    check_open_period(books, estimate["TxnDate"])
    return books.add("Estimate", {"DocNumber": _number(books, members), **estimate})


def update(books: Books, old: Data, members: Data, *, sparse: bool) -> Data:
    """Stage a change: sparse keeps what is not named, full takes it back to its default."""
    check_references(books, members, ENTITIES["Estimate"].fields)
    kept = without_stamp(old) if sparse else {"DocNumber": old["DocNumber"], "CurrencyRef": old["CurrencyRef"]}
    if "Line" in members and "TxnTaxDetail" not in members:
        kept.pop("TxnTaxDetail", None)
    base = {name: value for name, value in {**kept, **members}.items() if value is not None}
    estimate = _finished(books, base)
    check_open_period(books, old["TxnDate"], estimate["TxnDate"])
    return books.update("Estimate", old, estimate)


def delete(books: Books, old: Data) -> None:
    """Stage the deletion of an estimate."""
    check_open_period(books, old["TxnDate"])
    books.delete("Estimate", old)


def _finished(books: Books, members: Data) -> Data:
    estimate = {"TxnStatus": "Pending", **priced(books, members), "ApplyTaxAfterDiscount": False}
    estimate |= {name: estimate.get(name, "NotSet") for name in ("PrintStatus", "EmailStatus")}
    return {**arranged(estimate), **{name: estimate[name] for name in _OWN if name in estimate}}


def _number(books: Books, members: Data) -> str | None:
    """The given number, or the next: estimates have a sequence of their own, and numbers may come twice."""
    given = members.get("DocNumber")
    if given and given != "AUTO_GENERATE":
        if given.isdigit():
            books.counters["EstimateNumber"] = max(books.counters.get("EstimateNumber", 0), int(given))
        return str(given)
    if books.preferences["SalesFormsPrefs"]["CustomTxnNumbers"] and not given and not members.get("AutoDocNumber"):
        return None
    return str(books.count("EstimateNumber"))
