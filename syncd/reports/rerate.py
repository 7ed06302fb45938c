"""What rating billed work anew comes to: each line's rate and amount as they are billed, and as they would be."""

from __future__ import annotations

import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from mappings.periods import Period
from mappings.problems import Problem
from mappings.rules.rerate_plan import RerateLine
from syncd.engine.rerate import Rerated
from syncd.reports.values import Money, Selection

SCHEMA = "syncd.rerate/1"


@dataclass(frozen=True, slots=True)
class RerateRow:
    """One line's worth of billed work. `state`: open; decided (the next document charges it). Amounts before tax."""

    client: str
    service: str
    label: str
    month: str
    entries: int
    billed_seconds: int
    currency: str
    rate: Decimal
    unit: str
    new_rate: Decimal
    new_unit: str
    billed: Money
    rerated: Money
    difference: Money
    rate_row: str
    state: str


@dataclass(frozen=True, slots=True)
class RerateSum:
    """All rows of one currency."""

    currency: str
    billed: Money
    rerated: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class RerateReport:
    """`recorded`: of how many entries this call decided."""

    company: str
    as_of: datetime
    today: date
    client: str
    period: str
    rows: tuple[RerateRow, ...]
    sums: tuple[RerateSum, ...]
    recorded: int
    problems: tuple[Problem, ...]
    next_command: str


def report_rerate(
    company: str, found: Rerated, client: str, period: Period, *, recording: bool, now: datetime, today: date
) -> RerateReport:
    """The report of what was found; after it was recorded, all of it is decided."""
    rows = tuple(_row(line, decided=recording or line.decided) for line in found.lines)
    return RerateReport(
        company=company,
        as_of=now,
        today=today,
        client=client,
        period=period.name,
        rows=rows,
        sums=tuple(_sums(rows)),
        recorded=found.recorded,
        problems=found.problems,
        next_command=_next(rows, Selection(client, period), found.recorded),
    )


def _row(line: RerateLine, *, decided: bool) -> RerateRow:
    before, after = line.before, line.after
    assert before.rate is not None
    assert after.rate is not None
    return RerateRow(
        client=line.client,
        service=line.service,
        label=line.label,
        month=line.month,
        entries=line.entries,
        billed_seconds=line.seconds,
        currency=line.currency,
        rate=before.rate,
        unit=before.unit,
        new_rate=after.rate,
        new_unit=after.unit,
        billed=Money(line.before_minor, line.currency),
        rerated=Money(line.after_minor, line.currency),
        difference=Money(line.after_minor - line.before_minor, line.currency),
        rate_row=line.rate_row,
        state="decided" if decided else "open",
    )


def _sums(rows: Iterable[RerateRow]) -> Iterable[RerateSum]:
    by_currency: dict[str, list[RerateRow]] = {}
    for row in rows:
        by_currency.setdefault(row.currency, []).append(row)
    for currency, mine in sorted(by_currency.items()):
        billed, rerated = sum(row.billed.minor for row in mine), sum(row.rerated.minor for row in mine)
        amounts = (Money(minor, currency) for minor in (billed, rerated, rerated - billed))
        yield RerateSum(currency, *amounts)


def _next(rows: Iterable[RerateRow], selection: Selection, recorded: int) -> str:
    """Decide; then see what the next documents carry."""
    states = {row.state for row in rows}
    if "open" in states:
        assert selection.period is not None
        chosen = f" --client {shlex.quote(selection.client)}" if selection.client else ""
        return f"syncd rerate --period {selection.period.name}{chosen} --draft"
    return "syncd preview" if states or recorded else "syncd status"
