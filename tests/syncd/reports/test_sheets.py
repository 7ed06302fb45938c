"""Exports: what a spreadsheet would run is neutralised, and numbers stay numbers."""

from __future__ import annotations

import csv
import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from syncd.reports.sheets import Sheet, neutralise, to_csv, write_xlsx
from syncd.reports.status_sheets import status_sheets
from syncd.reports.values import Money
from syncd.store.database import Store
from tests.syncd.reports.ledgers import Books

SHEETS = (
    Sheet("One", ("Client", "Amount", "Day"), (("=HYPERLINK(1)", Money(-3360, "CAD"), date(2026, 10, 31)),)),
    Sheet("Two", ("Seconds",), ((3600,), (None,))),
)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_looks_like_a_formula_gets_an_apostrophe(text: str) -> None:
    assert neutralise(text) == f"'{text}"


def test_other_texts_stay_as_they_are() -> None:
    assert neutralise("Hydro-Québec") == "Hydro-Québec"


def test_csv_has_neutral_texts_and_plain_numbers() -> None:
    rows = list(csv.reader(io.StringIO(to_csv(SHEETS))))

    assert rows == [
        ["One"],
        ["Client", "Amount", "Day"],
        ["'=HYPERLINK(1)", "-33.60", "2026-10-31"],
        [],
        ["Two"],
        ["Seconds"],
        ["3600"],
        [""],
    ]


def test_xlsx_has_neutral_texts_and_numbers_with_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "report.xlsx"
    write_xlsx(path, SHEETS)

    book = openpyxl.load_workbook(path)
    assert book.sheetnames == ["One", "Two"]
    text, amount, day = book["One"][2]
    assert (text.value, text.data_type) == ("'=HYPERLINK(1)", "s")
    assert (amount.value, amount.data_type) == (-33.6, "n")
    assert amount.number_format.startswith("#,##0.00")
    assert day.value.date() == date(2026, 10, 31)
    book.close()


def test_the_sheets_of_a_status_end_each_proof_with_its_difference(sqlite_store: Store) -> None:
    books = Books(sqlite_store)
    books.work("1", 3600)

    sheets = {sheet.name: sheet for sheet in status_sheets(books.status())}

    assert ("difference", -3600) in sheets["Hours"].rows
    assert all(len(row) == len(sheet.columns) for sheet in sheets.values() for row in sheet.rows)
