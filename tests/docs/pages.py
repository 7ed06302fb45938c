"""The pages that people read, and what stands in them: fenced blocks, links, command lines."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = (
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "CHANGELOG.md",
)

_FENCE = re.compile(r"^(?P<indent> *)```(?P<info>[^\n`]*)\n(?P<body>.*?)^(?P=indent)```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)")
_CODE = re.compile(r"`(?P<code>[^`\n]+)`")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: the words behind its fence, and its text."""

    info: tuple[str, ...]
    text: str


def read(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(text: str) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(tuple(found["info"].split()), found["body"]) for found in _FENCE.finditer(text)]


def prose(text: str) -> str:
    """A page without its fenced blocks."""
    return _FENCE.sub("", text)


def links(text: str) -> list[str]:
    return [found["target"] for found in _LINK.finditer(prose(text))]


def anchors(text: str) -> set[str]:
    """What `#…` may point at: the headings, as forges make anchors of them."""
    headings = re.findall(r"^#+ (.+)$", prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def command_lines(text: str) -> Iterator[list[str]]:
    """Every `syncd …` on a page, as words: in a sentence's code, or on a line of a block (after `$ `, `sudo -u …`)."""
    for found in _CODE.finditer(prose(text)):
        if re.match(r"syncd( |$)", found["code"]):
            yield shlex.split(found["code"])
    for block in blocks(text):
        if block.info and block.info[0] in ("console", "sh", "ini"):
            for line in block.text.splitlines():
                yield from _command_of(line)


def _command_of(line: str) -> Iterator[list[str]]:
    shown = re.match(r"(?:\$ |ExecStart=|[\d*/]+(?: [\d*/]+){4} )?(?:\S*/)?(?P<command>syncd(?: .*)?)$", line)
    if shown:
        yield shlex.split(re.split(r" (?:<|>|\||&&) ", shown["command"])[0], comments=True)
