"""Small worlds for tests: an agency in Québec that bills Hydro and Acme by the month, in CAD, at 84.00 an hour."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from mappings.documents import Document, Posted, PostedFee, PostedHours
from mappings.problems import Place
from mappings.rows import (
    CapRow,
    ClientRow,
    DiscountRow,
    ExpenseRow,
    FixedFeeRow,
    HolidayRow,
    PersonRow,
    PremiumRow,
    RateRow,
    RetainerRow,
    ServiceRow,
    Tables,
)
from mappings.rules.billing import bill
from mappings.settings import Approval, Billing, Company, Rounding
from mappings.tables.premiums import read_when
from mappings.when import ALWAYS
from mappings.work import WorkItem
from mappings.world import Bill, Entry, Run, World

_LINES = count(2)


def _place(table: str) -> Place:
    return Place(f"mappings/{table}.csv", next(_LINES))


def names(cell: str) -> tuple[str, ...]:
    return tuple(part for part in cell.split("|") if part)


def day(text: str) -> date:
    """ "10-03" is in 2026."""
    return date.fromisoformat(text if len(text) == 10 else f"2026-{text}")


def client(source_client: str = "*", customer: str = "=", source: str = "", **more: Any) -> ClientRow:
    return ClientRow(_place("clients"), names(source), names(source_client), customer, **_dates(more, "since", "until"))


def service(
    source_service: str = "", item: str = "Consulting", ours: str = "", source: str = "", **more: Any
) -> ServiceRow:
    return ServiceRow(_place("services"), names(source), names(source_service), ours, item, **more)


def person(source_person: str, ours: str = "", source: str = "", **more: Any) -> PersonRow:
    return PersonRow(_place("people"), names(source), names(source_person), ours, **more)


def rate(amount: str, **more: Any) -> RateRow:
    cells = {
        column: names(more.pop(column, ""))
        for column in ["task", "project", "client", "person", "role", "team", "service"]
    }
    return RateRow(_place("rates"), **cells, rate=Decimal(amount), **_dates(more, "valid_from", "valid_until"))


def retainer(hours: str | None, fee: str, client: str = "Hydro", name: str = "Support", **more: Any) -> RetainerRow:
    more = _dates(more, "valid_from", "valid_until")
    for column in ("services", "projects"):
        more[column] = names(more.get(column, ""))
    if "extra_rate" in more:
        more["extra_rate"] = Decimal(more["extra_rate"])
    more.setdefault("item", "Retainer")
    included = None if hours is None else Decimal(hours)
    kind = more.pop("kind", "minimum")
    return RetainerRow(_place("retainers"), client, name, kind, hours=included, fee=Decimal(fee), **more)


def fee(amount: str, description: str = "Hosting", client: str = "Hydro", **more: Any) -> FixedFeeRow:
    return FixedFeeRow(
        _place("fixed_fees"), client, description, Decimal(amount), **_dates(more, "valid_from", "valid_until")
    )


def expense(category: str, item: str = "Expenses", **more: Any) -> ExpenseRow:
    return ExpenseRow(_place("expenses"), (), names(category), item, **more)


def cap(amount: str | None = None, over: str = "write-down", client: str = "Hydro", **more: Any) -> CapRow:
    cells = {column: names(more.pop(column, "")) for column in ("project", "purchase_order")}
    hours = more.pop("hours", None)
    return CapRow(
        _place("caps"), names(client), over, **cells, amount=amount and Decimal(amount),
        hours=hours and Decimal(hours), **more,
    )  # fmt: skip


def discount(percent: str | None = None, client: str = "Hydro", item: str = "Rebate", **more: Any) -> DiscountRow:
    cells = {column: names(more.pop(column, "")) for column in ("project", "service")}
    amount, more = more.pop("amount", None), _dates(more, "valid_from", "valid_until")
    return DiscountRow(
        _place("discounts"), names(client), item, **cells, percent=percent and Decimal(percent),
        amount=amount and Decimal(amount), **more,
    )  # fmt: skip


def premium(name: str, when: str = "", **more: Any) -> PremiumRow:
    """A premium with one of rate, add and factor as text."""
    more = _dates(more, "valid_from", "valid_until")
    for column in ("service", "client"):
        more[column] = names(more.get(column, ""))
    for column in ("rate", "add", "factor"):
        if column in more:
            more[column] = Decimal(more[column])
    return PremiumRow(_place("premiums"), name, when=read_when(when) if when else ALWAYS, **more)


def clocked(id: str, start: str, hours: str | float | None = None, end: str = "", **more: Any) -> Entry:  # noqa: A002
    """One entry by its clock times in Toronto: "10-03 16:00", to the same day's `end` or for so many hours."""
    first = _instant(start)
    if hours is None:
        last = _instant(end if "-" in end else f"{start[:-5]}{end}")
        hours = str(Decimal(int((last - first).total_seconds())) / 3600)
    return entry(id, start[:-6], hours, started_at=first, **more)


def _instant(text: str) -> datetime:
    day_text, _, clock = text.rpartition(" ")
    return datetime.combine(day(day_text), time.fromisoformat(clock), ZoneInfo("America/Toronto")).astimezone(UTC)


def _dates(values: dict[str, Any], *columns: str) -> dict[str, Any]:
    return {key: day(value) if key in columns and isinstance(value, str) else value for key, value in values.items()}


def entry(id: str, on: str, hours: str | float, client: str = "Hydro", **more: Any) -> Entry:  # noqa: A002
    """One entry; the rest of it as given, with Marie's consultation as the default."""
    revision, deleted = more.pop("revision", 1), more.pop("deleted", False)
    fields = {"source": "tool", "person": "Marie", "service": "Consultation"} | more
    seconds = int(Decimal(str(hours)) * 3600)
    return Entry(WorkItem(id=id, worked_on=day(on), seconds=seconds, client=client, **fields), revision, deleted)


