"""Add rows to a CSV table as its owner keeps it: the same separator, encoding and line ends, nothing else touched."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from mappings.problems import Problem
from mappings.tables.csv_grid import decode, read_csv, separator_of
from mappings.tables.grid import plain_name
from mappings.tables.load import TABLES

_BOM = b"\xef\xbb\xbf"


def csv_of(folder: Path, table: str) -> Path | None:
    """The CSV file of a table; None when it is kept in a workbook, or not at all."""
    for path in sorted(folder.iterdir()):
        if path.suffix.lower() == ".csv" and plain_name(path.stem) == table and not path.name.startswith("."):
            return path
    return None


def append_rows(path: Path, table: str, rows: Iterable[Mapping[str, str]]) -> int:
    """Add rows (column → cell) at the end of a CSV table, as far as it has their columns; returns how many it took.

    The file appears whole or not at all. Raises OSError; the file must be one that `load_tables` can read.
    """
    content = path.read_bytes()
    text = decode(content, path.name)
    assert not isinstance(text, Problem), "a table that cannot be read stops syncd before"
    names = TABLES[table].names
    separator, _ = separator_of(text, names)
    header = [plain_name(cell.text) for cell in read_csv(path, path.name, names).header]
    added = [row for row in rows if {name for name, cell in row.items() if cell} <= set(header)]
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = [_line([row.get(name, "") for name in header], separator) for row in added]
    if lines:
        _replace(path, _encoded(text.rstrip("\r\n") + newline + "".join(line + newline for line in lines), content))
    return len(added)


def _line(cells: Sequence[str], separator: str) -> str:
    return separator.join(_quoted(cell, separator) for cell in cells)


def _quoted(cell: str, separator: str) -> str:
    doubled = cell.replace('"', '""')
    return f'"{doubled}"' if cell != cell.strip() or set(cell) & {separator, '"', "\n", "\r"} else cell


def _encoded(text: str, before: bytes) -> bytes:
    """In the encoding that the file had; UTF-8 with its mark where that lacks a character, so that Excel reads it."""
    if before.startswith(_BOM):
        return _BOM + text.encode()
    try:
        before.decode()
    except UnicodeDecodeError:
        try:
            return text.encode("cp1252")
        except UnicodeEncodeError:
            return _BOM + text.encode()
    return text.encode()


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(content)
    os.chmod(part, path.stat().st_mode & 0o777)
    part.replace(path)
