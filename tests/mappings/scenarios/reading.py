"""What stands in a scenario's folder as values, what its rules come to, and both told alike, to be compared."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from mappings.catalogue import Estimate
from mappings.documents import Document
from mappings.money import plain
from mappings.periods import parse_period
from mappings.rows import Tables
from mappings.rules.billing import bill
from mappings.rules.retainers import retainer_key
from mappings.settings import Approval, Billing, Company, Rounding
from mappings.tables import load_tables
from mappings.work import Task, WorkItem
from mappings.world import Bill, CapAlert, Entry, OpenItem, Run, World
from tests.mappings.rules.worlds import hours_of, post

HERE = Path(__file__).parent
FOLDERS = sorted(path.parent for path in HERE.glob("*/expected.toml"))
_DEFAULTS = {"timezone": "America/Toronto", "language": "en-CA", "currency": "CAD"}


class TablesRefusedError(Exception):
    """The tables of a scenario have mistakes."""


@dataclass(frozen=True, slots=True)
class Billed:
    """What one step of a scenario came to: `world` as it was billed, `after` once that is approved and sent."""

    number: int
    step: Mapping[str, Any]
    run: Run
    world: World
    made: Bill
    alerts: frozenset[CapAlert]
    """Of caps, that were not reached in a step before."""
    after: World


def read_expected(folder: Path) -> dict[str, Any]:
    """The company's policies, and what must come of each step."""
    return tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))


def bill_steps(folder: Path, expected: Mapping[str, Any]) -> Iterator[Billed]:
    """Bill one step after the other; what a step does not bring anew stays as it was."""
    world = World(company_of(expected), Tables(), date.min, expected.get("go_live"))
    known: frozenset[CapAlert] = frozenset()
    for number, step in enumerate(expected["step"], start=1):
        world = replace(world, today=step["today"])
        if "mappings" in step or number == 1:
            world = replace(world, tables=_tables(folder / step.get("mappings", "mappings"), world.company))
        if "work" in step or number == 1:
            work = read_work(folder / step.get("work", "work.csv"), world.company.timezone)
            world = replace(world, entries=_revised(world.entries, work))
        if "tasks" in step or number == 1:
            world = replace(world, tasks=read_tasks(folder / step.get("tasks", "tasks.csv")))
        world = replace(world, estimates=tuple(Estimate(**one) for one in step.get("estimates", [])))
        world = _as_quickbooks_has_it(world, step)
        run = Run(parse_period(step["period"]) if "period" in step else None)
        made = bill(world, run)
        after = _with_draws(post(world, made), made)
        alerts = frozenset(made.alerts) - known
        known |= alerts
        yield Billed(number, step, run, world, made, alerts, after)
        world = after


def _as_quickbooks_has_it(world: World, step: Mapping[str, Any]) -> World:
    """What is open there, and what was paid of deposits."""
    items = [
        OpenItem(client, kind, dated, minor(balance), next(iter(deposit), ""))
        for client, kind, dated, balance, *deposit in step.get("open", [])
    ]
    keys = {row.name: retainer_key(row) for row in world.tables.retainers}
    paid = {keys[name]: minor(amount) for name, amount in step.get("paid", {}).items()}
    return replace(world, open_items=tuple(items), deposits_paid=paid)


def _with_draws(world: World, made: Bill) -> World:
    """What was drawn from deposits is open, too, until it is applied."""
    drawn = tuple(
        OpenItem(document.key.client, "credit-memo", document.dated, -row.amount_minor, row.fee)
        for document in made.documents
        for row in document.fees
        if row.due == "draw"
    )
    return replace(world, open_items=(*world.open_items, *drawn))


def minor(amount: str) -> int:
    """An amount of a currency with cents, in cents."""
    return int(Decimal(amount).scaleb(2))


def company_settings(expected: Mapping[str, Any]) -> dict[str, str]:
    """`[company]`, but for its name."""
    return _DEFAULTS | {key: expected[key] for key in (*_DEFAULTS, "holidays") if key in expected}


