"""Priced items: expenses and products on their way onto a document.

An item costs quantity × amount, less its rebate, plus its category's markup, rounded once (`prices`). No increment,
premium or retainer hour applies to it. Edited after it was billed, the difference is charged: of a quantity, at the
price at which it was billed; of a price, what stands is taken back and charged at the new one, on one line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from mappings.documents import Effect, Reason, Terms
from mappings.rules.charges import Adjustment, Charge, again, with_step
from mappings.rules.ledger import Slot, numbers_of
from mappings.rules.prices import item_amount, quantity_of, same_price, unit_price
from mappings.rules.selection import Placed
from mappings.settings import Rounding
from mappings.steps import Step, step


def is_item(placed: Placed) -> bool:
    """Whether it is a priced item that is charged here: what is taken back is the same for time and items."""
    return placed.owed.entry.work.kind != "time" and placed.owed.kind != "reversed"


def item_charges(placed: Iterable[Placed]) -> Iterator[Charge]:
    """What new and changed items add to one client's documents."""
    for one in sorted(placed, key=lambda one: one.owed.entry.work.chronological):
        if one.owed.kind == "new":
            yield _new(one)
        else:
            yield from _changed(one)


def _new(placed: Placed) -> Charge:
    """The whole item, at today's tables for its day."""
    owed = placed.owed
    work, rated = owed.entry.work, owed.rated
    assert rated is not None
    assert rated.terms is not None
    assert rated.terms.price is not None
    reason = with_step(rated.reason, owed.silence) if owed.silence else rated.reason
    if placed.late:
        reason = with_step(reason, step("late"))
    return Charge(
        work=work,
        revision=owed.entry.revision,
        seconds=0,
        billed_seconds=0,
        effect="invoiced",
        terms=rated.terms,
        rounding=Rounding(),
        rounding_group="",
        reason=_priced(reason, rated.terms, work.scaled_quantity),
        late=placed.late,
        amount_minor=item_amount(work.scaled_quantity, rated.terms.price, rated.terms.currency),
        status=placed.status,
        scaled_quantity=work.scaled_quantity,
    )


def _changed(placed: Placed) -> Iterator[Charge]:
    """The difference to what stands of an item; of what was let go of, in its quantity alone."""
    owed = placed.owed
    work = owed.entry.work
    last = next((slot for slot in reversed(owed.slots) if slot.effect == "invoiced"), owed.slots[-1])
    before = sum(slot.scaled_quantity for slot in owed.slots)
    price = last.terms.price
    if price is None or (last.effect != "invoiced" and not last.is_capped):
        yield _difference(placed, last, work.scaled_quantity - before, last.terms, 0)
        return
    if all(slot.terms.price and same_price(slot.terms.price, work) for slot in owed.slots):
        more = work.scaled_quantity - before
        # What a cap wrote down is the first to go.
        for slot in (slot for slot in owed.slots if slot.is_capped and more < 0):
            part = max(more, -slot.scaled_quantity)
            yield _difference(placed, slot, part, slot.terms, 0)
            more -= part
        if more:
            amount = item_amount(more, price, last.terms.currency)
            yield _difference(placed, last, more, last.terms, amount, "invoiced")
        return
    for slot in owed.slots:
        yield _difference(placed, slot, -slot.scaled_quantity, slot.terms, -slot.amount_minor, said=_REPRICED)
    unit_amount = price.amount if work.amount is None else work.amount
    price = replace(price, amount=unit_amount, rebate_percent=work.rebate_percent, of_rate=work.amount is None)
    terms = replace(last.terms, price=price, rate=unit_price(price, last.terms.currency))
    whole = item_amount(work.scaled_quantity, price, terms.currency)
    yield _difference(placed, last, work.scaled_quantity, terms, whole, "invoiced", said=_REPRICED)


_REPRICED = step("item-repriced")


def _difference(
    placed: Placed,
    slot: Slot,
    scaled_quantity: int,
    terms: Terms,
    amount_minor: int,
    effect: Effect | None = None,
    *,
    said: Step | None = None,
) -> Charge:
    owed = placed.owed
    work, last = owed.entry.work, slot.last
    before = sum(one.scaled_quantity for one in owed.slots)
    said = said or step("item-changed", before=_said(before), after=_said(work.scaled_quantity))
    return Charge(
        work=work,
        revision=owed.entry.revision,
        seconds=0,
        billed_seconds=0,
        effect=effect or slot.effect,
        cap=slot.last.cap if effect is None else "",
        terms=terms,
        rounding=slot.rounding,
        rounding_group="",
        reason=_priced(again(last.reason, said), terms, scaled_quantity),
        adjustment=Adjustment(
            f"{work.source}:{work.id}", numbers_of(owed.slots), last.worked_on, last.person, 0, before
        ),
        amount_minor=amount_minor,
        status=placed.status,
        scaled_quantity=scaled_quantity,
    )


def _priced(reason: Reason, terms: Terms, scaled_quantity: int) -> Reason:
    """The reason with the arithmetic of a price."""
    price = terms.price
    if price is None:
        return reason
    said = step("item", quantity=_said(scaled_quantity), amount=f"{price.amount:f}", currency=terms.currency)
    reason = with_step(reason, said)
    if price.rebate_percent:
        reason = with_step(reason, step("item-rebate", percent=f"{price.rebate_percent:f}"))
    if price.markup_percent:
        reason = with_step(reason, step("item-markup", percent=f"{price.markup_percent:f}"))
    return reason


def _said(scaled_quantity: int) -> str:
    return f"{quantity_of(scaled_quantity).normalize():f}"
