"""A company with its own QuickBooks in one process: its steps, copies of its database, and what it comes to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from sqlalchemy import delete, insert, select

from connectors.emulator import Emulator, running
from mappings.world import Run
from syncd.config import Config, load_config
from syncd.cycle import Steps
from syncd.engine.adopt import AdoptReport
from syncd.engine.approve import approve
from syncd.reports.proofs import prove_hours, prove_invoices, prove_receivables
from syncd.reports.snapshot import Snapshot
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store
from tests.e2e.company import CUSTOMERS, Company, timesheet
from tests.support.books import connect
from tests.support.clock import FakeClock

Copy = dict[str, list[dict[str, Any]]]


@dataclass
class Office:
    """A company with its own QuickBooks, driven in one process."""

    store: Store
    clock: FakeClock
    config: Config
    folder: Company
    emulator: Emulator
    copies: dict[str, Copy] = field(default_factory=dict)

    @property
    def steps(self) -> Steps:
        return Steps(self.store, self.config, self.clock, "test")

    def pull(self, today: date, *entries: dict[str, str]) -> None:
        self.folder.inbox(timesheet(*entries))
        self.steps.pull(today)

    def approve(self, today: date) -> None:
        approve(
            self.store,
            self.config,
            today=today,
            clock=self.clock,
            by="Marie",
            wanted=lambda item: not item.document.problems,
            shown={},
        )

    def draft(self, today: date) -> None:
        with self.steps.quickbooks() as opened:
            self.steps.reference(opened)
            self.steps.draft(today, Run(), opened)

    def push(self, today: date, client: str = "") -> None:
        with self.steps.quickbooks() as opened:
            if self.steps.has_new_to_send():
                self.steps.meet(opened, today)
            self.steps.push(opened, wanted=lambda task: client in ("", task.document.client))

    def read(self) -> None:
        with self.steps.quickbooks() as opened:
            self.steps.payments(opened)

    def cycle(self, today: date) -> AdoptReport:
        """As the daemon does, with a person who approves everything."""
        self.steps.pull(today)
        with self.steps.quickbooks() as opened:
            self.steps.reference(opened)
            _, adopted = self.steps.meet(opened, today)
            self.steps.draft(today, Run(), opened)
            self.approve(today)
            self.steps.push(opened)
            self.steps.payments(opened)
        return adopted

    def copy(self, name: str) -> None:
        with self.store.read() as connection:
            self.copies[name] = {
                table.name: [dict(row) for row in connection.execute(select(table)).mappings()]
                for table in schema.metadata.sorted_tables
            }

    def put_back(self, name: str) -> None:
        tables = schema.metadata.sorted_tables
        with self.store.write() as connection:
            for table in reversed(tables):
                connection.execute(delete(table))
            for table in tables:
                if rows := self.copies[name][table.name]:
                    connection.execute(insert(table), rows)

    def writes(self) -> int:
        return len([row for row in self.emulator.requests() if row.operation == "create" and row.committed])

    def billed(self) -> dict[tuple[str, str], tuple[int, int]]:
        """Seconds and cents that the ledger holds of each entry, without those that cancel out."""
        ledger, document = schema.ledger.c, schema.document.c
        sums: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
        query = (
            select(ledger.source, ledger.entry, ledger.seconds, ledger.amount_minor)
            .join(schema.document, document.id == ledger.document_id)
            .where(document.withdrawn_at.is_(None))
        )
        with self.store.read() as connection:
            for row in connection.execute(query):
                sums[row.source, row.entry][0] += row.seconds
                sums[row.source, row.entry][1] += row.amount_minor
        return {key: (seconds, minor) for key, (seconds, minor) in sums.items() if seconds or minor}

    def documents(self) -> dict[str, str]:
        """Number → QuickBooks' id, of all that is ours."""
        table = schema.document.c
        query = select(table.number, table.quickbooks_id).where(table.quickbooks_id.is_not(None))
        with self.store.read() as connection:
            return {row.number: row.quickbooks_id for row in connection.execute(query)}

    def snapshot(self, today: date) -> Snapshot:
        with self.store.read() as connection:
            return take_snapshot(
                connection,
                self.config.company.name,
                currency="CAD",
                now=self.clock.now(),
                today=today,
                selection=Selection(),
            )

    def proofs(self, today: date) -> list[str]:
        """The differences of the three."""
        found = self.snapshot(today)
        return [
            str(prove_hours(found.hours).difference_seconds),
            *(str(proof.difference) for proof in prove_invoices(found)),
            *(str(proof.difference) for proof in prove_receivables(found)),
        ]


@contextmanager
def open_office(store: Store, folder: Path, clock: FakeClock, **tables: str) -> Iterator[Office]:
    emulator = Emulator("ca", now=clock.now, limits=False)
    with running(emulator) as url:
        company = Company(folder, url, source="complete = true")
        for name, text in tables.items():
            company.table(name, text)
        emulator.seed({"customers": CUSTOMERS})
        config = load_config(folder / "config.toml")
        connect(store, config, clock)
        yield Office(store, clock, config, company, emulator)
