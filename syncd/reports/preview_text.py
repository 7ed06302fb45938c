"""The preview for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from syncd.reports.preview import PreviewDocument, PreviewReport
from syncd.reports.text import indented, money_cell, quantity_text, table, verdict
from syncd.reports.values import hours_text

_STYLES = {"ready": "green", "held": "yellow", "blocked": "red", "approved": "cyan", "running": "dim"}
_KINDS = {"invoice": "invoice", "credit-memo": "credit memo", "settlement": "nothing to invoice"}


def preview_text(report: PreviewReport) -> Iterator[RenderableType]:
    """The report's parts in order: what would be made, what runs, what stays, and the first proof's sum."""
    about = ", ".join(filter(None, (report.client, report.period)))
    yield Text.assemble((report.company, "bold"), f"{' · ' + about if about else ''} · preview on {report.today}")
    for document in report.documents:
        yield Text("")
        yield from _document(document)
    if not report.documents:
        yield Text("\nNo document is due.")
    if report.running:
        yield Text("\nRunning periods (shown, not made yet)", style="bold")
        yield _running(report.running)
    if report.waiting:
        yield Text("\nNot on a document", style="bold")
        yield _waiting(report)
    for withdrawn in report.withdrawn:
        named = " ".join(filter(None, (withdrawn.number, withdrawn.client, withdrawn.period)))
        yield Text(f"Taken back, because its work or tables changed: {named}", style="yellow")
    for problem in report.problems:
        yield from _problem(problem.what, problem.fix, "yellow" if problem.warning else "red", 0)
    yield Text("")
    yield _sum(report)


def _document(document: PreviewDocument) -> Iterator[RenderableType]:
    state = Text(document.state, style=_STYLES[document.state])
    yield Text.assemble((document.name, "bold"), f" · {_KINDS[document.kind]} dated {document.dated} · ", state)
    if document.lines:
        yield indented(_lines(document), 2)
    for hold in document.holds:
        yield indented(Text(f"held: {hold.what}", style="yellow"), 2)
    for problem in document.problems:
        yield from _problem(f"{problem.code}: {problem.what}", problem.fix, "red", 2)


def _lines(document: PreviewDocument) -> Table:
    made = table("Line", "Quantity", "Rate", document.currency, numbers=(1, 2, 3))
    for line in document.lines:
        rate = "" if line.rate is None else f"{line.rate:,f}"
        quantity = quantity_text(line.quantity) + ("" if line.unit == "each" else f" {line.unit[:1]}")
        made.add_row(Text(line.description), quantity, rate, money_cell(line.amount))
    made.add_row("before tax", "", "", money_cell(document.subtotal), style="dim")
    if document.tax is None:
        made.add_row("tax: as QuickBooks computes it", "", "", "", style="dim")
    else:
        made.add_row("tax", "", "", money_cell(document.tax), style="dim")
        made.add_row(Text("total", style="bold"), "", "", money_cell(document.total))
    return made


def _problem(what: str, fix: str, style: str, indent: int) -> Iterator[RenderableType]:
    yield indented(Text(what, style=style), indent)
    if fix:
        yield indented(Text(fix), indent + 2)


def _running(documents: tuple[PreviewDocument, ...]) -> Table:
    made = table("Client", "Period", "Hours", "So far", "", numbers=(2, 3))
    for document in documents:
        name = " ".join(filter(None, (document.client, document.group)))
        made.add_row(
            Text(name), document.period, hours_text(document.seconds), money_cell(document.subtotal), document.currency
        )
    return made


def _waiting(report: PreviewReport) -> Table:
    made = table("", "Why", "Client", "Entries", "Hours", "", numbers=(3, 4))
    for row in report.waiting:
        how_much = hours_text(row.seconds) if row.quantity == "0" else f"{hours_text(row.seconds)} + {row.quantity} ×"
        cells = (row.state, row.code, Text(row.client), f"{row.entries:,}", how_much, Text(row.what))
        made.add_row(*cells)
    return made


def _sum(report: PreviewReport) -> Text:
    """The first proof in one line."""
    hours = report.hours
    parts = " + ".join(f"{hours_text(row.seconds)} {row.label}" for row in hours.rows if row.seconds) or "nothing"
    said = f"Hours: {hours_text(hours.pulled_seconds)} pulled = {parts}; difference "
    return Text.assemble(said, verdict(hours.holds, hours_text(hours.difference_seconds)))
