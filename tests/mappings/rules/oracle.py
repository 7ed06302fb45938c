"""A second, slow way to price plain work, written from the rules in docs with fractions only.

It shares no code with the rules: rows are plain dictionaries, every row is looked at for every entry, and money is a
fraction until the one rounding of each line.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor

ORDER = ["task", "project", "client", "person", "role", "team", "service"]


def level(cell: str, name: str) -> int | None:
    """3 for an exact value, 2 for a pattern, 1 for an empty cell, None where it does not match."""
    if cell == "":
        return 1
    found = [
        3 if part == name.lower() else 2
        for part in cell.lower().split("|")
        if part == name.lower() or (part[-1] == "*" and name.lower()[: len(part) - 1] == part[:-1])
    ]
    return max(found) if found else None


def best_rate(rows: list[dict], work: dict) -> Fraction | str:
    """The price of an hour, or "none" or "tie"."""
    candidates = []
    for row in rows:
        levels = [level(row.get(column, ""), work[column]) for column in ORDER]
        if None in levels or not row.get("from", date.min) <= work["day"] <= row.get("until", date.max):
            continue
        candidates.append((levels, Fraction(row["rate"])))
    if not candidates:
        return "none"
    strongest = max(levels for levels, _ in candidates)
    prices = [price for levels, price in candidates if levels == strongest]
    return prices[0] if len(prices) == 1 else "tie"


def round_up_step(seconds: int, step: int, direction: str, minimum: int) -> int:
    """Increments of one entry in whole seconds."""
    if seconds == 0:
        return 0
    sign, size = (1, seconds) if seconds > 0 else (-1, -seconds)
    size = max(size, minimum)
    if step:
        steps = Fraction(size, step)
        count = {"up": -floor(-steps), "down": floor(steps), "nearest": floor(steps + Fraction(1, 2))}[direction]
        size = count * step
    return sign * size


def half_up(value: Fraction) -> int:
    return floor(value + Fraction(1, 2)) if value >= 0 else -floor(-value + Fraction(1, 2))


def price(works: list[dict], rows: list[dict], step: int, direction: str, minimum: int) -> dict:
    """{(client, month): {(service, price): cents}}, or "blocked" for a client's month with work that has no price."""
    hours: dict = {}
    blocked = set()
    for work in works:
        key = (work["client"], f"{work['day']:%Y-%m}")
        rate = best_rate(rows, work)
        if isinstance(rate, str):
            if work["seconds"]:
                blocked.add(key)
            continue
        line = hours.setdefault(key, {}).setdefault((work["service"], rate), [])
        line.append(round_up_step(work["seconds"], step, direction, minimum))
    result: dict = {}
    for key, lines in hours.items():
        result[key] = {
            line: half_up(Fraction(sum(seconds), 3600) * line[1] * 100)
            for line, seconds in lines.items()
            if sum(seconds)
        }
    return {key: lines for key, lines in result.items() if lines and key not in blocked} | dict.fromkeys(
        blocked, "blocked"
    )
