"""Problems are values: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands in a file that a person keeps.

    `file` is the path as the person knows it. `line` and `column` count from 1: in CSV the column is the number of
    the field, in TOML that of the character. A cell of a spreadsheet has `sheet` and `cell` ("D7") instead.
    """

    file: str
    line: int = 0
    column: int = 0
    sheet: str = ""
    cell: str = ""
    excerpt: str = ""
    """The line as it stands in the file; empty where there is none to show."""
    mark_start: int = 0
    """First character of `excerpt` to underline, from 0."""
    mark_length: int = 0

    def __str__(self) -> str:
        if self.sheet:
            return f"{self.file}:{self.sheet}!{self.cell}" if self.cell else f"{self.file}:{self.sheet}"
        parts = [self.file, *(str(number) for number in (self.line, self.column) if number)]
        return ":".join(parts)


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake or gap, said so that the reader can mend it.

    `code` is stable and kebab-case. `what` is a full sentence that names the value; `fix` is what to write or type
    instead (a command where there is one). `subject` names what it blocks (a client, an entry), for reports.
    """

    code: str
    what: str
    fix: str = ""
    place: Place | None = None
    subject: str = ""
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.place}: {self.code}: {self.what}" if self.place else f"{self.code}: {self.what}"


def by_place(problems: Iterable[Problem]) -> list[Problem]:
    """Order problems as a person would mend them: file by file, top to bottom."""

    def key(problem: Problem) -> tuple[object, ...]:
        place = problem.place or Place("")
        return (place.file, place.sheet, place.line, place.column, place.cell, problem.code, problem.what)

    return sorted(problems, key=key)


def render(problem: Problem) -> str:
    """A problem as files' mistakes are shown: place and code, the line with the value underlined, what and how to mend.

    Without a place the first line is the code alone.
    """
    code = f"{problem.code} (warning)" if problem.warning else problem.code
    lines = [f"{problem.place}: {code}" if problem.place else code]
    if problem.place and problem.place.excerpt:
        lines += _underlined(problem.place)
    return "\n".join([*lines, *(f"  {sentence}" for sentence in (problem.what, problem.fix) if sentence)])


EXCERPT_WIDTH = 100


def _underlined(place: Place) -> list[str]:
    """The excerpt and carets below it; of a long line only the part around the mark."""
    excerpt, start = place.excerpt, place.mark_start
    if len(excerpt) > EXCERPT_WIDTH:
        first = max(0, min(start - EXCERPT_WIDTH // 3, len(excerpt) - EXCERPT_WIDTH))
        shown = excerpt[first : first + EXCERPT_WIDTH]
        head, tail = "…" if first else "", "…" if first + EXCERPT_WIDTH < len(excerpt) else ""
        excerpt, start = head + shown + tail, start - first + len(head)
    # A tab stays a tab, so that the carets stand right at any tab width; other control characters must not reach
    # a terminal.
    excerpt = "".join(character if character.isprintable() or character == "\t" else "�" for character in excerpt)
    gutter = f"{place.line} | "
    blank = " " * (len(gutter) - 2) + "| "
    indent = "".join("\t" if character == "\t" else " " for character in excerpt[:start])
    carets = "^" * max(1, min(place.mark_length, len(excerpt) - start))
    return [f"  {gutter}{excerpt}", f"  {blank}{indent}{carets}"]
