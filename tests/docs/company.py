"""Runs the examples of docs/tables.md: a timesheet and tables as files, through the real readers and rules."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from connectors.files import FilesSource
from connectors.source import Span, Window
from mappings.documents import Document, Posted, PostedFee
from mappings.money import to_decimal
from mappings.rules.billing import bill
from mappings.work import WorkItem
from mappings.world import Bill, Entry, World
from syncd.config import load_config
from tests.support.clock import FakeClock

CONFIG = """\
[company]
name = "Atelier Boréal inc."
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
"""
TABLES = {
    "clients": "source_client,quickbooks_customer\n*,=\n",
    "services": "source_service,quickbooks_item\n,Services\n",
    "rates": "rate\n100.00\n",
}
"""What an example's tables say where it shows none."""

_KINDS = {"invoice": "invoice", "credit-memo": "credit memo", "settlement": "nothing to send"}
_UNITS = {"hour": " h", "day": " d", "each": ""}


class Example:
    """One company that is billed on one day after another."""

    def __init__(self, folder: Path, tables: dict[str, str]) -> None:
        (folder / "mappings").mkdir()
        (folder / "inbox").mkdir()
        (folder / "config.toml").write_text(CONFIG, encoding="utf-8")
        for name, text in (TABLES | tables).items():
            (folder / "mappings" / f"{name}.csv").write_text(text, encoding="utf-8")
        self.folder = folder
        config = load_config(folder / "config.toml", environ={})
        self.world = World(config.company, config.tables, date(2026, 11, 2))

    def bill(self, timesheet: str, today: str) -> str:
        """What is billed on a day, as the page shows it; then it is posted."""
        (self.folder / "inbox" / "timesheet.csv").write_text(timesheet, encoding="utf-8")
        self.world = replace(self.world, today=date.fromisoformat(today), entries=self._entries())
        made = bill(self.world)
        text = _shown(made)
        self.world = _posted(self.world, made)
        return text

    def _entries(self) -> tuple[Entry, ...]:
        """The latest revision of each entry; one that has left the timesheet was deleted."""
        billing = self.world.company.billing
        zone = self.world.company.timezone
        source = FilesSource(
            "timesheets", "inbox/*.csv", self.folder, zone, "", True, billing.hours_per_day, FakeClock()
        )
        window = Window(Span(date(2026, 1, 1), date(2027, 12, 31)))
        records = [record for page in source.pull({}, window) for record in page.records]
        assert [record.problem for record in records if record.problem] == []
        items = {record.item.key: record.item for record in records if isinstance(record.item, WorkItem)}
        before = {entry.work.key: entry for entry in self.world.entries}
        now = {key: Entry(item, 1 + (before[key].revision if key in before else 0)) for key, item in items.items()}
        gone = {key: replace(entry, deleted=True) for key, entry in before.items() if key not in items}
        return tuple((now | gone).values())


def _posted(world: World, made: Bill) -> World:
    ledger, fees, last, sequences = list(world.ledger), list(world.fees), dict(world.last_posted), dict(world.sequences)
    for document in made.documents:
        if document.problems:
            continue
        count = len({row.document for row in ledger} | {row.document for row in fees})
        number, key = f"AB-2026-{count + 1:04}", document.key
        ledger += [Posted(number, number, document.period.last, row) for row in document.allocations]
        fees += [PostedFee(number, document.period.last, row) for row in document.fees]
        sequences[key.client, key.period, key.group] = key.sequence
        last[key.client] = max(document.period.last, last.get(key.client, document.period.last))
    return replace(world, ledger=tuple(ledger), fees=tuple(fees), last_posted=last, sequences=sequences)


def _shown(made: Bill) -> str:
    lines = [line for document in made.documents for line in _document(document)]
    lines += [f"{problem.what}" for problem in made.problems]
    lines += [
        f"{_hours(standing.seconds)} {standing.state.replace('-', ' ')}: {standing.client or standing.entry}"
        for standing in made.standings
        if standing.state == "not-billable"
    ]
    return "\n".join(lines) + "\n"


def _document(document: Document) -> list[str]:
    name = " ".join(filter(None, (document.key.client, document.key.group)))
    lines = [f"{name}, {document.key.period}: {_KINDS[document.kind]}"]
    for line in document.lines:
        amount = f"{to_decimal(line.amount_minor, document.currency):,}"
        arithmetic = ""
        if line.rate is not None and (line.unit != "each" or line.quantity != 1):
            arithmetic = f"{line.quantity.normalize():f}{_UNITS[line.unit]} × {line.rate} = "
        lines.append(f"  {line.description}: {arithmetic}{amount}")
    covered = sum(row.seconds for row in document.allocations if row.effect == "covered")
    if covered:
        lines.append(f"  covered by a fee: {_hours(covered)}")
    lines += [f"  blocked: {problem.what}" for problem in document.problems]
    if len(document.lines) > 1:
        lines.append(f"  before tax: {to_decimal(document.subtotal_minor, document.currency):,}")
    return lines


def _hours(seconds: int) -> str:
    return f"{Decimal(seconds) / 3600:.2f} h"
