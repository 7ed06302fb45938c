"""Gives a plain world to the rules, and reads what `bill` made of it back as plain values."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from mappings.documents import Document
from mappings.rows import Unused
from mappings.work import Task, WorkItem
from mappings.world import Entry, World
from tests.mappings.rules import worlds

POLICIES = ("period", "one_invoice_per", "lines_per", "hours", "round_money", "day_split", "source_rates", "tax_code",
            "no_tax_code")  # fmt: skip


def decimal(value: Fraction | None) -> Decimal | None:
    return None if value is None else Decimal(value.numerator) / Decimal(value.denominator)


def text(value: Fraction) -> str:
    return f"{decimal(value):f}"


def dates(row: dict) -> dict:
    return {"valid_from": row.get("from"), "valid_until": row.get("until")}


def the_world(plain: dict) -> World:
    """The tables and policies, without any work."""
    more: dict[str, Any] = {name: plain[name] for name in POLICIES}
    more["rounding"] = (plain["step_minutes"], plain["direction"], plain["applies_to"], plain["minimum_minutes"])
    more["hours_per_day"] = decimal(plain["hours_per_day"])
    tables = {
        "clients": [
            worlds.client(
                plain["client"], plain["client"], currency=plain["currency"], tax_code=plain["client_tax_code"],
                class_name=plain["client_class"], purchase_order=plain["client_purchase_order"],
            )
        ],
        "services": [
            worlds.service(name, row["item"], unit=row["unit"], tax_code=row["tax_code"], class_name=row["class"],
                           billable=row["billable"])
            for name, row in plain["services"].items()
        ],
        "people": [worlds.person(name, role=role, team=team) for name, (role, team) in plain["people"].items()],
        "rates": [
            worlds.rate(text(row["rate"]), unit=row["unit"], **dates(row), **{name: row[name] for name in NAMES})
            for row in plain["rates"]
        ],
        "expenses": [
            worlds.expense(row["category"], row["item"], markup_percent=decimal(row["markup"]),
                           tax_code=row["tax_code"], billable=row["billable"])
            for row in plain["expenses"]
        ],
        "holidays": [day.isoformat() for day in sorted(plain["holidays"])],
        "premiums": [premium(row) for row in plain["premiums"]],
        "caps": [
            worlds.cap(
                row["amount"] and text(row["amount"]), row["over"], row["client"],
                hours=row["hours"] and text(row["hours"]),
                project=row["project"], purchase_order=row["purchase_order"], every=row["every"],
            )
            for row in plain["caps"]
        ],
        "retainers": [retainer(plain, row) for row in plain["retainers"]],
        "fees": [fee(plain, row) for row in plain["fees"]],
        "discounts": [
            worlds.discount(
                row["percent"] and text(row["percent"]), row["client"], row["item"],
                amount=row["amount"] and text(row["amount"]),
                project=row["project"], service=row["service"], base=row["base"], **dates(row),
            )
            for row in plain["discounts"]
        ],
    }  # fmt: skip
    tasks = {("tool", name): the_task(plain, name) for name in ("6", "7", "8", "9")}
    return worlds.world([], tasks=tasks, **tables, **more)


def the_task(plain: dict, name: str) -> Task:
    done = name in plain["done"]
    day = date(2026, 10, 1) if done else None
    return Task("tool", name, parent=plain["parents"].get(name, ""), done=done, done_on=day)


NAMES = ("task", "project", "client", "person", "role", "team", "service")


def retainer(plain: dict, row: dict) -> Any:
    most = row["most"] if row["unused"] == "carry-max" else None
    until = row["unused_until"] if row["unused"] == "carry-until" else None
    extra = {} if row["extra_rate"] is None else {"extra_rate": text(row["extra_rate"])}
    return worlds.retainer(
        None if row["hours"] is None or row["kind"] == "spend" else text(row["hours"]),
        text(row["fee"]), plain["client"], row["name"], kind=row["kind"], services=row["services"],
        projects=row["projects"], every=row["every"],
        draw=row["draw"], unused=Unused(row["unused"], most, until), prorate=row["prorate"], **extra, **dates(row),
    )  # fmt: skip


def fee(plain: dict, row: dict) -> Any:
    on = row["on"].isoformat() if isinstance(row["on"], date) else str(row["on"])
    return worlds.fee(
        text(row["amount"]), row["description"], plain["client"], every=row["every"], on=on, service=row["service"],
        project=row["project"], quantity=decimal(row["quantity"]), prorate=row["prorate"], **dates(row),
    )  # fmt: skip


def premium(row: dict) -> Any:
    price = {way: text(row[way]) for way in ("rate", "add", "factor") if row.get(way) is not None}
    return worlds.premium(
        row["name"], row["when"]["text"], service=row["service"], client=row["client"], **price, **dates(row)
    )


def the_entry(plain: dict, client: str, revision: int = 1, deleted: bool = False) -> Entry:
    item = {} if plain["kind"] == "time" else {
        "quantity": decimal(plain["quantity"]), "amount": decimal(plain["amount"]),
        "rebate_percent": decimal(plain["rebate"]), "tax_code": plain["tax_code"],
    }  # fmt: skip
    work = WorkItem(
        "tool", plain["id"], plain["day"], plain["seconds"], plain["person"], client, plain["project"], plain["task"],
        plain["service"], started_at=plain["start"], billable=plain["billable"], purchase_order=plain["purchase_order"],
        source_rate=decimal(plain["source_rate"]), kind=plain["kind"], **item,
    )  # fmt: skip
    return Entry(work, revision, deleted)


def read_back(document: Document) -> dict:
    """Lines, and what each entry got of them, as `histories` says them."""
    entries: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0, 0])
    for row in document.allocations:
        found = entries[row.entry, row.effect]
        found[0] += row.seconds
        found[1] += row.billed_seconds
        found[2] += row.amount_minor
    return {
        "lines": sorted(
            (line.kind, line.item, line.tax_code, line.amount_minor, line.seconds) for line in document.lines
        ),
        "entries": {key: tuple(value) for key, value in entries.items() if any(value)},
        "subtotal": document.subtotal_minor,
        "blocked": bool(document.problems),
    }
