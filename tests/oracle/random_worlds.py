"""Random worlds of one client as plain dictionaries: tables, policies and work. The same seed makes the same world.

Each rule is in about a third of the worlds, so that rules meet each other and a world that differs stays small enough
to be read.
"""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from fractions import Fraction
from random import Random

from tests.oracle.clock import ZONE

MARIE, LUC, ANA = "Marie", "Luc", "Ana"
PEOPLE = {MARIE: ("Senior", "Web"), LUC: ("Junior", "Web"), ANA: ("Senior", "")}
SERVICES = ("Consultation", "Support", "Free")
CATEGORIES = ("Hotel", "Mileage", "Own car", "Toner")
PROJECTS, TASKS = ("", "Web", "Web shop", "App"), ("", "7", "8", "9")
NAMES = {
    "task": ("7", "8"), "project": ("Web", "Web shop", "App"), "client": ("Hydro", "Acme", "Hyd*"),
    "person": (MARIE, LUC, ANA),
    "role": ("Senior", "Junior"), "team": ("Web",), "service": ("Consultation", "Support"),
}  # fmt: skip
FIRST_DAY = date(2026, 10, 1)
DAYS = 61
"""October and November 2026: clocks are put back on 1 November."""
WHENS: tuple[dict, ...] = (
    {"text": "", "kind": "always"},
    {"text": "weekend", "kind": "weekend"},
    {"text": "holiday", "kind": "holiday"},
    {"text": "Mon-Fri 17:00-09:00", "kind": "window", "days": (0, 1, 2, 3, 4), "begins": 61200, "ends": 32400},
    {"text": "22:00-02:00", "kind": "window", "days": (0, 1, 2, 3, 4, 5, 6), "begins": 79200, "ends": 7200},
    {"text": "Sun 01:00-01:30", "kind": "window", "days": (6,), "begins": 3600, "ends": 5400},
    {"text": "outside Mon-Fri 09:00-17:00", "kind": "outside", "days": (0, 1, 2, 3, 4), "begins": 32400, "ends": 61200},
    {"text": "daily-over 4h", "kind": "daily-over", "over_seconds": 14400},
    {"text": "daily-over 1.5h", "kind": "daily-over", "over_seconds": 5400},
    {"text": "weekly-over 6h", "kind": "weekly-over", "over_seconds": 21600},
)


