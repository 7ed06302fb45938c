"""Cutting the entry that reaches a cap: to the cent, and its time to the nearest second."""

from __future__ import annotations

from dataclasses import dataclass, replace

from mappings.documents import Terms
from mappings.money import RATE_SCALE, digits_of, divide_half_up, scaled_rate
from mappings.rules.charges import Charge
from mappings.rules.increments import split_worked


@dataclass(frozen=True, slots=True)
class Piece:
    """One charge on a line of one of a client's documents, with its share of the line."""

    group: str
    line: int
    at: int
    charge: Charge
    share: int


def nearest_seconds(amount_minor: int, terms: Terms) -> int:
    """The time that an amount pays for at the terms' rate, to the nearest second; none of a priced item."""
    if not terms.rate or not amount_minor or terms.price is not None:
        return 0
    per_unit = scaled_rate(terms.rate) * 10 ** digits_of(terms.currency)
    return divide_half_up(amount_minor * RATE_SCALE * terms.seconds_per_unit, per_unit)


def cut(charge: Charge, seconds: int, amount_minor: int) -> tuple[Charge | None, Charge | None]:
    """A charge's part within a cap (these billed seconds and cents), and the part beyond; None if empty.

    Its worked seconds are cut as its billed ones. What is beyond costs nothing and counts against no retainer.
    """
    if not seconds and not amount_minor:
        return None, _beyond(charge)
    if charge.terms.price is not None:
        return _cut_item(charge, amount_minor)
    if seconds == charge.billed_seconds:
        return charge, None
    worked, more = split_worked(charge.seconds, (seconds, charge.billed_seconds - seconds))
    # Extra keeps what its part would have drawn, should hours be returned for it later.
    drawn = charge.drawn_seconds and divide_half_up(charge.drawn_seconds * seconds, charge.billed_seconds)
    inside = replace(charge, seconds=worked, billed_seconds=seconds, drawn_seconds=drawn)
    return inside, _beyond(replace(charge, seconds=more, billed_seconds=charge.billed_seconds - seconds))


def _cut_item(charge: Charge, amount_minor: int) -> tuple[Charge, Charge | None]:
    """A priced item is cut in its quantity, to 1/100,000."""
    assert charge.amount_minor is not None
    quantity = divide_half_up(charge.scaled_quantity * amount_minor, charge.amount_minor)
    inside = replace(charge, scaled_quantity=quantity, amount_minor=amount_minor)
    more = charge.scaled_quantity - quantity
    return inside, _beyond(replace(charge, scaled_quantity=more)) if more else None


def _beyond(charge: Charge) -> Charge:
    return replace(charge, effect="written-down", cover=("", ""), drawn_seconds=None, amount_minor=None)
