"""Cells of a workbook whose formula failed (#REF!): the reader of cells gives them as empty, which would mean "all"."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path
from zipfile import ZipFile

FAILED = frozenset(
    ("#REF!", "#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#VALUE!", "#SPILL!", "#CALC!", "#GETTING_DATA")
)
"""What a spreadsheet shows instead of a value; it also stands in CSV files that were exported from it."""

_SHEET = re.compile(r"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(r"<(?:\w+:)?Relationship\b[^>]*>")
_FAILED_CELL = re.compile(
    r"<(?:\w+:)?c\b(?P<attributes>(?=[^>]*\bt=\"e\")[^>/]*)>(?:(?!</(?:\w+:)?c>).)*?<(?:\w+:)?v>(?P<text>[^<]*)<",
    re.DOTALL,
)


def failed_cells(path: Path) -> dict[tuple[str, str], str]:
    """(sheet, cell) → what it shows, of every failed formula in a workbook (ECMA-376: cells of type "e")."""
    found: dict[tuple[str, str], str] = {}
    with ZipFile(path) as archive:
        names = set(archive.namelist())
        for sheet, part in _parts(archive, names).items():
            if part not in names:
                continue
            for match in _FAILED_CELL.finditer(archive.read(part).decode("utf-8")):
                found[sheet, _attribute(match["attributes"], "r")] = unescape(match["text"])
    return found


def _parts(archive: ZipFile, names: set[str]) -> dict[str, str]:
    """Sheet → the part of the archive that holds its cells."""
    relations = "xl/_rels/workbook.xml.rels"
    if not {"xl/workbook.xml", relations} <= names:
        return {}
    targets = {
        _attribute(tag, "Id"): _attribute(tag, "Target")
        for tag in _RELATION.findall(archive.read(relations).decode("utf-8"))
    }
    sheets = _SHEET.findall(archive.read("xl/workbook.xml").decode("utf-8"))
    parts = {_attribute(tag, "name"): targets.get(_attribute(tag, r"\w+:id"), "") for tag in sheets}
    return {name: part[1:] if part.startswith("/") else f"xl/{part}" for name, part in parts.items()}


def _attribute(tag: str, name: str) -> str:
    match = re.search(rf"\s{name}=\"([^\"]*)\"", tag)
    return unescape(match[1]) if match else ""
