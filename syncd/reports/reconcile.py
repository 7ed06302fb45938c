"""What reading QuickBooks back has shown: how much changed, and where it differs from what we sent."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from mappings.problems import Problem
from syncd.engine.payments import PaymentsReport
from syncd.reports.proofs import InvoicesProof, ReceivablesProof
from syncd.reports.snapshot import DriftState
from syncd.reports.text import indented, table, verdict
from syncd.reports.values import amount_text

SCHEMA = "syncd.reconcile/1"


@dataclass(frozen=True, slots=True)
class OpenDrift:
    """One difference that nobody has settled. `code`: edited, voided, deleted, missing, tax-variance."""

    code: str
    document: str
    client: str
    what: str
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Reconciled:
    """Ours against QuickBooks'. `changed` and `deleted` count documents and payments since the last reading."""

    company: str
    as_of: datetime
    whole: bool
    changed: int
    deleted: int
    drifts: tuple[OpenDrift, ...]
    problems: tuple[Problem, ...]
    invoices: tuple[InvoicesProof, ...]
    receivables: tuple[ReceivablesProof, ...]
    next_command: str

    @property
    def failed(self) -> bool:
        hold = all(proof.holds for proof in self.invoices) and all(proof.holds for proof in self.receivables)
        return not hold or bool(self.problems)


def report_reconcile(
    company: str,
    read: PaymentsReport,
    drifts: tuple[DriftState, ...],
    invoices: tuple[InvoicesProof, ...],
    receivables: tuple[ReceivablesProof, ...],
    *,
    now: datetime,
) -> Reconciled:
    """The reading, with all drift that is open and the two proofs that rest on QuickBooks."""
    opened = tuple(OpenDrift(row.code, row.number, row.client, row.what, row.expected, row.found) for row in drifts)
    held = next((row for row in drifts if row.code in ("voided", "deleted") and not row.decision and row.number), None)
    command = f"syncd release {shlex.quote(held.number)}" if held else "syncd status"
    return Reconciled(
        company, now, read.whole, read.changed, read.deleted, opened, read.problems, invoices, receivables, command
    )


def reconcile_text(report: Reconciled) -> Iterator[RenderableType]:
    """The report for a terminal."""
    said = "everything" if report.whole else "what changed"
    yield Text(f"Read {said}: {report.changed:,} documents and payments changed, {report.deleted:,} deleted.")
    for problem in report.problems:
        yield Text(problem.what, style="red")
        yield indented(Text(problem.fix), 2)
    made = table("Proof", "Difference", "", numbers=(1,))
    for sent in report.invoices:
        made.add_row("2 Invoices", verdict(sent.holds, amount_text(sent.difference)), sent.currency)
    for rolled in report.receivables:
        made.add_row("3 Receivables", verdict(rolled.holds, amount_text(rolled.difference)), rolled.currency)
    yield made
    for row in report.drifts:
        yield Text(f"{row.code}: {row.document} {row.client}: {row.what}", style="yellow")
