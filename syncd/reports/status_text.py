"""The status report for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from zoneinfo import ZoneInfo

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from syncd.reports.ageing import BUCKET_LABELS, BUCKETS, totals
from syncd.reports.deposits import deposits_text
from syncd.reports.items import items_text
from syncd.reports.proofs import FAILS, HoursProof, InvoicesProof, ReceivablesProof
from syncd.reports.retainers_shown import retainers_text
from syncd.reports.status import StatusReport
from syncd.reports.text import SEVERITY_STYLES, indented, money_cell, table, verdict
from syncd.reports.values import Money, amount_text, hours_text

_WAITING_AT_MOST = 12


def status_text(
    report: StatusReport, timezone: ZoneInfo, command: Callable[[str], str] = str
) -> Iterator[RenderableType]:
    """The report's parts in order. `command` gives each command to type the config that this one was called with."""
    about = ", ".join(filter(None, (report.client, report.period)))
    at = report.as_of.astimezone(timezone)
    as_of = f"{at:%Y-%m-%d %H:%M}" + ("" if at.date() == report.today else f", as if it were {report.today}")
    yield Text.assemble((report.company, "bold"), f"{' · ' + about if about else ''} · as of {as_of}")
    yield Text("")
    yield _summary(report)
    yield Text("")
    yield _hours(report.hours)
    yield from _named_entries(report.hours)
    yield from items_text(report.items)
    for invoices in report.invoices:
        yield Text("")
        yield _money_table(f"2 Invoices, {invoices.currency}", invoices.rows, _ends_of_invoices(invoices))
        yield from _named_documents(invoices)
    for receivables in report.receivables:
        yield Text("")
        yield _money_table(f"3 Receivables, {receivables.currency}", receivables.rows, _ends_of_roll(receivables))
        yield from _named_customers(receivables)
    yield from retainers_text(report.retainers)
    yield from deposits_text(report.deposits)
    yield from _waiting(report)
    yield from _ageing(report)
    yield Text("")
    yield from _needs(report, command)


def _summary(report: StatusReport) -> Table:
    made = table("Proof", "Difference", "", numbers=(1,), title="Three proofs that must read 0.00")
    hours = report.hours
    made.add_row("1 Every hour accounted for", verdict(hours.holds, hours_text(hours.difference_seconds)), "hours")
    if report.items is not None:
        made.add_row("1 Every expense and product", verdict(report.items.holds, report.items.difference), "items")
    for invoices in report.invoices:
        difference = verdict(invoices.holds, amount_text(invoices.difference))
        made.add_row("2 Every invoice accounted for", difference, invoices.currency)
    for receivables in report.receivables:
        difference = verdict(receivables.holds, amount_text(receivables.difference))
        made.add_row("3 Receivables roll forward", difference, receivables.currency)
    for proof in (proof for proof in report.proofs if proof.code == "retainers"):
        made.add_row("Retainers' hours roll forward", verdict(proof.holds, proof.difference), "hours")
    return made


def _hours(proof: HoursProof) -> Table:
    made = table("1 Hours", "Worked", numbers=(1,))
    made.add_row(f"pulled ({proof.entries:,} entries)", hours_text(proof.pulled_seconds))
    for row in proof.rows:
        made.add_row(f"  {row.label}", hours_text(row.seconds))
    made.add_row("accounted for", hours_text(proof.accounted_seconds))
    made.add_row(Text("difference", style="bold"), verdict(proof.holds, hours_text(proof.difference_seconds)))
    made.add_row("added by increments (not in the sum)", hours_text(proof.increments_seconds), style="dim")
    return made


def _named_entries(proof: HoursProof) -> Iterator[RenderableType]:
    for row in proof.uneven:
        yield Text(
            f"  {row.source}/{row.entry}: pulled {hours_text(row.pulled_seconds)}, "
            f"accounted for {hours_text(row.held_seconds)}",
            style="red",
        )
    if proof.uneven_count > len(proof.uneven):
        yield Text(f"  and {proof.uneven_count - len(proof.uneven):,} more entries", style="red")


