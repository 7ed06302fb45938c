"""Small helpers with which reports are drawn for a terminal; plain text in a pipe."""

from __future__ import annotations

from decimal import Decimal

from rich.console import RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from syncd.reports.values import Money, amount_text

SEVERITY_STYLES = {"critical": "bold red", "warning": "yellow", "info": "cyan"}


def table(*columns: str, title: str = "", numbers: tuple[int, ...] = ()) -> Table:
    """A quiet table: headings, no frame; the columns at `numbers` are right-aligned and never wrapped."""
    made = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title_justify="left", title_style="bold")
    made.title = title or None
    for position, name in enumerate(columns):
        right = position in numbers
        made.add_column(name, justify="right" if right else "left", no_wrap=right, header_style="dim", overflow="fold")
    return made


def money_cell(money: Money) -> Text:
    """An amount, red when negative."""
    return Text(amount_text(money), style="red" if money.minor < 0 else "")


def verdict(holds: bool, difference: str) -> Text:
    """A proof's last figure: green when it reads zero."""
    return Text(difference, style="bold green" if holds else "bold red")


def indented(what: RenderableType, columns: int = 2) -> Padding:
    """Something that begins some columns further right."""
    return Padding(what, (0, 0, 0, columns), expand=False)


def quantity_text(quantity: Decimal) -> str:
    """Hours, days or units without the zeros that say nothing: "2.5"."""
    return f"{quantity.normalize():f}"


def text(*parts: str | tuple[str, str]) -> Text:
    """Words, some of them with a style."""
    return Text.assemble(*parts)
