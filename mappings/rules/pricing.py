"""Round: what a line costs, and each entry's share of it.

Rounded once on the line, its amount is spread over its entries by seconds; with `round_money = "entry"` each entry is
rounded, and the line is their sum. With `hours = "two-decimals"` the hours are rounded to 0.01 before the price: a
line's, or each entry's.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from mappings.documents import Terms
from mappings.money import RATE_SCALE, amount_of_seconds, digits_of, divide_half_up, scaled_rate, spread
from mappings.rules.charges import Charge
from mappings.rules.prices import quantity_of

_HUNDREDTH_SECONDS = 36
"""A hundredth of an hour."""


@dataclass(frozen=True, slots=True)
class Pricing:
    """How lines are priced."""

    two_decimals: bool = False
    """Hours have two decimals before they are priced."""
    by_entry: bool = False
    """Each entry is rounded, not the line."""

    def price(self, members: Sequence[Charge]) -> tuple[int, list[int]]:
        """The line's amount and each charge's share of it, in the same order; the shares sum to the amount."""
        exact = [charge.amount_minor for charge in members]
        known = [amount for amount in exact if amount is not None]
        if known:
            assert len(known) == len(members), "reversals stand apart"
            return sum(known), known
        if not self.by_entry:
            return self._together(members)
        shares = [0] * len(members)
        for places in _by_entry(members):
            _, parts = self._together([members[place] for place in places])
            for place, part in zip(places, parts, strict=True):
                shares[place] = part
        return sum(shares), shares

    def quantity(self, members: Sequence[Charge]) -> Decimal:
        """Hours, days or units of a line with 5 decimals, half-up, as they are priced."""
        terms = members[0].terms
        if terms.price is not None:
            return quantity_of(sum(charge.scaled_quantity for charge in members))
        groups = _by_entry(members) if self.by_entry else [list(range(len(members)))]
        seconds = sum(self._priced(sum(members[place].billed_seconds for place in places)) for places in groups)
        return quantity(seconds, terms.seconds_per_unit)

    def _together(self, members: Sequence[Charge]) -> tuple[int, list[int]]:
        terms = members[0].terms
        assert terms.rate is not None
        billed = [charge.billed_seconds for charge in members]
        seconds = self._priced(sum(billed))
        total = amount_of_seconds(seconds, terms.rate, terms.currency, terms.seconds_per_unit)
        if all(seconds >= 0 for seconds in billed) or all(seconds <= 0 for seconds in billed):
            return total, spread(total, billed)
        return total, _share_signed(total, billed, terms)

    def _priced(self, seconds: int) -> int:
        """The seconds that are priced: in hundredths of an hour where hours have two decimals."""
        if not self.two_decimals:
            return seconds
        return divide_half_up(seconds, _HUNDREDTH_SECONDS) * _HUNDREDTH_SECONDS


EXACT = Pricing()


def quantity(seconds: int, seconds_per_unit: int) -> Decimal:
    """Hours or days with 5 decimals, half-up."""
    return Decimal(divide_half_up(seconds * RATE_SCALE, seconds_per_unit)).scaleb(-5)


def _by_entry(members: Sequence[Charge]) -> list[list[int]]:
    """The places of each entry's charges on a line."""
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, charge in enumerate(members):
        places[charge.work.source, charge.work.id].append(place)
    return list(places.values())


def _share_signed(total: int, billed: Sequence[int], terms: Terms) -> list[int]:
    """Shares where some time is negative: each at its exact value rounded down, the rest by largest remainder."""
    assert terms.rate is not None
    scale = scaled_rate(terms.rate) * 10 ** digits_of(terms.currency)
    per_second = Fraction(scale, terms.seconds_per_unit * RATE_SCALE)
    values = [seconds * per_second for seconds in billed]
    parts = [value.numerator // value.denominator for value in values]
    order = sorted(range(len(parts)), key=lambda index: (parts[index] - values[index], index))
    # Where the line's hours were rounded, more than a cent each may be left, or less than none.
    each, rest = divmod(total - sum(parts), len(parts))
    parts = [part + each for part in parts]
    for index in order[:rest]:
        parts[index] += 1
    assert sum(parts) == total
    return parts
