"""The table intercompany: cells, and what is wrong between them."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from mappings.problems import Problem
from mappings.rows import IntercompanyRow
from mappings.tables.csv_grid import read_csv
from mappings.tables.intercompany import INTERCOMPANY, intercompany_claim, who_and_how_much
from mappings.tables.shape import read_table, rows_of
from mappings.tables.ties import equal_rows

HEADER = "borrower,person,team,share,rate,quickbooks_customer,quickbooks_item,from,until\n"


def read(folder: Path, rows: str) -> tuple[tuple[IntercompanyRow, ...], list[Problem]]:
    path = folder / "intercompany.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    lines, problems = read_table(INTERCOMPANY, read_csv(path, "mappings/intercompany.csv", INTERCOMPANY.names))
    found = [*problems, *who_and_how_much(lines), *equal_rows(lines, intercompany_claim, "borrower")]
    return rows_of(lines), found


@pytest.mark.parametrize(
    ("cell", "share"),
    [("80%", Fraction(4, 5)), ("2/3", Fraction(2, 3)), ("0.8", Fraction(4, 5)), ("100 %", Fraction(1))],
)
def test_a_share_is_a_percentage_a_fraction_or_a_number(tmp_path: Path, cell: str, share: Fraction):
    rows, problems = read(tmp_path, f"Acme inc.,Marie|Paul,,{cell},,Acme,Work,2026-10-01,\n")

    assert problems == []
    assert (rows[0].share, rows[0].rate, rows[0].person) == (share, None, ("Marie", "Paul"))


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ("Acme inc.,Marie,,much,,Acme,Work,,", "value-unknown"),
        ("Acme inc.,Marie,,120%,,Acme,Work,,", "share-out-of-range"),
        ("Acme inc.,Marie,,0%,,Acme,Work,,", "share-out-of-range"),
        ("Acme inc.,Marie,,80%,70,Acme,Work,,", "lent-without-price"),
        ("Acme inc.,Marie,,,,Acme,Work,,", "lent-without-price"),
        ("Acme inc.,,,80%,,Acme,Work,,", "nobody-lent"),
        ("Acme inc.,Marie,,80%,,,Work,,", "cell-empty"),
    ],
)
def test_a_wrong_row_is_refused(tmp_path: Path, row: str, code: str):
    _, problems = read(tmp_path, f"{row}\n")

    assert [problem.code for problem in problems] == [code]


def test_a_borrower_is_one_customer_and_two_equal_rows_of_a_day_are_refused(tmp_path: Path):
    rows = "Acme inc.,Marie,,80%,,Acme,Work,,2026-10-31\nacme inc.,Marie,,,70,ACME,Work,2026-10-31,\n"
    _, problems = read(tmp_path, f"{rows}Acme inc.,Paul,,80%,,Another,Work,,\n")

    assert sorted((problem.code, problem.place and problem.place.line) for problem in problems) == [
        ("borrower-two-customers", 4),
        ("rows-equal", 3),
    ]
