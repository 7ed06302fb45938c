"""Writes docs/errors.md from the cases: `python -m tests.errors.catalogue`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from tests.errors import (
    assignment_cases,
    budget_cases,
    company_cases,
    config_cases,
    csv_cases,
    intercompany_cases,
    premium_cases,
    workbook_cases,
)
from tests.errors.case import Case

CASES: Sequence[Case] = [
    *config_cases.CASES,
    *csv_cases.CASES,
    *intercompany_cases.CASES,
    *workbook_cases.CASES,
    *company_cases.CASES,
    *assignment_cases.CASES,
    *budget_cases.CASES,
    *premium_cases.CASES,
]
PAGE = Path(__file__).parents[2] / "docs" / "errors.md"
_INTRODUCTION = """\
# Mistakes in files, by code

syncd reads `config.toml` and the tables beside it as a whole and tells everything that is wrong with them at once, file
by file and from top to bottom. Each message begins with the place: file, line and field of a CSV file, line and
character of a TOML file, or `workbook:sheet!cell`. Then come a code that stays the same from version to version, the
line with the wrong value underlined, what is wrong and what to write instead.

Below, each code has one example. The page is made from the tests (`python -m tests.errors.catalogue`).
"""


def code_of(message: str) -> str:
    """The code in the first line of a message."""
    match = re.match(r"\S+: ([a-z0-9-]+)\n", message)
    assert match, f"not a message: {message}"
    return match[1]


def messages_of(case: Case) -> list[str]:
    """The messages that a case expects, one by one."""
    return [f"{message.rstrip()}\n" for message in re.split(r"(?m)^(?=\S)", case.expected) if message]


def examples() -> dict[str, tuple[str, str]]:
    """Code → the first case that shows it and its message, in the order of the alphabet."""
    found: dict[str, tuple[str, str]] = {}
    for case in CASES:
        for message in messages_of(case):
            found.setdefault(code_of(message), (case.name, message))
    return dict(sorted(found.items()))


def page() -> str:
    """The catalogue as Markdown."""
    sections = [
        f"## {code}\n\n{name[0].upper()}{name[1:]}:\n\n```\n{message}```\n"
        for code, (name, message) in examples().items()
    ]
    return "\n".join([_INTRODUCTION, *sections])


if __name__ == "__main__":
    PAGE.write_text(page().replace("{folder}", "/srv/syncd"), encoding="utf-8")
