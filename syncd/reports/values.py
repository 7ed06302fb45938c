"""Values that every report shares: amounts with their currency, and how both are said."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from mappings.money import plain
from mappings.periods import Period


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units with its currency; in JSON a string with the currency's digits ("-33.60")."""

    minor: int
    currency: str

    def __str__(self) -> str:
        return f"{plain(self.minor, self.currency)}"

    def __bool__(self) -> bool:
        return self.minor != 0

    def __add__(self, other: Money) -> Money:
        assert self.currency == other.currency, "amounts of two currencies have no sum"
        return Money(self.minor + other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        return self + -other


@dataclass(frozen=True, slots=True)
class Selection:
    """Which part of the books a report is about: one client or all, the work of one period or all."""

    client: str = ""
    period: Period | None = None


def hours_text(seconds: int) -> str:
    """Seconds as decimal hours for people: "12.50"; with four digits where two would hide something."""
    hours = seconds / 3600  # For the eye alone: sums and proofs are made in seconds.
    return f"{hours:,.2f}" if seconds % 36 == 0 else f"{hours:,.4f}"


def duration_text(seconds: int) -> str:
    """Seconds as hours, minutes and seconds: "3 h 20 min"; exact."""
    sign, rest = ("-", -seconds) if seconds < 0 else ("", seconds)
    parts = [(rest // 3600, "h"), (rest % 3600 // 60, "min"), (rest % 60, "s")]
    return sign + (" ".join(f"{number} {unit}" for number, unit in parts if number) or "0 h")


def quantity_text(scaled_quantity: int) -> str:
    """A quantity of priced items, exact: "2.5"."""
    return f"{Decimal(scaled_quantity).scaleb(-5).normalize():f}"


def size_text(seconds: int, scaled_quantity: int) -> str:
    """How much work is, for people: "3 h 20 min", "2.5 items", or both."""
    parts = [duration_text(seconds)] if seconds or not scaled_quantity else []
    if scaled_quantity:
        parts.append(f"{quantity_text(scaled_quantity)} {'item' if abs(scaled_quantity) == 100_000 else 'items'}")
    return " and ".join(parts)


def amount_text(money: Money) -> str:
    """An amount for people: "1,234.50"."""
    whole, _, digits = plain(abs(money.minor), money.currency).partition(".")
    sign = "-" if money.minor < 0 else ""
    return f"{sign}{int(whole):,}{'.' + digits if digits else ''}"
