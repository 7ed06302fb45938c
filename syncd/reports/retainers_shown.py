"""Retainers' hours for a terminal and as a sheet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.retainers import RetainerHours
from syncd.reports.sheets import Cell, Sheet
from syncd.reports.text import table, verdict
from syncd.reports.values import hours_text

_COLUMNS = ("Client", "Retainer", "Period", "Opening", "Bought", "Drawn", "Extra", "Lapsed", "Closing", "Difference")


def retainers_text(rows: Iterable[RetainerHours]) -> Iterator[RenderableType]:
    """A table of hours, the difference of each period last."""
    told = list(rows)
    if not told:
        return
    made = table(*_COLUMNS, numbers=tuple(range(3, len(_COLUMNS))), title="Retainers' hours")
    for row in told:
        difference = verdict(not row.difference_seconds, hours_text(row.difference_seconds))
        made.add_row(Text(row.client), Text(row.name), row.period, *map(hours_text, _seconds(row)), difference)
    yield Text("")
    yield made


def retainers_sheet(rows: Iterable[RetainerHours]) -> Sheet:
    """The same as a sheet, in seconds."""
    cells: list[tuple[Cell, ...]] = [
        (row.client, row.name, row.period, *_seconds(row), row.difference_seconds) for row in rows
    ]
    return Sheet("Retainers", _COLUMNS, tuple(cells))


def _seconds(row: RetainerHours) -> tuple[int, ...]:
    return (
        row.opening_seconds,
        row.bought_seconds,
        row.drawn_seconds,
        row.extra_seconds,
        row.lapsed_seconds,
        row.closing_seconds,
    )
