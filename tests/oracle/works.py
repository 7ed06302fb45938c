"""From entries to priced work: what is billable, under which names, at which rate, and with what it shares a line."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from tests.oracle.arithmetic import half_up, strength
from tests.oracle.clock import days_of, month_of
from tests.oracle.rates import rate_of, round_rate


def works_of(world: dict, entries: list[dict]) -> list[dict]:
    """All billable work in chronological order, each with its rate or the reason why it has none."""
    found = []
    for entry in entries:
        if not entry["billable"]:
            world["met"]["not billable by the entry"] += 1
            continue
        days = days_of(world, entry)
        for part, (day, start, seconds) in enumerate(days):
            work = entry | {"day": day, "start": start, "seconds": seconds, "part": part}
            work |= {"seconds_of_days": [seconds for _, _, seconds in days], "client": world["client"]}
            work["role"], work["team"] = world["people"].get(entry["person"], ("", ""))
            named = named_work(world, work)
            if named is not None:
                found.append(named)
    return sorted(found, key=chronological)


def chronological(work: dict) -> tuple:
    """Worked day, start (without one: last), id."""
    start = work["start"]
    return (work["day"], start is None, work["day"] if start is None else start, work["id"], work["part"])


def named_work(world: dict, work: dict) -> dict | None:
    """The work with its item, tax code, class and rate; None: it is not billable, or no time at all."""
    expense = expense_row(world, work["service"]) if work["kind"] != "time" else None
    row = expense or world["services"][work["service"]]
    if not row["billable"]:
        world["met"]["not billable by the service or category"] += 1
        return None
    own_tax = work["tax_code"] if work["kind"] != "time" else ""
    work = work | {
        "item": row["item"],
        "tax_code": own_tax or world["client_tax_code"] or row["tax_code"] or world["tax_code"],
        "class": row.get("class") or world["client_class"],
        "markup": expense["markup"] if expense else Fraction(0),
        "month": month_of(work["day"]),
        "expense": expense is not None,
    }
    world["met"]["tax code of the item, client or service"] += work["tax_code"] != world["tax_code"]
    if work["kind"] != "time" and work["amount"] is not None:
        rate, unit = work["amount"], "each"
    else:
        found = rate_of(world, work)
        if isinstance(found, str) and work["kind"] == "time" and work["seconds"] == 0:
            return None
        if isinstance(found, str):
            return work | {"rate": None, "unit": "", "problem": found}
        rate, unit = found
    if work["kind"] != "time":
        return priced_item(world, work, rate)
    work |= {"rate": rate, "unit": unit, "problem": ""}
    return work


def expense_row(world: dict, category: str) -> dict | None:
    """An exact category goes before a pattern, a pattern before an empty cell."""
    matching = [(strength(row["category"], category), row) for row in world["expenses"]]
    matching = [(level, row) for level, row in matching if level is not None]
    return max(matching, key=lambda pair: pair[0])[1] if matching else None


def priced_item(world: dict, work: dict, amount: Fraction) -> dict:
    """Quantity times amount, less the rebate, plus the markup, rounded once."""
    one = amount * (1 - work["rebate"] / 100) * (1 + work["markup"] / 100)
    world["met"][work["kind"]] += 1
    world["met"]["rebate"] += work["rebate"] != 0
    world["met"]["markup"] += work["markup"] != 0
    world["met"]["item at a rate row of unit each"] += work["amount"] is None
    cents = half_up(work["quantity"] * one * 10 ** world["digits"])
    return work | {"rate": round_rate(one), "unit": "each", "cents": cents, "billed": 0, "problem": ""}


def group_of(world: dict, work: dict) -> str:
    """The document on which the work stands."""
    way = world["one_invoice_per"]
    world["met"][f"one_invoice_per {way}"] += 1
    if way == "client":
        return ""
    if way in ("task", "parent-task"):
        task = work["task"]
        while way == "parent-task" and task and world["parents"].get(task):
            task = world["parents"][task]
        return f"tool:{task}" if task else ""
    if way == "purchase-order":
        return work["purchase_order"] or world["client_purchase_order"]
    return work["project"] if way == "project" else work["person"]


def label_of(work: dict, way: str) -> str:
    """What lines are per; another rate, unit, tax code, item, class or month is another line anyway."""
    if way == "entry":
        return work["id"]
    if way == "day":
        return work["day"].isoformat()
    if way == "week":
        return (work["day"] - timedelta(days=work["day"].weekday())).isoformat()
    return work[way] if way in ("person", "service", "task", "project") else ""


def line_key(world: dict, work: dict, way: str | None = None) -> tuple:
    way = way or world["lines_per"]
    same = ("rate", "unit", "tax_code", "item", "class", "month")
    label = label_of(work, way)
    kind = "time" if work["kind"] == "time" else "expense" if work["kind"] == "expense" else "product"
    return (group_of(world, work), kind, label, *(work[name] for name in same))


def rounding_group(world: dict, work: dict) -> tuple:
    """Whose seconds are rounded together: one line's, or of it one person's day.

    A day that has a line per entry is grouped as with a line per service.
    """
    if world["applies_to"] == "line":
        return line_key(world, work)
    key = line_key(world, work, "service" if world["lines_per"] == "entry" else None)
    return (*key, work["person"], work["day"])