def random_world(seed: int) -> dict:
    """One world without its work's history; `periods_of` and `changes` say what comes when."""
    random = Random(seed)
    choose = random.choice
    world: dict = {
        "seed": seed, "met": Counter(), "client": "Hydro", "zone": "America/Toronto", "people": PEOPLE,
        "currency": "CAD", "digits": 2, "tax_code": "QC", "no_tax_code": "Out",
        "client_tax_code": choose(["", "", "", "ON"]),
        "client_class": choose(["", "", "North"]), "client_purchase_order": choose(["", "", "PO-1"]),
        "period": choose(["month", "month", "half-month", "week"]),
        "one_invoice_per": "client" if random.random() < 0.6 else choose(
            ["project", "task", "parent-task", "purchase-order", "person"]
        ),
        "lines_per": choose(["service", "entry", "day", "week", "person", "task", "project", "rate", "one"]),
        "hours": choose(["exact", "exact", "two-decimals"]), "round_money": choose(["line", "line", "entry"]),
        "hours_per_day": choose([Fraction(15, 2), Fraction(8), Fraction(7)]), "day_split": choose(["start", "split"]),
        "source_rates": choose(["ignore", "ignore", "fallback", "override"]), "step_minutes": choose([0, 0, 6, 15]),
        "minimum_minutes": choose([0, 0, 20]), "direction": choose(["up", "nearest", "down"]),
        "applies_to": choose(["entry", "entry", "day", "line"]), "parents": {"8": "7", "7": "6"},
        "done": {"6", "7", "9", *choose([["8"], []])},
        "premiums": [], "caps": [], "discounts": [], "retainers": [], "fees": [], "holidays": set(),
    }  # fmt: skip
    if random.random() < 0.2:
        world["currency"], world["digits"] = choose([("JPY", 0), ("KWD", 3)])
    world["services"] = services(random)
    world["expenses"] = expenses(random)
    world["rates"] = rates(random, world)
    if random.random() < 0.4:
        world["premiums"] = premiums(random)
        world["holidays"] = {date(2026, 10, 12), date(2026, 11, 11)}
    if random.random() < 0.35:
        world["caps"] = [cap(random, world) for _ in range(random.randint(1, 2))]
    if random.random() < 0.35:
        world["discounts"] = [discount(random, world, number) for number in range(random.randint(1, 3))]
    world["entries"] = [random_entry(random, number) for number in range(random.randint(1, 10))]
    if random.random() < 0.4:
        world |= {"period": "month", "one_invoice_per": "client", "applies_to": "entry"}
        world["retainers"] = retainers(random) if random.random() < 0.7 else []
        world["fees"] = [fee(random, number) for number in range(random.randint(0, 2))]
        settle(world)
    if world["hours"] == "two-decimals" and world["caps"]:
        # In which order hundredths of an hour and a cap's cents are rounded when both count, nothing says.
        world["caps"] = [row for row in world["caps"] if (row["hours"] is None) == (world["caps"][0]["hours"] is None)]
    if world["applies_to"] != "entry":
        # Not right yet: once a cap holds a part of a group that was rounded together, the rest is rounded anew.
        world["caps"] = [row for row in world["caps"] if row["over"] != "hold"]
    holds = any(row["over"] == "hold" for row in world["caps"])
    if holds:
        # What one cap holds, another might write down later.
        world["caps"] = [row for row in world["caps"] if row["over"] != "write-down"]
    if world["period"] != "month" or world["applies_to"] != "entry" or holds:
        # Late work goes where a later period has work of its own: by the month, that is always November. Other tests
        # have it join a day that was rounded, and stand beside work that is held.
        for entry in world["entries"]:
            entry["known"] = entry["day"]
    overtime = any("over" in row["when"]["kind"] for row in world["premiums"])
    if overtime or world["hours"] == "two-decimals" or any(row["over"] == "hold" for row in world["caps"]):
        # Negative work would make room again for what is held, which then comes later; and nothing says how hundredths
        # of an hour are shared between time and its correction on a line, or of which hours of a day a correction is.
        for entry in world["entries"]:
            entry["seconds"], entry["quantity"] = abs(entry["seconds"]), entry["quantity"] and abs(entry["quantity"])
    return world


def services(random: Random) -> dict[str, dict]:
    blank = {"unit": "hour", "tax_code": "", "class": "", "billable": True}
    return {
        "Consultation": blank | {"item": "Consulting", "unit": random.choice(["hour", "hour", "day"])},
        "Support": blank | {"item": random.choice(["Consulting", "Help"]), "tax_code": random.choice(["", "ON"]),
                            "class": random.choice(["", "South"])},
        "Free": blank | {"item": "Consulting", "billable": random.random() < 0.3},
        "Toner": blank | {"item": "Toner", "unit": "each"},
    }  # fmt: skip


def expenses(random: Random) -> list[dict]:
    def row(category: str, **more) -> dict:
        markup = random.choice([Fraction(0), Fraction(8), Fraction(25, 2), Fraction(-5)])
        return {"category": category, "item": "Costs", "markup": markup, "tax_code": "", "billable": True} | more

    return [row("Hotel"), row("M*", tax_code="ON"), row("Own car", billable=random.random() < 0.7)]


def rates(random: Random, world: dict) -> list[dict]:
    """A rate for everything, so that most worlds have one, and stronger rows beside it."""
    some = [{"rate": Fraction(random.choice(["84", "83.33", "70", "91.17", "0.01"]))}] if random.random() < 0.93 else []
    some.append({"service": "M*|Toner", "rate": Fraction("0.58"), "unit": "each"})
    for _ in range(random.randint(0, 4)):
        row: dict = {column: cell(random, column) for column in NAMES}
        row["rate"] = Fraction(random.randint(1, 20_000_000), 100_000) * (8 if random.random() < 0.2 else 1)
        row["unit"] = random.choice(["", "", "hour", "day"])
        some.append(row | dates(random))
    return [dict.fromkeys(NAMES, "") | {"unit": "", "from": None, "until": None} | row for row in some]


def cell(random: Random, column: str) -> str:
    if random.random() < 0.72:
        return ""
    names = random.sample(NAMES[column], random.randint(1, min(2, len(NAMES[column]))))
    return "|".join(name[:2] + "*" if random.random() < 0.25 and "*" not in name else name for name in names)


