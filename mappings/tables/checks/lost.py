"""Rows that never decide anything: for all work of which they speak, a stronger row wins."""

from __future__ import annotations

from collections.abc import Iterator

from mappings.problems import Problem
from mappings.rows import ClientRow, ExpenseRow, PersonRow, RateRow, ServiceRow
from mappings.tables.checks.known import Contest, Known, Row
from mappings.tables.checks.words import entries, hours
from mappings.tables.rates import MATCHING


def lost_rows(known: Known) -> Iterator[Problem]:
    """Rows of clients, services, people, expenses and rates that lost to a stronger one everywhere."""
    tables = known.tables
    names: tuple[Row, ...] = (*tables.clients, *tables.services, *tables.people)
    rows: tuple[Row, ...] = (*names, *tables.expenses, *tables.rates)
    for row in rows:
        contest = known.contests.get(id(row))
        if contest is None or contest.won or not contest.lost_entries or _is_general(row):
            continue
        winners = [winner for winner, _ in contest.winners.values()]
        if len(winners) == 1 or not all(_narrows(winner, row) for winner in winners):
            yield _lost(row, contest)


def _is_general(row: Row) -> bool:
    """Whether a row names nothing: it is there for what no other speaks of, and may well wait for that."""
    match row:
        case ClientRow():
            named = row.source_client
        case ServiceRow():
            named = row.source_service
        case PersonRow():
            named = row.source_person
        case ExpenseRow():
            named = row.category
        case RateRow():
            named = tuple(name for column in MATCHING for name in getattr(row, column))
    return not named or named == ("*",)


def _narrows(winner: Row, row: Row) -> bool:
    """Whether a row is an exception of another one: it fills all that the other fills.

    A row with several exceptions is what holds where none of them does, even if there is no such work yet.
    """
    if not isinstance(winner, RateRow):
        return True
    return all(getattr(winner, column) or not getattr(row, column) for column in MATCHING)


def _lost(row: Row, contest: Contest) -> Problem:
    winner, _ = max(contest.winners.values(), key=lambda found: found[1])
    others = len(contest.winners) - 1
    more = f" and {others} more" if others else ""
    what = (
        f"This row decides nothing: for all work of which it speaks ({hours(contest.lost_seconds)},"
        f" {entries(contest.lost_entries)}), {winner.place}{more} is stronger."
    )
    fix = "Delete it, or name in it what it is meant for."
    if isinstance(row, RateRow):
        fix = "Delete it, or fill in more of its columns: task, project, client, person, role, team, service."
    return Problem("row-always-loses", what, fix, row.place, warning=True)
