"""Usage: what of billed documents counts towards a minimum spend: time, products and fixed fees, after discount.

Each amount has its day: that of the work, or on which a fixed fee was due. Discounts come off the amounts that carry
them, and what is no usage (expenses, retainers' fees) keeps its share of them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from mappings.documents import Allocation, Discount, FeeAllocation, Posted, PostedFee
from mappings.money import divide_half_up, spread
from mappings.rules.names import Matcher, fold


@dataclass(frozen=True, slots=True)
class Used:
    """One amount of a document, by its day, with the names by which a retainer may speak of it, folded."""

    day: date
    service: str
    project: str
    amount_minor: int
    counts: bool
    discounts: tuple[Discount, ...] = ()


@dataclass(slots=True)
class Booked:
    """What one document billed a client. `last` is the last day of its period."""

    last: date
    allocations: list[Allocation]
    fees: list[FeeAllocation]


def posted_documents(client: str, ledger: Iterable[Posted], fees: Iterable[PostedFee]) -> list[Booked]:
    """The documents on the ledger, for one client (its folded name)."""
    found: dict[str, Booked] = {}
    for posted in ledger:
        if fold(posted.allocation.terms.client) == client:
            booked = found.setdefault(posted.document, Booked(posted.period_last, [], []))
            booked.allocations.append(posted.allocation)
    for fee in fees:
        if client_of_fee(fee.fee.fee) == client or fee.document in found:
            found.setdefault(fee.document, Booked(fee.period_last, [], [])).fees.append(fee.fee)
    return list(found.values())


def client_of_fee(key: str) -> str:
    """The folded client of a retainer's or fixed fee's key."""
    return fold(key.split("|", 2)[1])


def usage(booked: Booked) -> list[Used]:
    """All amounts of one document after its discounts."""
    # What a person wrote off was used all the same: a minimum spend must not bill it after all.
    let_go = {
        (row.source, row.entry) for row in booked.allocations if row.line is None and row.effect == "written-down"
    }
    found = [
        _of_work(row)
        for row in booked.allocations
        if row.effect == "invoiced"
        and row.amount_minor
        and not (row.line is None and (row.source, row.entry) in let_go)
    ]
    discounts: dict[str, int] = defaultdict(int)
    for fee in booked.fees:
        if fee.fee.startswith("discount|"):
            discounts[fee.fee] += fee.amount_minor
        elif fee.fee.startswith("fixed-fee|"):
            found.append(_of_fee(fee, booked.last))
    before = list(found)
    for key, amount in discounts.items():
        parts = _shares(key, amount, before)
        found = [replace(one, amount_minor=one.amount_minor + part) for one, part in zip(found, parts, strict=True)]
    return found


def _of_work(row: Allocation) -> Used:
    expense = row.terms.price is not None and row.terms.price.kind == "expense"
    names = (fold(row.terms.service), fold(row.project))
    return Used(row.worked_on, *names, row.amount_minor, not expense, row.terms.discounts)


def _of_fee(fee: FeeAllocation, last: date) -> Used:
    _, _, project, service, _ = fee.fee.split("|", 4)
    return Used(fee.day or last, fold(service), fold(project), fee.amount_minor, True, fee.discounts)


def _shares(key: str, amount: int, used: Sequence[Used]) -> list[int]:
    """What each amount has of a discount: its percentage, rounded by itself, and the rest the largest one.

    A discount of an amount was split by the sums of the lines that it names.
    """
    percents = [next((one.percent for one in row.discounts if one.key == key), None) for row in used]
    if not used:
        return []
    if all(percent is None for percent in percents):
        sizes = [max(row.amount_minor, 0) for row in used]
        named = [size if _is_named(key, row) else 0 for size, row in zip(sizes, used, strict=True)]
        return spread(amount, named if any(named) else sizes)
    parts = []
    for row, percent in zip(used, percents, strict=True):
        numerator, denominator = (percent or 0).as_integer_ratio()
        parts.append(-divide_half_up(row.amount_minor * numerator, denominator * 100))
    largest = max(range(len(used)), key=lambda index: (percents[index] is not None, abs(used[index].amount_minor)))
    parts[largest] += amount - sum(parts)
    return parts


def _is_named(key: str, row: Used) -> bool:
    """Whether a discount of this key comes off an amount; expenses only where a service is named."""
    _, _, projects, services, _ = key.split("|", 4)
    by_project = Matcher(tuple(filter(None, projects.split(","))))
    by_service = Matcher(tuple(filter(None, services.split(","))))
    return by_project.matches(row.project) and by_service.matches(row.service) and (row.counts or not by_service.blank)


def counted(rows: Iterable[Used]) -> Iterator[Used]:
    """What counts as usage."""
    return (row for row in rows if row.counts and row.amount_minor)
