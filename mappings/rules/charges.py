"""Charges: pieces of work on their way onto a document; each becomes one row of the ledger."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import TypeAlias

from mappings.documents import Allocation, Effect, Reason, Terms
from mappings.rules.work_parts import WorkPart
from mappings.settings import Rounding
from mappings.steps import Step
from mappings.values import value
from mappings.work import WorkItem

LineKey: TypeAlias = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What an adjustment line is about: one entry, or one rounding group, that was billed before."""

    id: str
    numbers: tuple[str, ...]
    """Of the documents on which it was billed."""
    worked_on: date
    person: str
    before_seconds: int
    """Billed so far, on this line's terms."""
    before_quantity: int = 0
    """Of a priced item, in 1/100,000."""
    rates: tuple[tuple[Decimal, str], tuple[Decimal, str]] | None = None
    """Where billed time is rated anew: the rate and its unit before, and now."""


@value(frozen=True, slots=True)
class Charge:
    """Seconds of one entry with what they cost: not yet rounded to the cent, unless `amount_minor` says exactly.

    `identity` is the ledger row whose entry this continues (its day and names stand); None: as the work is now.
    """

    work: WorkItem
    revision: int
    seconds: int
    billed_seconds: int
    effect: Effect
    terms: Terms
    rounding: Rounding
    rounding_group: str
    cover: tuple[str, str] = ("", "")
    drawn_seconds: int | None = None
    """What it draws of that retainer's hours, or would draw were it not extra; None: as much as is billed."""
    reason: Reason = Reason()
    late: bool = False
    adjustment: Adjustment | None = None
    amount_minor: int | None = None
    scaled_quantity: int = 0
    """Of a priced item, in 1/100,000; its seconds are 0, and its amount is exact."""
    identity: Allocation | None = None
    cap: str = ""
    """The cap that writes it down."""
    status: str = ""
    """Why it waits, should its document's period not be over."""

    @property
    def project(self) -> str:
        """Under which it stands, or will."""
        return self.identity.project if self.identity is not None else self.work.project

    def allocation(self, line: int | None, amount_minor: int) -> Allocation:
        """The ledger row that this becomes."""
        kept = self.identity
        work = self.work
        return Allocation(
            source=work.source,
            entry=work.id,
            revision=self.revision,
            effect=self.effect,
            seconds=self.seconds,
            billed_seconds=self.billed_seconds,
            amount_minor=amount_minor,
            line=line,
            worked_on=kept.worked_on if kept else work.worked_on,
            source_client=kept.source_client if kept else work.client,
            person=kept.person if kept else work.person,
            project=kept.project if kept else work.project,
            task=kept.task if kept else work.task,
            source_service=kept.source_service if kept else work.service,
            terms=self.terms,
            rounding=self.rounding,
            rounding_group=self.rounding_group,
            retainer=self.cover[0],
            retainer_period=self.cover[1],
            drawn_seconds=self.drawn_seconds,
            reason=self.reason,
            scaled_quantity=self.scaled_quantity,
            cap=self.cap,
            part=work.part if isinstance(work, WorkPart) else 0,
            offset_seconds=self.offset_seconds,
        )

    @property
    def draws_seconds(self) -> int:
        """Seconds that it draws of its retainer's hours, or would draw were it not extra."""
        return self.billed_seconds if self.drawn_seconds is None else self.drawn_seconds

    @property
    def offset_seconds(self) -> int | None:
        """From where in its entry a premium's piece runs; None: the entry is not cut."""
        if self.identity is not None:
            return self.identity.offset_seconds
        return self.work.offset_seconds if isinstance(self.work, WorkPart) else None


def differing(drawn: int | None, billed: int) -> int | None:
    """Drawn seconds as they are kept: only where they are not the billed ones."""
    return None if drawn == billed else drawn


def line_key(terms: Terms) -> LineKey:
    """What must be alike for two pieces of work to share a line. The service counts only where `lines_per` says it."""
    return (
        *(terms.client, terms.group, terms.label, terms.rate, terms.unit, terms.seconds_per_unit, terms.currency),
        *(terms.tax_code, terms.item, terms.class_name, terms.service_month, terms.price and terms.price.kind),
    )


def with_step(reason: Reason, step: Step, retainer_row: str = "") -> Reason:
    """The same reason with one more thing that happened."""
    return with_steps(reason, (step,), retainer_row)


def with_steps(reason: Reason, steps: tuple[Step, ...], retainer_row: str = "") -> Reason:
    """The same reason with more that happened."""
    # Written out, as every charge comes here: `replace` takes several times as long.
    return Reason(
        client_row=reason.client_row,
        service_row=reason.service_row,
        person_row=reason.person_row,
        rate_row=reason.rate_row,
        rate_dates=reason.rate_dates,
        runner_up=reason.runner_up,
        retainer_row=retainer_row or reason.retainer_row,
        steps=(*reason.steps, *steps),
    )


def again(reason: Reason, step: Step) -> Reason:
    """The rows of an earlier reason with what happens now: its steps were said when they happened."""
    return replace(reason, steps=(step,))


def merged(charges: Iterable[Charge]) -> list[Charge]:
    """Charges of one entry that are alike added up, those that cancel left out: an adjustment says things once."""
    alike: dict[tuple[object, ...], Charge] = {}
    result = []
    for charge in charges:
        if charge.adjustment is None or charge.amount_minor is not None:
            result.append(charge)
            continue
        key = (
            *(charge.work.key, charge.offset_seconds, charge.effect, charge.terms, charge.cover),
            *(charge.rounding_group, charge.adjustment.id, charge.cap),
        )
        before = alike.get(key)
        if before is not None:
            seconds, billed = before.seconds + charge.seconds, before.billed_seconds + charge.billed_seconds
            drawn = before.draws_seconds + charge.draws_seconds
            charge = replace(charge, seconds=seconds, billed_seconds=billed, drawn_seconds=differing(drawn, billed))
            more = tuple(step for step in charge.reason.steps if step not in before.reason.steps)
            charge = replace(charge, reason=replace(charge.reason, steps=before.reason.steps + more))
        alike[key] = charge
    return [*result, *(charge for charge in alike.values() if charge.seconds or charge.billed_seconds)]
