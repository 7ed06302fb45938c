"""Lines: seconds are priced and rounded once, and the cents are shared among the entries of the line."""

from __future__ import annotations

from collections import defaultdict
from fractions import Fraction

from tests.oracle.arithmetic import half_up, largest_remainder, split
from tests.oracle.works import line_key


def price(world: dict, seconds: int, rate: Fraction, unit: str) -> int:
    """Cents of these seconds, rounded once; with `two-decimals` their hours are rounded first."""
    hours = Fraction(seconds, 3600)
    if world["hours"] == "two-decimals":
        hours = Fraction(half_up(hours * 100), 100)
    units = hours / world["hours_per_day"] if unit == "day" else hours
    return half_up(units * rate * 10 ** world["digits"])


def quantity_is_zero(world: dict, pieces: list[dict]) -> bool:
    """Whether the time of a line became 0, which makes no line."""
    if world["hours"] == "exact":
        return sum(piece["billed"] for piece in pieces) == 0
    if world["round_money"] == "line":
        return half_up(Fraction(sum(piece["billed"] for piece in pieces), 36)) == 0
    return sum(half_up(Fraction(seconds, 36)) for seconds in by_entry(pieces).values()) == 0


def without_zero(world: dict, lines: list[dict]) -> list[dict]:
    """Time that became 0 is settled and makes no line."""
    found = []
    for line in lines:
        if line["kind"] == "time" and line["amount"] == 0 and quantity_is_zero(world, line["pieces"]):
            world["met"]["time that became 0"] += 1
        else:
            found.append(line)
    return found


def by_entry(pieces: list[dict]) -> dict[str, int]:
    """The seconds of each entry on a line, whole days or pieces of it."""
    found: dict[str, int] = defaultdict(int)
    for piece in pieces:
        found[piece["id"]] += piece["billed"]
    return found


def make_lines(world: dict, pieces: list[dict]) -> list[dict]:
    """The lines of pieces that are invoiced, each piece with its share of the cents."""
    grouped = defaultdict(list)
    for piece in pieces:
        grouped[line_key(world, piece)].append(piece)
    lines = []
    for key, mine in grouped.items():
        world["met"][f"lines_per {world['lines_per']}"] += 1
        if mine[0]["kind"] != "time":
            lines.append(line_of(key, mine, sum(piece["cents"] for piece in mine)))
            continue
        price_pieces(world, mine)
        world["met"][f"hours {world['hours']}, money by {world['round_money']}"] += 1
        lines.append(line_of(key, mine, sum(piece["cents"] for piece in mine)))
    return lines


def price_pieces(world: dict, pieces: list[dict]) -> None:
    """Give each piece of a line its cents."""
    rate, unit = pieces[0]["rate"], pieces[0]["unit"]
    if world["round_money"] == "entry":
        share_by_entry(world, pieces, rate, unit)
    else:
        share_by_seconds(world, pieces, price(world, sum(piece["billed"] for piece in pieces), rate, unit))


def share_by_entry(world: dict, pieces: list[dict], rate: Fraction, unit: str) -> None:
    """Each entry's seconds on the line are priced and rounded by themselves."""
    for entry, seconds in by_entry(pieces).items():
        mine = [piece for piece in pieces if piece["id"] == entry]
        shares = split(price(world, seconds, rate, unit), [piece["billed"] for piece in mine])
        for piece, cents in zip(mine, shares, strict=True):
            piece["cents"] = cents


def share_by_seconds(world: dict, pieces: list[dict], amount: int) -> None:
    """Each entry's part of the line's cents; beside corrections of negative time each has its own price."""
    whole = sum(piece["billed"] for piece in pieces)
    if any(piece["billed"] < 0 for piece in pieces) and any(piece["billed"] > 0 for piece in pieces):
        exact = [exact_price(world, piece) for piece in pieces]
    else:
        exact = [Fraction(amount * piece["billed"], whole or 1) for piece in pieces]
    for piece, cents in zip(pieces, largest_remainder(amount, exact), strict=True):
        piece["cents"] = cents


def exact_price(world: dict, piece: dict) -> Fraction:
    units = Fraction(piece["billed"], 3600) / (world["hours_per_day"] if piece["unit"] == "day" else 1)
    return units * piece["rate"] * 10 ** world["digits"]


def line_of(key: tuple, pieces: list[dict], amount: int) -> dict:
    group, kind, _, rate, unit, tax_code, item, class_name, _ = key
    seconds = sum(piece["billed"] for piece in pieces)
    return {
        "group": group, "kind": kind, "rate": rate, "unit": unit, "tax_code": tax_code, "item": item,
        "class": class_name, "amount": amount, "seconds": seconds, "pieces": pieces,
    }  # fmt: skip