def company_of(expected: Mapping[str, Any]) -> Company:
    """The company and its policies."""
    billing = dict(expected.get("billing", {}))
    if "rounding" in billing:
        billing["rounding"] = Rounding(**billing["rounding"])
    if "hours_per_day" in billing:
        billing["hours_per_day"] = Decimal(billing["hours_per_day"])
    approval = Approval(**expected.get("approval", {}))
    company = company_settings(expected)
    zone = ZoneInfo(company.pop("timezone"))
    return Company("Atelier Boréal", zone, billing=Billing(**billing), approval=approval, **company)


def _tables(folder: Path, company: Company) -> Tables:
    tables, problems = load_tables(folder, currency=company.currency, region=company.holidays)
    if wrong := [problem for problem in problems if not problem.warning]:
        raise TablesRefusedError(wrong)
    return tables


def read_work(path: Path, zone: ZoneInfo) -> list[WorkItem]:
    """The rows of work.csv."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_item(row, zone) for row in csv.DictReader(file)]


def _item(row: dict[str, str], zone: ZoneInfo) -> WorkItem:
    start = _instant(row["start"], zone) if row.get("start") else None
    seconds = _seconds(row, start, zone)
    sign_off = {"yes": "approved", "no": "refused", "": "unknown"}[row.get("approved") or ""]
    return WorkItem(
        source="timesheets",
        id=row["id"],
        worked_on=start.astimezone(zone).date() if start else date.fromisoformat(row["date"]),
        seconds=seconds,
        person=row["person"],
        client=row["client"],
        project=row.get("project") or "",
        task=row.get("task") or "",
        service=row.get("service") or "",
        started_at=start,
        billable=row.get("billable") != "no",
        sign_off=sign_off,  # type: ignore[arg-type]
        purchase_order=row.get("purchase_order") or "",
        source_rate=Decimal(row["rate"]) if row.get("rate") else None,
        source_currency=row.get("currency") or "",
        notes=row.get("notes") or "",
        kind=row.get("kind") or "time",  # type: ignore[arg-type]
        quantity=Decimal(row["quantity"]) if row.get("quantity") else None,
        amount=Decimal(row["amount"]) if row.get("amount") else None,
        rebate_percent=Decimal(row.get("rebate_percent") or 0),
        tax_code=row.get("tax_code") or "",
    )


def _seconds(row: dict[str, str], start: datetime | None, zone: ZoneInfo) -> int:
    """The duration that is written, else from start to end; an expense or product has none."""
    if row.get("kind") not in (None, "", "time"):
        return 0
    if start is not None and row.get("end"):
        return int((_instant(row["end"], zone) - start).total_seconds())
    return int(Decimal(row["hours"]) * 3600 if row.get("hours") else Decimal(row["minutes"]) * 60)


def _instant(local: str, zone: ZoneInfo) -> datetime:
    """2026-10-31T22:00, by the clock on the company's wall."""
    return datetime.fromisoformat(local).replace(tzinfo=zone).astimezone(UTC)


def read_tasks(path: Path) -> dict[tuple[str, str], Task]:
    """What the tool says of its tasks: task, title, parent_task, and done_on once it is done."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        tasks = [
            Task(
                source="timesheets",
                id=row["task"],
                title=row.get("title") or "",
                parent=row.get("parent_task") or "",
                done=bool(row.get("done_on")),
                done_on=date.fromisoformat(row["done_on"]) if row.get("done_on") else None,
            )
            for row in csv.DictReader(file)
        ]
    return {task.key: task for task in tasks}


def _revised(before: tuple[Entry, ...], work: list[WorkItem]) -> tuple[Entry, ...]:
    """The entries as they are now; what the file has no more was deleted."""
    known = {entry.work.key: entry for entry in before}
    now = {item.key: item for item in work}
    entries = [Entry(item, 1) for key, item in now.items() if key not in known]
    for key, entry in known.items():
        if key not in now:
            entries.append(Entry(entry.work, entry.revision + (not entry.deleted), True))
        else:
            changed = entry.deleted or now[key] != entry.work
            entries.append(Entry(now[key], entry.revision + changed))
    return tuple(entries)


def told(billed: Billed) -> dict[str, Any]:
    """A step's bill, as expected.toml says it."""
    made = billed.made
    return {
        "problems": sorted([*(problem.code for problem in made.problems), *("cap-alert" for _ in billed.alerts)]),
        "documents": [tell_document(document) for document in made.documents],
        "elsewhere": sorted(
            [standing.entry, size(standing.seconds, standing.scaled_quantity), standing.state, standing.code]
            for standing in made.standings
            if standing.code != "drafted"
        ),
    }