End = tuple[str, Money, bool | None]


def _ends_of_invoices(proof: InvoicesProof) -> list[End]:
    return [
        ("expected in QuickBooks", proof.expected, None),
        ("found in QuickBooks", proof.found, None),
        ("difference", proof.difference, proof.holds),
    ]


def _ends_of_roll(proof: ReceivablesProof) -> list[End]:
    return [
        ("closing", proof.closing, None),
        ("QuickBooks' receivables of these customers", proof.balance, None),
        ("difference", proof.difference, proof.holds),
    ]


def _money_table(title: str, rows: tuple[object, ...], ends: list[End]) -> Table:
    made = table(title, "Documents", "Amount", numbers=(1, 2))
    told = []
    for row in rows:
        cells = (f"  {row.label}", f"{row.documents:,}", money_cell(row.amount))  # type: ignore[attr-defined]
        if row.counts:  # type: ignore[attr-defined]
            made.add_row(*cells)
        else:
            told.append((f"{row.label} (not in the sum)", *cells[1:]))  # type: ignore[attr-defined]
    for label, money, holds in ends:
        if holds is None:
            made.add_row(label, "", money_cell(money))
        else:
            made.add_row(Text(label, style="bold"), "", verdict(holds, amount_text(money)))
    for cells in told:
        made.add_row(*cells, style="dim")
    return made


def _named_documents(proof: InvoicesProof) -> Iterator[RenderableType]:
    for row in proof.documents:
        expected, found = amount_text(row.expected), amount_text(row.found)
        client = f" {row.client}" if row.client else ""
        said = f"  {row.code}: {row.number}{client}, here {expected}, in QuickBooks {found}"
        yield Text(said, style="red" if row.code in FAILS else "dim")


def _named_customers(proof: ReceivablesProof) -> Iterator[RenderableType]:
    for row in proof.customers:
        said = f"  {row.client}: documents give {amount_text(row.rolled)}, QuickBooks says {amount_text(row.balance)}"
        yield Text(said, style="red")


def _waiting(report: StatusReport) -> Iterator[RenderableType]:
    rows = sorted(report.waiting, key=lambda row: (-abs(row.seconds), row.state, row.code, row.client))
    if not rows:
        return
    made = table("Not on a document", "Why", "Client", "Entries", "Hours", numbers=(3, 4))
    for row in rows[:_WAITING_AT_MOST]:
        how_much = hours_text(row.seconds) if row.quantity == "0" else f"{hours_text(row.seconds)} + {row.quantity} ×"
        made.add_row(row.state, row.code, Text(row.client), f"{row.entries:,}", how_much)
    if len(rows) > _WAITING_AT_MOST:
        made.add_row(f"and {len(rows) - _WAITING_AT_MOST} more", "", "", "", "")
    yield Text("")
    yield made


def _ageing(report: StatusReport) -> Iterator[RenderableType]:
    if not report.ageing:
        return
    made = table("Receivables by age", "", *BUCKET_LABELS, "Unapplied", "Total", numbers=tuple(range(2, 9)))
    for row in report.ageing:
        amounts = (money_cell(getattr(row, name)) for name in (*BUCKETS, "unapplied", "total"))
        made.add_row(Text(row.client), row.currency, *amounts)
    for row in totals(report.ageing):
        amounts = (money_cell(getattr(row, name)) for name in (*BUCKETS, "unapplied", "total"))
        made.add_row("total", row.currency, *amounts, style="bold")
    yield Text("")
    yield made


def _needs(report: StatusReport, command: Callable[[str], str]) -> Iterator[RenderableType]:
    if not report.needs:
        yield Text("Nothing needs you.", style="green")
        return
    yield Text("Needs you", style="bold")
    for need in report.needs:
        style = SEVERITY_STYLES[need.severity]
        subject = f"{need.subject}: " if need.subject else ""
        yield indented(Text.assemble((f"{need.code}  ", style), f"{subject}{need.what}"), 2)
        yield indented(Text(command(need.command), style="bold"), 6)
