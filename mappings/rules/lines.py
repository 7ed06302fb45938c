"""Line and round: charges that are alike share a line, whose amount is rounded once; its entries share that amount."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TypeAlias

from mappings.documents import Allocation, Line, LineKind
from mappings.periods import week_of
from mappings.rules.charges import Charge, line_key
from mappings.rules.descriptions import Words, unique
from mappings.rules.pricing import Pricing
from mappings.work import Task

Shares: TypeAlias = tuple[tuple[Charge, int], ...]
"""The charges of one line in chronological order, each with its share of the line's amount."""
_ORDER: tuple[LineKind, ...] = ("time", "product", "expense", "adjustment")
"""How lines stand on a document, after its fees."""


@dataclass(frozen=True, slots=True)
class Draft:
    """A line without its number, and what its entries have of it."""

    sort_key: tuple[object, ...]
    line: Line
    charges: Shares


def price_lines(charges: Iterable[Charge], pricing: Pricing) -> list[Shares]:
    """What is invoiced, by line, with each entry's share."""
    buckets: dict[tuple[object, ...], list[Charge]] = defaultdict(list)
    for charge in charges:
        if charge.effect == "invoiced":
            adjustment, terms = charge.adjustment, charge.terms
            exact = charge.amount_minor is not None
            if adjustment and terms.price:
                # An item whose price was corrected: what was billed and what is owed are told together.
                terms = replace(terms, rate=None)
            buckets[(adjustment.id if adjustment else "", exact, charge.late, line_key(terms))].append(charge)
    lines = []
    for bucket in buckets.values():
        members = sorted(bucket, key=lambda charge: charge.work.chronological)
        lines.append(tuple(zip(members, pricing.price(members)[1], strict=True)))
    return lines


class LineMaker:
    """Makes the lines of one document in the client's language."""

    def __init__(
        self,
        words: Words,
        lines_per: str,
        tasks: Mapping[tuple[str, str], Task],
        person_of: Callable[[str, str], str],
        pricing: Pricing,
    ) -> None:
        self._words, self._lines_per, self._tasks, self._person_of = words, lines_per, tasks, person_of
        self._pricing = pricing

    def make(self, lines: Iterable[Shares]) -> tuple[list[Draft], list[Allocation]]:
        """The lines, and the ledger rows of those that came to nothing: settled, moved within a rounding group."""
        drafts = []
        loose: list[Allocation] = []
        for shares in lines:
            amount = sum(share for _, share in shares)
            billed = sum(charge.billed_seconds for charge, _ in shares)
            if amount or self._pricing.quantity([charge for charge, _ in shares]):
                drafts.append(self._draft(shares, amount, billed))
            else:
                loose.extend(charge.allocation(None, share) for charge, share in shares)
        return drafts, loose

    def _draft(self, shares: Shares, amount: int, billed: int) -> Draft:
        members = [charge for charge, _ in shares]
        first = members[0]
        terms = first.terms
        assert terms.rate is not None
        kind: LineKind = "time" if terms.price is None else terms.price.kind
        kind = "adjustment" if first.adjustment else kind
        description = self._describe(members, billed)
        one_rate = len({charge.terms.rate for charge in members}) == 1
        line = Line(
            number=0,
            kind=kind,
            description=description,
            item=terms.item,
            tax_code=terms.tax_code,
            amount_minor=amount,
            quantity=self._pricing.quantity(members) if one_rate else Decimal(1),
            rate=terms.rate if one_rate else None,
            unit=terms.unit,
            seconds=billed,
            class_name=terms.class_name,
            service_date=max(charge.work.worked_on for charge in members),
            service_month=terms.service_month,
            late=first.late,
        )
        order = (_ORDER.index(kind), first.late, terms.service_month, terms.service, terms.label, description)
        tie = (
            terms.rate,
            terms.unit,
            terms.item,
            terms.tax_code,
            terms.class_name,
            first.work.worked_on,
            first.work.key,
        )
        return Draft((2, *order, *tie), line, shares)

    def _describe(self, members: Sequence[Charge], billed: int) -> str:
        first = members[0]
        terms = first.terms
        services = unique(charge.terms.service for charge in members)
        if first.adjustment is not None and first.adjustment.rates is not None:
            return self._rerated(members, first.adjustment.rates)
        if first.adjustment is not None:
            person = self._person_of(first.work.source, first.adjustment.person)
            if terms.price is not None:
                more = sum(charge.scaled_quantity for charge in members)
                rates = [charge.terms.rate for charge in members if charge.terms.rate is not None]
                return self._words.item_adjustment(first.adjustment, person, ", ".join(services), more, rates)
            after = first.adjustment.before_seconds + billed
            return self._words.adjustment(first.adjustment, person, ", ".join(services), after)
        return self._work(members)

    def _rerated(self, members: Sequence[Charge], rates: Iterable[tuple[Decimal, str]]) -> str:
        """Both lines of what is rated anew say from which rate to which."""
        currency = members[0].terms.currency
        numbers = unique(name for charge in members if charge.adjustment for name in charge.adjustment.numbers)
        told = [self._words.rate(rate, currency, unit) for rate, unit in rates]
        return self._words.rerated(numbers, self._work(members), told)

    def _work(self, members: Sequence[Charge]) -> str:
        """What the line of some work says, whatever became of it."""
        first = members[0]
        terms, services = first.terms, unique(charge.terms.service for charge in members)
        if self._lines_per == "entry":
            person = self._person_of(first.work.source, first.work.person)
            return self._words.entry(terms.service, first.work, person, terms.service_month, first.late)
        subject = terms.label
        if self._lines_per == "task" and subject:
            task = self._tasks.get((first.work.source, first.work.task))
            subject = f"{first.work.task} {task.title}".strip() if task else first.work.task
        elif self._lines_per == "week":
            subject = self._words.week(week_of(first.work.worked_on).first)
        elif self._lines_per == "rate" and terms.rate is not None:
            subject = self._words.rate(terms.rate, terms.currency, terms.unit)
        return self._words.time(self._lines_per, subject, services, terms.service_month, first.late)


def numbered(drafts: Iterable[Draft]) -> tuple[tuple[Line, ...], list[Allocation]]:
    """Lines in their order, numbered from 1, and the ledger rows of their charges."""
    lines: list[Line] = []
    rows: list[Allocation] = []
    for number, draft in enumerate(sorted(drafts, key=lambda draft: draft.sort_key), start=1):
        lines.append(replace(draft.line, number=number))
        rows.extend(charge.allocation(number, share) for charge, share in draft.charges)
    return tuple(lines), rows
