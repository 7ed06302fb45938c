"""Fees on a calendar: which periods of a row end, or fall due, and what part of the price each owes."""

from __future__ import annotations

from datetime import date, timedelta
from fractions import Fraction

from tests.oracle.arithmetic import half_up
from tests.oracle.clock import last_of, month_of, next_month

MONTHS = {"month": 1, "quarter": 3}
DAY = timedelta(days=1)


def season_of(row: dict, day: date) -> tuple[date, date]:
    """First and last day of the row's month or quarter; quarters count from the month of `from`."""
    size = MONTHS[row["every"]]
    begun = month_of(row["from"])
    months = (day.year - begun.year) * 12 + day.month - begun.month
    first = next_month(begun, months // size * size)
    return first, last_of(next_month(first, size - 1))


def days_360(first: date, after: date) -> int:
    """Days between, where every month has 30; a 31st counts as the 30th."""
    days = min(after.day, 30) - min(first.day, 30)
    return (after.year - first.year) * 360 + (after.month - first.month) * 30 + days


def share(row: dict, first: date, last: date) -> Fraction:
    """The part of a period first..last that the row's from..until is in force."""
    way = row["prorate"].removesuffix("+hours")
    begin, end = max(first, row["from"]), min(last, row["until"] or last)
    if way == "no":
        return Fraction(1)
    if way == "calendar":
        return Fraction((end - begin).days + 1, (last - first).days + 1)
    return Fraction(days_360(begin, end + DAY), days_360(first, last + DAY))


def touched(row: dict, first: date, last: date) -> bool:
    return row["from"] <= last and (row["until"] is None or first <= row["until"])


def periods_of(row: dict, until: date) -> list[tuple[date, date, date]]:
    """The periods of a fixed fee as (first, last, due day), due by this day."""
    if row["every"] == "once":
        return [(row["on"], row["on"], row["on"])] if row["on"] <= until else []
    found = []
    size = MONTHS[row["every"]]
    first_month = next_month(month_of(row["from"]), -size)
    for number in range(8):
        month = next_month(first_month, number * size)
        if row["on"] == "last-day":
            first, last = month, last_of(next_month(month, size - 1))
            regular = last
            cut = min(last, row["until"] or last)
        else:
            first = the_day(month, row["on"])
            last = the_day(next_month(month, size), row["on"]) - DAY
            regular = first
            cut = max(first, row["from"])
        if not touched(row, first, last):
            continue
        due = regular if row["prorate"] == "no" else cut
        if row["from"] <= due and (row["until"] is None or due <= row["until"]) and due <= until:
            found.append((first, last, due))
    return found


def the_day(month: date, number: int) -> date:
    return min(month + timedelta(days=number - 1), last_of(month))


def fixed_fees(world: dict, billed: set, first: date, last: date) -> list[dict]:
    """The lines of the fixed fees that fall due in a document's period; each is billed once."""
    lines = []
    for row in world["fees"]:
        for begin, end, due in periods_of(row, last):
            key = (row["description"], begin)
            if key in billed:
                continue
            billed.add(key)
            part = share(row, begin, end) if row["every"] != "once" else Fraction(1)
            cents = half_up(row["amount"] * row["quantity"] * part * 10 ** world["digits"])
            world["met"][f"fixed fee every {row['every']}"] += 1
            world["met"]["fixed fee on a day number"] += isinstance(row["on"], int)
            world["met"][f"fixed fee prorated {row['prorate']}"] += part != 1 or row["prorate"] == "no"
            service = world["services"][row["service"]]
            tax_code = world["client_tax_code"] or service["tax_code"] or world["tax_code"]
            lines.append(fee_line(world, row, "fixed-fee", service["item"], tax_code, cents, due))
    return lines


def fee_line(world: dict, row: dict, kind: str, item: str, tax_code: str, cents: int, due: date) -> dict:
    piece = {
        "id": "~fee", "part": 0, "start": None, "kind": kind, "day": due, "client": world["client"],
        "seconds": 0, "billed": 0,
        "project": row.get("project", ""), "service": row.get("service", ""), "cents": cents, "tax_code": tax_code,
        "purchase_order": "", "fee": True,
    }  # fmt: skip
    return {
        "group": "", "kind": kind, "rate": None, "unit": "", "tax_code": tax_code, "item": item, "class": None,
        "amount": cents, "seconds": 0, "pieces": [piece],
    }  # fmt: skip
