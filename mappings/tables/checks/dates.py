"""Rows that can never count by their dates: over before anything is billed, or due on no day of theirs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from mappings.problems import Place, Problem
from mappings.rows import FixedFeeRow, Tables
from mappings.rules.calendar import fee_period, next_period, shifted
from mappings.rules.names import in_window
from mappings.tables.checks.pieces import dated_rows


def dead_rows(tables: Tables, go_live: date | None) -> Iterator[Problem]:
    """Rows whose dates keep them from ever counting."""
    for place, last in _ends(tables):
        if go_live is not None and last is not None and last < go_live:
            what = f"It ends on {last}, before the go-live on {go_live}: nothing of its days is ever billed."
            yield Problem("row-before-go-live", what, "Delete it, or set its until later.", place, warning=True)
    for fee in tables.fixed_fees:
        if go_live is None or fee.valid_until is None or fee.valid_until >= go_live:
            yield from _never_due(fee, go_live)
    yield from _without_holiday(tables)


def _ends(tables: Tables) -> Iterator[tuple[Place, date | None]]:
    for client in tables.clients:
        yield client.place, client.until
    for row in dated_rows(tables):
        yield row.place, row.valid_until


def _never_due(row: FixedFeeRow, go_live: date | None) -> Iterator[Problem]:
    """A fee whose day does not lie in its from..until, or that has no due day there."""
    first, last = row.valid_from, row.valid_until
    if first is not None and last is not None and first > last:
        what = f"{row.description} of {row.client} is owed from {first} until {last}, which is no day."
        yield Problem("fee-never-due", what, "Mend its dates, or those of its project.", row.place, warning=True)
    elif row.every == "once":
        if row.milestone:
            return
        day = date.fromisoformat(row.on)
        if not in_window(day, first, last):
            what = f"{row.description} of {row.client} is due on {day}, which is not within its from and until."
            yield Problem("fee-never-due", what, "Mend its on, its from or its until.", row.place, warning=True)
        elif go_live is not None and day < go_live:
            what = f"{row.description} of {row.client} is due on {day}, before the go-live on {go_live}."
            yield Problem("fee-never-due", what, "Delete it, or set its on later.", row.place, warning=True)
    elif row.prorate == "no" and first is not None and last is not None and not _has_due_day(row, first, last):
        what = f"From {first} until {last} there is no day on which {row.description} of {row.client} is due."
        fix = f"It is due on {row.on} of every {row.every}: mend its dates, or say prorate."
        yield Problem("fee-never-due", what, fix, row.place, warning=True)


def _has_due_day(row: FixedFeeRow, first: date, last: date) -> bool:
    period = fee_period(row.every, fee_period(row.every, first, first).first - timedelta(days=1), first)
    while period.first <= last:
        due = period.last if row.on == "last-day" else shifted(period, int(row.on), row.every, first)[0]
        if first <= due <= last:
            return True
        period = next_period(row.every, period, first)
    return False


def _without_holiday(tables: Tables) -> Iterator[Problem]:
    """A premium for holidays in whose dates none lies."""
    if not tables.holidays:
        return
    for row in tables.premiums:
        if row.when.kind != "holiday":
            continue
        if not any(in_window(holiday.day, row.valid_from, row.valid_until) for holiday in tables.holidays):
            what = f"The premium {row.name} is for holidays, and none lies within its from and until."
            yield Problem(
                "premium-without-holiday", what, "Add them to holidays, or mend its dates.", row.place, warning=True
            )
