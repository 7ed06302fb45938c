"""Holds: what makes a person look at a document before it leaves, though it could be sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from mappings.documents import Document, Hold, Terms
from mappings.money import plain
from mappings.settings import Approval


@dataclass(frozen=True, slots=True)
class History:
    """What was billed before, per client (our names).

    `totals_minor` are the subtotals of the last three documents; `rates` those of the last document that had this
    (client, source's person, service).
    """

    posted: frozenset[str] = frozenset()
    totals_minor: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    rates: Mapping[tuple[str, str, str], frozenset[Decimal]] = field(default_factory=dict)


def hold(document: Document, approval: Approval, history: History) -> tuple[Hold, ...]:
    """The holds of `hold_when` that this document meets; `no-purchase-order` is found where the work is at hand."""
    found: list[Hold] = []
    is_deposit = any(line.kind == "deposit" for line in document.lines)
    for rule in approval.hold_when:
        if rule == "new-client":
            found.extend(_new_client(document, history))
        elif rule == "rate-changed":
            found.extend(_rate_changed(document, history))
        elif rule.endswith("%-above-usual") and not is_deposit:
            found.extend(_above_usual(document, history, Fraction(int(rule.split("%")[0]), 100)))
    return tuple(found)


def _new_client(document: Document, history: History) -> Iterator[Hold]:
    if document.key.client not in history.posted:
        yield Hold("new-client", f"Nothing was billed to {document.key.client} yet.")


def usual_rate(terms: Terms) -> Decimal | None:
    """The rate of work without its premium: evening work in one month and none in another is no new price."""
    return terms.rate if terms.base_rate is None else terms.base_rate


def _rate_changed(document: Document, history: History) -> Iterator[Hold]:
    """New time at another rate than the last document's for the same person and service."""
    lines = {line.number for line in document.lines if line.kind == "time" and not line.late}
    told: set[tuple[str, str]] = set()
    for row in document.allocations:
        pair = (row.person, row.terms.service)
        before = history.rates.get((document.key.client, *pair))
        rate = usual_rate(row.terms)
        if row.line not in lines or rate is None or before is None or pair in told:
            continue
        if rate not in before:
            told.add(pair)
            was = ", ".join(f"{one}" for one in sorted(before))
            what = f"{row.person} › {row.terms.service} is at {rate}; the last document had {was}."
            yield Hold("rate-changed", what)


def _above_usual(document: Document, history: History, share: Fraction) -> Iterator[Hold]:
    """More than the mean of the last three documents by this share; with fewer, the mean of those."""
    totals = history.totals_minor.get(document.key.client, ())[-3:]
    if not totals:
        return
    mean = Fraction(sum(totals), len(totals))
    if document.subtotal_minor > mean * (1 + share):
        amount, currency = plain(document.subtotal_minor, document.currency), document.currency
        usual = plain(round(mean), currency)
        yield Hold(
            f"{int(share * 100)}%-above-usual",
            f"{amount} {currency} is more than {int(share * 100)} % above the usual {usual} {currency}.",
        )


def no_purchase_order(missing: list[str], approval: Approval) -> tuple[Hold, ...]:
    """The client requires a purchase order, and entries (by day and person) carry none."""
    if not missing or "no-purchase-order" not in approval.hold_when:
        return ()
    carry = "1 entry carries" if len(missing) == 1 else f"{len(missing)} entries carry"
    what = f"The client requires a purchase order, and {carry} none: {', '.join(missing[:3])}"
    return (Hold("no-purchase-order", what + (" …" if len(missing) > 3 else ".")),)