def minutes(id: str, on: str, length: int, **more: Any) -> Entry:  # noqa: A002
    made = entry(id, on, 0, **more)
    return replace(made, work=replace(made.work, seconds=length * 60))


def edited(entry: Entry, hours: str | float | None = None, **more: Any) -> Entry:
    """The next revision of an entry."""
    deleted = more.pop("deleted", False)
    if hours is not None:
        more["seconds"] = int(Decimal(str(hours)) * 3600)
    if "worked_on" in more:
        more["worked_on"] = day(more["worked_on"])
    return Entry(replace(entry.work, **more), entry.revision + 1, deleted)


def world(entries: Iterable[Entry], today: str = "11-03", **more: Any) -> World:
    """A world of these entries; tables by name, policies by their names in `Billing` and `Approval`."""
    tables = Tables(
        clients=tuple(more.pop("clients", [client()])),
        services=tuple(more.pop("services", [service()])),
        people=tuple(more.pop("people", [])),
        rates=tuple(more.pop("rates", [rate("84")])),
        retainers=tuple(more.pop("retainers", [])),
        fixed_fees=tuple(more.pop("fees", [])),
        premiums=tuple(more.pop("premiums", [])),
        holidays=tuple(HolidayRow(_place("holidays"), day(one)) for one in more.pop("holidays", [])),
        expenses=tuple(more.pop("expenses", [])),
        caps=tuple(more.pop("caps", [])),
        discounts=tuple(more.pop("discounts", [])),
    )
    approval = Approval(**{key: more.pop(key) for key in list(more) if key in Approval.__dataclass_fields__})
    if "rounding" in more:
        step, direction, applies_to, *rest = more["rounding"]
        more["rounding"] = Rounding(step, direction, applies_to, *rest)
    billing = Billing(**{key: more.pop(key) for key in list(more) if key in Billing.__dataclass_fields__})
    company = Company("Boréal", ZoneInfo("America/Toronto"), more.pop("language", "en-CA"), "CAD", billing, approval)
    go_live = more.pop("go_live", None)
    return World(company, tables, day(today), go_live and day(go_live), tuple(entries), **more)


def later(before: World, today: str, *entries: Entry) -> World:
    """The same world on a later day, with these entries as they are now."""
    now = {one.work.key: one for one in (*before.entries, *entries)}
    return replace(before, today=day(today), entries=tuple(now.values()))


def post(before: World, made: Bill | None = None) -> World:
    """Approve and send every draft that nothing blocks, as the engine does."""
    made = made if made is not None else bill(before)
    ledger, fees, hours = list(before.ledger), list(before.fees), list(before.hours)
    last, sequences = dict(before.last_posted), dict(before.sequences)
    for document in made.documents:
        if document.problems:
            continue
        number = f"AB-2026-{len({row.document for row in ledger} | {row.document for row in fees}) + 1:04}"
        ledger += [Posted(number, number, document.period.last, row) for row in document.allocations]
        fees += [PostedFee(number, document.period.last, row) for row in document.fees]
        hours += [PostedHours(number, row) for row in document.hours]
        key = document.key
        sequences[key.client, key.period, key.group] = key.sequence
        last[key.client] = max(document.period.last, last.get(key.client, document.period.last))
    return replace(
        before, ledger=tuple(ledger), fees=tuple(fees), hours=tuple(hours), last_posted=last, sequences=sequences
    )


def hours_of(before: World) -> dict[tuple[str, str], tuple[int, int, int, int, int]]:
    """Per retainer and period its hours in seconds: opening, bought, drawn, lapsed, closing."""
    drawn: dict[tuple[str, str], int] = {}
    for posted in before.ledger:
        row = posted.allocation
        if row.retainer and row.effect == "covered":
            key = (row.retainer, row.retainer_period)
            drawn[key] = drawn.get(key, 0) + row.draws_seconds
    found: dict[tuple[str, str], tuple[int, int, int, int, int]] = {}
    for one in before.hours:
        row = one.hours
        key = (row.retainer, row.period)
        opening, bought, _, lapsed, closing = found.get(key, (0,) * 5)
        found[key] = (
            opening + row.opening_seconds,
            bought + row.bought_seconds,
            drawn.get(key, 0),
            lapsed + row.lapsed_seconds,
            closing + row.closing_seconds,
        )
    return found


def shown(document: Document) -> list[tuple[str, str]]:
    """The lines as (description, amount)."""
    return [(line.description, money(line.amount_minor)) for line in document.lines]


def money(minor: int) -> str:
    return f"{Decimal(minor).scaleb(-2):.2f}"


def amounts(made: Bill) -> dict[tuple[str, str], list[str]]:
    """Per (client, period) the amounts of the lines."""
    found: dict[tuple[str, str], list[str]] = {}
    for document in made.documents:
        key = (document.key.client, document.key.period)
        found.setdefault(key, []).extend(money(line.amount_minor) for line in document.lines)
    return found


def only(made: Bill) -> Document:
    """The one document that a bill has."""
    (document,) = made.documents
    assert not document.problems, document.problems
    return document


def lines_of(before: World, run: Run = Run()) -> list[tuple[str, str]]:
    """The lines of the one document that this world bills."""
    return shown(only(bill(before, run)))


def codes(made: Bill) -> dict[str, list[tuple[str, str, int]]]:
    """Per entry where its seconds stand: (state, code, seconds)."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for standing in made.standings:
        found.setdefault(standing.entry, []).append((standing.state, standing.code, standing.seconds))
    return found
