"""Explanations for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
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
from syncd.reports.values import amount_text, duration_text, size_text


def entry_text(report: ExplainedEntry, timezone: ZoneInfo) -> Iterator[RenderableType]:
    """An entry: revisions, then where its seconds are, then why."""
    state = " · deleted in the source" if report.deleted else ""
    yield Text.assemble(
        (f"{report.source}/{report.entry}", "bold"),
        f" · {_size(report.pulled_seconds, report.pulled_quantity)}{state}",
    )
    yield Text("\nAs the source gave it", style="bold")
    for revision in report.revisions:
        yield from _revision(revision, timezone)
    yield Text("\nWhere its time is", style="bold")
    for share in report.shares:
        yield from _share(share, f"{share.document} ({share.state})")
    for standing in report.standings:
        client = f" · {standing.client}" if standing.client else ""
        size = _size(standing.seconds, standing.quantity)
        said = f"{standing.state}: {size}{client} · {standing.code}: {standing.what}"
        yield indented(Text(said), 2)
    pulled = _size(report.pulled_seconds, report.pulled_quantity)
    held = _size(report.accounted_seconds, report.accounted_quantity)
    style = "green" if pulled == held else "bold red"
    yield Text(f"\n{pulled} pulled, {held} accounted for", style=style)


def _revision(row: EntryRevision, timezone: ZoneInfo) -> Iterator[RenderableType]:
    changed = f" · changed: {', '.join(row.changed)}" if row.changed else ""
    yield indented(Text(f"revision {row.revision}, seen {row.seen_at.astimezone(timezone):%Y-%m-%d %H:%M}{changed}"))
    named = (("client", row.client), ("project", row.project), ("task", row.task), ("service", row.service))
    parts = [f"{row.worked_on}", _size(row.seconds, row.quantity) if row.kind == "time" else _item(row), row.person]
    parts += [f"{name} {value}" for name, value in named if value]
    parts += [] if row.billable else ["not billable"]
    parts += [f"sign-off {row.sign_off}"] if row.sign_off != "unknown" else []
    parts += [f"carries a rate of {row.source_rate:f}"] if row.source_rate is not None else []
    yield indented(Text(" · ".join(filter(None, parts))), 4)
    if row.notes:
        yield indented(Text(f"“{row.notes}”", style="dim"), 4)
    yield indented(Text(row.raw, style="dim"), 4)


def _size(seconds: int, quantity: str) -> str:
    return size_text(seconds, int(Decimal(quantity).scaleb(5)))


def _item(row: EntryRevision) -> str:
    """ "expense 2 × 180.00, rebate 10 %"."""
    price = "the rate" if row.amount is None else f"{row.amount:f}"
    rebate = f", rebate {row.rebate_percent:f} %" if row.rebate_percent else ""
    return f"{row.kind} {row.quantity} × {price}{rebate}"


def _share(share: Share, title: str) -> Iterator[RenderableType]:
    line = f", line {share.line}" if share.line is not None else ""
    billed = ""
    if share.billed_seconds != share.seconds:
        billed = f", billed as {duration_text(share.billed_seconds)} ({share.rounding})"
    units = {"hour": " an hour", "each": " each"}
    rate = f" at {share.rate:f}{units.get(share.unit, f' a {share.unit}')}" if share.rate is not None else ""
    amount = f" = {amount_text(share.amount)} {share.amount.currency}"
    said = f"{title}{line}: {share.effect} {_size(share.seconds, share.quantity)}{billed}{rate}{amount}"
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
