"""What a push did, document by document."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.console import RenderableType
from rich.text import Text

from mappings.problems import Problem
from syncd.engine.push_report import Outcome, PushReport
from syncd.reports.text import indented, table

SCHEMA = "syncd.push/1"
RESULT_STYLES = dict.fromkeys(("sent", "adopted", "e-mailed", "applied"), "green")
RESULT_STYLES |= {"refused": "red", "unknown": "yellow"}
_OPERATIONS = {"send": "e-mail", "apply": "apply credit"}


@dataclass(frozen=True, slots=True)
class PushedDocument:
    """One operation (create, send: e-mail, apply: a credit memo) on one document.

    `not_before`: when syncd goes on with it by itself.
    """

    document_id: str
    number: str
    client: str
    operation: str
    result: str
    quickbooks_id: str
    problem: Problem | None
    not_before: datetime | None


@dataclass(frozen=True, slots=True)
class Pushed:
    """One push. `problems` are the company's: why it stopped, if it did."""

    company: str
    as_of: datetime
    documents: tuple[PushedDocument, ...]
    problems: tuple[Problem, ...]
    paused_until: datetime | None
    next_at: datetime | None
    next_command: str

    @property
    def failed(self) -> bool:
        refused = any(document.result == "refused" for document in self.documents)
        return refused or any(not problem.warning for problem in self.problems)


def report_push(company: str, report: PushReport, *, now: datetime) -> Pushed:
    """The push as it went; the next command mends a refusal, or waits for what is in doubt."""
    documents = tuple(_document(outcome) for outcome in report.outcomes)
    return Pushed(company, now, documents, report.problems, report.paused_until, report.next_at, _next(report))


def report_outcomes(company: str, outcomes: Iterable[Outcome], *, now: datetime) -> Pushed:
    """The same report for single documents (`syncd retry`)."""
    documents = tuple(_document(outcome) for outcome in outcomes)
    return Pushed(company, now, documents, (), None, None, "syncd push")


def _document(outcome: Outcome) -> PushedDocument:
    return PushedDocument(
        outcome.document_id,
        outcome.number,
        outcome.client,
        outcome.operation,
        outcome.result,
        outcome.quickbooks_id,
        outcome.problem,
        outcome.not_before,
    )


def _next(report: PushReport) -> str:
    if report.refused:
        first = report.refused[0]
        return f"syncd show {shlex.quote(first.number or first.document_id)}"
    if any(problem.code in ("connection-broken", "not-connected") for problem in report.problems):
        return "syncd connect quickbooks"
    held = {row.problem.code for row in report.waiting if row.problem is not None}
    if "deleted-unknown" in held:
        return "syncd adopt --accept-deleted"
    if "older-than-quickbooks" in held:
        return "syncd adopt"
    return "syncd push" if report.unknown or report.waiting else "syncd status"


def push_text(report: Pushed) -> Iterator[RenderableType]:
    """The report for a terminal."""
    if report.documents:
        made = table("Document", "Client", "What", "Result", "QuickBooks id")
        for row in report.documents:
            what = _OPERATIONS.get(row.operation, row.operation)
            result = Text(row.result, style=RESULT_STYLES.get(row.result, ""))
            made.add_row(row.number or row.document_id, Text(row.client), what, result, row.quickbooks_id)
        yield made
    else:
        yield Text("Nothing to send.")
    for row in report.documents:
        if row.problem is not None:
            yield Text(f"{row.number or row.document_id}: {row.problem.what}", style="yellow")
            yield indented(Text(row.problem.fix), 2)
    for problem in report.problems:
        yield Text(problem.what, style="yellow" if problem.warning else "red")
        yield indented(Text(problem.fix), 2)
    if report.next_at is not None:
        yield Text(f"syncd goes on from {report.next_at:%H:%M:%S} UTC.")
