"""Finish a billed document: QuickBooks ids, taxes, exchange rate, address, and whatever keeps it from leaving."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from connectors.quickbooks.payloads import payload_problems
from mappings.catalogue import Books, Catalogue
from mappings.documents import Document, DocumentKey
from mappings.problems import Problem
from mappings.rules.holds import History, hold
from mappings.rules.tax import tax_lines
from mappings.tables.resolve import Resolver, resolve
from syncd.config import Config

NUMBERLESS_WHAT = (
    "QuickBooks is to number the invoices, but its “Custom transaction numbers” are on: they would get no number."
)
NUMBERLESS_FIX = "Turn them off in QuickBooks (Account and settings, Sales), or write a pattern in `invoice_number`."


def leaves_without_number(config: Config, books: Books) -> bool:
    """Whether a document that was sent now would get no number at all: neither ours nor QuickBooks' own.

    With "Custom transaction numbers" on (CustomTxnNumbers), QuickBooks numbers nothing by itself.
    """
    return config.quickbooks.invoice_number == "quickbooks" and books.custom_numbers


class Finisher:
    """Gives a billed document its QuickBooks ids, taxes, exchange rate and holds."""

    def __init__(
        self,
        config: Config,
        catalogue: Catalogue,
        resolver: Resolver,
        history: History,
        dates: Mapping[DocumentKey, date],
    ) -> None:
        self.config, self.catalogue, self.resolver = config, catalogue, resolver
        self.history, self.dates = history, dates
        self.missing_rates: set[tuple[str, date]] = set()

    def __call__(self, document: Document) -> Document:
        if document.kind == "settlement":
            return document
        document = replace(document, dated=self.dates.get(document.key, document.dated))
        document = resolve(document, self.resolver)
        document = self._with_tax(document)
        document = self._with_exchange_rate(document)
        document = self._with_open_books(document)
        document = self._with_number(document)
        document = self._with_address(document)
        document = self._sendable(document)
        return replace(document, holds=(*document.holds, *hold(document, self.config.company.approval, self.history)))

    def _with_tax(self, document: Document) -> Document:
        if not document.tax_computed or self.catalogue.books is None:
            return document
        components = self.catalogue.tax_components
        unreadable = {
            line.tax_code for line in document.lines if line.tax_code_id and line.tax_code_id not in components
        }
        problems = [
            Problem(
                "tax-code-unreadable",
                f"The rates of the sales tax code “{name}” cannot be computed here (a tax on a tax, or no rate).",
                "Use a tax code whose rates all apply to the amount before tax.",
                subject=document.key.client,
            )
            for name in sorted(unreadable)
        ]
        taxes = tax_lines(document.lines, components, document.currency)
        taxed = replace(document, taxes=taxes, problems=(*document.problems, *problems))
        # Lines under different tax codes can turn the sign: what counts is the total that the client would read.
        return replace(taxed, kind="credit-memo" if taxed.total_minor < 0 else "invoice")

    def _with_exchange_rate(self, document: Document) -> Document:
        books = self.catalogue.books
        if books is None or document.currency == books.home_currency:
            return document
        rate = self.catalogue.exchange_rates.get((document.currency, document.dated))
        if rate is not None:
            return replace(document, exchange_rate=rate)
        self.missing_rates.add((document.currency, document.dated))
        missing = Problem(
            "no-exchange-rate",
            f"There is no exchange rate from {document.currency} to {books.home_currency} for {document.dated}.",
            "Set the rate for that day in QuickBooks (Settings, Currencies), then run `syncd preview` again.",
            subject=document.key.client,
        )
        return replace(document, problems=(*document.problems, missing))

    def _with_open_books(self, document: Document) -> Document:
        books = self.catalogue.books
        if books is None or books.closed_until is None or document.dated > books.closed_until:
            return document
        closed = Problem(
            "closed-books",
            f"It would be dated {document.dated}, and the books in QuickBooks are closed up to {books.closed_until}.",
            "Reopen the books in QuickBooks, or date it later:"
            f" `syncd approve {shlex.quote(document.key.client)} --dated {_day_after(books.closed_until)}`.",
            subject=document.key.client,
        )
        return replace(document, problems=(*document.problems, closed))

    def _with_number(self, document: Document) -> Document:
        books = self.catalogue.books
        if books is None or not leaves_without_number(self.config, books):
            return document
        numberless = Problem("no-number", NUMBERLESS_WHAT, NUMBERLESS_FIX, subject=document.key.client)
        return replace(document, problems=(*document.problems, numberless))

    def _with_address(self, document: Document) -> Document:
        if self.config.quickbooks.send_by != "quickbooks" or document.kind != "invoice" or not document.customer_id:
            return document
        customer = self.resolver.by_id["customer", document.customer_id]
        address = document.email_to or customer.email
        if address:
            return replace(document, email_to=address)
        nowhere = Problem(
            "no-email-address",
            f"QuickBooks is to e-mail the invoice, but {document.key.client} has no e-mail address.",
            "Fill in `email_to` in the clients table, or the customer's e-mail in QuickBooks"
            ' (or set send_by = "none").',
            subject=document.key.client,
        )
        return replace(document, problems=(*document.problems, nowhere))

    def _sendable(self, document: Document) -> Document:
        """What QuickBooks would refuse for its form is said now, not after a person has approved it."""
        books = self.catalogue.books
        if document.problems or books is None:
            return document
        return replace(document, problems=payload_problems(document, doc_number=None, books=books))


def _day_after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1)
