"""The goals, and the rows that a run makes of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FULL = 1_000_000
"""For how many entries the goals of P1 to P5 are set; a smaller run is held against its share."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table. `holds`: whether the goal was reached; None where nothing is required."""

    code: str
    what: str
    goal: str
    yardstick: str
    ours: str
    holds: bool
    required: bool = True
    ratio: float | None = None
    """Ours by the yardstick's, of the same run: it hardly depends on how fast or busy the machine is."""
    ratio_most: float | None = None

    @property
    def off(self) -> bool:
        """Whether ours is further from the yardstick than it was when it was last worked on."""
        return self.required and self.ratio is not None and self.ratio_most is not None and self.ratio > self.ratio_most


def share(goal_seconds: float, entries: int) -> float:
    """The part of a goal for a million entries that so many are given."""
    return goal_seconds * entries / FULL


def seconds_text(seconds: float) -> str:
    """Of 0.0123: 12.3 ms; of 12.34: 12.3 s."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.1f} s"


_HEADS = ("", "what", "goal", "yardstick", "ours", "ratio", "reached")


def table(rows: Sequence[Row]) -> str:
    """The rows as text, in columns."""
    cells = [_HEADS, *(_cells(row) for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(_HEADS))]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([lines[0], "  ".join("-" * width for width in widths), *lines[1:]])


def _cells(row: Row) -> tuple[str, ...]:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    if row.ratio_most is not None:
        ratio += f" (≤ {row.ratio_most:.2f})"
    reached = "yes" if row.holds else "no" if row.required else "no (not required)"
    return (row.code, row.what, row.goal, row.yardstick, row.ours, ratio, reached)
