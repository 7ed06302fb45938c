"""Each code of the checks stands in the table of the command's page."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
MODULES = (
    *(ROOT / "mappings" / "tables" / "checks").glob("*.py"),
    ROOT / "mappings" / "tables" / "lints.py",
    ROOT / "syncd" / "undrafted_fees.py",
    ROOT / "syncd" / "mapping_findings.py",
)
OF_THE_TABLES = {"client-unknown"}
"""On docs/errors.md."""


def test_every_code_of_a_finding_is_in_the_table() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    section = page.split("\n## mappings\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?) \|", section, re.MULTILINE)
    documented = {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}
    told = {
        node.args[0].value
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Problem"
        if isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
    }

    assert len(told) > 8
    assert told - documented - OF_THE_TABLES == set()
