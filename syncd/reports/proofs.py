"""The three proofs that must read 0.00. Each compares rows of different origin; nothing is computed as the remainder.

1. Hours: what the sources gave (work) = what ledger and standing hold, in seconds worked.
2. Invoices: what was approved here (document) = what QuickBooks has (its mirror), less what is named.
3. Receivables: opening + invoices − payments − credits (its mirror) = what QuickBooks says its customers owe.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from syncd.reports.snapshot import DocumentSum, Hours, Mismatch, RemoteSum, Snapshot, UnevenEntry
from syncd.reports.values import Money

HOURS_LABELS = {
    "invoiced": "invoiced",
    "covered": "covered by a retainer or fee",
    "not-billable": "not billable",
    "written-down": "written down",
    "waiting": "waiting",
    "blocked": "blocked",
}


@dataclass(frozen=True, slots=True)
class HoursRow:
    """One place where seconds stand."""

    code: str
    label: str
    seconds: int


@dataclass(frozen=True, slots=True)
class HoursProof:
    """Every second worked stands exactly once. What increments added is beside the sum, not in it."""

    entries: int
    pulled_seconds: int
    rows: tuple[HoursRow, ...]
    accounted_seconds: int
    difference_seconds: int
    """Accounted less pulled: negative when seconds were lost."""
    increments_seconds: int
    """What rounding to increments added to (or took from) what was billed."""
    uneven_count: int
    """Entries of which not every second stands exactly once, even where their errors cancel out."""
    uneven: tuple[UnevenEntry, ...]
    """The first of them."""
    holds: bool


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """One row of a proof in one currency. `counts`: it is part of the sum; else it is only told."""

    code: str
    label: str
    documents: int
    amount: Money
    counts: bool = True


@dataclass(frozen=True, slots=True)
class DocumentDifference:
    """A document whose two sides differ. `code`: missing, edited, tax-variance, voided, deleted, claimed, foreign.

    Claimed: it carries our marker, but is no document of ours. Foreign: it was never ours, and no part of the sum.
    """

    code: str
    number: str
    client: str
    expected: Money
    found: Money
    quickbooks_type: str
    quickbooks_id: str


FAILS = ("missing", "edited", "claimed")
"""Differences that break the second proof even where their amounts cancel out."""


@dataclass(frozen=True, slots=True)
class InvoicesProof:
    """Every document approved here is in QuickBooks as it was approved; credit memos are negative."""

    currency: str
    rows: tuple[MoneyRow, ...]
    expected: Money
    found: Money
    difference: Money
    """Found less expected."""
    documents: tuple[DocumentDifference, ...]
    """What is not simply the same on both sides, the first of each sort."""
    as_of: datetime | None
    holds: bool


@dataclass(frozen=True, slots=True)
class CustomerDifference:
    """A customer whose documents do not add up to what QuickBooks says it owes."""

    client: str
    customer_id: str
    rolled: Money
    balance: Money


@dataclass(frozen=True, slots=True)
class ReceivablesProof:
    """The roll-forward of the mapped customers' receivables ends where QuickBooks says it does."""

    currency: str
    rows: tuple[MoneyRow, ...]
    closing: Money
    balance: Money
    difference: Money
    """QuickBooks' balance less our closing."""
    customers: tuple[CustomerDifference, ...]
    as_of: datetime | None
    """When documents and balances were read."""
    holds: bool