def dates(random: Random) -> dict:
    found = {}
    for column in ("from", "until"):
        if random.random() < 0.3:
            found[column] = FIRST_DAY + timedelta(days=random.randint(0, DAYS))
    return found


def premiums(random: Random) -> list[dict]:
    found = []
    for number in range(random.randint(1, 4)):
        way = random.choice(["rate", "add", "factor"])
        value = {"rate": ["50", "133.33"], "add": ["20", "33.335", "-0.005"], "factor": ["1.5", "2", "1.333", "0.9"]}[
            way
        ]
        row = {
            "name": f"P{number}",
            "service": "",
            "client": "",
            "when": random.choice(WHENS),
            "from": None,
            "until": None,
        }
        row |= {way: Fraction(random.choice(value)), "service": random.choice(["", "", "Support", "Con*"])} | dates(
            random
        )
        found.append(row)
        if random.random() < 0.2:
            found.append(row | {"client": random.choice(["Hydro", "Hy*", "Acme"]), way: Fraction(random.choice(value))})
    return found


def cap(random: Random, world: dict) -> dict:
    row = {
        "client": random.choice(["Hydro", "*"]), "project": random.choice(["", "", "Web*", "App"]), "amount": None,
        "hours": None, "purchase_order": random.choice(["", "", "PO-1|PO-2"]),
        "every": random.choice(["", "week", "month", "quarter", "year"]),
        "over": random.choice(["write-down", "write-down", "hold", "warn"]),
    }  # fmt: skip
    if random.random() < 0.7:
        return row | {"amount": Fraction(random.randint(1, 9) * 100 * 10 ** world["digits"] + 7, 10 ** world["digits"])}
    return row | {"hours": Fraction(random.choice([1, 3, 5, 10]))}


def discount(random: Random, world: dict, number: int) -> dict:
    row = {
        "client": random.choice(["Hydro", "*"]), "project": random.choice(["", "", "Web"]),
        "service": random.choice(["", "", "Support", "Hotel|Support", "Consultation"]), "percent": None, "amount": None,
        "base": random.choice(["net", "net", "gross"]), "item": f"Rebate {number}", "from": None, "until": None,
    }  # fmt: skip
    price = (
        {"amount": Fraction(33)}
        if random.random() < 0.4
        else {"percent": Fraction(random.choice(["10", "7.5", "33.333"]))}
    )
    return row | price | dates(random)


def retainers(random: Random) -> list[dict]:
    """A minimum, a block, both, or a minimum spend."""
    kinds = random.choice([["minimum"], ["minimum"], ["block"], ["minimum", "block"], ["block", "block"], ["spend"]])
    found = []
    for number, kind in enumerate(kinds):
        row = {
            "name": f"R{number}", "kind": kind, "services": random.choice(["", "", "Support", "Con*|Support"]),
            "projects": random.choice(["", "", "Web*"]),
            "hours": Fraction(random.choice(["1", "2.5", "5", "10", "20"])),
            "fee": Fraction(random.choice([300, 840, 1000])), "every": "month", "draw": "chronological",
            "unused": "lost",
            "from": random.choice([FIRST_DAY, FIRST_DAY, date(2026, 10, 20)]), "until": None, "most": 5400,
            "unused_until": date(2026, 11, 10), "prorate": "no",
            "extra_rate": random.choice([None, Fraction(118), Fraction("85.5")]),
        }  # fmt: skip
        if kind == "minimum":
            row["every"] = random.choice(["month", "month", "quarter"])
            row["unused"] = random.choice(["lost", "carry-1-month", "carry-max", "carry-until", "net"])
            row["hours"] = (
                random.choice([row["hours"], row["hours"], None]) if row["unused"] == "lost" else row["hours"]
            )
        if kind != "block":
            row["prorate"] = random.choice(["no", "calendar", "30"])
        if kind == "minimum" and row["hours"] is not None:
            row["prorate"] += random.choice(["", "+hours"]) if row["prorate"] != "no" else ""
            if len(kinds) == 1 and row["unused"] in ("lost", "carry-1-month", "carry-max"):
                row["draw"] = random.choice(["chronological", "pro-rata"])
        if kind == "block" or row["unused"] == "lost":
            row["until"] = random.choice([None, date(2026, 11, 20), date(2026, 12, 31)])
        found.append(row)
    return found


