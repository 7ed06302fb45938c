"""Explanations for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.explained import (
    EntryRevision,
    ExplainedDocument,
    ExplainedEntry,
    ExplainedLine,
    FeeShare,
    Share,
)
from syncd.reports.text import indented
from syncd.reports.values import amount_text, duration_text


def entry_text(report: ExplainedEntry, timezone: ZoneInfo) -> Iterator[RenderableType]:
    """An entry: revisions, then where its seconds are, then why."""
    state = " · deleted in the source" if report.deleted else ""
    yield Text.assemble(
        (f"{report.source}/{report.entry}", "bold"), f" · {duration_text(report.pulled_seconds)}{state}"
    )
    yield Text("\nAs the source gave it", style="bold")
    for revision in report.revisions:
        yield from _revision(revision, timezone)
    yield Text("\nWhere its time is", style="bold")
    for share in report.shares:
        yield from _share(share, f"{share.document} ({share.state})")
    for standing in report.standings:
        client = f" · {standing.client}" if standing.client else ""
        said = f"{standing.state}: {duration_text(standing.seconds)}{client} · {standing.code}: {standing.what}"
        yield indented(Text(said), 2)
    pulled, held = duration_text(report.pulled_seconds), duration_text(report.accounted_seconds)
    style = "green" if report.pulled_seconds == report.accounted_seconds else "bold red"
    yield Text(f"\n{pulled} pulled, {held} accounted for", style=style)


def _revision(row: EntryRevision, timezone: ZoneInfo) -> Iterator[RenderableType]:
    changed = f" · changed: {', '.join(row.changed)}" if row.changed else ""
    yield indented(Text(f"revision {row.revision}, seen {row.seen_at.astimezone(timezone):%Y-%m-%d %H:%M}{changed}"))
    named = (("client", row.client), ("project", row.project), ("task", row.task), ("service", row.service))
    parts = [f"{row.worked_on}", duration_text(row.seconds), row.person]
    parts += [f"{name} {value}" for name, value in named if value]
    parts += [] if row.billable else ["not billable"]
    parts += [f"sign-off {row.sign_off}"] if row.sign_off != "unknown" else []
    parts += [f"carries a rate of {row.source_rate:f}"] if row.source_rate is not None else []
    yield indented(Text(" · ".join(filter(None, parts))), 4)
    if row.notes:
        yield indented(Text(f"“{row.notes}”", style="dim"), 4)
    yield indented(Text(row.raw, style="dim"), 4)


def _share(share: Share, title: str) -> Iterator[RenderableType]:
    line = f", line {share.line}" if share.line is not None else ""
    billed = ""
    if share.billed_seconds != share.seconds:
        billed = f", billed as {duration_text(share.billed_seconds)} ({share.rounding})"
    rate = f" at {share.rate:f} an {share.unit}" if share.rate is not None and share.unit == "hour" else ""
    if share.rate is not None and share.unit != "hour":
        rate = f" at {share.rate:f} a {share.unit}"
    amount = f" = {amount_text(share.amount)} {share.amount.currency}"
    said = f"{title}{line}: {share.effect} {duration_text(share.seconds)}{billed}{rate}{amount}"
    yield indented(Text(said), 2)
    detail = " · ".join(filter(None, (share.service, share.item and f"item {share.item}", share.tax_code)))
    if detail:
        yield indented(Text(detail, style="dim"), 4)
    yield from _reasons(share)


def _reasons(share: Share | FeeShare) -> Iterator[RenderableType]:
    for row in share.tables:
        note = f" ({row.note})" if row.note else ""
        yield indented(Text(f"{row.decides}: {row.row}{note}"), 4)
    for step in share.steps:
        yield indented(Text(f"· {step}"), 4)


def document_text(report: ExplainedDocument) -> Iterator[RenderableType]:
    """A document: each line with its arithmetic and what it is made of, then taxes and the total."""
    head = f" · {report.client} {report.period} · {report.kind} dated {report.dated}"
    yield Text.assemble((report.document, "bold"), head)
    for line in report.lines:
        yield Text("")
        yield from _line(line)
    if report.unbilled:
        yield Text("\nOn no line", style="bold")
        for share in report.unbilled:
            yield from _share(share, f"{share.worked_on} {share.person} {share.source}/{share.entry}")
    yield Text("")
    currency = report.currency
    yield Text(f"before tax {amount_text(report.subtotal)} {currency}")
    for tax in report.taxes:
        said = f"{tax.component} {tax.percent:f}% of {amount_text(tax.base)} ({tax.tax_code})"
        yield Text(f"{said} = {amount_text(tax.amount)} {currency}")
    if not report.tax_computed:
        yield Text("tax: QuickBooks computes it")
    yield Text(f"total {amount_text(report.total)} {currency}", style="bold")


def _line(line: ExplainedLine) -> Iterator[RenderableType]:
    yield Text.assemble((f"Line {line.number}", "bold"), f" · {line.description}")
    item = f" · item {line.item}" if line.item else ""
    yield indented(Text(f"{line.arithmetic}{item}"), 2)
    for share in line.shares:
        yield from _share(share, f"{share.worked_on} {share.person} {share.source}/{share.entry}")
    for fee in line.fees:
        yield indented(Text(f"{fee.fee} for {fee.due}: {amount_text(fee.amount)} {fee.amount.currency}"), 2)
        yield from _reasons(fee)
