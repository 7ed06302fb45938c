"""What the columns of one fixed fee must say together."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from mappings.problems import Problem
from mappings.rows import FixedFeeRow
from mappings.tables.shape import Line


def due_days(lines: Iterable[Line[FixedFeeRow]]) -> Iterator[Problem]:
    """A fee that is billed once is due on a day of the calendar; a repeated one on a day number or the last day."""
    for line in lines:
        if line.row is None:
            continue
        row, is_date = line.row, bool(re.match(r"\d{4}-", line.row.on))
        if row.every == "once" and not is_date:
            what = f"{line.about} is billed once, so on must be the day on which it is due."
            yield Problem("due-day-missing", what, "Write it as 2026-04-30, or say every month.", line.at("on"))
        elif row.every != "once" and is_date:
            what = f"{line.about} comes every {row.every}, so on must be a day number or last-day, not {row.on}."
            yield Problem("due-day-mismatch", what, "Its first and last day go into from and until.", line.at("on"))
