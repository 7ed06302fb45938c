"""The status report as sheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from syncd.reports.ageing import BUCKET_LABELS, BUCKETS, totals
from syncd.reports.items import ItemsProof
from syncd.reports.proofs import InvoicesProof, ReceivablesProof
from syncd.reports.retainers_shown import retainers_sheet
from syncd.reports.sheets import Cell, Sheet
from syncd.reports.status import StatusReport

_AMOUNTS = (*BUCKETS, "unapplied", "total")


def status_sheets(report: StatusReport) -> tuple[Sheet, ...]:
    """Every table of the status report, with each proof's difference as its last row."""
    return (
        Sheet("Hours", ("Row", "Seconds"), tuple(_hours(report))),
        Sheet("Expenses and products", ("Row", "Quantity"), tuple(_items(report.items))),
        Sheet("Invoices", ("Currency", "Row", "Documents", "Amount"), tuple(_invoices(report.invoices))),
        Sheet("Receivables", ("Currency", "Row", "Documents", "Amount"), tuple(_receivables(report.receivables))),
        retainers_sheet(report.retainers),
        Sheet(
            "Ageing",
            ("Client", "Currency", *BUCKET_LABELS, "Unapplied", "Total"),
            tuple(
                (row.client or "Total", row.currency, *(getattr(row, name) for name in _AMOUNTS))
                for row in (*report.ageing, *totals(report.ageing))
            ),
        ),
        Sheet(
            "Not on a document",
            ("State", "Reason", "Client", "Entries", "Seconds", "Quantity", "Example"),
            tuple(
                (row.state, row.code, row.client, row.entries, row.seconds, row.quantity, row.what)
                for row in report.waiting
            ),
        ),
        Sheet(
            "Needs you",
            ("Severity", "Code", "Subject", "What", "Command"),
            tuple((need.severity, need.code, need.subject, need.what, need.command) for need in report.needs),
        ),
    )


def sheets_of_companies(reports: Sequence[StatusReport]) -> tuple[Sheet, ...]:
    """The same tables over several companies, one below the other, with the company in the first column."""
    of_each = [status_sheets(report) for report in reports]
    return tuple(
        Sheet(
            sheets[0].name,
            ("Company", *sheets[0].columns),
            tuple((report.company, *row) for report, sheet in zip(reports, sheets, strict=True) for row in sheet.rows),
        )
        for sheets in zip(*of_each, strict=True)
    )


def _hours(report: StatusReport) -> Iterator[tuple[Cell, ...]]:
    hours = report.hours
    yield ("pulled", hours.pulled_seconds)
    for row in hours.rows:
        yield (row.label, row.seconds)
    yield ("accounted for", hours.accounted_seconds)
    yield ("difference", hours.difference_seconds)
    yield ("added by increments (not in the sum)", hours.increments_seconds)


def _items(proof: ItemsProof | None) -> Iterator[tuple[Cell, ...]]:
    if proof is not None:
        yield ("pulled", proof.pulled)
        for row in proof.rows:
            yield (row.label, row.quantity)
        yield ("accounted for", proof.accounted)
        yield ("difference", proof.difference)


def _invoices(proofs: tuple[InvoicesProof, ...]) -> Iterator[tuple[Cell, ...]]:
    for proof in proofs:
        for row in proof.rows:
            yield (proof.currency, row.label, row.documents, row.amount)
        yield (proof.currency, "expected in QuickBooks", None, proof.expected)
        yield (proof.currency, "found in QuickBooks", None, proof.found)
        yield (proof.currency, "difference", None, proof.difference)


def _receivables(proofs: tuple[ReceivablesProof, ...]) -> Iterator[tuple[Cell, ...]]:
    for proof in proofs:
        for row in proof.rows:
            yield (proof.currency, row.label, row.documents, row.amount)
        yield (proof.currency, "closing", None, proof.closing)
        yield (proof.currency, "QuickBooks' receivables of these customers", None, proof.balance)
        yield (proof.currency, "difference", None, proof.difference)
