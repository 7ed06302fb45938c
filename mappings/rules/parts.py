"""What goes on one document, and where its seconds stand until that is approved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field

from mappings.documents import Document, FeeAllocation, Hold, HoursAllocation, Standing, State
from mappings.problems import Problem
from mappings.rules.charges import Charge
from mappings.rules.lines import Draft, Shares
from mappings.rules.placing import WAITS
from mappings.work import WorkItem


@dataclass(slots=True)
class Blocked:
    """Work that cannot be billed, with the reason; it blocks its document."""

    work: WorkItem
    seconds: int
    problem: Problem
    scaled_quantity: int = 0


@dataclass(slots=True)
class Parts:
    """What goes on one document."""

    charges: list[Charge] = field(default_factory=list)
    lines: list[Shares] = field(default_factory=list)
    """Those of the charges that are invoiced, by line."""
    fees: list[tuple[Draft, FeeAllocation]] = field(default_factory=list)
    hours: list[HoursAllocation] = field(default_factory=list)
    settled: list[FeeAllocation] = field(default_factory=list)
    """Ledger rows of fees of which nothing is to be billed, on no line."""
    blocked: list[Blocked] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)


def standings_of(document: Document, parts: Parts, running: bool) -> list[Standing]:
    """Where the seconds on a document stand; on the preview of a running period each says itself why it waits."""
    client, name = document.key.client, document.period.name
    key = None if running else document.key
    found = []
    for one in parts.blocked:
        work, problem = one.work, one.problem
        why = (problem.code, problem.what)
        day, count = work.worked_on, one.scaled_quantity
        standing = Standing(work.source, work.id, one.seconds, "blocked", *why, client, day, key, scaled_quantity=count)
        found.append(standing)
    if document.problems:
        state: State = "blocked"
        why = ("document-blocked", f"The document of {name} is blocked by something else on it.")
    else:
        state, why = "waiting", ("drafted", f"On the draft of {name}, until it is approved.")
    seconds: dict[tuple[str, str, str], int] = defaultdict(int)
    quantity: dict[tuple[str, str, str], int] = defaultdict(int)
    works: dict[tuple[str, str, str], WorkItem] = {}
    for charge in parts.charges:
        at = (charge.work.source, charge.work.id, charge.status if running else "")
        seconds[at] += charge.seconds
        quantity[at] += charge.scaled_quantity
        works[at] = charge.work
    for at, total in seconds.items():
        source, entry, status = at
        if not total and not quantity[at]:
            continue
        if running:
            state, why = "waiting", (status, WAITS[status])
        day, count = works[at].worked_on, quantity[at]
        found.append(Standing(source, entry, total, state, *why, client, day, key, scaled_quantity=count))
    return found
