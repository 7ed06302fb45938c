"""Caps: work is admitted in chronological order until a budget is used up, then cut to the cent."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.arithmetic import half_up, speaks_of, split
from tests.oracle.clock import month_of
from tests.oracle.lines import price, price_pieces
from tests.oracle.works import chronological


def season(every: str, day: date) -> date | None:
    """The first day of the week, month, quarter or year in which a cap counts; None: for good."""
    if every == "week":
        return day - timedelta(days=day.weekday())
    if every == "month":
        return month_of(day)
    if every == "quarter":
        return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
    return date(day.year, 1, 1) if every == "year" else None


def counts(piece: dict) -> bool:
    """Time and products count, expenses do not."""
    return piece["kind"] != "expense"


def apply_caps(world: dict, lines: list[dict], used: dict) -> list[dict]:
    """Cut the lines' pieces to what the caps still admit; gives what is written down or held.

    `used` has the cents and seconds that each cap counted before, by (row's number, season), and is brought forward.
    """
    if not world["caps"]:
        return []
    beyond = []
    order = sorted(
        ((piece, line) for line in lines for piece in line["pieces"] if counts(piece)),
        key=lambda pair: (*chronological(pair[0]), pair[0]["number"]),
    )
    for piece, line in order:
        rows = caps_of(world, piece)
        left = [(key, row, *remaining(world, row, used.get(key, (0, 0)))) for key, row in rows]
        for _, row, cents, seconds in left:
            passed = (cents is not None and cents < piece["cents"]) or (
                seconds is not None and seconds < piece["billed"]
            )
            world["met"]["cap warns"] += row["over"] == "warn" and passed
        beyond += cut_piece(world, piece, line, [one for one in left if one[1]["over"] != "warn"])
        for key, _ in rows:
            cents, seconds = used.get(key, (0, 0))
            used[key] = (cents + piece["cents"], seconds + piece["billed"])
    for line in lines:
        reprice(world, line, used)
    lines[:] = [line for line in lines if line["pieces"]]
    return beyond


def caps_of(world: dict, piece: dict) -> list[tuple[tuple, dict]]:
    """The caps that count a piece, each with its row's number and its season."""
    named = piece | {"purchase_order": piece["purchase_order"] or world["client_purchase_order"]}
    return [
        ((number, season(row["every"], piece["day"])), row)
        for number, row in enumerate(world["caps"])
        if speaks_of(row, named, "client", "project", "purchase_order")
    ]


def remaining(world: dict, row: dict, used: tuple[int, int]) -> tuple[int | None, int | None]:
    cents = None if row["amount"] is None else max(int(row["amount"] * 10 ** world["digits"]) - used[0], 0)
    seconds = None if row["hours"] is None else max(int(row["hours"] * 3600) - used[1], 0)
    return cents, seconds


def cut_piece(world: dict, piece: dict, line: dict, left: list[tuple]) -> list[dict]:
    """The tightest cap cuts; gives the part that is beyond it."""
    by_money = [cents for _, _, cents, _ in left if cents is not None and cents < piece["cents"]]
    by_time = [seconds for _, _, _, seconds in left if seconds is not None and seconds < piece["billed"]]
    if not by_money and not by_time:
        return []
    cents = min([piece["cents"], *by_money])
    admitted = piece["billed"]
    if by_money and piece["kind"] == "time":
        admitted = min(
            admitted, half_up(Fraction(cents, 10 ** world["digits"]) / piece["rate"] * per_unit(world, piece))
        )
    tightest = by_money
    if by_time and (not by_money or min(by_time) < admitted):
        admitted, tightest = min(by_time), by_time
        cents = min(cents, price(world, admitted, piece["rate"], piece["unit"]))
    else:
        line["stands_alone"] = True
    tell(world, piece, left, cents, admitted)
    real = split(piece["seconds"], [admitted, piece["billed"] - admitted])
    beyond = piece | {"billed": piece["billed"] - admitted, "seconds": real[1], "cents": piece["cents"] - cents}
    piece |= {"billed": admitted, "seconds": real[0], "cents": cents}
    if cents == 0 and admitted == 0:
        line["pieces"] = [one for one in line["pieces"] if one is not piece]
    line["cut"] = True
    which = 2 if tightest is by_money else 3
    overs = [one[1]["over"] for one in left if one[which] == min(tightest)]
    return [beyond | {"over": overs[0]}]


def per_unit(world: dict, piece: dict) -> Fraction:
    return 3600 * world["hours_per_day"] if piece["unit"] == "day" else Fraction(3600)


def tell(world: dict, piece: dict, left: list[tuple], cents: int, admitted: int) -> None:
    for _, row, _, _ in left:
        world["met"][f"cap {row['over']}"] += 1
        world["met"]["cap in hours" if row["hours"] is not None else "cap in money"] += 1
        world["met"][f"cap every {row['every'] or 'time'}"] += 1
    world["met"]["cap cuts an entry"] += 0 < admitted < piece["billed"]
    world["met"]["several caps"] += len(left) > 1


def reprice(world: dict, line: dict, used: dict) -> None:
    """A line that was cut says its entries' cents; one that only hours were cut from is hours times rate anew.

    The latter only where that does not pass, by a cent, what the caps in money leave.
    """
    if not line.get("cut"):
        return
    line["seconds"] = sum(piece["billed"] for piece in line["pieces"])
    if line["pieces"] and not line.get("stands_alone"):
        before = [piece["cents"] for piece in line["pieces"]]
        price_pieces(world, line["pieces"])
        if passes(world, line["pieces"], before, used):
            for piece, cents in zip(line["pieces"], before, strict=True):
                piece["cents"] = cents
    line["amount"] = sum(piece["cents"] for piece in line["pieces"])


def passes(world: dict, pieces: list[dict], before: list[int], used: dict) -> bool:
    """Whether the cents that pieces have now are too many for a cap; else they are counted."""
    counted = dict(used)
    for piece, cents in zip(pieces, before, strict=True):
        for key, _ in caps_of(world, piece):
            money, seconds = counted[key]
            counted[key] = (money + piece["cents"] - cents, seconds)
    for (number, when), (money, _) in counted.items():
        row = world["caps"][number]
        limit = None if row["amount"] is None else int(row["amount"] * 10 ** world["digits"])
        if row["over"] != "warn" and limit is not None and money > limit and money > used[number, when][0]:
            return True
    used.update(counted)
    return False
