"""docs/sources.md names each kind, setting, column and layout that there is."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from connectors import source_class, source_kinds
from connectors.files.layout import FIELDS, READY_MADE, parse_layout

DOCS = (Path(__file__).parents[2] / "docs" / "sources.md").read_text(encoding="utf-8")


def section(kind: str) -> str:
    return DOCS.split(f'## `kind = "{kind}"`')[1].split("\n## ")[0]


@pytest.mark.parametrize("kind", source_kinds())
def test_each_setting_has_its_row(kind: str) -> None:
    settings = {field.name for field in dataclasses.fields(source_class(kind).settings_type)} - {"kind"}
    table = section(kind).split("\n\n")[1]

    assert set(re.findall(r"^\| `(\w+)` ", table, re.MULTILINE)) == settings


def test_each_column_has_its_row() -> None:
    table = section("files").split("**Default columns.**")[1].split("\n\n")[1]
    named = {name for row in table.splitlines() for name in re.findall(r"`(\w+)`", row.split("|")[1])}

    assert named == FIELDS


def test_each_layout_that_ships_is_named() -> None:
    assert [name for name in READY_MADE if f"`{name}`" not in section("files")] == []


def test_the_example_of_a_layout_is_one() -> None:
    example = re.findall(r"```toml\n(.*?)```", section("files"), re.DOTALL)[0]
    layout = parse_layout(example, "example")

    assert (layout.field_of("Collaborateur"), layout.sheet) == ("person", "Heures")
