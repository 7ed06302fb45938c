"""Assembly: lines, fees and ledger rows become a document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mappings.documents import Allocation, Document, DocumentKey, DocumentKind, FeeAllocation, Hold
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rules.charges import Charge
from mappings.rules.clients import Settings
from mappings.rules.conserve import assert_lines_sum
from mappings.rules.descriptions import unique
from mappings.rules.discount_lines import Discounting
from mappings.rules.grouping import order_of
from mappings.rules.holds import no_purchase_order
from mappings.rules.lines import Draft, LineMaker, numbered
from mappings.rules.parts import Parts
from mappings.settings import Approval


@dataclass(frozen=True, slots=True)
class Assembly:
    """How the documents of one client and period are made."""

    settings: Settings
    period: Period
    maker: LineMaker
    approval: Approval
    discounting: Discounting

    def document(self, key: DocumentKey, parts: Parts) -> Document | None:
        """One document, or None when there is nothing on it."""
        charges = parts.charges
        drafts, rows = self.maker.make(parts.lines)
        rows += [charge.allocation(None, 0) for charge in charges if charge.effect != "invoiced"]
        off, wrong = self.discounting.lines(drafts, parts.fees, self.period)
        fees = [*parts.fees, *off]
        lines, on_lines = numbered([*drafts, *(draft for draft, _ in fees)])
        problems = _distinct(
            [*self.settings.problems, *parts.problems, *wrong, *(one.problem for one in parts.blocked)]
        )
        rows = sorted([*rows, *on_lines], key=_row_order)
        if not (rows or parts.fees or parts.blocked or parts.problems):
            return None
        policy = self.settings.policy
        subtotal = sum(line.amount_minor for line in lines)
        order, holds = self._purchase_order(key.group, charges)
        document = Document(
            key=key,
            kind=_kind(bool(lines), subtotal, bool(problems)),
            period=self.period,
            dated=self.period.last,
            currency=policy.currency,
            language=policy.language,
            lines=lines,
            allocations=tuple(rows),
            fees=(*_fee_rows(fees, [*drafts, *(draft for draft, _ in fees)]), *parts.settled),
            hours=tuple(sorted(parts.hours, key=lambda row: (row.retainer, row.period))),
            terms=policy.terms,
            purchase_order=order,
            email_to=policy.email_to,
            department=policy.department,
            problems=problems,
            holds=(*holds, *parts.holds),
            subtotal_minor=subtotal,
        )
        assert_lines_sum(document)
        return document

    def _purchase_order(self, group: str, charges: Sequence[Charge]) -> tuple[str, tuple[Hold, ...]]:
        """The number to print: the document's own, the client's, or where it is `required` what the work carries."""
        own, asked = order_of(group, self.settings.policy), self.settings.policy.purchase_order
        if own:
            return own, ()
        if asked.casefold() != "required":
            return asked, ()
        new = sorted(
            (charge.work for charge in charges if charge.adjustment is None), key=lambda work: work.chronological
        )
        missing = [f"{work.worked_on} {work.person}".strip() for work in new if not work.purchase_order]
        return ", ".join(unique(work.purchase_order for work in new)), no_purchase_order(missing, self.approval)


def _kind(has_lines: bool, subtotal: int, has_problems: bool) -> DocumentKind:
    """A negative total is a credit memo, never a negative invoice; 0.00 with lines is an invoice."""
    if not has_lines and not has_problems:
        return "settlement"
    return "credit-memo" if subtotal < 0 else "invoice"


def _fee_rows(fees: Iterable[tuple[Draft, FeeAllocation]], drafts: Iterable[Draft]) -> tuple[FeeAllocation, ...]:
    """The fees' ledger rows with the numbers that their lines got."""
    order = sorted(drafts, key=lambda draft: draft.sort_key)
    numbers = {id(draft): number for number, draft in enumerate(order, start=1)}
    return tuple(
        replace(fee, line=numbers[id(draft)]) for draft, fee in sorted(fees, key=lambda pair: pair[0].sort_key)
    )


def _row_order(row: Allocation) -> tuple[object, ...]:
    return (
        *(row.worked_on, row.source, row.entry, row.line or 0, row.effect, row.retainer, row.retainer_period),
        *(row.terms.service_month, row.terms.label, row.terms.service, row.billed_seconds, row.seconds),
        row.scaled_quantity,
    )


def _distinct(problems: Iterable[Problem]) -> tuple[Problem, ...]:
    found = {(problem.code, problem.what): problem for problem in problems}
    return tuple(found[key] for key in sorted(found))
