"""A document for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.show import ShownDocument
from syncd.reports.text import money_cell, quantity_text, table
from syncd.reports.values import amount_text

_STYLES = {"paid": "green", "settled": "green", "overdue": "red", "refused": "red"}
_STYLES |= {"in-doubt": "yellow", "voided": "yellow", "deleted": "yellow", "withdrawn": "dim"}


def show_text(report: ShownDocument, timezone: ZoneInfo) -> Iterator[RenderableType]:
    """The document's parts in order."""
    name = report.number or report.document_id
    about = " ".join(filter(None, (report.client, report.period, report.group)))
    state = Text(report.state, style=_STYLES.get(report.state, "cyan"))
    yield Text.assemble((name, "bold"), f" · {about} · {report.kind} dated {report.dated} · ", state)
    approved = f"{report.approved_at.astimezone(timezone):%Y-%m-%d %H:%M}"
    decision = f" · decided: {report.decision}" if report.decision else ""
    yield Text(f"approved by {report.approved_by}, {approved}{decision}", style="dim")
    if report.withdrawn_because:
        yield Text(f"taken back: {report.withdrawn_because}")
    yield from _lines(report)
    yield from _remote(report, timezone)
    yield from _attempts(report, timezone)
    for drift in report.drifts:
        settled = " (settled)" if drift.settled_at else ""
        yield Text(f"{drift.code}: {drift.what}{settled}", style="dim" if drift.settled_at else "yellow")


def _lines(report: ShownDocument) -> Iterator[RenderableType]:
    made = table("Line", "What", "Quantity", "Rate", report.currency, numbers=(0, 2, 3, 4))
    for line in report.lines:
        rate = "" if line.rate is None else f"{line.rate:,f}"
        quantity = f"{quantity_text(line.quantity)} {line.unit}"
        made.add_row(str(line.number), Text(line.description), quantity, rate, money_cell(line.amount))
    made.add_row("", "before tax", "", "", money_cell(report.subtotal), style="dim")
    tax = money_cell(report.tax) if report.tax is not None else Text("by QuickBooks")
    made.add_row("", "tax", "", "", tax, style="dim")
    made.add_row("", Text("total", style="bold"), "", "", money_cell(report.total))
    yield Text("")
    yield made


def _remote(report: ShownDocument, timezone: ZoneInfo) -> Iterator[RenderableType]:
    remote = report.remote
    if remote is None:
        return
    due = f", due {remote.due}" if remote.due else ""
    yield Text(
        f"\nIn QuickBooks: {remote.type} {remote.id} (number {remote.number}), total {amount_text(remote.total)}, "
        f"tax {amount_text(remote.tax)}, open {amount_text(remote.balance)} {remote.total.currency}{due}, "
        f"as of {remote.last_updated.astimezone(timezone):%Y-%m-%d %H:%M}"
    )
    if remote.email_status:
        yield Text(f"  e-mail: {remote.email_status}", style="dim")
    for link in report.links:
        on = f" of {link.dated}" if link.dated else ""
        yield Text(f"  {link.type} {link.id}{on}: {amount_text(link.amount)} {link.amount.currency}")


def _attempts(report: ShownDocument, timezone: ZoneInfo) -> Iterator[RenderableType]:
    for sending in report.sendings:
        if sending.problem is not None:
            yield Text(f"\n{sending.operation}: {sending.problem.what}\n  {sending.problem.fix}", style="yellow")
    if not report.attempts:
        return
    made = table("Attempts", "What", "Phase", "Outcome", "HTTP", "intuit_tid")
    for row in report.attempts:
        at = f"{row.at.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
        status = str(row.http_status) if row.http_status else ""
        made.add_row(at, row.operation, row.phase, Text(row.outcome), status, row.intuit_tid)
    yield Text("")
    yield made