def fee(random: Random, number: int) -> dict:
    """A fixed fee by the month or quarter, or once."""
    every = random.choice(["month", "month", "quarter", "once"])
    return {
        "description": f"Fee {number}", "amount": Fraction(random.choice(["434", "99.99", "1000"])), "every": every,
        "quantity": Fraction(random.choice(["1", "1", "2.5"])), "service": random.choice(["Consultation", "Support"]),
        "project": random.choice(["", "Web"]), "from": random.choice([FIRST_DAY, date(2026, 10, 20)]),
        "until": random.choice([None, None, date(2026, 11, 14)]), "prorate": random.choice(["no", "calendar", "30"]),
        "on": random.choice(["last-day", 1, 31, 15]),
    } | ({"on": date(2026, 11, 3), "until": None, "prorate": "no"} if every == "once" else {})  # fmt: skip


def settle(world: dict) -> None:
    """Nothing late and nothing negative where a retainer counts: other tests have it change what was drawn."""
    if world["digits"] == 0:
        world["fees"] = [row | {"amount": Fraction(434)} for row in world["fees"]]
    if world["retainers"]:
        world["caps"] = [row for row in world["caps"] if row["over"] != "hold" and not world["premiums"]]
        if any(row["percent"] is not None for row in world["discounts"]):
            # Whose part of a percentage's odd cent is usage, nothing says: then all of it is.
            spend = {"services": "", "projects": "", "from": FIRST_DAY, "until": None}
            world["retainers"] = [row | (spend if row["kind"] == "spend" else {}) for row in world["retainers"]]
            world["discounts"] = [
                row | {"service": row["service"].removeprefix("Hotel|")} for row in world["discounts"]
            ]
        for entry in world["entries"]:
            entry["known"], entry["seconds"] = entry["day"], abs(entry["seconds"])
            entry["billable"] = True


def random_entry(random: Random, number: int) -> dict:
    """Time of any length, at a clock time or not; or an expense or a product."""
    day = FIRST_DAY + timedelta(days=random.randint(0, DAYS - 1))
    if random.random() < 0.1:
        day = random.choice([date(2026, 10, 31), date(2026, 11, 1)])
    entry = {
        "id": f"{number:02}", "kind": "time", "day": day, "start": None, "seconds": random_seconds(random),
        "person": random.choice(list(PEOPLE)), "project": random.choice(PROJECTS), "task": random.choice(TASKS),
        "service": random.choice(SERVICES[:2] * 4 + SERVICES), "billable": random.random() < 0.95,
        "purchase_order": random.choice(["", "", "PO-2"]), "source_rate": None, "quantity": None, "amount": None,
        "rebate": Fraction(0), "tax_code": "", "known": day,
    }  # fmt: skip
    if random.random() < 0.2:
        entry["known"] = max(day, date(2026, 11, 15))
    if random.random() < 0.15:
        return entry | priced(random)
    if random.random() < 0.2:
        entry["source_rate"] = Fraction(random.choice(["95", "77.7777777", "0.5"]))
    if random.random() < 0.6 and entry["seconds"] > 0:
        clock = time(
            random.choice([0, 0, 1, 7, 8, 15, 16, 20, 22, 23]), random.choice([0, 30, 50]), random.choice([0, 0, 17])
        )
        entry["start"] = datetime.combine(day, clock, ZONE).astimezone(UTC)
    return entry


def random_seconds(random: Random) -> int:
    lengths = [0, 1, 17, 600, 900, 1200, 3600, 5400, 7200, 10800, 14400, 28800]
    if random.random() < 0.05:
        return -random.choice([600, 1200, 3600])
    return random.choice(lengths) if random.random() < 0.6 else random.randint(1, 40_000)


def priced(random: Random) -> dict:
    kind = random.choice(["expense", "product"])
    category = random.choice(CATEGORIES[:3] if kind == "expense" else CATEGORIES)
    amount = Fraction(random.randint(1, 50_000), random.choice([100, 1000]))
    if category in ("Mileage", "Toner") and random.random() < 0.5:
        amount = None
    return {
        "kind": kind, "service": category, "seconds": 0, "amount": amount, "task": "",
        "quantity": Fraction(random.choice(["1", "2", "3", "0.5", "12.25", "-1"])),
        "rebate": Fraction(random.choice(["0", "0", "10", "12.5"])), "tax_code": random.choice(["", "", "ON", "QC"]),
    }  # fmt: skip
