"""The table premiums: overtime, after-hours and dearer kinds of work; and its column `when`, read once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from mappings.problems import Problem
from mappings.rows import PremiumRow
from mappings.tables.grid import Cell
from mappings.tables.shape import Column, Line, Table
from mappings.tables.values import About, WrongCellError, day, nearest, number, patterns, quoted
from mappings.when import DAY_SECONDS, When, WhenKind

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CAN = "Write Mon-Fri 17:00-09:00, outside Mon-Fri 09:00-17:00, weekend, holiday, daily-over 8h or weekly-over 40h."
_WINDOW = re.compile(r"(?:(?P<days>[^\d\s]+)\s+)?(?P<begins>[\d:]+)\s*-\s*(?P<ends>[\d:]+)")
_LONGEST: dict[str, int] = {"daily-over": 24, "weekly-over": 168}


def _when(cell: Cell, _: About) -> When:
    """When a premium applies."""
    return read_when(cell.text)


def read_when(text: str) -> When:
    """What a cell of the column `when` says; raises WrongCellError with what to write."""
    word = " ".join(text.split()).casefold()
    if word in ("weekend", "holiday"):
        return When(word, written=text)  # type: ignore[arg-type]
    first, _, rest = word.partition(" ")
    if first == "daily-over" or first == "weekly-over":
        return When(first, over_seconds=_over(first, rest, text), written=text)  # type: ignore[arg-type]
    kind: WhenKind = "outside" if first == "outside" else "window"
    found = _WINDOW.fullmatch(rest if kind == "outside" else word)
    if found is None:
        near = nearest(first, ("weekend", "holiday", "daily-over", "weekly-over", "outside"))
        fix = f"Did you mean {near}?" if near else _CAN
        raise WrongCellError("when-unknown", f"{quoted(text)} is no time at which a premium can apply.", fix)
    begins, ends = _second(found["begins"], text), _second(found["ends"], text)
    if begins in (ends, DAY_SECONDS):
        what = f"In {quoted(text)}, the window begins when it ends."
        raise WrongCellError("when-unknown", what, "A whole day is 00:00-24:00.")
    return When(kind, _days(found["days"] or "mon-sun", text), begins, ends, written=text)


def _over(kind: str, hours: str, text: str) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?h", hours, re.ASCII)
    seconds = Decimal(found[1]) * 3600 if found else Decimal(-1)
    if not found or seconds != int(seconds) or seconds >= _LONGEST[kind] * 3600:
        example = "daily-over 8h" if kind == "daily-over" else "weekly-over 40h"
        what = f"{quoted(text)} must be a number of hours such as {example}, less than {_LONGEST[kind]}."
        raise WrongCellError("when-unknown", what)
    return int(seconds)


def _second(clock: str, text: str) -> int:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})", clock, re.ASCII)
    if not found or int(found[2]) > 59 or int(found[1]) * 60 + int(found[2]) > 24 * 60:
        what = f"In {quoted(text)}, {quoted(clock)} is no time of day."
        raise WrongCellError("when-unknown", what, "Write it as 09:00; a day ends at 24:00.")
    return int(found[1]) * 3600 + int(found[2]) * 60


def _days(written: str, text: str) -> frozenset[int]:
    first, dash, last = written.partition("-")
    for name in (first, last) if dash else (first,):
        if name not in _DAYS:
            near = nearest(name, _DAYS)
            fix = f"Did you mean {near.capitalize()}?" if near else "The days are Mon, Tue, Wed, Thu, Fri, Sat and Sun."
            raise WrongCellError("when-unknown", f"In {quoted(text)}, {quoted(name)} is no day.", fix)
    start, end = _DAYS.index(first), _DAYS.index(last if dash else first)
    return frozenset((start + number) % 7 for number in range((end - start) % 7 + 1))


PREMIUMS = Table(
    "premiums",
    PremiumRow,
    (
        Column("name", required=True, filled=True),
        Column("service", patterns),
        Column("client", patterns),
        Column("when", _when),
        Column("rate", number("rate", "an amount such as 125 or 125.50")),
        Column("add", number("amount", "an amount such as 20 or 20.00")),
        Column("factor", number("factor", "a number such as 1.5")),
        Column("from", day, field="valid_from"),
        Column("until", day, field="valid_until"),
    ),
    about=("name", "client", "service"),
)


def without_holidays(lines: Iterable[Line[PremiumRow]], any_holidays: bool) -> Iterator[Problem]:
    """A premium for holidays where there are none: it could never count."""
    for line in lines:
        if line.row is not None and line.row.when.kind == "holiday" and not any_holidays:
            what = f"The premium {line.about} is for holidays, and none are known."
            fix = 'Add the table holidays, or holidays = "CA-QC" in [company].'
            yield Problem("holidays-missing", what, fix, line.at("when"))


def one_price(lines: Iterable[Line[PremiumRow]]) -> Iterator[Problem]:
    """A premium says exactly one of rate, add and factor."""
    for line in lines:
        row = line.row
        if row is None:
            continue
        given = [name for name in ("rate", "add", "factor") if getattr(row, name) is not None]
        if not given:
            what = f"The premium {line.about} says neither rate, add nor factor."
            yield Problem(
                "premium-price", what, "Fill in one: the new rate, what is added, or by what to multiply.", line.place
            )
        elif len(given) > 1:
            what = f"The premium {line.about} says {' and '.join(given)}."
            yield Problem("premium-price", what, "Keep one of them.", line.at(given[1]))
