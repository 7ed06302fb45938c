"""CSV files as people save them: UTF-8 or cp1252, with or without BOM, separated by comma, semicolon or tab."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from mappings.problems import Place, Problem
from mappings.tables.grid import Cell, Grid, plain_name

_AS_UTF8 = "Save the file as “CSV UTF-8”."
_SEPARATORS = ",;\t"


@dataclass(frozen=True, slots=True)
class _Field:
    value: str
    start: int
    """Offset in the text of the first character to underline."""
    length: int
    unclosed: bool = False


def read_csv(path: Path, shown_as: str, columns: Collection[str]) -> Grid:
    """Read one CSV file; `columns` are the names that its header may have, which decides between separators."""
    file = Place(shown_as)
    try:
        text = decode(path.read_bytes(), shown_as)
    except OSError as error:
        what = f"{shown_as} cannot be read: {error.strerror}."
        return Grid(file, (), (), problems=(Problem("file-unreadable", what, "Check its permissions.", file),))
    if isinstance(text, Problem):
        return Grid(file, (), (), problems=(text,))
    separator, start = separator_of(text, columns)
    places = _Places(shown_as, text)
    problems: list[Problem] = []
    records: list[tuple[Cell, ...]] = []
    for record in _records(text, separator, start):
        cells = tuple(Cell(item.value, places.of(item, number)) for number, item in enumerate(record, 1))
        problems += [_unclosed(cell) for cell, item in zip(cells, record, strict=True) if item.unclosed]
        if any(not cell.empty for cell in cells):
            records.append(cells)
    header = records[0] if records else ()
    return Grid(file, header, tuple(records[1:]), separator == ";", tuple(problems))


def decode(content: bytes, shown_as: str) -> str | Problem:
    """UTF-8, else what Excel on Windows saves (cp1252): its five unused bytes and NUL tell that it is neither."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        what = "This file is “Unicode text” (UTF-16)."
        return Problem("text-undecodable", what, _AS_UTF8, Place(shown_as))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        try:
            text = content.decode("cp1252")
        except UnicodeDecodeError as error:
            return _undecodable(content, error.start, shown_as)
    if "\0" in text:
        return _undecodable(content, content.index(b"\0"), shown_as)
    return text


def _undecodable(content: bytes, offset: int, shown_as: str) -> Problem:
    line = content.count(b"\n", 0, offset) + 1
    what = f"The byte 0x{content[offset]:02X} in line {line} belongs to no text in UTF-8 or Windows-1252."
    return Problem("text-undecodable", what, _AS_UTF8, Place(shown_as, line))


def separator_of(text: str, columns: Collection[str]) -> tuple[str, int]:
    """The separator whose header knows most columns (then the more frequent one), and where the header begins."""
    if marked := re.match(r"sep=([,;\t])(\r\n|\r|\n)", text):
        return marked[1], marked.end()
    first = next((line for line in text.splitlines() if line.strip()), "")

    def known(separator: str) -> tuple[int, int]:
        names = [plain_name(name.strip('" ')) for name in first.split(separator)]
        return (sum(name in columns for name in names), len(names))

    return max(_SEPARATORS, key=known), 0


def _records(text: str, separator: str, start: int) -> Iterator[list[_Field]]:
    """Split by RFC 4180, keeping where each field stands; a quote counts only where a field begins."""
    plain = rf"[^{separator}\r\n]*"
    pattern = re.compile(rf'(?P<pad> *)"(?P<quoted>(?:[^"]|"")*)"(?P<tail>{plain})|(?P<plain>{plain})')
    position, record = start, list[_Field]()
    while position <= len(text):
        match = pattern.match(text, position)
        assert match, "the pattern matches the empty string too"
        record.append(_field(match))
        position = match.end()
        if text[position : position + 1] == separator:
            position += 1
            continue
        yield record
        record = []
        if position == len(text):
            return
        position += 2 if text.startswith("\r\n", position) else 1


def _field(match: re.Match[str]) -> _Field:
    if match["quoted"] is not None:
        value = match["quoted"].replace('""', '"') + match["tail"].rstrip()
        start = match.start() + len(match["pad"])
        return _Field(value.strip(), start, len(match[0].rstrip()) - len(match["pad"]))
    raw = match["plain"]
    stripped = raw.strip()
    start = match.start() + (len(raw) - len(raw.lstrip()) if stripped else 0)
    return _Field(stripped.removeprefix('"'), start, len(stripped), unclosed=stripped.startswith('"'))


def _unclosed(cell: Cell) -> Problem:
    what = "This cell opens a quotation mark that nothing closes."
    return Problem("quote-not-closed", what, 'Close it, or write "" for a quotation mark within.', cell.place)


class _Places:
    """Turns offsets in a text into places with their line as excerpt."""

    def __init__(self, shown_as: str, text: str) -> None:
        self._file = shown_as
        self._text = text
        self._starts = [0, *(match.end() for match in re.finditer(r"\r\n|\r|\n", text))]

    def of(self, item: _Field, number: int) -> Place:
        index = bisect_right(self._starts, item.start) - 1
        start = self._starts[index]
        end = self._starts[index + 1] if index + 1 < len(self._starts) else len(self._text)
        line = self._text[start:end].rstrip("\r\n")
        mark = item.start - start
        return Place(
            self._file,
            index + 1,
            number,
            excerpt=line,
            mark_start=mark,
            mark_length=min(item.length, max(len(line) - mark, 0)),
        )
