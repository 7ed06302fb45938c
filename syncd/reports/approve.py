"""What was approved, and what was not and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from rich.console import RenderableType
from rich.text import Text

from mappings.problems import Problem
from syncd.engine.approve import Approved, ApproveReport
from syncd.reports.text import indented, money_cell, table
from syncd.reports.values import Money

SCHEMA = "syncd.approve/1"


@dataclass(frozen=True, slots=True)
class ApprovedDocument:
    """One document that is ready to be sent, or a settlement, which goes nowhere. `subtotal` is before tax."""

    document_id: str
    number: str
    client: str
    period: str
    group: str
    kind: str
    dated: date
    currency: str
    subtotal: Money


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval. `blocked`: drafts that `--all` left alone because something about them must be mended first."""

    company: str
    as_of: datetime
    by: str
    approved: tuple[ApprovedDocument, ...]
    refused: tuple[Problem, ...]
    blocked: tuple[Problem, ...]
    next_command: str


def report_approval(
    company: str, report: ApproveReport, blocked: tuple[Problem, ...], *, by: str, now: datetime
) -> Approval:
    """The approval as it was made."""
    to_send = [row for row in report.approved if row.document.kind != "settlement"]
    command = "syncd push" if to_send else "syncd preview" if report.refused or blocked else "syncd status"
    approved = tuple(approved_document(row) for row in report.approved)
    return Approval(company, now, by, approved, report.refused, blocked, command)


def approved_document(row: Approved) -> ApprovedDocument:
    """One approved document."""
    document = row.document
    return ApprovedDocument(
        row.document_id,
        row.number,
        document.key.client,
        document.key.period,
        document.key.group,
        document.kind,
        document.dated,
        document.currency,
        Money(document.subtotal_minor, document.currency),
    )


def approval_text(report: Approval) -> Iterator[RenderableType]:
    """The report for a terminal."""
    if report.approved:
        made = table("Approved", "Client", "Period", "Kind", "Before tax", "", numbers=(4,))
        for row in report.approved:
            name = " ".join(filter(None, (row.client, row.group)))
            made.add_row(row.number or "–", Text(name), row.period, row.kind, money_cell(row.subtotal), row.currency)
        yield made
    else:
        yield Text("Nothing was approved.")
    for title, problems, style in (("Refused", report.refused, "red"), ("Blocked", report.blocked, "yellow")):
        for problem in problems:
            yield Text(f"{title}: {problem.what}", style=style)
            if problem.fix:
                yield indented(Text(problem.fix), 2)
