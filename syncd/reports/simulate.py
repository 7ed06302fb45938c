"""What past periods would have come to by other tables: per client, beside the company's tables and what was billed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from mappings.periods import Period
from mappings.problems import Problem, by_place
from syncd.engine.simulate import Simulated
from syncd.reports.values import Money

SCHEMA = "syncd.simulate/1"


@dataclass(frozen=True, slots=True)
class SimulatedClient:
    """One client's periods, before tax. `difference` is simulated less present.

    `billed` is what really was, with adjustments and late work where they were billed. Documents that something blocks
    count without the work that does.
    """

    client: str
    currency: str
    billed: Money
    present: Money
    simulated: Money
    difference: Money
    present_blocked: int
    simulated_blocked: int


@dataclass(frozen=True, slots=True)
class SimulatedSum:
    """All clients of one currency."""

    currency: str
    billed: Money
    present: Money
    simulated: Money
    difference: Money


@dataclass(frozen=True, slots=True)
class SimulateReport:
    """`tables`: those that were replaced. `problems`: what blocks work by the other tables."""

    company: str
    as_of: datetime
    today: date
    client: str
    period: str
    first: date
    last: date
    tables: tuple[str, ...]
    clients: tuple[SimulatedClient, ...]
    sums: tuple[SimulatedSum, ...]
    problems: tuple[Problem, ...]
    next_command: str


def report_simulate(
    company: str,
    found: Simulated,
    tables: Iterable[str],
    client: str,
    period: Period,
    *,
    now: datetime,
    today: date,
) -> SimulateReport:
    """The report of both sides."""
    clients = tuple(_clients(found))
    return SimulateReport(
        company=company,
        as_of=now,
        today=today,
        client=client,
        period=period.name,
        first=period.first,
        last=period.last,
        tables=tuple(tables),
        clients=clients,
        sums=tuple(_sums(clients)),
        problems=tuple(by_place(found.other.problems.values())),
        next_command="syncd mappings check",
    )


def _clients(found: Simulated) -> Iterator[SimulatedClient]:
    present, other = found.present, found.other
    for key in sorted({*found.billed, *present.amounts, *other.amounts}):
        client, currency = key
        before, after = Money(present.amounts.get(key, 0), currency), Money(other.amounts.get(key, 0), currency)
        yield SimulatedClient(
            client=client,
            currency=currency,
            billed=Money(found.billed.get(key, 0), currency),
            present=before,
            simulated=after,
            difference=after - before,
            present_blocked=present.blocked.get(key, 0),
            simulated_blocked=other.blocked.get(key, 0),
        )


def _sums(clients: Iterable[SimulatedClient]) -> Iterator[SimulatedSum]:
    totals: dict[str, list[int]] = {}
    for one in clients:
        sums = totals.setdefault(one.currency, [0, 0, 0, 0])
        for at, money in enumerate((one.billed, one.present, one.simulated, one.difference)):
            sums[at] += money.minor
    for currency, sums in sorted(totals.items()):
        yield SimulatedSum(currency, *(Money(minor, currency) for minor in sums))
