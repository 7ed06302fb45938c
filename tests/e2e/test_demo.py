"""`syncd demo`: it ends well, and nothing in it is canned."""

from __future__ import annotations

import csv
import io
import json
import os
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.company import starter

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

NOW = ("--now", "2026-11-05T09:00:00-05:00")
MONTH = (files("syncd") / "demo" / "october.csv").read_text(encoding="utf-8")


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


def test_the_demo_ends_with_0_00_and_moves_with_its_entries(tmp_path: Path) -> None:
    printed = syncd(tmp_path, "demo")
    first = report(tmp_path, "status", *NOW)
    assert [proof["difference"] for proof in first["proofs"]] == ["0.00"] * len(first["proofs"])
    assert {proof["code"] for proof in first["proofs"]} == {"hours", "invoices", "receivables"}
    assert first["proofs_hold"]
    assert "Your own company: syncd init" in printed
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
