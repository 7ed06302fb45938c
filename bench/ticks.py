"""What a tick of the daemon costs after the pull: one edited entry, drafted again, and nothing new at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.measure import Measured, Stopwatch
from connectors.source import Record
from mappings.catalogue import Books, Named
from mappings.work import WorkItem
from syncd.clock import SystemClock
from syncd.config import Config, load_config
from syncd.engine.content import encode
from syncd.engine.draft import draft
from syncd.engine.marks import set_value
from syncd.engine.reference import store_named
from syncd.store.changes import mark_everything
from syncd.store.database import Store, open_store
from syncd.store.work import upsert_records

CLIENTS, ENTRIES_EACH = 1_000, 100
_WARMING = 3
"""Rounds that are not counted."""
TODAY = date(2026, 11, 3)
_COMPANY = "Bench"
_CONFIG = f"""\
[company]
name = "{_COMPANY}"
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[quickbooks]
environment = "emulator"
base_url = "http://127.0.0.1:1"
invoice_number = "B-{{seq:06}}"
send_by = "none"

[billing]
tax_code = "GST"
"""


@dataclass(frozen=True, slots=True)
class Ledgers:
    """A company whose drafts are at rest."""

    store: Store
    config: Config
    clock: SystemClock

    def pull(self, *items: WorkItem) -> None:
        records = [Record(item.id, "{}", item) for item in items]
        with self.store.write() as connection:
            upsert_records(connection, _COMPANY, "tracker", records, self.clock.now())

    def draft(self) -> int:
        """What the daemon does after a pull; gives back how many clients it drafted."""
        report = draft(self.store, self.config, today=TODAY, clock=self.clock, only_changed=True)
        return report.clients


@contextmanager
def at_rest(url: str, folder: Path, clients: int = CLIENTS, each: int = ENTRIES_EACH) -> Iterator[Ledgers]:
    """A company with so many clients and entries, all drafted, in the database at `url`."""
    clock = SystemClock()
    ledgers = Ledgers(open_store(url, clock), _config(folder, clients), clock)
    _learn_lists(ledgers, clients)
    for client in range(clients):
        ledgers.pull(*(_item(client, number) for number in range(each)))
    draft(ledgers.store, ledgers.config, today=TODAY, clock=clock)
    while ledgers.draft():
        pass
    yield ledgers
    ledgers.store.close()


def edits(ledgers: Ledgers, rounds: int, clients: int) -> list[Measured]:
    """What drafting took after each of so many edits, of different clients; storing the edit is not counted."""
    found = []
    for turn in range(rounds + _WARMING):
        ledgers.pull(_item(turn * 7 % clients, 3, seconds=7_200 + turn))
        found.append(_drafted(ledgers, concerns=True))
    return found[_WARMING:]


def _drafted(ledgers: Ledgers, *, concerns: bool) -> Measured:
    watch = Stopwatch()
    with watch.running():
        drafted = ledgers.draft()
    assert bool(drafted) == concerns, "an edit concerns its client, and nothing concerns nobody"
    return watch.read()


def _config(folder: Path, clients: int) -> Config:
    names = [f"Client {number:05}" for number in range(clients)]
    tables = {
        "clients": ["source_client,quickbooks_customer", *(f"{name.lower()} src,{name}" for name in names)],
        "services": ["source_service,service,quickbooks_item", "dev,Development,Development"],
        "rates": ["client,service,rate", ",Development,100.00", *(f"{name},Development,90.00" for name in names[:200])],
    }
    (folder / "mappings").mkdir(parents=True, exist_ok=True)
    (folder / "config.toml").write_text(_CONFIG, encoding="utf-8")
    for name, rows in tables.items():
        (folder / "mappings" / f"{name}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return load_config(folder / "config.toml")


def _learn_lists(ledgers: Ledgers, clients: int) -> None:
    """What QuickBooks would tell: a customer a client, one item, one tax code."""
    named = [Named("customer", str(number), f"Client {number:05}") for number in range(clients)]
    named += [Named("item", "i", "Development"), Named("tax-code", "t", "GST")]
    with ledgers.store.write() as connection:
        rates = {"t": encode([{"name": "GST", "percent": "5"}])}
        store_named(connection, _COMPANY, named, ledgers.clock.now(), rates)
        set_value(connection, _COMPANY, "books", encode(Books("1", _COMPANY, "CA", "CAD")))
        mark_everything(connection, _COMPANY)


def _item(client: int, number: int, seconds: int = 3_600) -> WorkItem:
    day = date(2026, 10, 1) + timedelta(days=number % 31)
    name = f"client {client:05} src"
    return WorkItem("tracker", f"{client}-{number}", day, seconds, "Marie", name, "Site", str(number % 7), "dev")
