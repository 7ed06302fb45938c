"""What the columns of one fixed fee must say together."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from fractions import Fraction

from mappings.problems import Problem
from mappings.rows import ESTIMATE, FixedFeeRow
from mappings.tables.shape import Line


def due_days(lines: Iterable[Line[FixedFeeRow]]) -> Iterator[Problem]:
    """A fee that is billed once is due on a day of the calendar; a repeated one on a day number or the last day."""
    for line in lines:
        if line.row is None:
            continue
        row, is_date = line.row, bool(line.row.milestone or re.match(r"\d{4}-", line.row.on))
        if row.every == "once" and not is_date:
            what = f"{line.about} is billed once, so on must be the day on which it is due, or done: and a task."
            yield Problem("due-day-missing", what, "Write it as 2026-04-30, or say every month.", line.at("on"))
        elif row.every != "once" and is_date:
            what = f"{line.about} comes every {row.every}, so on must be a day number or last-day, not {row.on}."
            yield Problem("due-day-mismatch", what, "Its first and last day go into from and until.", line.at("on"))


def shares(lines: Iterable[Line[FixedFeeRow]]) -> Iterator[Problem]:
    """A share is of a price, once, and no more than all of it; more of an estimate is held when it is billed."""
    whole: dict[tuple[str, str, str], Fraction] = defaultdict(Fraction)
    for line in lines:
        row = line.row
        if row is None:
            continue
        if row.share is None:
            if row.percent_of:
                what = f"{line.about} has a price in percent_of, and its amount is no share of it."
                yield Problem("share-missing", what, "Write 30%, 1/3 or to 35%, as a text.", line.at("amount"))
            continue
        if not row.percent_of:
            what = f"{line.about} is a share, and nothing says of what."
            yield Problem("price-missing", what, "Fill in percent_of: an amount, or estimate:1023.", line.at("amount"))
        yield from _only_once(line, row)
        price = (row.client.casefold(), row.project.casefold(), row.percent_of)
        before, so_far = whole[price], row.share.so_far
        whole[price] = max(before, row.share.part) if so_far else before + row.share.part
        if row.percent_of and not row.percent_of.startswith(ESTIMATE) and whole[price] > 1 >= before:
            what = f"With {line.about}, the shares of {row.percent_of} are more than the whole."
            yield Problem("shares-over-the-whole", what, "The shares of one price sum to 100%.", line.at("amount"))


def _only_once(line: Line[FixedFeeRow], row: FixedFeeRow) -> Iterator[Problem]:
    """What means nothing beside a share."""
    said = {"every": row.every != "once", "quantity": row.quantity != Decimal(1), "prorate": row.prorate != "no"}
    for column in (name for name, wrong in said.items() if wrong):
        what = f"{line.about} is a share of a price, which is billed once: {column} means nothing for it."
        yield Problem("share-with-more", what, f"Empty its {column}.", line.at(column))
