"""The column `when`, and which holidays count."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from mappings.rows import Tables
from mappings.tables import load_tables
from mappings.tables.holidays import unknown_region
from mappings.tables.premiums import read_when
from mappings.when import When

CLIENTS = "source_client,quickbooks_customer\n*,=\n"
PREMIUMS = "name,when,factor\nNight,22:00-06:00,1.5\nHoliday,holiday,2\n"
HOLIDAYS = "date,region,name\n2026-06-15,CA-QC,Ours\n2026-06-16,CA-ON,Theirs\n2026-06-17,,All\n"


@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("Mon-Fri 17:00-09:00", ("window", {0, 1, 2, 3, 4}, 17 * 3600, 9 * 3600, 0)),
        ("outside Mon-Fri 9:00 - 17:30", ("outside", {0, 1, 2, 3, 4}, 9 * 3600, 17 * 3600 + 1800, 0)),
        ("Sat-Mon 00:00-24:00", ("window", {5, 6, 0}, 0, 86400, 0)),
        ("sun 08:00-12:00", ("window", {6}, 8 * 3600, 12 * 3600, 0)),
        ("22:00-06:00", ("window", set(range(7)), 22 * 3600, 6 * 3600, 0)),
        ("Weekend", ("weekend", set(), 0, 86400, 0)),
        ("daily-over 7.5h", ("daily-over", set(), 0, 86400, 27000)),
        ("weekly-over 40 h", ("weekly-over", set(), 0, 86400, 144000)),
    ],
)
def test_a_cell_says_when(text: str, when: tuple[str, set[int], int, int, int]):
    kind, days, begins, ends, over = when

    assert read_when(text) == When(kind, frozenset(days), begins, ends, over, text)  # type: ignore[arg-type]


def tables_of(folder: Path, region: str = "", premiums: str = PREMIUMS) -> Tables:
    for name, text in [("clients", CLIENTS), ("premiums", premiums), ("holidays", HOLIDAYS)]:
        (folder / f"{name}.csv").write_text(text)
    tables, problems = load_tables(folder, region=region)
    assert problems == []
    return tables


def test_rows_of_the_region_or_of_none_add_to_its_public_holidays(tmp_path: Path):
    days = {row.day for row in tables_of(tmp_path, "CA-QC").holidays}

    assert {date(2026, 6, 15), date(2026, 6, 17), date(2026, 6, 24), date(2026, 1, 1)} <= days
    assert date(2026, 6, 16) not in days
    assert date(2026, 6, 23) not in days


def test_without_a_region_each_row_counts(tmp_path: Path):
    assert [row.day.day for row in tables_of(tmp_path).holidays] == [15, 16, 17]


def test_public_holidays_are_not_asked_for_where_no_premium_is_for_them(tmp_path: Path):
    assert [row.day.day for row in tables_of(tmp_path, "CA-QC", "name,factor\nNight,1.5\n").holidays] == [15, 17]


@pytest.mark.parametrize(
    ("region", "known"), [("CA-QC", True), ("FR", True), ("CA-ZZ", False), ("XX", False), ("québec", False)]
)
def test_a_region_is_known_by_its_code(region: str, known: bool):
    assert (unknown_region(region) == "") is known
