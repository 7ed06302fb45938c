"""Files as people and programs save them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from tests.connectors.files.world import drop, files_source, items, problems, pull


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_an_encoding_is_recognised(tmp_path: Path, encoding: str, line_end: str) -> None:
    text = f"date,hours,client{line_end}2026-10-05,1,Café Noël{line_end}"
    drop(tmp_path, "work.csv", text.encode(encoding))

    assert [item.client for item in items(files_source(tmp_path))] == ["Café Noël"]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_delimiter_is_recognised(tmp_path: Path, delimiter: str) -> None:
    rows = [["date", "hours", "notes"], ["2026-10-05", "1.5", '"a;b,c"']]
    drop(tmp_path, "work.csv", "".join(delimiter.join(row) + "\n" for row in rows))

    assert [(item.seconds, item.notes) for item in items(files_source(tmp_path))] == [(5400, "a;b,c")]


def test_a_decimal_comma_is_read_between_semicolons(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date;hours\n2026-10-05;7,5\n2026-10-06;7.5\n")

    assert [item.seconds for item in items(files_source(tmp_path))] == [27_000, 27_000]


def test_a_decimal_comma_is_not_read_between_tabs(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date\thours\n2026-10-05\t7,5\n")

    assert [problem.fix for problem in problems(files_source(tmp_path))] == [
        "Write 7.5, or separate the file's cells by semicolons."
    ]


def test_headings_are_read_in_any_case_and_blank_rows_left_out(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "\nDate, HOURS ,Client,\n2026-10-05,1,Acme,\n,,,\n\n2026-10-06,1,Acme,\n")

    assert len(items(files_source(tmp_path))) == 2


def workbook(folder: Path, rows: list[list[object]], title: str = "Sheet1") -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in rows:
        sheet.append(row)
    (folder / "inbox").mkdir(exist_ok=True)
    book.save(folder / "inbox" / "work.xlsx")


def test_a_workbook_is_read_by_its_typed_cells(tmp_path: Path) -> None:
    headings: list[object] = ["id", "date", "start", "hours", "client", "billable"]
    start = datetime(2026, 10, 5, 9, 30)  # noqa: DTZ001  # a spreadsheet knows no zones
    workbook(tmp_path, [headings, [7, date(2026, 10, 5), start, 1.1, "Acme", False], [None] * 6])

    (item,) = items(files_source(tmp_path))

    assert (item.id, item.worked_on, item.seconds, item.billable) == ("7", date(2026, 10, 5), 3960, False)
    assert item.started_at is not None
    assert item.started_at.isoformat() == "2026-10-05T13:30:00+00:00"


def test_a_problem_in_a_workbook_names_its_cell(tmp_path: Path) -> None:
    workbook(tmp_path, [["date", "client", "hours"], [date(2026, 10, 5), "Acme", timedelta(hours=1, minutes=30)]])

    (problem,) = problems(files_source(tmp_path))

    assert str(problem.place) == "inbox/work.xlsx:Sheet1!C2"
    assert problem.fix == "Write a number; read as hours and minutes, it is 1.5 hours."


def test_a_sheet_that_is_not_there_is_named(tmp_path: Path) -> None:
    workbook(tmp_path, [["date", "hours"]], title="Octobre")
    (tmp_path / "layout.toml").write_text('sheet = "Heures"\n[columns]\n"date" = "date"\n"hours" = "hours"\n')

    (problem,) = problems(files_source(tmp_path, layout="layout.toml"))

    assert problem.what == "inbox/work.xlsx has no sheet Heures; it has Octobre."


BAD_FILES = [
    ("work.xlsx", b"PK\x03\x04 half a workbook", "file-unreadable"),
    ("work.csv", b"", "file-empty"),
    ("work.csv", b'date,hours,notes\n2026-10-05,1,"never closed\n', "file-unreadable"),
    ("work.csv", "date,hours\n2026-10-05,1\n".encode("utf-16"), "file-encoding"),
    ("work.csv", "date,hours,client\n2026-10-05,1,Café".encode()[:-1], "file-cut-short"),
    ("work.csv", b"date,hours\n2026-10-05,1\n\0\0\0\0", "file-cut-short"),
    ("work.csv", b"date,client\n2026-10-05,\x81\x8d\n", "file-encoding"),
    ("work.pdf", b"%PDF-1.7", "file-kind-unknown"),
]


@pytest.mark.parametrize(("name", "content", "code"), BAD_FILES, ids=[f"{bad[2]}-{len(bad[1])}" for bad in BAD_FILES])
def test_a_file_that_cannot_be_read_is_named_and_the_others_go_on(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    drop(tmp_path, name, content)
    drop(tmp_path, "zz.csv", "date,hours\n2026-10-05,1\n")
    pages = pull(files_source(tmp_path, complete=True))
    found = [record for page in pages for record in page.records]

    assert [record.problem.code for record in found if record.problem] == [code]
    assert [str(record.problem.place) for record in found if record.problem] == [f"inbox/{name}"]
    assert len([record for record in found if record.item]) == 1
    assert [page for page in pages if page.complete] == []


BAD_HEADINGS = [
    ("date,hour", "column-unknown", "hour is not a known column.", "Did you mean hours?"),
    ("date,hours,Hours", "column-twice", "Hours is hours, which is given already.", "Keep one"),
    ("client,hours", "column-missing", "There is no column date or start.", "layout"),
]


@pytest.mark.parametrize(("headings", "code", "what", "fix"), BAD_HEADINGS, ids=[bad[1] for bad in BAD_HEADINGS])
def test_a_wrong_heading_refuses_its_file_by_name(
    tmp_path: Path, headings: str, code: str, what: str, fix: str
) -> None:
    drop(tmp_path, "work.csv", f"{headings}\n2026-10-05,1\n")

    (problem,) = problems(files_source(tmp_path))

    assert problem.code == code
    assert what in problem.what
    assert fix in problem.fix


def test_values_below_an_empty_heading_are_not_dropped_in_silence(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "date,hours,\n2026-10-05,1,what is this\n")

    assert [problem.code for problem in problems(files_source(tmp_path))] == ["heading-missing"]


def test_all_wrong_headings_are_told_at_once(tmp_path: Path) -> None:
    drop(tmp_path, "work.csv", "dates,hour,clients\n")

    assert [problem.code for problem in problems(files_source(tmp_path))] == [*["column-unknown"] * 3, "column-missing"]
