"""The line of a fee, and its ledger row."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mappings.documents import FeeAllocation, Line, Reason
from mappings.money import divide_half_up, round_to_minor
from mappings.periods import Period
from mappings.rows import RetainerRow
from mappings.rules.descriptions import HoursUsed, Words
from mappings.rules.fees import FeeClient, FeeDue
from mappings.rules.lines import Draft


def fee_draft(
    fee: FeeDue, client: FeeClient, words: Words, tax_code: str, used: HoursUsed
) -> tuple[Draft, FeeAllocation]:
    """The line of a fee, and its ledger row (with the line's number still 0)."""
    row, policy = fee.row, client.settings.policy
    rate: Decimal | None
    if isinstance(row, RetainerRow):
        description = _of_retainer(row, fee, words, used)
        whole = fee.amount_minor == round_to_minor(row.fee, policy.currency)
        count, rate = Decimal(1), (row.fee if whole else None)
    else:
        description = words.fee(row.description, _shown(fee, words), fee.credit)
        if row.share is not None:
            description = words.share(row.description, row.share, row.percent_of, policy.currency)
        whole = fee.amount_minor == round_to_minor(row.amount * row.quantity, policy.currency)
        count, rate = (row.quantity, row.amount) if whole else (Decimal(1), None)
    service = fee.service
    line = Line(
        number=0,
        kind=fee.kind,
        description=description,
        item=fee.item,
        tax_code=policy.tax_code or (service.tax_code if service else "") or tax_code,
        amount_minor=fee.amount_minor,
        quantity=count,
        rate=rate,
        unit="each",
        class_name=(service.class_name if service else "") or policy.class_name,
        service_date=fee.day,
        service_month=f"{fee.day:%Y-%m}",
    )
    named = {"retainer_row" if fee.kind == "retainer" else "rate_row": str(row.place)}
    reason = Reason(**named, steps=fee.steps)
    allocation = FeeAllocation(
        fee.key, fee.due, fee.amount_minor, 0, fee.served_until, reason, day=fee.day, price=fee.price
    )
    order = (0 if fee.kind == "retainer" else 1, fee.day, fee.key, fee.due)
    return Draft(order, line, ()), allocation


def _of_retainer(row: RetainerRow, fee: FeeDue, words: Words, used: HoursUsed) -> str:
    """A block's hours, or how many of a period's were used; a moved `until` credits or adds days."""
    if fee.due == "once":
        hours = Fraction(row.hours or 0) * 3600
        return words.block(row.name, divide_half_up(*hours.as_integer_ratio()), row.valid_from, row.valid_until)
    if fee.is_change:
        return words.fee(row.name, _shown(fee, words), fee.credit)
    return words.retainer(row.name, _shown(fee, words), used)


def _shown(fee: FeeDue, words: Words) -> str:
    """What the fee pays for: a month or quarter by its name, days by the first and the last."""
    if fee.stretch is None:
        return ""
    return words.period(fee.stretch) if isinstance(fee.stretch, Period) else words.days(*fee.stretch)
