"""`syncd demo`: it ends well, and nothing in it is canned."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from syncd.demo.tools import november, october
from tests.e2e.company import starter

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

NOW = ("--now", "2026-11-05T09:00:00-05:00")
MONTH = (files("syncd") / "demo" / "october.csv").read_text(encoding="utf-8")
ROWS = {"timesheets": "october.csv", "projects": "redmine.csv", "helpdesk": "helpdesk.csv"}
"""The file that each source's entries stand in."""


def syncd(folder: Path, *words: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SYNCD_")}
    process = starter().start(words, {**environment, "NO_COLOR": "1", "COLUMNS": "200"}, folder)
    try:
        process.stdin.close()
        printed = process.stdout.read()
        assert process.wait() == 0, printed
        return printed
    finally:
        process.close()


def report(folder: Path, *words: str) -> Any:
    return json.loads(syncd(folder, "--config", "demo/config.toml", *words, "--json"))


def row_count(name: str) -> int:
    return len(list(csv.DictReader(io.StringIO((files("syncd") / "demo" / name).read_text(encoding="utf-8")))))


@contextmanager
def emulator(folder: Path, *words: str) -> Iterator[str]:
    """`syncd emulator` until the end of the block; yields what it said when it was ready."""
    # The port is the demo's own of before: another test may have been given it meanwhile, and gives it back.
    for patience in range(60, -1, -1):
        process = subprocess.Popen(
            [sys.executable, "-m", "syncd", *words], cwd=folder, stdout=subprocess.PIPE, text=True
        )
        printed = _until_ready(process)
        if printed or not patience:
            break
        time.sleep(1)
    try:
        assert printed, "it ended"
        yield printed
    finally:
        process.terminate()
        process.wait(10)
        assert process.stdout is not None
        process.stdout.close()


def _until_ready(process: subprocess.Popen[str]) -> str:
    """What it says until it is ready; "" when it ends before."""
    assert process.stdout is not None
    printed = ""
    while "Request Tracker" not in printed:
        line = process.stdout.readline()
        if not line:
            return ""
        printed += line
    return printed


def hours(status: Any) -> dict[str, int]:
    return {row["code"]: row["seconds"] for row in status["hours"]["rows"]}


def totals(status: Any) -> dict[str, Decimal]:
    """What was approved, by currency."""
    return {
        made["currency"]: next(Decimal(row["amount"]) for row in made["rows"] if row["code"] == "approved")
        for made in status["invoices"]
    }


def debts(status: Any) -> dict[str, Decimal]:
    return {row["client"]: Decimal(row["total"]) for row in status["ageing"] if row["client"] != "total"}


def payments(status: Any) -> str:
    rolled = next(made for made in status["receivables"] if made["currency"] == "CAD")
    return next(str(row["amount"]) for row in rolled["rows"] if row["code"] == "payments")


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder that a demo ran in, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, syncd(folder, "demo")


def test_the_demo_ends_with_0_00_and_moves_with_its_entries(demo: tuple[Path, str], tmp_path: Path) -> None:
    folder, printed = demo
    first = report(folder, "status", *NOW)
    assert [proof["difference"] for proof in first["proofs"]] == ["0.00"] * len(first["proofs"])
    assert {proof["code"] for proof in first["proofs"]} == {"hours", "invoices", "receivables"}
    assert first["proofs_hold"]
    assert "Your own company: syncd init" in printed
    for source, name in ROWS.items():
        assert re.search(rf"^{source} +{row_count(name)} +0 .* read$", printed, re.MULTILINE)
    for happened in ("429", "lost on the way", "pays"):
        assert happened in printed

    # One entry of 180 minutes becomes one of 240: an hour of Développement more, at 118.00.
    rows = list(csv.DictReader(io.StringIO(MONTH)))
    entry = next(row for row in rows if row["id"] == "T-0004")
    assert (entry["minutes"], entry["client"]) == ("180", "Imprimerie Gagnon")
    changed = MONTH.replace("T-0004,2026-10-01,180,", "T-0004,2026-10-01,240,")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "mine.csv").write_text(changed, encoding="utf-8")
    syncd(tmp_path / "other", "demo", "--timesheet", "mine.csv")
    second = report(tmp_path / "other", "status", *NOW)

    assert second["proofs_hold"]
    assert second["hours"]["pulled_seconds"] - first["hours"]["pulled_seconds"] == 3600
    moved = {code: seconds - hours(first)[code] for code, seconds in hours(second).items()}
    assert {code: seconds for code, seconds in moved.items() if seconds} == {"invoiced": 3600}
    more = {currency: total - totals(first)[currency] for currency, total in totals(second).items()}
    assert more == {"CAD": Decimal("135.67"), "USD": Decimal(0)}  # 118.00, GST 5.90, QST 11.77
    # That client pays all that it owes, so nobody owes more, and every other client's figures stand.
    assert debts(second) == debts(first)
    assert second["waiting"] == first["waiting"]
    received = Decimal(payments(second)) - Decimal(payments(first))
    assert received == Decimal("-135.67")


def test_the_commands_that_the_demo_ends_with_work(demo: tuple[Path, str]) -> None:
    folder, printed = demo
    (start,) = re.findall(r"^  syncd (emulator --books .*)$", printed, re.MULTILINE)
    nexts = re.findall(r"^  syncd (--config .*)$", printed, re.MULTILINE)
    assert len(nexts) == 2

    with emulator(folder, *shlex.split(start)):
        for words in nexts:
            syncd(folder, *shlex.split(words), *(NOW if "preview" in words else ()))
        pulled = {row["source"]: row for row in report(folder, "pull", *NOW)["sources"]}

    assert {row["error"] for row in pulled.values()} <= {None, ""}
    assert {(row["new"], row["changed"], row["vanished"]) for row in pulled.values()} == {(0, 0, 0)}


def test_the_late_work_and_the_corrections_of_the_demo_are_in_its_tools() -> None:
    before, after = october(), october()
    november(after)

    minutes = [sum(made.time_taken for made in tools.helpdesk.transactions) for tools in (before, after)]
    assert minutes[1] - minutes[0] == -10
    hours = [sum(entry.hours for entry in tools.redmine.entries) for tools in (before, after)]
    assert hours[1] - hours[0] == Decimal(1)  # 1.5 entered late, half an hour taken back
    assert [len(tools.redmine.entries) for tools in (before, after)] == [
        row_count("redmine.csv"),
        1 + row_count("redmine.csv"),
    ]
