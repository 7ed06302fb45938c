"""A table as it stands in a file, before anything is understood: a header and rows of cells that know their place."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from mappings.problems import Place, Problem

Value = str | Decimal | date | bool


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. Text is stripped; a spreadsheet may also give numbers (exact), days and booleans."""

    value: Value
    place: Place

    @property
    def text(self) -> str:
        """The cell as a person would type it: 4500012 for a number, 2026-04-01 for a day."""
        if isinstance(self.value, bool):
            return "yes" if self.value else "no"
        if isinstance(self.value, Decimal):
            return f"{self.value:f}"
        return str(self.value)

    @property
    def empty(self) -> bool:
        return self.value == ""


@dataclass(frozen=True, slots=True)
class Grid:
    """One table of one file: `rows` are as wide as they stand there; rows without any text are left out."""

    place: Place
    """The file, or the sheet."""
    header: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]
    decimal_comma: bool = False
    """70,50 is a number here: only in CSV files separated by semicolons."""
    problems: tuple[Problem, ...] = field(default=())
    """What is wrong with the file itself; there may then be no header."""


def plain_name(text: str) -> str:
    """The name of a column or sheet as it is compared: "Fixed fees" is fixed_fees."""
    return re.sub(r"[\s\-]+", "_", text.strip()).casefold()
