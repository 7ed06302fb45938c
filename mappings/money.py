"""Exact money and exact division: integers in minor units, never a float."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

RATE_SCALE = 100_000
"""Rates have up to 5 decimals (QuickBooks' UnitPrice has no more), so a rate times this is a whole number."""

# ISO 4217: every currency has two digits but these.
_DIGITS = dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI"), 0)
_DIGITS |= dict.fromkeys(("VND", "VUV", "XAF", "XOF", "XPF"), 0)
_DIGITS |= dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3)


def digits_of(currency: str) -> int:
    """Number of decimals of a currency, by ISO 4217."""
    return _DIGITS.get(currency, 2)


def divide_half_up(numerator: int, denominator: int) -> int:
    """Divide and round half away from zero."""
    assert denominator > 0
    quotient, remainder = divmod(abs(numerator), denominator)
    rounded = quotient + (2 * remainder >= denominator)
    return rounded if numerator >= 0 else -rounded


def scaled_rate(rate: Decimal) -> int:
    """A rate as a whole number of 1/100,000 units; raises ValueError when it has more decimals."""
    scaled = rate * RATE_SCALE
    if scaled != scaled.to_integral_value():
        raise ValueError(f"a rate has at most 5 decimals, not {rate}")
    return int(scaled)


def amount_of_seconds(seconds: int, rate: Decimal, currency: str, seconds_per_unit: int = 3600) -> int:
    """Price seconds at a rate per unit (hour, or day), rounded once to the currency's minor units."""
    return divide_half_up(seconds * scaled_rate(rate) * 10 ** digits_of(currency), seconds_per_unit * RATE_SCALE)


def to_minor(amount: Decimal, currency: str) -> int:
    """Exact minor units of an amount; raises ValueError when the currency has fewer digits."""
    scaled = amount.scaleb(digits_of(currency))
    if scaled != scaled.to_integral_value():
        raise ValueError(f"{currency} has {digits_of(currency)} decimals, {amount} has more")
    return int(scaled)


def round_to_minor(amount: Decimal, currency: str) -> int:
    """Minor units of an amount, rounded half away from zero."""
    numerator, denominator = amount.scaleb(digits_of(currency)).as_integer_ratio()
    return divide_half_up(numerator, denominator)


def to_decimal(minor: int, currency: str) -> Decimal:
    """Minor units as a decimal with the currency's digits: 7000 CAD is Decimal("70.00")."""
    return Decimal(minor).scaleb(-digits_of(currency))


def plain(minor: int, currency: str) -> str:
    """Minor units as text for JSON and files: "-33.60"."""
    return f"{to_decimal(minor, currency):f}"


def spread(total: int, weights: Sequence[int]) -> list[int]:
    """Split a whole number over parts by weight: largest remainder, ties to the first; the parts sum to the total.

    Weights count by their size, so that negative time mirrors positive; without any weight the first part takes all.
    """
    if len(weights) == 1:
        return [total]
    sizes = [abs(weight) for weight in weights]
    whole = sum(sizes)
    if not sizes:
        assert total == 0, "nothing to spread a total over"
        return []
    if whole == 0:
        sizes, whole = [1, *[0] * (len(sizes) - 1)], 1
    magnitude = abs(total)
    shares = [divmod(magnitude * size, whole) for size in sizes]
    parts = [share[0] for share in shares]
    by_remainder = sorted(range(len(parts)), key=lambda index: (-shares[index][1], index))
    for index in by_remainder[: magnitude - sum(parts)]:
        parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]
