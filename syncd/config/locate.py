"""Where each key and value of a TOML text stands: what the standard parser does not tell.

The text has been accepted by `tomllib`, so this scanner only has to find its way, not to check.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from dataclasses import dataclass, field

from mappings.problems import Place

Path = tuple[str | int, ...]
Span = tuple[int, int]

_STRING = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}|' + r"'''.*?'{3,5}|" + r'"(?:[^"\\\n]|\\.)*"|' + r"'[^'\n]*'",
    re.DOTALL,
)
_BLANK = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
_BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
_BARE_VALUE = re.compile(r"[^,\]\}#\r\n]+")
# A secret that somebody wrote in clear must not be repeated on a screen or in a log.
_SECRETS = re.compile(
    r"""(?P<before>(?:token|secret|password|(?<![\w-])key)["']?\s*=\s*["']{0,3})(?!["']*(?:env|file|credential):)(?P<secret>[^"'\s,}]+)"""
    r"""|(?P<user>://[^/@\s"']*:)(?P<password>[^@\s"']+)(?=@)"""
)


@dataclass(slots=True)
class TomlPlaces:
    """The places of keys, values and table headers in one file, by their path ("billing", "rounding", "direction")."""

    file: str
    text: str
    keys: dict[Path, Span] = field(default_factory=dict)
    values: dict[Path, Span] = field(default_factory=dict)

    def of_key(self, path: Path) -> Place:
        """The key itself, or the nearest table around it that is written down."""
        return self._nearest(self.keys, path)

    def of_value(self, path: Path) -> Place:
        """The value of a key, or the nearest thing around it that is written down."""
        return self.at(*self.values[path]) if path in self.values else self.of_key(path)

    def _nearest(self, spans: dict[Path, Span], path: Path) -> Place:
        while path:
            inside = (found for found in spans if found[: len(path)] == path)  # x of x.y = 1, or of [[x]].
            if found := path if path in spans else next(inside, None):
                return self.at(*spans[found])
            path = path[:-1]
        return Place(self.file)

    def at(self, start: int, end: int) -> Place:
        """The place of a stretch of the text; only the part on its first line is marked."""
        starts = [0, *(match.end() for match in re.finditer("\n", self.text))]
        index = bisect_right(starts, start) - 1
        line = self.text[starts[index] :].split("\n", 1)[0].rstrip("\r")
        column = start - starts[index]
        length = max(min(end - start, len(line) - column), 0)
        return Place(
            self.file, index + 1, column + 1, excerpt=hide_secrets(line), mark_start=column, mark_length=length
        )


def hide_secrets(line: str) -> str:
    """The line with dots, as many as characters, for what looks like a secret in clear."""

    def dots(match: re.Match[str]) -> str:
        before, secret = match["before"] or match["user"], match["secret"] or match["password"]
        return before + "•" * len(secret)

    return _SECRETS.sub(dots, line)


def locate(file: str, text: str) -> TomlPlaces:
    """Find all keys and values of a valid TOML text."""
    places = TomlPlaces(file, text)
    _Scanner(places).document()
    return places


class _Scanner:
    def __init__(self, places: TomlPlaces) -> None:
        self._text = places.text
        self._keys = places.keys
        self._values = places.values
        self._position = 0

    def document(self) -> None:
        table: Path = ()
        arrays: dict[Path, int] = {}
        self._skip()
        while self._position < len(self._text):
            if self._text[self._position] == "[":
                table = self._header(arrays)
            else:
                self._pair(table)
            self._skip()

    def _skip(self) -> None:
        match = _BLANK.match(self._text, self._position)
        assert match
        self._position = match.end()

    def _header(self, arrays: dict[Path, int]) -> Path:
        start = self._position
        is_array = self._text.startswith("[[", start)
        self._position += 2 if is_array else 1
        path: Path = ()
        *outer, name = self._key()
        for part in outer:  # Below an array of tables, a header speaks of its last table.
            path = (*path, part)
            path = (*path, arrays[path]) if path in arrays else path
        path = (*path, name)
        if is_array:
            arrays[path] = arrays.get(path, -1) + 1
            path = (*path, arrays[path])
        end = self._text.index("]", self._position) + (2 if is_array else 1)
        self._position = end
        self._keys.setdefault(path, (start, end))
        return path

    def _key(self) -> Path:
        """A key, maybe dotted or quoted; stops behind it."""
        parts: list[str] = []
        while True:
            self._skip()
            match = _STRING.match(self._text, self._position) or _BARE_KEY.match(self._text, self._position)
            assert match, "tomllib has accepted this key"
            raw = match[0]
            parts.append(tomllib.loads(f"key = {raw}")["key"] if raw[0] in "\"'" else raw)
            self._position = match.end()
            behind = re.compile(r"[ \t]*\.").match(self._text, self._position)
            if not behind:
                return tuple(parts)
            self._position = behind.end()

    def _pair(self, table: Path) -> None:
        start = self._position
        path = (*table, *self._key())
        self._keys[path] = (start, self._position)
        self._position = self._text.index("=", self._position) + 1
        self._value(path)

    def _value(self, path: Path) -> None:
        self._skip()
        start = self._position
        if self._text[start] == "[":
            self._items(path, "]")
        elif self._text[start] == "{":
            self._items(path, "}")
        else:
            match = _STRING.match(self._text, start) or _BARE_VALUE.match(self._text, start)
            assert match, "tomllib has accepted this value"
            self._position = start + len(match[0].rstrip())
        self._values[path] = (start, self._position)

    def _items(self, path: Path, closing: str) -> None:
        """The items of an array, or the pairs of an inline table."""
        self._position += 1
        index = 0
        self._skip()
        while self._text[self._position] != closing:
            if closing == "]":
                self._value((*path, index))
            else:
                self._pair(path)
            index += 1
            self._skip()
            if self._text[self._position] == ",":
                self._position += 1
                self._skip()
        self._position += 1
