"""Steps and minimums: what is billed of the seconds worked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from fractions import Fraction
from math import ceil, floor

from tests.oracle.arithmetic import split


def rounded(world: dict, seconds: int) -> int:
    """Minimum first, then the step; zero stays zero; negative time mirrors positive."""
    if seconds == 0:
        return 0
    if seconds < 0:
        world["met"]["negative time"] += 1
        return -rounded(world, -seconds)
    size = max(seconds, world["minimum_minutes"] * 60)
    world["met"]["minimum"] += size > seconds
    if world["step_minutes"]:
        steps = Fraction(size, world["step_minutes"] * 60)
        whole = {"up": ceil, "down": floor, "nearest": lambda number: floor(number + Fraction(1, 2))}
        size = whole[world["direction"]](steps) * world["step_minutes"] * 60
        world["met"][f"step {world['direction']} by {world['applies_to']}"] += 1
    return size


def add_increments(world: dict, works: list[dict], group_of: Callable[[dict], tuple]) -> None:
    """Give each work its `billed` seconds. `group_of` says whose seconds are rounded together (applies_to line, day).

    Work that midnight cut is rounded whole, and what that adds is spread over its days.
    """
    groups = defaultdict(list)
    for work in works:
        groups[work["id"] if world["applies_to"] == "entry" else group_of(work)].append(work)
    for group in groups.values():
        total = sum(work["seconds"] for work in group)
        if world["applies_to"] == "entry":
            # A day may bring only one of the days of an entry: the whole entry is rounded all the same.
            parts = group[0]["seconds_of_days"]
            billed = split(rounded(world, sum(parts)), parts)
            for work in group:
                work["billed"] = billed[work["part"]]
        else:
            extra = split(rounded(world, total) - total, [work["seconds"] for work in group])
            for work, more in zip(group, extra, strict=True):
                work["billed"] = work["seconds"] + more
