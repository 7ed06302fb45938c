"""When a premium applies: one cell of the table premiums as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

WhenKind = Literal["always", "window", "outside", "weekend", "holiday", "daily-over", "weekly-over"]

DAY_SECONDS = 86_400


@dataclass(frozen=True, slots=True)
class When:
    """A window begins at `begins` on each of `days` and lasts until `ends`, on the next day where that is not later.

    Seconds are of the local day's wall clock; `ends` may be 24:00. `outside` is all time that is not in the window.
    Overtime is what is over `over_seconds` in a person's day, or week from Monday to Sunday.
    """

    kind: WhenKind
    days: frozenset[int] = frozenset()
    """Monday is 0."""
    begins: int = 0
    ends: int = DAY_SECONDS
    over_seconds: int = 0
    written: str = ""
    """As the cell has it."""

    @property
    def is_overtime(self) -> bool:
        return self.kind in ("daily-over", "weekly-over")

    @property
    def needs_clock(self) -> bool:
        """Whether it can only be told of work that says from when it lasted."""
        return self.kind in ("window", "outside")


ALWAYS = When("always")
