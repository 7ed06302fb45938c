"""Every mistake in a file has its exact message, and every code stands in the catalogue."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.errors.case import SOUND, Case, messages
from tests.errors.catalogue import CASES, PAGE, examples, page

ROOT = Path(__file__).parents[2]
RAISING = {"Problem", "WrongCellError", "refuse"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_mistake_has_its_exact_message(case: Case, tmp_path: Path) -> None:
    expected = case.expected.replace("{folder}", str(tmp_path))

    assert messages(tmp_path, case) + "\n" == expected


def test_the_files_that_the_cases_spoil_are_sound(tmp_path: Path) -> None:
    assert messages(tmp_path, Case("nothing", "")) == ""
    assert len(SOUND) == 3


def test_no_two_cases_have_the_same_name() -> None:
    names = [case.name for case in CASES]

    assert sorted(set(names)) == sorted(names)


def test_the_catalogue_is_current() -> None:
    """Otherwise: python -m tests.errors.catalogue"""
    assert PAGE.read_text(encoding="utf-8") == page().replace("{folder}", "/srv/syncd")


def codes_in(folder: str) -> Iterator[str]:
    """The codes that the code of a folder gives to problems, as far as they are written out."""
    for path in (ROOT / folder).rglob("*.py"):
        if path.name in OF_QUICKBOOKS or path.parent.name == "checks":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or not node.args:
                continue
            first = node.args[0]
            if node.func.id in RAISING and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value
            elif node.func.id in {"number", "whole"} and isinstance(first, ast.Constant):
                yield f"{first.value}-not-a-number"
                yield f"negative-{first.value}"


# Speaks of names in QuickBooks, not of what stands in a file; nor do the checks, which compare with known work.
OF_QUICKBOOKS = {"resolve.py"}
# Warnings of `mappings check`, and what concerns no content of a file.
ELSEWHERE = {"client-without-rate", "source-unknown", "secret-missing", "file-exists", "file-unreadable"}


def test_every_code_of_files_has_a_case() -> None:
    written = {*codes_in("mappings/tables"), *codes_in("syncd/config")}

    assert written - examples().keys() == ELSEWHERE
