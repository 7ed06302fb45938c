"""Which column of a file is which field: the default columns, ready-made layouts, and those that a company writes."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from mappings.problems import Place, Problem

DURATIONS = ("hours", "minutes", "seconds", "days")
TASK_FIELDS = frozenset({"kind", "task", "parent_task", "task_done", "client", "project", "updated_at"})
_WORK_FIELDS = TASK_FIELDS | {
    *("id", "date", "start", "person", "service", "billable", "approved", "approved_on", "currency"),
    *("purchase_order", "notes"),
}
TIME_FIELDS = _WORK_FIELDS | {"end", *DURATIONS, "rate"}
ITEM_FIELDS = _WORK_FIELDS | {"quantity", "amount", "rebate_percent", "tax_code"}
FIELDS_OF = {"time": TIME_FIELDS, "task": TASK_FIELDS, "expense": ITEM_FIELDS, "product": ITEM_FIELDS}
"""Kind of row to the fields that it may fill."""
FIELDS = TIME_FIELDS | ITEM_FIELDS

Complain = Callable[[str, str], None]
READY_MADE = ("timesheet-en", "timesheet-fr")


@dataclass(frozen=True, slots=True)
class Layout:
    """How to read a file's columns. Empty `columns`: each is named as its field (the default columns)."""

    columns: Mapping[str, str] = field(default_factory=dict)
    """Heading, in lower case, to field."""
    constants: Mapping[str, str] = field(default_factory=dict)
    """Field to the value that every row has."""
    ignored: frozenset[str] = frozenset()
    """Headings, in lower case, that are not read."""
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Field, then a cell's text in lower case, to the value that it stands for."""
    date_formats: tuple[str, ...] = ()
    """Formats of `strptime` for dates and instants; ISO is always read too."""
    sheet: str = ""
    """Of a workbook; empty: its first sheet."""

    def field_of(self, heading: str) -> str | None:
        """The field that a heading stands for, None when it is not known."""
        name = heading.strip().lower()
        if self.columns:
            return self.columns.get(name)
        return name if name in FIELDS else None

    def headings(self) -> list[str]:
        """Every heading that this layout knows, for a person who misspelt one."""
        return sorted(self.columns or FIELDS)


DEFAULT = Layout()


class LayoutError(Exception):
    """A layout that cannot be used; `problems` says why, all at once."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = tuple(problems)


def load_layout(setting: str, base_folder: Path) -> Layout:
    """The layout that `layout = …` names: a ready-made one, or a TOML file beside config.toml. Raises LayoutError."""
    if not setting:
        return DEFAULT
    if setting in READY_MADE:
        text = package_files("connectors.files").joinpath("layouts", f"{setting}.toml").read_text(encoding="utf-8")
        return parse_layout(text, setting)
    try:
        text = (base_folder / setting).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        fix = f"Write the path of a layout file, or one of: {', '.join(READY_MADE)}."
        problem = Problem("layout-not-found", f"The layout {setting} cannot be read: {error}.", fix, Place(setting))
        raise LayoutError([problem]) from error
    return parse_layout(text, setting)


def parse_layout(text: str, file: str) -> Layout:
    """Read a layout's TOML; raises LayoutError with every mistake in it."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise LayoutError(
            [Problem("layout-not-toml", f"The layout is not valid TOML: {error}.", "", Place(file))]
        ) from error
    problems: list[Problem] = []

    def complain(code: str, what: str, fix: str = "") -> None:
        problems.append(Problem(code, what, fix, Place(file)))

    known = ("columns", "constants", "ignore", "words", "date_formats", "sheet")
    for key in content.keys() - set(known):
        complain("layout-key-unknown", f"{key} is not a setting of a layout.", nearest(key, known))
    columns = _texts(content.get("columns", {}), "columns", complain)
    constants = _texts(content.get("constants", {}), "constants", complain)
    words = content.get("words", {})
    if not isinstance(words, dict):
        complain("layout-value-wrong", "[words] must be a table of tables, such as [words.billable].")
        words = {}
    for name in [*columns.values(), *constants, *words]:
        if name not in FIELDS:
            complain("layout-field-unknown", f"{name} is not a field.", nearest(name, FIELDS))
    layout = Layout(
        columns={heading.strip().lower(): name for heading, name in columns.items()},
        constants=constants,
        ignored=frozenset(text.strip().lower() for text in _list(content.get("ignore", []), "ignore", complain)),
        words={name: _lower_keys(_texts(table, f"words.{name}", complain)) for name, table in words.items()},
        date_formats=tuple(_list(content.get("date_formats", []), "date_formats", complain)),
        sheet=str(content.get("sheet", "")),
    )
    if not columns:
        complain(
            "layout-columns-missing", "The layout names no column.", 'Write [columns] with lines: "Heading" = "field".'
        )
    if problems:
        raise LayoutError(problems)
    return layout


def nearest(name: str, known: Iterable[str]) -> str:
    """A sentence that suggests the known name that is most like `name`, or lists them all."""
    names = sorted(known)
    close = get_close_matches(name.lower(), names, n=1, cutoff=0.6)
    return f"Did you mean {close[0]}?" if close else f"Known are: {', '.join(names)}."


def _texts(value: Any, where: str, complain: Complain) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(text, str) for text in value.values()):
        return value
    complain("layout-value-wrong", f'[{where}] must be lines of "text" = "text".')
    return {}


def _list(value: Any, where: str, complain: Complain) -> list[str]:
    if isinstance(value, list) and all(isinstance(text, str) for text in value):
        return value
    complain("layout-value-wrong", f'{where} must be a list of texts, such as ["Total"].')
    return []


def _lower_keys(table: Mapping[str, str]) -> dict[str, str]:
    return {text.strip().lower(): value for text, value in table.items()}
