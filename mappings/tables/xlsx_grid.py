"""Workbooks as people save them: each sheet is a table; cells may be numbers, days, yes/no or text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from zipfile import BadZipFile

from python_calamine import CalamineError, CalamineWorkbook

from mappings.problems import Place, Problem
from mappings.tables.grid import Cell, Grid, Value
from mappings.tables.xlsx_errors import failed_cells

Raw = int | float | str | bool | time | date | datetime | timedelta
Failed = Mapping[tuple[str, str], str]
"""(sheet, cell) → what a failed formula shows."""
_BETWEEN = " | "


def read_workbook(path: Path, shown_as: str) -> dict[str, Grid] | Problem:
    """All sheets of a workbook by their names as written; a problem when it cannot be opened."""
    try:
        book = CalamineWorkbook.from_path(path)
        failed = failed_cells(path)
        rows = {name: book.get_sheet_by_name(name).to_python(skip_empty_area=False) for name in book.sheet_names}
    except (CalamineError, BadZipFile, OSError, ValueError) as error:
        what = f"{shown_as} cannot be read as a workbook: {_reason(path, error)}."
        return Problem("workbook-unreadable", what, "Open it and save it again as .xlsx.", Place(shown_as))
    return {name: _grid(sheet, shown_as, name, failed) for name, sheet in rows.items()}


def _reason(path: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return str(error.strerror).lower()
    if path.read_bytes()[:4] == b"\xd0\xcf\x11\xe0":  # The container of old .xls files and of encrypted workbooks.
        return "it is protected by a password, or in the old .xls format"
    return "it is damaged, or another kind of file"


def _grid(rows: Sequence[Sequence[Raw]], shown_as: str, sheet: str, failed: Failed) -> Grid:
    read = [
        cells for number, row in enumerate(rows, 1) if (cells := tuple(_cells(row, number, shown_as, sheet, failed)))
    ]
    header = read[0] if read else ()
    return Grid(Place(shown_as, sheet=sheet), header, tuple(read[1:]))


def _cells(row: Sequence[Raw], number: int, shown_as: str, sheet: str, failed: Failed) -> Iterator[Cell]:
    """The cells of a row, each with the row's text as excerpt; none when the row is empty."""
    values = [failed.get((sheet, f"{letters(index)}{number}")) or _value(raw) for index, raw in enumerate(row)]
    while values and values[-1] == "":
        values.pop()
    texts = [Cell(value, Place("")).text.replace("\n", " ") for value in values]
    excerpt, start = _BETWEEN.join(texts), 0
    for index, (value, text) in enumerate(zip(values, texts, strict=True)):
        place = Place(shown_as, number, index + 1, sheet, f"{letters(index)}{number}", excerpt, start, len(text))
        yield Cell(value, place)
        start += len(text) + len(_BETWEEN)


def _value(raw: Raw) -> Value:
    """Numbers are cut to the 15 digits that a spreadsheet shows, so that 70.1 is 70.1 exactly."""
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, int | float):
        number = Decimal(f"{raw:.15g}")
        return number.quantize(Decimal(1)) if number == number.to_integral_value() else number
    if isinstance(raw, datetime):
        return raw.date() if raw.time() == time() else str(raw)
    if isinstance(raw, date):
        return raw
    return str(raw).strip()


def letters(index: int) -> str:
    """The letters of a column, from 0: A, Z, AA."""
    return (letters(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)
