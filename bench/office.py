"""A connected company with 2,000 clients: configuration, QuickBooks' emulator over HTTP, and time entries as pulled."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.timesheets import CLIENTS, FIRST_DAY, Timesheets
from connectors.emulator import Emulator, running
from syncd.clock import SystemClock
from syncd.config import Config, load_config
from syncd.config.sections import SafetySection
from syncd.engine.connect import begin, finish
from syncd.engine.pull import PullReport, pull_source
from syncd.engine.quickbooks import QuickBooks, open_quickbooks
from syncd.engine.reference import refresh
from syncd.engine.tokens import Connected
from syncd.logging import configure
from syncd.store.database import Store, open_store
from tests.e2e.company import NAME

TODAY = date(2026, 11, 3)
HOLDER = "bench"
_CONFIG = """\
[company]
name = "{name}"
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[store]
url = "sqlite:///{folder}/syncd.db"

[quickbooks]
environment = "emulator"
base_url = "{url}"
redirect = "paste"
invoice_number = "AB-{{year}}-{{seq:06}}"
send_by = "none"

[billing]
terms = "Net 30"
tax_code = "GST/QST QC - 9.975"

[approval]
hold_when = []
"""


@dataclass
class Office:
    """Everything a step is handed."""

    store: Store
    clock: SystemClock
    config: Config
    emulator: Emulator
    opened: QuickBooks

    def pull(self, source: Timesheets, *, full: bool = True) -> PullReport:
        """Read the made-up timesheets as the daemon reads a tool."""
        report = pull_source(
            self.store,
            self.config.company.name,
            source,
            clock=self.clock,
            today=TODAY,
            since=FIRST_DAY,
            safety=SafetySection(),
            full=full,
        )
        assert not report.error, report.error
        return report


def write_files(
    folder: Path, url: str, clients: int, tables: Mapping[str, Sequence[str]] | None = None, more: str = ""
) -> None:
    """The configuration and tables of a company whose clients are called alike in QuickBooks.

    `tables` are further ones, or others than those here; `more` is what config.toml ends with.
    """
    (folder / "mappings").mkdir(parents=True)
    (folder / "config.toml").write_text(_CONFIG.format(name=NAME, url=url, folder=folder) + more, encoding="utf-8")
    rows = {
        "clients": ["source_client,quickbooks_customer", *(f"Client {number:04},=" for number in range(clients))],
        "services": [
            "source_service,service,quickbooks_item",
            *(f"Service {number},Service {number},Consultation" for number in range(8)),
        ],
        "rates": ["service,rate", *(f"Service {number},{80 + number}.00" for number in range(8))],
    }
    for table, lines in {**rows, **(tables or {})}.items():
        (folder / "mappings" / f"{table}.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")


def connect(store: Store, config: Config, clock: SystemClock) -> None:
    """Connect as a person does, with a browser that follows no redirect."""
    import httpx

    connecting = begin(store, config, clock)
    try:
        answer = httpx.get(connecting.attempt.url)
        result = finish(store, config, clock, connecting, answer.headers["location"], HOLDER)
    finally:
        connecting.http.close()
    assert isinstance(result, Connected), result


@contextmanager
def office(folder: Path, clients: int = CLIENTS, *, limits: bool = False) -> Iterator[Office]:
    """A company that is connected and has read QuickBooks' lists."""
    configure(level=logging.WARNING)
    clock = SystemClock()
    seeded: object = None
    # Made long ago: what was changed just now is asked for again with each reading.
    made_at = clock.now() - timedelta(days=30)
    emulator = Emulator("ca", limits=limits, now=lambda: clock.now() if seeded else made_at)
    seeded = emulator.seed({"customers": [{"name": f"Client {number:04}"} for number in range(clients)]})
    with running(emulator) as url:
        write_files(folder, url, clients)
        config = load_config(folder / "config.toml")
        store = open_store(config.store_url.reveal(), clock)
        connect(store, config, clock)
        opened = open_quickbooks(store, config, clock, HOLDER)
        try:
            refresh(store, opened, clock=clock)
            yield Office(store, clock, config, emulator, opened)
        finally:
            opened.close()
            store.close()
