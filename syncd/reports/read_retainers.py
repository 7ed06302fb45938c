"""Reads both sides of the proof of retainers' hours.

Opening, bought, lapsed and closing were recorded when documents were drafted; what was drawn is summed from the ledger
of time entries.
"""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from mappings.periods import Period, parse_period
from syncd.reports.retainers import OF_BLOCK, RetainerHours, RetainerSum
from syncd.reports.values import Selection
from syncd.store import schema


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
    if wanted is None or period == OF_BLOCK:
        return True
    first, _, last = period.partition("..")
    if last:  # The months of a quarter or year.
        own = Period(parse_period(first).first, parse_period(last).last, period)
    else:
        own = parse_period(period)
    return own.first <= wanted.last and wanted.first <= own.last
