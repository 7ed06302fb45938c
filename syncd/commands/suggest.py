"""syncd mappings suggest"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncd.commands.each import Answer
    from syncd.commands.session import Session
    from syncd.suggestions import Suggestions


def suggest(session: Session, *, write: bool) -> Answer:
    """Find what unmapped names may mean, and with `write` add the rows that are certain."""
    from syncd.commands.each import Answer
    from syncd.commands.session import steps_of
    from syncd.reports.suggestions import SCHEMA, suggestions_value
    from syncd.suggestions import suggestions, write_certain

    # Lists that could not be read anew are compared as they are; never having been read is told by the report.
    steps_of(session, "syncd mappings suggest").fresh_lists()
    found = suggestions(session.store, session.config)
    written = write_certain(session.config, found) if write else ()
    certain = [row for row in found.suggestions if row.certain]
    following = "syncd mappings suggest --write" if certain and not write else "syncd mappings check"
    return Answer(SCHEMA, suggestions_value(found, written), partial(_text, found, written, write=write), following)


def _text(found: Suggestions, written: Sequence[tuple[Path, int]], *, write: bool) -> Iterator[RenderableType | str]:
    from syncd.commands.output import problems_text
    from syncd.reports.suggestions import suggestions_text

    if found.problems:
        yield problems_text(found.problems) + "\n"
    yield from suggestions_text(found)
    certain = sum(row.certain for row in found.suggestions)
    for path, count in written:
        yield f"Added {count} {'row' if count == 1 else 'rows'} to {path}."
    left = certain - sum(count for _, count in written)
    if write and left:
        rows = "1 row is" if left == 1 else f"{left} rows are"
        yield f"{rows} for you to add: the table is a workbook, or lacks a file or a column."
    if not found.suggestions and not found.projects:
        yield "The tables cover every name of the pulled work."
    elif not write:
        yield (
            f"{len(found.suggestions)} names without a row, {certain} of them certain (the same name, and only one)."
            " The others are for you to decide: add their rows to the tables."
        )
