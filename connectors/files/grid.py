"""The cells of a CSV or XLSX file as text, with the place of each; nothing is understood here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from mappings.problems import Place

CSV_ENDINGS = (".csv", ".tsv", ".txt")
WORKBOOK_ENDING = ".xlsx"
DELIMITERS = ",;\t"


class UnreadableFileError(Exception):
    """The file cannot be read to its end; the message is a sentence for a person."""

    def __init__(self, code: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.code = code
        self.what = what
        self.fix = fix


@dataclass(frozen=True, slots=True)
class GridRow:
    """One row below the headings. `line` is where it starts: in a workbook, the row's number."""

    line: int
    cells: tuple[str, ...]
    text: str = ""
    """The line as it stands in a CSV file."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A file's headings and rows."""

    file: str
    headings: tuple[str, ...]
    rows: tuple[GridRow, ...]
    sheet: str = ""
    delimiter: str = ""
    heading_line: int = 1
    heading_text: str = ""

    @property
    def decimal_comma(self) -> bool:
        """`7,5` is a number only where the comma cannot separate cells."""
        return self.delimiter == ";"

    def place(self, row: GridRow | None, column: int) -> Place:
        """Where a cell stands; `row` None means the headings, `column` counts from 0, -1 is the whole row."""
        line = row.line if row else self.heading_line
        if self.sheet:
            return Place(self.file, sheet=self.sheet, cell=f"{column_letters(max(column, 0))}{line}")
        excerpt = row.text if row else self.heading_text
        start, length = _span(excerpt, self.delimiter, column)
        return Place(self.file, line=line, column=column + 1, excerpt=excerpt, mark_start=start, mark_length=length)


def read_grid(file: str, content: bytes, *, sheet: str = "") -> Grid:
    """Read a file of a known ending; raises UnreadableFileError. Rows without any value are left out."""
    if file.lower().endswith(WORKBOOK_ENDING):
        return _read_workbook(file, content, sheet)
    if file.lower().endswith(CSV_ENDINGS):
        return _read_csv(file, content)
    raise UnreadableFileError(
        "file-kind-unknown",
        f"{file} is neither CSV nor XLSX.",
        "Save it as CSV (UTF-8) or XLSX, or narrow `path` so that it leaves this file out.",
    )


def _read_csv(file: str, content: bytes) -> Grid:
    text = _decode(file, content)
    lines = io.StringIO(text, newline=None).readlines()
    heading_text = next((line for line in lines if line.strip()), "")
    delimiter = max(DELIMITERS, key=re.sub(r'"[^"]*"', "", heading_text).count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: list[GridRow] = []
    try:
        for line, cells in _numbered(reader):
            if any(cell.strip() for cell in cells):
                source = lines[line - 1].rstrip("\n") if line <= len(lines) else ""
                rows.append(GridRow(line, tuple(cell.strip() for cell in cells), source))
    except csv.Error as error:
        fix = "Close the quotation mark in that row, or export the file again."
        raise UnreadableFileError(
            "file-unreadable", f"{file} cannot be read after line {reader.line_num}: {error}.", fix
        ) from error
    if not rows:
        raise UnreadableFileError(
            "file-empty", f"{file} is empty.", "Write the headings in its first line, or remove it."
        )
    return Grid(
        file, rows[0].cells, tuple(rows[1:]), delimiter=delimiter, heading_line=rows[0].line, heading_text=rows[0].text
    )


def _numbered(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each record with the line that it starts on: a quoted cell may hold line ends."""
    line = 1
    for cells in reader:
        yield line, cells
        line = reader.line_num + 1  # type: ignore[attr-defined]  # a csv.reader, whose type has no public name


def _decode(file: str, content: bytes) -> str:
    """UTF-8, with or without its mark; else Windows-1252, which Excel writes in Western Europe and America."""
    save = "Save it as CSV (UTF-8)."
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFileError("file-encoding", f"{file} is UTF-16, which is not read.", save)
    if b"\0" in content:
        what = f"{file} has empty bytes in it, as a file has that was not written to its end."
        raise UnreadableFileError("file-cut-short", what, "Export it again.")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data":
            what = f"{file} ends in the middle of a character."
            raise UnreadableFileError("file-cut-short", what, "Export it again.") from error
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError as error:
        what = f"{file} is neither UTF-8 nor Windows-1252 (byte {error.start + 1})."
        raise UnreadableFileError("file-encoding", what, save) from error


def _read_workbook(file: str, content: bytes, sheet: str) -> Grid:
    # Loaded for those whose files are workbooks.
    import python_calamine

    again = "Open it in your spreadsheet program and save it again as XLSX."
    try:
        workbook = python_calamine.load_workbook(io.BytesIO(content))
    except python_calamine.CalamineError as error:
        raise UnreadableFileError("file-unreadable", f"{file} is not a readable XLSX file.", again) from error
    name = sheet or workbook.sheet_names[0]
    if name not in workbook.sheet_names:
        what = f"{file} has no sheet {name}; it has {', '.join(workbook.sheet_names)}."
        raise UnreadableFileError("sheet-missing", what, "Rename the sheet, or write its name in the layout.")
    try:
        cells = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except python_calamine.CalamineError as error:
        raise UnreadableFileError("file-unreadable", f"The sheet {name} of {file} cannot be read.", again) from error
    rows = [GridRow(line, tuple(_text(cell) for cell in row)) for line, row in enumerate(cells, start=1)]
    rows = [row for row in rows if any(row.cells)]
    if not rows:
        raise UnreadableFileError(
            "file-empty", f"The sheet {name} of {file} is empty.", "Write its headings, or remove it."
        )
    return Grid(file, rows[0].cells, tuple(rows[1:]), sheet=name, heading_line=rows[0].line)


def _text(cell: float | str | bool | time | date | datetime | timedelta) -> str:
    """A cell's value as a person would write it in the CSV."""
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat() if cell.time() != time.min else cell.date().isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return str(cell).strip()


def column_letters(index: int) -> str:
    """The name of a spreadsheet's column, counted from 0: A … Z, AA …"""
    letters = ""
    index += 1
    while index:
        index, rest = divmod(index - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _span(text: str, delimiter: str, column: int) -> tuple[int, int]:
    """First character and length of a cell in its line; the whole line where quotes make that uncertain."""
    if column < 0 or '"' in text or not delimiter:
        return 0, len(text)
    cells: Sequence[str] = text.split(delimiter)
    if column >= len(cells):
        return len(text), 0
    start = sum(len(cell) + 1 for cell in cells[:column])
    cell = cells[column]
    return start + len(cell) - len(cell.lstrip()), len(cell.strip())
