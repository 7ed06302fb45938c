"""What a table is: its columns and row type, and the one way in which every table's rows are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from mappings.problems import Place, Problem
from mappings.tables.grid import Cell, Grid, plain_name
from mappings.tables.values import LATER, About, Reader, WrongCellError, nearest, quoted, text
from mappings.tables.xlsx_errors import FAILED

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Column:
    """One column: how its cells are read and which field of the row they fill ("" when nothing needs it)."""

    name: str
    read: Reader = text
    field: str | None = None
    """The row's field where it has another name; "" for a column of which only the neutral value is taken."""
    required: bool = False
    filled: bool = False
    """No cell may be empty."""
    when_empty: object = None
    """What the row gets for an empty cell instead of the field's own default."""


@dataclass(frozen=True, slots=True)
class Table(Generic[Row]):
    """One table: `about` are the columns that name a row in a sentence."""

    name: str
    row: Callable[..., Row]
    columns: tuple[Column, ...]
    about: tuple[str, ...]
    later: tuple[str, ...] = ()
    """Columns that are known and refused by name."""
    dates: tuple[str, str] = ("from", "until")

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]


@dataclass(frozen=True, slots=True)
class Line(Generic[Row]):
    """One row of a file: what it says (None when a cell is wrong), and its cells for messages."""

    row: Row | None
    cells: Mapping[str, Cell]
    place: Place
    about: str
    wrong: frozenset[str] = frozenset()
    """Columns about which something was said already."""

    def at(self, column: str) -> Place:
        """Where a message about this column points: its cell, else the row."""
        return self.cells[column].place if column in self.cells else self.place


def read_table(table: Table[Row], grid: Grid) -> tuple[list[Line[Row]], list[Problem]]:
    """Read all rows of a table; every mistake of every cell becomes one problem."""
    problems = list(grid.problems)
    if not grid.header:
        if not problems:
            needed = [column.name for column in table.columns if column.required]
            fix = f"Its first row names the columns, at least {', '.join(needed)}."
            problems.append(Problem("table-empty", f"The table {table.name} is empty.", fix, grid.place))
        return [], problems
    columns, header_problems = _header(table, grid)
    problems += header_problems
    lines = []
    for cells in grid.rows:
        line, row_problems = _line(table, columns, cells, grid)
        lines.append(line)
        problems += row_problems
    return lines, problems


def _header(table: Table[Row], grid: Grid) -> tuple[list[Column | None], list[Problem]]:
    """Which column stands where (None: unknown, its cells are not read), and what is wrong with the header."""
    by_name = {column.name: column for column in table.columns}
    found: list[Column | None] = []
    problems = []
    for cell in grid.header:
        name = plain_name(cell.text)
        column = by_name.get(name)
        if column is not None and column in found:
            what = f"The column {name} is there twice."
            problems.append(Problem("column-twice", what, "Delete one of them.", cell.place))
            column = None
        elif column is None and name:
            problems.append(_unknown_column(table, cell, name))
        found.append(column)
    for column in table.columns:
        if column.required and column not in found:
            what = f"The table {table.name} needs a column {column.name}."
            place = grid.header[0].place
            whole = Place(place.file, place.line, 0, place.sheet, place.cell, place.excerpt, 0, len(place.excerpt))
            problems.append(Problem("column-missing", what, "Add it to the first row.", whole))
    return found, problems


def _unknown_column(table: Table[Row], cell: Cell, name: str) -> Problem:
    if name in table.later:
        what = f"The column {name} of {table.name} is not implemented in this version."
        return Problem(LATER, what, "Delete the column.", cell.place)
    near = nearest(name, table.names)
    fix = f"Did you mean {near}?" if near else f"Its columns are {', '.join(table.names)}."
    return Problem("column-unknown", f"The table {table.name} has no column {quoted(cell.text)}.", fix, cell.place)


def _line(
    table: Table[Row], columns: Sequence[Column | None], cells: Sequence[Cell], grid: Grid
) -> tuple[Line[Row], list[Problem]]:
    first = cells[0].place
    place = Place(first.file, first.line, 0, first.sheet, first.cell, first.excerpt, 0, len(first.excerpt))
    by_name = {column.name: cell for column, cell in zip(columns, cells, strict=False) if column is not None}
    about = " › ".join(by_name[name].text for name in table.about if name in by_name and not by_name[name].empty)
    if problem := _width(columns, cells, place):
        # Its fields may stand in the wrong columns: one message, not one for each.
        return Line(None, by_name, place, about, frozenset(by_name)), [problem]
    values, wrong = _values(table, by_name, place, about, grid.decimal_comma)
    problems = list(wrong.values())
    if not problems:
        problems += _dates_in_order(table, by_name, values)
    missing = {column.name for column in table.columns if column.required} - by_name.keys()
    row = table.row(place=place, **values) if not problems and not missing else None
    return Line(row, by_name, place, about, frozenset(wrong)), problems


def _width(columns: Sequence[Column | None], cells: Sequence[Cell], place: Place) -> Problem | None:
    """A CSV row has as many fields as the header; a sheet's row ends where nothing more stands in it."""
    what = f"This row has {len(cells)} fields, the header has {len(columns)}."
    if len(cells) > len(columns):
        fix = "Put a text that contains the separator in quotation marks."
        if place.sheet:
            fix = "Delete what stands beyond the last column, or name its column."
        return Problem("too-many-fields", what, fix, cells[len(columns)].place)
    if len(cells) < len(columns) and not place.sheet:
        return Problem("too-few-fields", what, "Add the missing separators; a field may be empty.", place)
    return None


def _values(
    table: Table[Row], cells: Mapping[str, Cell], place: Place, about: str, decimal_comma: bool
) -> tuple[dict[str, Any], dict[str, Problem]]:
    """What the row's fields are, and by column what is wrong."""
    values: dict[str, Any] = {}
    problems: dict[str, Problem] = {}
    for column in table.columns:
        cell = cells.get(column.name)
        field = column.name if column.field is None else column.field
        if cell is None or cell.empty:
            if column.filled and (cell is not None or not column.required):
                what = f"{column.name} must not be empty{f' for {about}' if about else ''}."
                problems[column.name] = Problem("cell-empty", what, place=cell.place if cell else place)
            if column.when_empty is not None and field:
                values[field] = column.when_empty
            continue
        if cell.text in FAILED:
            what = f"This cell shows {cell.text}: its formula has failed."
            problems[column.name] = Problem("cell-failed", what, "Mend the formula, or write the value.", cell.place)
            continue
        try:
            value = column.read(cell, About(column.name, about, decimal_comma))
        except WrongCellError as mistake:
            problems[column.name] = Problem(mistake.code, mistake.what, mistake.fix, cell.place)
            continue
        if field:
            values[field] = value
    return values, problems


def _dates_in_order(table: Table[Row], cells: Mapping[str, Cell], values: Mapping[str, Any]) -> list[Problem]:
    fields = [next((c.field or c.name for c in table.columns if c.name == name), "") for name in table.dates]
    first, last = (values.get(field) for field in fields)
    if isinstance(first, date) and isinstance(last, date) and first > last:
        start, end = table.dates
        what = f"{start} ({first}) is after {end} ({last}): this row would never count."
        return [Problem("dates-reversed", what, place=cells[end].place)]
    return []


def rows_of(lines: Iterable[Line[Row]]) -> tuple[Row, ...]:
    """The rows that could be read."""
    return tuple(line.row for line in lines if line.row is not None)
