"""The places of keys and values, against what the standard parser makes of the same text."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from syncd.config.locate import Path, TomlPlaces, locate

TEXT = '''\
# name = "a comment"
title = "a # is no comment here" # but here
dotted.key.deep = 1
"quoted key".'and another' = 'literal \\'

[table]   # header
list = [ 1, "two, ]", # not three
  [3, 4], { five = 5 },
]
inline = { a = "}", b = { c = [1] }, "d e" = 2026-10-01 }
many = """
[not.a.table]
key = "nothing" \\""" """
raw = \'\'\'
x = 1\'\'\'
when = 2026-10-01 09:00:00
float = 1_000.5e3

["table".sub]
x = true

[[array]]
y = 1
[[array]]
y = -2
[array.within]
z = 3
'''


def leaves(value: Any, path: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from leaves(inner, (*path, index))
    else:
        yield path, value


def reread(places: TomlPlaces, path: Path) -> Any:
    """The value at a path, parsed again from the stretch of text that it was found in."""
    start, end = places.values[path]
    return tomllib.loads(f"x = {places.text[start:end]}\n")["x"]


def test_every_value_stands_where_it_is_said_to() -> None:
    places = locate("config.toml", TEXT)
    expected = dict(leaves(tomllib.loads(TEXT)))

    assert {path: reread(places, path) for path in expected} == expected


def test_places_have_line_character_and_the_stretch_to_underline() -> None:
    places = locate("config.toml", TEXT)

    value, key, header = (
        places.of_value(("table", "inline", "b")),
        places.of_key(("table", "list")),
        places.of_key(("table",)),
    )

    assert (str(value), value.excerpt[value.mark_start :][: value.mark_length]) == ("config.toml:10:25", "{ c = [1] }")
    assert (str(key), key.mark_length) == ("config.toml:7:1", 4)
    assert (str(header), header.excerpt) == ("config.toml:6:1", "[table]   # header")


def test_what_is_not_written_is_shown_at_the_nearest_table() -> None:
    places = locate("config.toml", TEXT)

    assert str(places.of_value(("table", "sub", "missing"))) == "config.toml:19:1"
    assert str(places.of_value(("missing",))) == "config.toml"


KEYS = st.text("abcxyz-_ .é\"'#=[]", min_size=1, max_size=6)
SCALARS = st.one_of(
    st.integers(-(10**6), 10**6), st.booleans(), st.text("ab\"'#[]{},=\\\n\t é", max_size=8), st.dates()
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3))


def written(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, dict):
        pairs = [f"{json.dumps(key, ensure_ascii=False)} = {written(inner)}" for key, inner in value.items()]
        return f"{{ {', '.join(pairs)} }}"
    return str(value)


@given(st.dictionaries(KEYS, st.dictionaries(KEYS, VALUES, max_size=3), max_size=3))
def test_any_document_is_found_its_way_in(document: dict[str, dict[str, Any]]) -> None:
    text = "".join(
        f"[{json.dumps(table, ensure_ascii=False)}]\n"
        + "".join(
            f"{json.dumps(key, ensure_ascii=False)} = {written(value)} # {key}\n" for key, value in content.items()
        )
        for table, content in document.items()
    )
    expected = dict(leaves(tomllib.loads(text)))

    places = locate("config.toml", text)

    assert {path: reread(places, path) for path in expected} == expected
