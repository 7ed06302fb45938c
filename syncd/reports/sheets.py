"""Reports as tables for spreadsheets: CSV and XLSX. Texts that look like formulas are neutralised."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from mappings.money import digits_of, to_decimal
from syncd.reports.values import Money

Cell = str | int | Decimal | Money | date | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: a name, a heading for each column, and rows of typed cells."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]


def neutralise(text: str) -> str:
    """Put an apostrophe before a text that begins like a formula, so that opening an export runs nothing."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text


def to_csv(sheets: Iterable[Sheet]) -> str:
    """All sheets in one file, each under its name and headings, an empty line between them. Numbers stay numbers."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    for position, sheet in enumerate(sheets):
        if position:
            writer.writerow([])
        writer.writerow([sheet.name])
        writer.writerow(sheet.columns)
        writer.writerows([_csv_cell(cell) for cell in row] for row in sheet.rows)
    return buffer.getvalue()


def _csv_cell(cell: Cell) -> str:
    if cell is None:
        return ""
    return neutralise(cell) if isinstance(cell, str) else str(cell)


def write_xlsx(path: Path, sheets: Sequence[Sheet]) -> None:
    """Write a workbook with one worksheet for each sheet; amounts are numbers with their currency's digits."""
    import xlsxwriter

    # Formulas and links are never meant: without these two, a text beginning with "=" or "http" would become one.
    options = {"strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        money = {digits: book.add_format({"num_format": _money_format(digits)}) for digits in (0, 2, 3)}
        for sheet in sheets:
            page = book.add_worksheet(sheet.name)
            page.write_row(0, 0, sheet.columns, bold)
            page.freeze_panes(1, 0)
            for at, row in enumerate(sheet.rows, start=1):
                for column, cell in enumerate(row):
                    if isinstance(cell, Money):
                        amount = to_decimal(cell.minor, cell.currency)
                        page.write_number(at, column, amount, money[digits_of(cell.currency)])
                    elif isinstance(cell, date):
                        page.write_datetime(at, column, cell, day)
                    elif isinstance(cell, int | Decimal):
                        page.write_number(at, column, cell)
                    elif cell is not None:
                        page.write_string(at, column, neutralise(cell))
            page.autofit()


def _money_format(digits: int) -> str:
    return f"#,##0{'.' + '0' * digits if digits else ''};[Red]-#,##0{'.' + '0' * digits if digits else ''}"
