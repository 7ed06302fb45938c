"""Each scenario folder: work and tables in, documents and standings out, step by step."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mappings.rules.billing import bill
from mappings.tables import load_tables
from tests.mappings.scenarios.reading import FOLDERS, HERE, bill_steps, hours_told, read_expected, told, wanted


@pytest.mark.parametrize("folder", FOLDERS, ids=[folder.name for folder in FOLDERS])
def test_scenario(folder: Path):
    for billed in bill_steps(folder, read_expected(folder)):
        assert told(billed) == wanted(billed.step), f"step {billed.number}"
        if "retainers" in billed.step:
            assert hours_told(billed.after) == billed.step["retainers"], f"step {billed.number}"
        again = bill(billed.after, billed.run)
        assert [one.key for one in again.documents if not one.problems] == [], "run again, nothing is new"


@pytest.mark.parametrize("path", sorted(HERE.glob("*/refused.toml")), ids=lambda path: path.parent.name)
def test_tables_are_refused(path: Path):
    refused = tomllib.loads(path.read_text(encoding="utf-8"))
    [problem] = load_tables(path.parent / "mappings", currency="CAD")[1]
    assert problem.code == refused["code"]
    told = f"{problem.place} {problem.what} {problem.fix}"
    assert all(f".csv:{line}" in told for line in refused["lines"]), told
