"""Prices of priced items: quantity × amount, less the rebate, plus the category's markup, rounded once."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from mappings.documents import Price
from mappings.money import RATE_SCALE, digits_of, divide_half_up
from mappings.work import WorkItem


def item_amount(scaled_quantity: int, price: Price, currency: str) -> int:
    """What so many (in 1/100,000) cost, in minor units."""
    exact = Fraction(scaled_quantity, RATE_SCALE) * _exact(price) * 10 ** digits_of(currency)
    return divide_half_up(exact.numerator, exact.denominator)


def unit_price(price: Price, currency: str) -> Decimal:
    """The price of one with rebate and markup, to 5 decimals, with at least the currency's digits."""
    exact = _exact(price) * RATE_SCALE
    scaled = Decimal(divide_half_up(exact.numerator, exact.denominator)).scaleb(-5).normalize()
    exponent = scaled.as_tuple().exponent
    assert isinstance(exponent, int)
    return scaled.quantize(Decimal(1).scaleb(-max(-exponent, digits_of(currency))))


def same_price(price: Price, work: WorkItem) -> bool:
    """Whether an item still says the price at which it was billed; one without an amount has what it had then."""
    said = price.amount if work.amount is None else work.amount
    return said == price.amount and work.rebate_percent == price.rebate_percent


def quantity_of(scaled_quantity: int) -> Decimal:
    """A quantity as it is written on a line: with 5 decimals."""
    return Decimal(scaled_quantity).scaleb(-5)


def _exact(price: Price) -> Fraction:
    """The price of one with rebate and markup."""
    rebated = Fraction(price.amount) * (100 - Fraction(price.rebate_percent)) / 100
    return rebated * (100 + Fraction(price.markup_percent)) / 100
