"""A config.toml as a document and the places in it, or what keeps it from being read at all."""

from __future__ import annotations

import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from mappings.problems import Place, Problem
from syncd.config.locate import TomlPlaces, hide_secrets, locate
from syncd.config.mistakes import ConfigError


def read_document(path: Path, name: str) -> tuple[dict[str, Any], TomlPlaces]:
    """The file as a document and as places, where it is called `name`.

    Raises ConfigError when there is nothing to go on with.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        what = f"There is no {path}."
        raise ConfigError([Problem("config-missing", what, "`syncd init` writes one.", Place(name))]) from None
    except OSError as error:
        what = f"{path} cannot be read: {str(error.strerror).lower()}."
        raise ConfigError([Problem("file-unreadable", what, "Check its permissions.", Place(name))]) from None
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        what = f"The byte 0x{error.object[error.start]:02X} in line {line} belongs to no text in UTF-8."
        raise ConfigError([Problem("text-undecodable", what, "Save the file as UTF-8.", Place(name, line))]) from None
    text = text.replace("\r\n", "\n")
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax(str(error), text, name)]) from None
    return document, locate(name, text)


def _syntax(message: str, text: str, name: str) -> Problem:
    """What the parser says, at its place: "Invalid value (at line 4, column 9)" or "… (at end of document)"."""
    lines = text.split("\n")
    said = re.fullmatch(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", message, re.DOTALL)
    assert said, f"tomllib says where: {message}"
    line = int(said[2] or len(text.rstrip().split("\n")))
    column = int(said[3] or len(lines[line - 1]) + 1)
    place = Place(name, line, column, excerpt=hide_secrets(lines[line - 1]), mark_start=column - 1, mark_length=1)
    for pattern, what, fix in _SYNTAX:
        if re.match(pattern, said[1]):
            return Problem("toml-syntax", what, fix, place)
    return Problem("toml-syntax", f"This is not TOML: {said[1][0].lower()}{said[1][1:]}.", place=place)


_SYNTAX = (
    (r"Invalid value", "No value of TOML begins here.", 'Texts stand in quotation marks: name = "Atelier".'),
    (
        r"Illegal character '\\n'|Unterminated",
        "A quotation mark is not closed in this line.",
        'Close it with another ".',
    ),
    (r"Unclosed array", "A list is not closed.", "Close it with ]."),
    (r"Cannot overwrite a value", "This setting is here a second time.", "Delete one of the two."),
    (r"Cannot (declare|mutate)", "This table is here a second time.", "Put all of its settings under one header."),
)
"""How the parser's messages begin, and what they mean to somebody who does not know TOML."""
