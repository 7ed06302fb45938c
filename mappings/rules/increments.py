"""Increments: the minimum first, then the step; by entry, by a person's day in one line group, or by line group."""

from __future__ import annotations

from collections.abc import Sequence

from mappings.money import divide_half_up, spread
from mappings.settings import Rounding


def increments(seconds: int, rounding: Rounding) -> int:
    """Billed seconds of worked ones.

    Zero stays zero, an exact multiple never grows, a tie of `nearest` goes up, negative time mirrors positive.
    """
    size = abs(seconds)
    if size == 0:
        return 0
    size = max(size, rounding.minimum_minutes * 60)
    step = rounding.step_minutes * 60
    if step:
        if rounding.direction == "up":
            size = -(-size // step) * step
        elif rounding.direction == "down":
            size = size // step * step
        else:
            assert rounding.direction == "nearest", rounding.direction
            size = divide_half_up(size, step) * step
    return size if seconds > 0 else -size


def group_increments(seconds: Sequence[int], rounding: Rounding) -> list[int]:
    """Billed seconds of a group that is rounded together; what rounding adds or takes is spread by real seconds."""
    total = sum(seconds)
    extra = spread(increments(total, rounding) - total, seconds)
    return [real + more for real, more in zip(seconds, extra, strict=True)]


def split_worked(seconds: int, billed_parts: Sequence[int]) -> list[int]:
    """Cut an entry's worked seconds in proportion to its billed parts; parts are not rounded again."""
    return spread(seconds, billed_parts)