def hours_told(world: World) -> list[list[str]]:
    """Per retainer and period: opening, bought, drawn, extra, lapsed, closing; and that these add up."""
    extra: dict[tuple[str, str], int] = {}
    for row in (posted.allocation for posted in world.ledger):
        if row.effect == "invoiced" and row.retainer:
            key = (row.retainer, row.retainer_period)
            extra[key] = extra.get(key, 0) + row.billed_seconds
    told = []
    for key, (opening, bought, drawn, lapsed, closing) in hours_of(world).items():
        assert opening + bought - drawn - lapsed == closing, key
        seconds = (opening, bought, drawn, extra.get(key, 0), lapsed, closing)
        told.append([key[0].rsplit("|", 1)[-1], key[1], *(f"{Decimal(each) / 3600:.2f}" for each in seconds)])
    return sorted(told)


def size(seconds: int, scaled_quantity: int) -> str:
    """Hours, or how many of an expense or product."""
    if scaled_quantity:
        return f"{Decimal(scaled_quantity).scaleb(-5).normalize():f} items"
    return f"{Decimal(seconds) / 3600:.2f}"


def tell_document(document: Document) -> dict[str, Any]:
    """A document, as expected.toml says it."""
    return {
        "client": document.key.client,
        "period": document.key.period,
        "group": document.key.group,
        "kind": document.kind,
        "currency": document.currency,
        "subtotal": plain(document.subtotal_minor, document.currency),
        "problems": [problem.code for problem in document.problems],
        "purchase_order": document.purchase_order,
        "holds": [hold.code for hold in document.holds],
        "taxed": _taxed(document),
        "dated": document.dated,
        "lines": [
            [
                line.description,
                f"{line.quantity.normalize():f}",
                f"{line.rate:.2f}" if line.rate is not None else "",
                plain(line.amount_minor, document.currency),
            ]
            for line in document.lines
        ],
    }


def _taxed(document: Document) -> dict[str, str]:
    """The sum of the lines under each tax code."""
    sums: dict[str, int] = {}
    for line in document.lines:
        if line.tax_code:
            sums[line.tax_code] = sums.get(line.tax_code, 0) + line.amount_minor
    return {code: plain(total, document.currency) for code, total in sums.items()}


def wanted(step: Mapping[str, Any], *, history: bool = False) -> dict[str, Any]:
    """A step of expected.toml, with what it leaves out; with `history`, also the holds that rest on what was billed."""
    plain_document: dict[str, Any] = {"group": "", "kind": "invoice", "currency": "CAD", "problems": [], "lines": []}
    plain_document |= {"purchase_order": "", "holds": [], "taxed": {}}
    dates = [{"dated": parse_period(document["period"]).last} for document in step.get("document", [])]
    return {
        "problems": sorted(step.get("problems", [])),
        "documents": [
            plain_document | dated | _held(document, history)
            for dated, document in zip(dates, step.get("document", []), strict=True)
        ],
        "elsewhere": sorted(step.get("elsewhere", [])),
    }


def _held(document: Mapping[str, Any], history: bool) -> dict[str, Any]:
    told = {key: each for key, each in document.items() if key not in ("held_by_history", "approved_by_policy", "tax")}
    if history and "held_by_history" in document:
        told["holds"] = [*document.get("holds", []), *document["held_by_history"]]
    return told
