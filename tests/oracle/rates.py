"""The price of an hour, a day, or one of something."""

from __future__ import annotations

from fractions import Fraction

from tests.oracle.arithmetic import in_force, strength

COLUMNS = ["task", "project", "client", "person", "role", "team", "service"]


def rate_of(world: dict, work: dict) -> tuple[Fraction, str] | str:
    """The rate and its unit, or why there is none: "no-rate", "rates-equal"."""
    policy, carried = world["source_rates"], work["source_rate"]
    unit_of_service = world["services"].get(work["service"], {"unit": "hour"})["unit"]
    if work["kind"] == "time" and carried is not None and policy == "override":
        world["met"]["source_rates override"] += 1
        return round_rate(carried), unit_of_service
    found = best_row(world, work, unit_of_service)
    if found == "no-rate" and work["kind"] == "time" and carried is not None and policy == "fallback":
        world["met"]["source_rates fallback"] += 1
        return round_rate(carried), unit_of_service
    return found


def best_row(world: dict, work: dict, unit_of_service: str) -> tuple[Fraction, str] | str:
    """Of the rows that match, the one that is strongest in the first column in which they differ."""
    candidates = []
    for row in world["rates"]:
        unit = row["unit"] or unit_of_service
        if (unit == "each") != (work["kind"] != "time") or not in_force(row, work["day"]):
            continue
        levels = [strength(row.get(column, ""), work[column]) for column in COLUMNS]
        if None not in levels:
            candidates.append((levels, row["rate"], unit, row))
    if not candidates:
        world["met"]["no rate"] += 1
        return "no-rate"
    best = max(levels for levels, _, _, _ in candidates)
    winners = [candidate for candidate in candidates if candidate[0] == best]
    if len(winners) > 1:
        world["met"]["rates equal"] += 1
        return "rates-equal"
    _, rate, unit, row = winners[0]
    for column, level in zip(COLUMNS, best, strict=True):
        if level > 1:
            world["met"][f"rate by {column}" + (" (pattern)" if level == 2 else "")] += 1
    world["met"]["rate with dates"] += row.get("from") is not None or row.get("until") is not None
    world["met"][f"rate of unit {unit}"] += 1
    return rate, unit


def round_rate(rate: Fraction) -> Fraction:
    """Computed rates have 5 decimals, half-up."""
    scaled = abs(rate) * 100_000
    whole = int(scaled + Fraction(1, 2))
    return Fraction(whole if rate >= 0 else -whole, 100_000)
