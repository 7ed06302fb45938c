"""The preview: what would be created per client, what is held or blocked and why, and the sum of the first proof."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mappings.documents import Document, Hold, Line, Standing
from mappings.problems import Problem
from syncd.engine.draft import Drafted, DraftReport
from syncd.reports.proofs import HoursProof
from syncd.reports.status import Waiting
from syncd.reports.values import Money, Selection, quantity_text

SCHEMA = "syncd.preview/1"
PLAN_SCHEMA = "syncd.plan/1"
NOTHING, CHANGES = 0, 2
"""`--detailed-exitcode`: nothing to do, something to approve or to send (1 is an error)."""


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line as it would stand on the invoice. `rate` is null where the amount stands alone."""

    number: int
    kind: str
    description: str
    item: str
    quantity: Decimal
    unit: str
    rate: Decimal | None
    amount: Money
    tax_code: str
    late: bool


@dataclass(frozen=True, slots=True)
class PreviewDocument:
    """One document that a run makes. `state`: ready, held, blocked, approved, running.

    `tax` is null where QuickBooks computes it, and `total` then is before tax.
    """

    client: str
    period: str
    group: str
    sequence: int
    kind: str
    state: str
    dated: date
    currency: str
    version: int
    hash: str
    seconds: int
    """Worked."""
    billed_seconds: int
    lines: tuple[PreviewLine, ...]
    subtotal: Money
    tax: Money | None
    total: Money
    holds: tuple[Hold, ...]
    problems: tuple[Problem, ...]

    @property
    def name(self) -> str:
        return " ".join(filter(None, (self.client, self.period, self.group)))


@dataclass(frozen=True, slots=True)
class WithdrawnDocument:
    """An approved document that was taken back before anything was sent, since its work or tables changed."""

    client: str
    period: str
    number: str


@dataclass(frozen=True, slots=True)
class PreviewReport:
    """What the next run would do, and why the rest stays. `running`: periods that are not over; they are not made."""

    company: str
    as_of: datetime
    today: date
    client: str
    period: str
    documents: tuple[PreviewDocument, ...]
    running: tuple[PreviewDocument, ...]
    waiting: tuple[Waiting, ...]
    withdrawn: tuple[WithdrawnDocument, ...]
    problems: tuple[Problem, ...]
    hours: HoursProof
    next_command: str

    @property
    def exit_code(self) -> int:
        """What `--detailed-exitcode` answers."""
        return CHANGES if any(document.state != "running" for document in self.documents) else NOTHING


def report_preview(
    company: str, report: DraftReport, hours: HoursProof, selection: Selection, *, now: datetime, today: date
) -> PreviewReport:
    """The preview of what a draft found, restricted to the client that is asked for."""
    wanted = [item for item in report.documents if selection.client in ("", item.document.key.client)]
    documents = tuple(preview_of(item) for item in wanted)
    running = tuple(
        _document(document, "running", 0, "")
        for document in report.running
        if selection.client in ("", document.key.client)
    )
    return PreviewReport(
        company=company,
        as_of=now,
        today=today,
        client=selection.client,
        period=selection.period.name if selection.period else "",
        documents=documents,
        running=running,
        waiting=_waiting(row for row in report.standings if selection.client in ("", row.client)),
        withdrawn=tuple(
            WithdrawnDocument(row.key.client, row.key.period, row.number)
            for row in report.withdrawn
            if selection.client in ("", row.key.client)
        ),
        problems=report.problems,
        hours=hours,
        next_command=_next(documents, selection),
    )


def preview_of(item: Drafted) -> PreviewDocument:
    """One drafted document, with what keeps it from leaving."""
    document = item.document
    state = "ready"
    if item.state == "approved":
        state = "approved"
    elif document.problems:
        state = "blocked"
    elif document.holds:
        state = "held"
    return _document(document, state, item.version, item.hash)


def _document(document: Document, state: str, version: int, digest: str) -> PreviewDocument:
    key, currency = document.key, document.currency
    return PreviewDocument(
        client=key.client,
        period=key.period,
        group=key.group,
        sequence=key.sequence,
        kind=document.kind,
        state=state,
        dated=document.dated,
        currency=currency,
        version=version,
        hash=digest,
        seconds=sum(row.seconds for row in document.allocations),
        billed_seconds=sum(row.billed_seconds for row in document.allocations if row.effect == "invoiced"),
        lines=tuple(preview_line(line, currency) for line in document.lines),
        subtotal=Money(document.subtotal_minor, currency),
        tax=Money(document.tax_minor, currency) if document.tax_computed else None,
        total=Money(document.total_minor, currency),
        holds=document.holds,
        problems=document.problems,
    )


def preview_line(line: Line, currency: str) -> PreviewLine:
    """One line of a document, for people and JSON."""
    return PreviewLine(
        line.number,
        line.kind,
        line.description,
        line.item,
        line.quantity,
        line.unit,
        line.rate,
        Money(line.amount_minor, currency),
        line.tax_code,
        line.late,
    )


def _waiting(standings: Iterable[Standing]) -> tuple[Waiting, ...]:
    """What is on no draft, by reason and client; what is drafted is told with its document."""
    sums: dict[tuple[str, str, str], list[Standing]] = {}
    for row in standings:
        if row.key is None:
            sums.setdefault((row.state, row.code, row.client), []).append(row)
    return tuple(
        Waiting(
            *(*key, len({(row.source, row.entry) for row in rows}), sum(row.seconds for row in rows), rows[0].what),
            quantity_text(sum(row.scaled_quantity for row in rows)),
        )
        for key, rows in sorted(sums.items())
    )


def _next(documents: tuple[PreviewDocument, ...], selection: Selection) -> str:
    """Approve what can be; send what is approved; else mend what blocks; else see how things stand."""
    open_ones = [document for document in documents if document.state in ("ready", "held")]
    if open_ones:
        chosen = shlex.quote(selection.client) if selection.client else "--all"
        return f"syncd approve {chosen}" + (f" --period {selection.period.name}" if selection.period else "")
    if any(document.state == "approved" for document in documents):
        return "syncd push"
    codes = {problem.code for document in documents for problem in document.problems}
    if "quickbooks-not-read" in codes:
        return "syncd connect quickbooks"
    return "syncd mappings check" if codes else "syncd status"


def plan_of(report: PreviewReport) -> dict[str, object]:
    """What `approve plan.json` compares: each document that can be approved, with the hash of what was shown."""
    return {
        "schema": PLAN_SCHEMA,
        "company": report.company,
        "made_at": report.as_of.isoformat(timespec="seconds"),
        "today": report.today.isoformat(),
        "period": report.period,
        "documents": [
            {
                "client": document.client,
                "period": document.period,
                "group": document.group,
                "sequence": document.sequence,
                "version": document.version,
                "hash": document.hash,
                "kind": document.kind,
                "currency": document.currency,
                "subtotal": str(document.subtotal),
            }
            for document in report.documents
            if document.state in ("ready", "held")
        ],
    }
