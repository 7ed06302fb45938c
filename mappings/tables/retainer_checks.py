"""What the columns of one retainer must say together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mappings.problems import Problem
from mappings.rows import RetainerRow
from mappings.tables.shape import Line

_NOT_FOR = {
    "block": ("every", "unused", "draw", "prorate"),
    "money": ("services", "projects", "hours", "every", "until", "unused", "draw", "extra_rate", "prorate"),
    "spend": ("hours", "unused", "draw", "extra_rate"),
}
"""Columns that mean nothing for a kind."""


def retainer_columns(lines: Iterable[Line[RetainerRow]]) -> Iterator[Problem]:
    """Columns that this kind of retainer does not have, and those that it needs."""
    for line in lines:
        if line.row is None:
            continue
        row = line.row
        for column in _NOT_FOR.get(row.kind, ()):
            if column in line.cells and not line.cells[column].empty:
                what = f"{column} means nothing for {line.about}, which is a {row.kind}."
                yield Problem("column-not-for-kind", what, "Empty the cell.", line.at(column))
        if row.kind == "block":
            yield from _block(line, row)
        elif row.kind == "minimum" and row.hours is None:
            yield from _without_hours(line, row)
        elif row.kind == "spend":
            yield from _spend(line, row)
        elif row.kind == "money":
            yield from _money(line, row)


def _block(line: Line[RetainerRow], row: RetainerRow) -> Iterator[Problem]:
    if row.hours is None:
        what = f"{line.about} is a block, so hours must say how many were bought."
        yield Problem("hours-missing", what, "Write them as 10 or 7.5.", line.at("hours"))
    if row.fee and row.valid_from is None:
        what = f"The fee of {line.about} is invoiced on its from, which is empty."
        yield Problem("from-missing", what, "Write the day as 2026-04-01.", line.at("from"))


def _money(line: Line[RetainerRow], row: RetainerRow) -> Iterator[Problem]:
    if not row.fee:
        what = f"{line.about} is a deposit, so fee must say how much that is."
        yield Problem("fee-missing", what, "Write it as 500 or 500.00.", line.at("fee"))
    if row.valid_from is None:
        what = f"The deposit {line.about} is invoiced on its from, which is empty."
        yield Problem("from-missing", what, "Write the day as 2026-04-01.", line.at("from"))
    if not row.item:
        what = f"The deposit {line.about} has no item: it needs one on a liability account."
        yield Problem("item-missing", what, "Name that product or service of QuickBooks.", line.at("item"))


def _spend(line: Line[RetainerRow], row: RetainerRow) -> Iterator[Problem]:
    if not row.fee:
        what = f"{line.about} is a minimum spend, so fee must say how much that is."
        yield Problem("fee-missing", what, "Write it as 500 or 500.00.", line.at("fee"))
    if row.prorate.endswith("+hours"):
        what = f"{line.about} includes no hours that could be prorated."
        yield Problem("column-not-for-kind", what, "Write calendar or 30.", line.at("prorate"))


def _without_hours(line: Line[RetainerRow], row: RetainerRow) -> Iterator[Problem]:
    wrong = {
        "unused": row.unused.kind != "lost",
        "draw": row.draw != "chronological",
        "prorate": row.prorate.endswith("+hours"),
    }
    for column in (name for name, is_wrong in wrong.items() if is_wrong):
        what = f"{line.about} covers all hours, so {column} = {line.cells[column].text} would change nothing."
        yield Problem("hours-missing", what, "Say how many hours it covers, or empty the cell.", line.at(column))
