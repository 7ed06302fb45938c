"""Explanations for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.explain_words import Words
from syncd.reports.explained import (
    EntryRevision,
    ExplainedDocument,
    ExplainedEntry,
    ExplainedLine,
    FeeShare,
    RetainerMoved,
    Share,
)
from syncd.reports.text import indented


def entry_text(report: ExplainedEntry, timezone: ZoneInfo) -> Iterator[RenderableType]:
    """An entry: revisions, then where its seconds are, then why."""
    words = Words(report.language)
    state = f" · {words('deleted')}" if report.deleted else ""
    pulled = words.size(report.pulled_seconds, report.pulled_quantity)
    yield Text.assemble((f"{report.source}/{report.entry}", "bold"), f" · {pulled}{state}")
    yield Text(f"\n{words('given')}", style="bold")
    for revision in report.revisions:
        yield from _revision(revision, timezone, words)
    yield Text(f"\n{words('where')}", style="bold")
    for share in report.shares:
        yield from _share(share, f"{share.document} ({words(f'state.{share.state}')})", words)
    for standing in report.standings:
        client = f" · {standing.client}" if standing.client else ""
        size = words.size(standing.seconds, standing.quantity)
        stands, colon = words(f"state.{standing.state}"), words("colon")
        yield indented(Text(f"{stands}{colon} {size}{client} · {standing.code}{colon} {standing.what}"), 2)
    held = words.size(report.accounted_seconds, report.accounted_quantity)
    style = "green" if pulled == held else "bold red"
    yield Text(f"\n{words('sum', pulled=pulled, held=held)}", style=style)


def _revision(row: EntryRevision, timezone: ZoneInfo, words: Words) -> Iterator[RenderableType]:
    names = ", ".join(words(f"field.{name}") for name in row.changed)
    changed = f" · {words('changed', fields=names)}" if row.changed else ""
    seen = f"{row.seen_at.astimezone(timezone):%Y-%m-%d %H:%M}"
    yield indented(Text(f"{words('revision', number=row.revision, at=seen)}{changed}"))
    named = (("client", row.client), ("project", row.project), ("task", row.task), ("service", row.service))
    size = words.size(row.seconds, row.quantity) if row.kind == "time" else _item(row, words)
    parts = [f"{row.worked_on}", size, row.person]
    parts += [f"{words(f'field.{name}')} {value}" for name, value in named if value]
    parts += [] if row.billable else [words("not-billable")]
    if row.sign_off != "unknown":
        parts.append(words("sign-off", state=words(f"sign-off.{row.sign_off}")))
    if row.source_rate is not None:
        parts.append(words("own-rate", rate=words.number(row.source_rate)))
    yield indented(Text(" · ".join(filter(None, parts))), 4)
    if row.notes:
        yield indented(Text(words("note", text=row.notes), style="dim"), 4)
    yield indented(Text(row.raw, style="dim"), 4)


def _item(row: EntryRevision, words: Words) -> str:
    """ "expense 2 × 180.00, rebate 10 %"."""
    price = words("the-rate") if row.amount is None else words.number(row.amount)
    rebate = f", {words('rebate', percent=words.number(row.rebate_percent))}" if row.rebate_percent else ""
    quantity = words.number(row.quantity)
    return words("item", kind=words(f"kind.{row.kind}"), quantity=quantity, price=price) + rebate


def _share(share: Share, title: str, words: Words) -> Iterator[RenderableType]:
    line = f", {words('line', number=share.line)}" if share.line is not None else ""
    rate = ""
    if share.effect == "invoiced" and share.rate is not None:
        rate = f" {words(f'at-{share.unit}', rate=words.number(share.rate))}"
    did = f"{words(f'effect.{share.effect}')} {words.size(share.seconds, share.quantity)}{_billed(share, words)}"
    yield indented(Text(f"{title}{line}{words('colon')} {did}{rate} = {words.amount(share.amount)}"), 2)
    item = words("item-name", name=share.item) if share.item else ""
    detail = " · ".join(filter(None, (share.service, item, share.tax_code)))
    if detail:
        yield indented(Text(detail, style="dim"), 4)
    yield from _reasons(share, words)


def _billed(share: Share, words: Words) -> str:
    """As how much worked time is billed, and what that draws, where these differ."""
    said = ""
    if share.billed_seconds != share.seconds:
        size, how = words.size(share.billed_seconds, "0"), share.rounding
        said += f", {words('billed-as', size=size, rounding=how) if how else words('billed', size=size)}"
    if share.drawn_seconds not in (0, share.billed_seconds):
        said += f", {words('draws', size=words.size(share.drawn_seconds, '0'))}"
    return said


def _reasons(share: Share | FeeShare, words: Words) -> Iterator[RenderableType]:
    for row in share.tables:
        note = f" ({row.note})" if row.note else ""
        yield indented(Text(f"{words(f'decides.{row.decides}')}{words('colon')} {row.row}{note}"), 4)
    for step in share.steps:
        yield indented(Text(f"· {step}"), 4)


def document_text(report: ExplainedDocument) -> Iterator[RenderableType]:
    """A document: each line with its arithmetic and what it is made of, then taxes and the total."""
    words = Words(report.language)
    kind = words(f"kind.{report.kind}")
    head = words("head", client=report.client, period=report.period, kind=kind, day=report.dated)
    yield Text.assemble((report.document, "bold"), f" · {head}")
    if report.kind == "credit-memo":
        yield Text(words("credited"))
    for line in report.lines:
        yield Text("")
        yield from _line(line, words)
    if report.unbilled:
        yield Text(f"\n{words('unbilled')}", style="bold")
        for share in report.unbilled:
            yield from _share(share, _entry_of(share), words)
    if report.retainers:
        yield Text(f"\n{words('hours')}", style="bold")
        for moved in report.retainers:
            yield indented(Text(_moved(moved, words)))
    yield Text("")
    yield from _sums(report, words)


def _sums(report: ExplainedDocument, words: Words) -> Iterator[RenderableType]:
    yield Text(words("before-tax", amount=words.amount(report.subtotal)))
    for tax in report.taxes:
        percent, base, amount = words.number(tax.percent), words.plain_amount(tax.base), words.amount(tax.amount)
        code = tax.tax_code
        yield Text(words("tax", component=tax.component, percent=percent, base=base, code=code, amount=amount))
    if not report.tax_computed:
        yield Text(words("tax-elsewhere"))
    yield Text(words("total", amount=words.amount(report.total)), style="bold")
    if report.exchange_rate is not None:
        yield Text(words("exchange", rate=words.number(report.exchange_rate)))


def _line(line: ExplainedLine, words: Words) -> Iterator[RenderableType]:
    yield Text.assemble((words("document-line", number=line.number), "bold"), f" · {line.description}")
    item = f" · {words('item-name', name=line.item)}" if line.item else ""
    yield indented(Text(f"{line.arithmetic}{item}"), 2)
    for sentence in line.rounding:
        yield indented(Text(sentence), 2)
    for share in line.shares:
        yield from _share(share, _entry_of(share), words)
    for fee in line.fees:
        yield indented(Text(_fee(fee, words)), 2)
        yield from _reasons(fee, words)


def _entry_of(share: Share) -> str:
    return " ".join(filter(None, (f"{share.worked_on}", share.person, f"{share.source}/{share.entry}")))


def _fee(fee: FeeShare, words: Words) -> str:
    """ "retainer Maintenance, 2026-10, due 2026-10-31: 840.00 CAD"."""
    kind, amount, period = words(f"decides.{fee.kind}"), words.amount(fee.amount), fee.due.split("|")[0]
    if period in ("deposit", "draw"):
        return words("fee", kind=kind, name=fee.name, period=words(period), amount=amount)
    if fee.kind == "intercompany":
        return words("fee", kind=kind, name=fee.name, period=fee.day or period, amount=amount)
    if fee.day is None:
        return words("fee", kind=kind, name=fee.name, period=period, amount=amount)
    if period == "once":
        return words("fee-due", kind=kind, name=fee.name, day=fee.day, amount=amount)
    return words("fee-period-due", kind=kind, name=fee.name, period=period, day=fee.day, amount=amount)


def _moved(row: RetainerMoved, words: Words) -> str:
    return words(
        "hours-moved",
        name=row.name,
        period="" if row.period == "once" else f" {row.period}",
        opening=words.hours(row.opening_seconds),
        bought=words.hours(row.bought_seconds),
        drawn=words.hours(row.drawn_seconds),
        lapsed=words.hours(row.lapsed_seconds),
        closing=words.hours(row.closing_seconds),
    )
