"""Plan applications: what is open of our credit memos goes to the client's oldest open invoice of ours.

Done within a push, when nothing else of it is left to send: balances are asked of QuickBooks right before, since a
client may have paid meanwhile; and only where both a credit memo and an invoice seem to be open, since reads are
metered.
"""

from __future__ import annotations

from collections.abc import Iterable

from connectors.quickbooks.errors import RefusedError
from connectors.quickbooks.remote import parse_remote
from connectors.quickbooks.values import UnexpectedAnswerError
from mappings.catalogue import Books
from syncd.engine.applications import (
    OpenDocument,
    adopt_applications,
    open_credits,
    open_invoices,
    plan,
    take_back_unsent,
)
from syncd.engine.push_run import Run
from syncd.engine.quickbooks import QuickBooksFailure
from syncd.engine.reference import load_books


def begin_applying(run: Run) -> None:
    """At the start of a push: adopt what an older copy of the database does not know, plan anew what was not sent."""
    with run.store.write() as connection:
        lease, now = run.lease_now(), run.clock.now()
        adopt_applications(connection, run.company, run.opened.realm, lease, now)
        take_back_unsent(connection, run.company, lease, now)


def plan_applications(run: Run) -> bool:
    """Record what is to be applied now, one application for each open credit memo; whether there is any."""
    with run.store.read() as connection:
        memos = [credit for credit in open_credits(connection, run.company) if not run.is_behind(credit)]
        invoices = open_invoices(connection, run.company, {credit.client for credit in memos}) if memos else []
        books = load_books(connection, run.company)
    if not invoices or books is None:
        return False
    balances = _Balances(run, books)
    planned = 0
    for credit in memos:
        theirs = [invoice for invoice in invoices if _same_customer(credit, invoice)]
        if not theirs or run.stopped:
            continue
        found = _oldest_open(balances, credit, theirs)
        if found is None:
            continue
        invoice, amount = found
        with run.store.write() as connection:
            plan(connection, books, run.lease(), credit, invoice, amount, run.clock.now())
        balances.take(invoice, amount)
        planned += 1
    return planned > 0


def _same_customer(credit: OpenDocument, invoice: OpenDocument) -> bool:
    """QuickBooks applies a credit to the same customer's invoices, in the same currency."""
    return (credit.client, credit.customer_id, credit.currency) == (
        invoice.client,
        invoice.customer_id,
        invoice.currency,
    ) and (credit.since is None or invoice.dated >= credit.since)


def _oldest_open(
    balances: _Balances, credit: OpenDocument, invoices: Iterable[OpenDocument]
) -> tuple[OpenDocument, int] | None:
    """The first invoice with something open, and how much of the credit memo it takes."""
    available = balances.available(credit)
    if available <= 0:
        return None
    for invoice in invoices:
        amount = min(available, balances.available(invoice))
        if amount > 0:
            return invoice, amount
    return None


class _Balances:
    """What QuickBooks says is open, asked once for each document in one planning."""

    def __init__(self, run: Run, books: Books) -> None:
        self._run, self._books = run, books
        self._available: dict[tuple[str, str], int] = {}

    def available(self, document: OpenDocument) -> int:
        """How much of it can be applied; 0 for one that is voided or deleted, or that QuickBooks does not tell of."""
        key = (document.type, document.id)
        if key not in self._available:
            self._available[key] = document.available_minor(self._open_minor(document))
        return self._available[key]

    def take(self, document: OpenDocument, amount_minor: int) -> None:
        """Count an amount as taken by another application of this planning."""
        self._available[document.type, document.id] -= amount_minor

    def _open_minor(self, document: OpenDocument) -> int:
        if self._run.stopped:
            return 0
        entity = "Invoice" if document.type == "Invoice" else "CreditMemo"
        try:
            row = self._run.opened.client.get(entity, document.quickbooks_id)  # type: ignore[arg-type]
            remote = parse_remote(entity, row, self._books.home_currency)  # type: ignore[arg-type]
        except (RefusedError, UnexpectedAnswerError):
            return 0  # Deleted, or not to be understood: the next read of payments says so.
        except QuickBooksFailure as error:
            self._run.halt(error)
            return 0
        same = (remote.customer_id, remote.currency) == (document.customer_id, document.currency)
        return remote.balance_minor if remote.state == "live" and same else 0
