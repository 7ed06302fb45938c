"""The connections of a company for a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.connections import ConnectionsShown
from syncd.reports.text import table

_STYLES = {"connected": "green", "read": "green", "unread": "cyan", "ends-soon": "yellow", "not-connected": "cyan"}


def connections_text(report: ConnectionsShown, command: Callable[[str], str] = str) -> Iterator[RenderableType]:
    """A row for each, with what to type; `command` gives it the config and company that this one was called with."""
    made = table("Name", "Kind", "State", "Says", "Command")
    for row in report.connections:
        state = Text(row.state, style=_STYLES.get(row.state, "red"))
        made.add_row(Text(row.name), Text(row.kind), state, Text(row.says), Text(command(row.command)))
    yield made
