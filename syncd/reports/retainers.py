"""The retainers' own ledger: what each period was handed and bought, drew, let lapse and handed on.

Opening, bought, lapsed and closing were recorded when documents were drafted; what was drawn is summed from the ledger
of time entries. Both must give the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from rich.console import RenderableType
from rich.text import Text
from sqlalchemy import Connection, func, select

from mappings.periods import Period, parse_period
from mappings.rows import RetainerRow
from mappings.rules.names import fold
from mappings.rules.retainers import retainer_key
from syncd.reports.sheets import Cell, Sheet
from syncd.reports.text import table, verdict
from syncd.reports.values import Selection, hours_text
from syncd.store import schema

_OF_BLOCK = "once"


@dataclass(frozen=True, slots=True)
class RetainerHours:
    """One period of one retainer, or a block, as documents recorded it. `period` of a block: once."""

    client: str
    name: str
    period: str
    opening_seconds: int
    """Handed on by the period before."""
    bought_seconds: int
    drawn_seconds: int
    """By covered work; an hour at a premium draws more than one."""
    extra_seconds: int
    """Billed beside it, in hours worked."""
    lapsed_seconds: int
    closing_seconds: int
    """Handed on to the next period; of a block, what it has left."""
    difference_seconds: int
    """Opening + bought - drawn - lapsed - closing, which must be 0."""


@dataclass(frozen=True, slots=True)
class RetainerSum:
    """The same as it is read, by the retainer's key."""

    retainer: str
    hours: RetainerHours


def read_retainers(connection: Connection, company: str, selection: Selection) -> tuple[RetainerSum, ...]:
    """Sum what documents recorded, and beside it what their entries drew."""
    rows, document = schema.retainer_ledger.c, schema.document.c
    names = ("opening_seconds", "bought_seconds", "lapsed_seconds", "closing_seconds")
    query = (
        select(rows.retainer, rows.period, document.client, *(func.sum(rows[name]) for name in names))
        .join(schema.document, document.id == rows.document_id)
        .where(rows.company == company, document.withdrawn_at.is_(None))
        .group_by(rows.retainer, rows.period, document.client)
    )
    if selection.client:
        query = query.where(document.client == selection.client)
    drawn = None
    found = []
    for retainer, period, client, opening, bought, lapsed, closing in connection.execute(query):
        if not _is_in(period, selection.period):
            continue
        if drawn is None:
            drawn = _drawn(connection, company)
        draws, extra = drawn.get((retainer, period), (0, 0))
        difference = opening + bought - draws - lapsed - closing
        seconds = (int(opening), int(bought), draws, extra, int(lapsed), int(closing), int(difference))
        hours = RetainerHours(client, retainer.rsplit("|", 1)[-1], period, *seconds)
        found.append(RetainerSum(retainer, hours))
    return tuple(sorted(found, key=lambda one: (one.hours.client, one.hours.name, one.retainer, one.hours.period)))


def _drawn(connection: Connection, company: str) -> dict[tuple[str, str], tuple[int, int]]:
    """By (retainer, period) the seconds that covered work draws, and those billed as extra."""
    ledger, document = schema.ledger.c, schema.document.c
    covered = func.sum(ledger.drawn_seconds).filter(ledger.effect == "covered")
    extra = func.sum(ledger.billed_seconds).filter(ledger.effect == "invoiced")
    query = (
        select(ledger.retainer, ledger.retainer_period, covered, extra)
        .join(schema.document, document.id == ledger.document_id)
        .where(ledger.company == company, ledger.retainer.is_not(None), document.withdrawn_at.is_(None))
        .group_by(ledger.retainer, ledger.retainer_period)
    )
    return {(row[0], row[1]): (int(row[2] or 0), int(row[3] or 0)) for row in connection.execute(query)}


def _is_in(period: str, wanted: Period | None) -> bool:
    """Whether a retainer's period overlaps the one that the report is about; a block is in all."""
    if wanted is None or period == _OF_BLOCK:
        return True
    first, _, last = period.partition("..")
    if last:  # The months of a quarter or year.
        own = Period(parse_period(first).first, parse_period(last).last, period)
    else:
        own = parse_period(period)
    return own.first <= wanted.last and wanted.first <= own.last


def retainers_of(
    sums: Iterable[RetainerSum], rows: Iterable[RetainerRow], selection: Selection, today: date
) -> tuple[RetainerHours, ...]:
    """All periods and blocks that were recorded, and blocks of the tables that no document has told of yet.

    What a block has left after its `until` has lapsed: a document records that when the client has one again.
    """
    blocks = {retainer_key(row): row for row in rows if row.kind == "block"}
    found = {(one.retainer, one.hours.period): one.hours for one in sums}
    for key, row in blocks.items():
        begun = row.valid_from is None or row.valid_from <= today
        if begun and (key, _OF_BLOCK) not in found and fold(row.client) == fold(selection.client or row.client):
            bought = int(Fraction(row.hours or 0) * 3600)
            found[key, _OF_BLOCK] = RetainerHours(row.client, row.name, _OF_BLOCK, 0, bought, 0, 0, 0, bought, 0)
    ended = {key for key, row in blocks.items() if row.valid_until is not None and row.valid_until < today}
    return tuple(_lapsed(hours) if key in ended else hours for (key, _), hours in found.items())


def _lapsed(hours: RetainerHours) -> RetainerHours:
    return replace(hours, lapsed_seconds=hours.lapsed_seconds + hours.closing_seconds, closing_seconds=0)


_COLUMNS = ("Client", "Retainer", "Period", "Opening", "Bought", "Drawn", "Extra", "Lapsed", "Closing", "Difference")


def retainers_text(rows: Iterable[RetainerHours]) -> Iterator[RenderableType]:
    """A table of hours, the difference of each period last."""
    told = list(rows)
    if not told:
        return
    made = table(*_COLUMNS, numbers=tuple(range(3, len(_COLUMNS))), title="4 Retainers' hours")
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