def prove_hours(hours: Hours) -> HoursProof:
    """The first proof."""
    by_code = dict.fromkeys(HOURS_LABELS, 0)
    elsewhere = 0
    for effect in hours.effects:
        if effect.selected:
            by_code[effect.effect] += effect.seconds
        else:
            elsewhere += effect.seconds
    for standing in hours.standings:
        if standing.selected:
            by_code[standing.state] += standing.seconds
        else:
            elsewhere += standing.seconds
    rows = [HoursRow(code, HOURS_LABELS[code], seconds) for code, seconds in by_code.items()]
    if elsewhere:
        rows.append(HoursRow("other-clients", "the same entries, on other clients", elsewhere))
    accounted = sum(row.seconds for row in rows)
    increments = sum(row.billed_seconds - row.seconds for row in hours.effects if row.selected)
    return HoursProof(
        hours.entries,
        hours.pulled_seconds,
        tuple(rows),
        accounted,
        accounted - hours.pulled_seconds,
        increments,
        hours.uneven_count,
        hours.uneven,
        holds=accounted == hours.pulled_seconds and not hours.uneven_count,
    )


def prove_invoices(snapshot: Snapshot) -> tuple[InvoicesProof, ...]:
    """The second proof, one for each currency."""
    currencies = {row.currency for row in snapshot.documents} | {
        row.currency for row in snapshot.remote if row.origin != "foreign"
    }
    return tuple(_invoices(snapshot, currency) for currency in sorted(currencies or {snapshot.currency}))


def _invoices(snapshot: Snapshot, currency: str) -> InvoicesProof:
    ours = [row for row in snapshot.documents if row.currency == currency]
    theirs = [row for row in snapshot.remote if row.currency == currency]
    matched = [row for row in ours if row.remote_state == "live"]
    theirs_taxed = sum(_signed(row, row.tax_minor) for row in theirs if row.origin == "ours")
    variance = theirs_taxed - sum(row.tax_minor for row in matched)
    rows = [_ours("approved", "approved here", ours, currency)]
    for code, label, states in (
        ("ready", "not yet sent", ("ready", "none")),
        ("unknown", "in doubt, being looked for", ("sending", "unknown")),
        ("refused", "refused by QuickBooks", ("refused",)),
        ("unread", "sent since QuickBooks was last read", ("unread",)),
    ):
        rows.append(_less(code, label, [row for row in ours if row.outbox_state in states], currency))
    sent = [row for row in ours if row.outbox_state == "done"]
    for code, label in (("voided", "voided in QuickBooks"), ("deleted", "deleted in QuickBooks")):
        rows.append(_less(code, label, [row for row in sent if row.remote_state == code], currency))
    documents = sum(row.documents for row in matched)
    taxed = MoneyRow("tax-variance", "tax as QuickBooks computed it, less ours", documents, Money(variance, currency))
    rows.append(taxed)
    edited = Money(sum(row.accepted_minor for row in matched), currency)
    rows.append(MoneyRow("accepted", "edited in QuickBooks and accepted", sum(row.accepted for row in matched), edited))
    expected = sum(row.amount.minor for row in rows)
    found = [row for row in theirs if row.origin != "foreign"]
    found_minor = sum(_signed(row, row.total_minor) for row in found)
    foreign = [row for row in theirs if row.origin == "foreign"]
    told = MoneyRow(
        "foreign",
        "documents that are not ours",
        sum(row.documents for row in foreign),
        Money(sum(_signed(row, row.total_minor) for row in foreign), currency),
        counts=False,
    )
    whole = snapshot.selection.period is None  # A deposit is of no period.
    deposits = [row for row in snapshot.deposits if whole and row.left.currency == currency]
    unearned = MoneyRow(
        "deposits",
        "of these deposits, and what was drawn of them: no income",
        sum(row.documents for row in deposits),
        Money(sum(row.invoiced.minor - row.drawn.minor for row in deposits), currency),
        counts=False,
    )
    named = tuple(_document(row) for row in snapshot.mismatches if row.currency == currency)
    return InvoicesProof(
        currency,
        tuple(row for row in (*rows, told, unearned) if row.documents or row.amount or row.code == "approved"),
        Money(expected, currency),
        Money(found_minor, currency),
        Money(found_minor - expected, currency),
        named,
        snapshot.documents_read_at,
        holds=found_minor == expected and not any(row.code in FAILS for row in named),
    )


