"""One mistake in a small, otherwise sound company: the files that hold it, and the exact message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import xlsxwriter

from mappings.problems import render
from syncd.config import ConfigError, load_companies

Sheets = Mapping[str, Sequence[Sequence[object]]]

CONFIG = """\
[company]
name = "Atelier Boréal inc."
currency = "CAD"

[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
"""
CLIENTS = """\
source_client,quickbooks_customer,language,currency,since,until
HQ,Hydro-Québec,fr-CA,CAD,,
Nord,Nordik Brewing,en,USD,,
"""
SERVICES = """\
source_service,service,quickbooks_item
consulting,Consultation,Consultation
support,Support,Support
"""
SOUND: dict[str, str | bytes | Sheets | None] = {
    "config.toml": CONFIG,
    "mappings/clients.csv": CLIENTS,
    "mappings/services.csv": SERVICES,
}


@dataclass(frozen=True)
class Case:
    """`name` is the mistake in a few words; `files` replace or add to the sound ones (None: take away)."""

    name: str
    expected: str
    files: Mapping[str, str | bytes | Sheets | None] = field(default_factory=dict)
    read: str = "config.toml"
    """The file that syncd is told to read."""


def config(text: str) -> dict[str, str]:
    """A config.toml that goes on with this text."""
    return {"config.toml": CONFIG + text}


def messages(folder: Path, case: Case) -> str:
    """What syncd says about the case's files; "" when it finds nothing."""
    write(folder, {**SOUND, **case.files})
    try:
        load_companies(folder / case.read, environ={})
    except ConfigError as error:
        return "\n".join(render(problem) for problem in error.problems)
    return ""


def write(folder: Path, files: Mapping[str, str | bytes | Sheets | None]) -> None:
    """Write the files; the sheets of a workbook are given as rows."""
    for name, content in files.items():
        if content is None:
            continue
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            path.write_bytes(content.encode())
        elif isinstance(content, bytes):
            path.write_bytes(content)
        else:
            write_workbook(path, content)


@dataclass(frozen=True)
class Formula:
    """A cell with a formula and what it shows."""

    formula: str
    shows: str


def write_workbook(path: Path, sheets: Sheets) -> None:
    """Write a workbook; numbers, days, yes/no and formulas become cells of their kind."""
    with xlsxwriter.Workbook(path) as book:
        as_day = book.add_format({"num_format": "yyyy-mm-dd"})
        for name, rows in sheets.items():
            sheet = book.add_worksheet(name)
            for row_number, row in enumerate(rows):
                for column, value in enumerate(row):
                    if isinstance(value, date):
                        sheet.write_datetime(row_number, column, value, as_day)
                    elif isinstance(value, Formula):
                        sheet.write_formula(row_number, column, value.formula, None, value.shows)
                    else:
                        sheet.write(row_number, column, value)
