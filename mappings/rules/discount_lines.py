"""Discount: its own negative line per tax code, on the lines it names; several add up, each on the amounts before.

A percentage comes off the shares of the work and fees that carry it; an amount once per document, split by the sums of
its lines and never more than they are. On gross, tax is computed before it: its line stands outside tax.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from mappings.documents import Discount, FeeAllocation, Line, Reason
from mappings.money import divide_half_up, plain, round_to_minor, spread
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rules.descriptions import Words
from mappings.rules.discounts import DiscountRule, Discounts, discount_key
from mappings.rules.lines import Draft
from mappings.steps import Step, step

Made: TypeAlias = tuple[Draft, FeeAllocation]
"""A line with its ledger row."""
Fees: TypeAlias = Sequence[Made]


@dataclass(frozen=True, slots=True)
class Discounting:
    """What comes off the documents of one client."""

    discounts: Discounts
    client: str
    currency: str
    no_tax_code: str
    words: Words

    def lines(self, drafts: Sequence[Draft], fees: Fees, period: Period) -> tuple[list[Made], list[Problem]]:
        """The discount lines of one document with their ledger rows, and why one cannot leave."""
        made = [*self._percentages(drafts, fees, period), *self._amounts(drafts, fees, period)]
        problems = [self._no_tax_code()] if any(draft.line.tax_code == _MISSING for draft, _ in made) else []
        for rule in self.discounts.off_documents(self.client, period.last):
            if rule.row.currency not in ("", self.currency):
                what = f"A discount is in {rule.row.currency}, and {self.client} is billed in {self.currency}."
                fix = f"Give it in {self.currency}."
                problems.append(Problem("currency-mismatch", what, fix, rule.row.place, self.client))
        return made, problems

    def _percentages(self, drafts: Sequence[Draft], fees: Fees, period: Period) -> Iterator[Made]:
        bases: dict[tuple[Discount, str], int] = defaultdict(int)
        for draft in drafts:
            for charge, share in draft.charges:
                for discount in charge.terms.discounts:
                    bases[discount, self._code(draft.line, discount.gross)] += share
        for draft, fee in fees:
            for discount in fee.discounts:
                bases[discount, self._code(draft.line, discount.gross)] += draft.line.amount_minor
        for (discount, code), base in bases.items():
            numerator, denominator = discount.percent.as_integer_ratio()
            amount = divide_half_up(base * numerator, denominator * 100)
            if amount:
                size = f"{discount.percent.normalize():f}"
                said = [step("discount", percent=size, base=plain(base, self.currency)), *_outside(discount.gross)]
                yield self._line(discount.key, discount.item, code, -amount, period, size, base, said)

    def _amounts(self, drafts: Sequence[Draft], fees: Fees, period: Period) -> Iterator[Made]:
        for rule in self.discounts.off_documents(self.client, period.last):
            row, bases = rule.row, self._bases(rule, drafts, fees)
            assert row.amount is not None
            amount = min(round_to_minor(row.amount, self.currency), sum(bases.values()))
            if amount > 0:
                codes = list(bases)
                parts = spread(amount, [max(bases[code], 0) for code in codes])
                for code, part in zip(codes, parts, strict=True):
                    if part:
                        base, whole = plain(bases[code], self.currency), plain(amount, self.currency)
                        said = [step("discount-amount", amount=whole, base=base), *_outside(row.base == "gross")]
                        key, item = discount_key(row), row.quickbooks_item
                        yield self._line(key, item, code, -part, period, "", bases[code], said)

    def _bases(self, rule: DiscountRule, drafts: Sequence[Draft], fees: Fees) -> dict[str, int]:
        """The sums of the lines that an amount comes off, by the tax code of its own; the earliest work's first."""
        bases: dict[str, int] = defaultdict(int)
        gross = rule.row.base == "gross"
        charges = [(charge, share, draft.line) for draft in drafts for charge, share in draft.charges]
        for charge, share, line in sorted(charges, key=lambda one: one[0].work.chronological):
            expense = charge.terms.price is not None and charge.terms.price.kind == "expense"
            if rule.takes(self.client, charge.project, charge.terms.service, expense=expense):
                bases[self._code(line, gross)] += share
        for draft, fee in fees:
            if draft.line.kind == "fixed-fee":
                _, _, project, service, _ = fee.fee.split("|", 4)
                if rule.takes(self.client, project, service, expense=False):
                    bases[self._code(draft.line, gross)] += draft.line.amount_minor
        return bases

    def _code(self, line: Line, gross: bool) -> str:
        """The tax code of a discount on a line: the line's, or outside tax where that is computed before."""
        return (self.no_tax_code or _MISSING) if gross and line.tax_code else line.tax_code

    def _no_tax_code(self) -> Problem:
        what = f"A discount on gross for {self.client} is a line outside tax, and no tax code is set for those."
        fix = "Set no_tax_code in [billing] to a tax code of QuickBooks such as “Out of Scope”."
        return Problem("no-tax-code-missing", what, fix, None, self.client)

    def _line(
        self, key: str, item: str, tax_code: str, amount: int, period: Period, size: str, base: int, said: list[Step]
    ) -> Made:
        _, _, project, service, _ = key.split("|", 4)
        shown = plain(base, self.currency)
        line = Line(
            number=0,
            kind="discount",
            description=self.words.discount(size, ", ".join(filter(None, (project, service))), shown),
            item=item,
            tax_code=tax_code,
            amount_minor=amount,
            quantity=Decimal(1),
            rate=None,
            unit="each",
        )
        reason = Reason(rate_row=self.discounts.places.get(key, ""), steps=tuple(said))
        order = (8, key, size, tax_code)
        return Draft(order, line, ()), FeeAllocation(key, f"{period.name}|{tax_code}|{size}", amount, 0, None, reason)


def _outside(gross: bool) -> list[Step]:
    return [step("discount-on-gross")] if gross else []


_MISSING = "?"
"""Stands for the tax code that the company has not set; a document with it is blocked."""
