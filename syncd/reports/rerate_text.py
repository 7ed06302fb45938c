"""Billed work at another rate, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from mappings.money import digits_of
from syncd.reports.rerate import RerateReport
from syncd.reports.text import indented, money_cell, table
from syncd.reports.values import hours_text


def rerate_text(report: RerateReport) -> Iterator[RenderableType]:
    """The rows, their sums, what cannot be rated anew, and what becomes of it."""
    about = ", ".join(filter(None, (report.client, report.period)))
    yield Text.assemble((report.company, "bold"), f" · {about} · billed work at the rates of today's tables")
    if report.rows:
        yield Text("")
        yield _rows(report)
    else:
        yield Text("\nAll billed work of these days is billed at the rates of today's tables.")
    for problem in report.problems:
        yield Text(f"\n{problem.code}: {problem.what}", style="yellow")
        if problem.fix:
            yield indented(Text(problem.fix))
    yield from _said(report)


def _rows(report: RerateReport) -> Table:
    names = ("Client", "Work", "Hours", "Rate", "New rate", "Billed", "Rerated", "Difference", "", "")
    made = table(*names, numbers=(2, 3, 4, 5, 6, 7))
    for row in report.rows:
        work = ", ".join(filter(None, (row.service, row.label, row.month)))
        rates = (_rate(row.rate, row.unit, row.currency), _rate(row.new_rate, row.new_unit, row.currency))
        amounts = (money_cell(row.billed), money_cell(row.rerated), money_cell(row.difference))
        state = Text(row.state, style="green" if row.state == "decided" else "")
        hours = hours_text(row.billed_seconds)
        made.add_row(Text(row.client), Text(work), hours, *rates, *amounts, row.currency, state)
    for one in report.sums:
        amounts = (money_cell(one.billed), money_cell(one.rerated), money_cell(one.difference))
        made.add_row(Text("before tax", style="dim"), "", "", "", "", *amounts, one.currency, "")
    return made


def _rate(rate: Decimal, unit: str, currency: str) -> str:
    shown = f"{rate.normalize():f}"
    digits = max(digits_of(currency), len(shown.partition(".")[2]))
    return f"{rate:,.{digits}f}" + ("" if unit == "hour" else f" a {unit}")


def _said(report: RerateReport) -> Iterator[RenderableType]:
    if report.recorded:
        entries = "1 entry" if report.recorded == 1 else f"{report.recorded} entries"
        yield Text(f"\nRecorded for {entries}: each client's next document carries the adjustments.", style="green")
    elif any(row.state == "open" for row in report.rows):
        yield Text("\nNothing is recorded: --draft puts the adjustments on each client's next document.")
