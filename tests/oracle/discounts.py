"""Discounts: negative lines of their own, one per row and tax code, on the amounts before any discount."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

from tests.oracle.arithmetic import half_up, in_force, largest_remainder, speaks_of, split
from tests.oracle.works import chronological


def comes_off(row: dict, piece: dict) -> bool:
    """Blank: everything but expenses and retainer fees; an expense only where its category is named."""
    if piece["kind"] == "retainer" or not speaks_of(row, piece, "client", "project", "service"):
        return False
    return piece["kind"] != "expense" or row["service"] != ""


def discount_lines(world: dict, lines: list[dict], dated: date) -> list[dict]:
    """The discounts of one document; each piece keeps what came off it as `off`."""
    found = []
    pieces = sorted((piece for line in lines for piece in line["pieces"]), key=chronological)
    for row in world["discounts"]:
        sums: dict[str, list[dict]] = defaultdict(list)
        for piece in pieces:
            if comes_off(row, piece) and (row["amount"] is not None or in_force(row, piece["day"])):
                # On gross its line stands outside tax, whatever it comes off.
                sums[world["no_tax_code"] if row["base"] == "gross" else piece["tax_code"]].append(piece)
        if row["percent"] is not None:
            offs = {code: half_up(total(mine) * row["percent"] / 100) for code, mine in sums.items()}
        elif in_force(row, dated):
            whole = int(row["amount"] * 10 ** world["digits"])
            offs = split_amount(min(whole, sum(map(total, sums.values()))), sums)
        else:
            offs = {}
        for code, off in offs.items():
            if off:
                world["met"][f"discount {row['base']}, {'percent' if row['percent'] is not None else 'amount'}"] += 1
                world["met"]["several discounts"] += bool(found)
                found.append(discount_line(world, row, code, off, sums[code]))
    return found


def total(pieces: list[dict]) -> int:
    return sum(piece["cents"] for piece in pieces)


def split_amount(whole: int, sums: dict[str, list[dict]]) -> dict[str, int]:
    """An amount over the tax codes by their sums; nothing where there is nothing to take it from."""
    if whole <= 0:
        return {}
    codes = [code for code in sums if total(sums[code]) > 0]
    return dict(zip(codes, split(whole, [total(sums[code]) for code in codes]), strict=True))


def discount_line(world: dict, row: dict, code: str, off: int, pieces: list[dict]) -> dict:
    if row["percent"] is None:
        shares = split(off, [max(piece["cents"], 0) for piece in pieces])
    else:
        shares = largest_remainder(off, [row["percent"] * piece["cents"] / 100 for piece in pieces])
    return {
        "group": "", "kind": "discount", "rate": None, "unit": "", "item": row["item"], "class": None,
        "tax_code": code, "amount": -off, "seconds": 0, "pieces": [], "offs": list(zip(pieces, shares, strict=True)),
    }  # fmt: skip
