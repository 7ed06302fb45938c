"""`syncd status` into files, and again and again on the screen."""

from __future__ import annotations

import csv
import os
import select
import signal
import subprocess
import sys
import time

import pytest
from python_calamine import CalamineWorkbook

from tests.e2e.company import NOVEMBER, Company, entry, timesheet

ENTER_SCREEN, LEAVE_SCREEN = b"\x1b[?1049h", b"\x1b[?1049l"
"""A terminal's second screen, which keeps what was written on the first."""


def test_the_report_is_written_as_csv_and_as_a_workbook(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    company.bill()
    company.run("reconcile", *NOVEMBER)

    printed = company.run("status", "--csv", "report.csv", "--xlsx", "report.xlsx", *NOVEMBER)

    assert "Wrote report.csv." in printed
    with (company.folder / "report.csv").open(encoding="utf-8-sig", newline="") as stream:
        rows = list(csv.reader(stream))
    assert ["pulled", "9000"] in rows  # 2.5 h
    assert ["CAD", "found in QuickBooks", "", "241.45"] in rows  # 2.5 × 84.00, GST 10.50, QST 20.95
    book = CalamineWorkbook.from_path(str(company.folder / "report.xlsx"))
    assert ["pulled", 9000] in book.get_sheet_by_name("Hours").to_python()
    sheet = book.get_sheet_by_name("Invoices").to_python()
    assert [row[3] for row in sheet if row[1] == "found in QuickBooks"] == [241.45]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_report_that_is_watched_leaves_the_terminal_as_it_was(company: Company, number: signal.Signals) -> None:
    ours, theirs = os.openpty()
    words = [sys.executable, "-m", "syncd", "status", "--watch", *NOVEMBER]
    env = company.env | {"TERM": "xterm", "LINES": "50"}
    process = subprocess.Popen(words, env=env, cwd=company.folder, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        shown = read_until(ours, b"Every hour accounted for")
        process.send_signal(number)
        shown += read_until(ours, LEAVE_SCREEN)
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait(20)
        os.close(ours)

    assert ENTER_SCREEN in shown
    assert b"Traceback" not in shown


def read_until(terminal: int, wanted: bytes, seconds: float = 60) -> bytes:
    """What the terminal shows, as far as these bytes."""
    shown, deadline = b"", time.monotonic() + seconds
    while wanted not in shown:
        assert time.monotonic() < deadline, shown
        if select.select([terminal], [], [], 1)[0]:
            shown += os.read(terminal, 65536)
    return shown
