"""What other tables would have billed, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from syncd.reports.simulate import SimulatedClient, SimulatedSum, SimulateReport
from syncd.reports.text import indented, money_cell, table


def simulate_text(report: SimulateReport) -> Iterator[RenderableType]:
    """What is compared, the clients with their sums, and what the other tables leave unpriced."""
    about = ", ".join(filter(None, (report.client, f"{report.first} to {report.last}")))
    yield Text.assemble((report.company, "bold"), f" · {about} · simulated with other {', '.join(report.tables)}")
    if report.clients:
        yield Text("")
        yield _clients(report)
    else:
        yield Text("\nThere is nothing to bill in these periods, by either tables.")
    for problem in report.problems:
        place = f"{problem.place}: " if problem.place else ""
        yield Text(f"\n{place}{problem.code}: {problem.what}", style="yellow")
        if problem.fix:
            yield indented(Text(problem.fix))
    said = "Present and simulated are computed anew over the work as it is today; nothing is posted."
    yield Text(f"\nAmounts are before tax. {said}")


def _clients(report: SimulateReport) -> Table:
    names = ("Client", "Was billed", "Present tables", "Simulated", "Difference", "", "")
    made = table(*names, numbers=(1, 2, 3, 4))
    for one in report.clients:
        blocked = f"{one.simulated_blocked} blocked" if one.simulated_blocked else ""
        made.add_row(Text(one.client), *_amounts(one), one.currency, Text(blocked, style="yellow"))
    for total in report.sums:
        made.add_row(Text("all clients", style="bold"), *_amounts(total), total.currency, "")
    return made


def _amounts(row: SimulatedClient | SimulatedSum) -> tuple[Text, ...]:
    return tuple(money_cell(money) for money in (row.billed, row.present, row.simulated, row.difference))