def _document(row: Mismatch) -> DocumentDifference:
    expected, found = Money(row.expected_minor, row.currency), Money(row.found_minor, row.currency)
    return DocumentDifference(row.code, row.number, row.client, expected, found, row.quickbooks_type, row.quickbooks_id)


def _signed(row: RemoteSum, minor: int) -> int:
    return -minor if row.type == "CreditMemo" else minor


def _ours(code: str, label: str, sums: Iterable[DocumentSum], currency: str) -> MoneyRow:
    rows = list(sums)
    total = Money(sum(row.total_minor for row in rows), currency)
    return MoneyRow(code, label, sum(row.documents for row in rows), total)


def _less(code: str, label: str, sums: Iterable[DocumentSum], currency: str) -> MoneyRow:
    row = _ours(code, label, sums, currency)
    return MoneyRow(code, label, row.documents, -row.amount)


_ROLL = (
    ("invoices", "invoices of ours", "Invoice", True, 1),
    ("foreign-invoices", "invoices that are not ours", "Invoice", False, 1),
    ("payments", "payments received", "Payment", None, -1),
    ("credits", "credit memos of ours", "CreditMemo", True, -1),
    ("foreign-credits", "credit memos that are not ours", "CreditMemo", False, -1),
)
_SIGN = {"Invoice": 1, "CreditMemo": -1, "Payment": -1}


def prove_receivables(snapshot: Snapshot) -> tuple[ReceivablesProof, ...]:
    """The third proof, one for each currency."""
    currencies = {row.currency for row in snapshot.movements} | {
        row.currency for row in snapshot.balances if row.balance_minor
    }
    return tuple(_receivables(snapshot, currency) for currency in sorted(currencies or {snapshot.currency}))


def _receivables(snapshot: Snapshot, currency: str) -> ReceivablesProof:
    moves = [row for row in snapshot.movements if row.currency == currency]
    balances = [row for row in snapshot.balances if row.currency == currency]

    def phase(code: str, label: str, name: str) -> MoneyRow:
        rows = [row for row in moves if row.phase == name]
        total = sum(_SIGN[row.type] * row.total_minor for row in rows)
        return MoneyRow(code, label, sum(row.documents for row in rows), Money(total, currency))

    rows = [phase("opening", "opening: what is dated before", "before")]
    for code, label, kind, ours, sign in _ROLL:
        found = [
            row for row in moves if row.phase == "during" and row.type == kind and (ours is None or row.ours is ours)
        ]
        amount = Money(sign * sum(row.total_minor for row in found), currency)
        rows.append(MoneyRow(code, label, sum(row.documents for row in found), amount))
    rows.append(phase("later", "dated after the period", "after"))
    always = ("opening", "invoices", "payments", "credits")
    closing = Money(sum(row.amount.minor for row in rows), currency)
    balance = Money(sum(row.balance_minor for row in balances), currency)
    customers = _customer_differences(snapshot, currency)
    return ReceivablesProof(
        currency,
        tuple(row for row in rows if row.documents or row.code in always),
        closing,
        balance,
        balance - closing,
        customers,
        snapshot.documents_read_at,
        holds=balance == closing and not customers,
    )


def _customer_differences(snapshot: Snapshot, currency: str) -> tuple[CustomerDifference, ...]:
    rolled: dict[str, int] = {}
    for row in snapshot.movements:
        if row.currency == currency:
            rolled[row.customer_id] = rolled.get(row.customer_id, 0) + _SIGN[row.type] * row.total_minor
    balance = {row.customer_id: row.balance_minor for row in snapshot.balances if row.currency == currency}
    names = {row.customer_id: row.client for row in snapshot.balances}
    return tuple(
        CustomerDifference(
            names.get(customer, f"customer {customer}"),
            customer,
            Money(rolled.get(customer, 0), currency),
            Money(balance.get(customer, 0), currency),
        )
        for customer in sorted(rolled.keys() | balance.keys())
        if rolled.get(customer, 0) != balance.get(customer, 0)
    )
