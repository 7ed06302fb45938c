"""Two companies in one process, one of which lends people to the other: a realm each on one emulator, one database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx
from sqlalchemy import select

from connectors.emulator import Emulator, realm_ids, running
from mappings.world import Run
from syncd.config import load_companies
from syncd.cycle import Steps
from syncd.engine.approve import ApproveReport, approve
from syncd.engine.connect import begin, finish
from syncd.engine.draft import DraftReport
from syncd.engine.push_report import PushReport
from syncd.engine.tokens import Connected
from syncd.store.database import Store
from tests.e2e.company import CUSTOMERS, Companies, entry, timesheet
from tests.support.clock import FakeClock

BORROWER, LENDER = "Atelier Boréal inc.", "Acme inc."
LENT = "borrower,person,team,share,rate,quickbooks_customer,quickbooks_item,from,until\n"
TODAY = date(2026, 11, 3)


@dataclass
class Two:
    """The borrower and the lender, with their books to look at."""

    store: Store
    clock: FakeClock
    folder: Path
    group: Companies
    books: dict[str, Emulator]

    def steps(self, name: str = BORROWER) -> Steps:
        configs = load_companies(self.folder / "config.toml", {}).configs
        (config,) = (one for one in configs if one.company.name == name)
        return Steps(self.store, config, self.clock, "test")

    def lend(self, rows: str) -> None:
        self.group.each[LENDER].table("intercompany", LENT + rows)

    def work(self, *entries: dict[str, str], today: date = TODAY) -> None:
        self.group.each[BORROWER].inbox(timesheet(*entries))
        self.steps().pull(today)

    def draft(self, name: str = BORROWER, today: date = TODAY) -> DraftReport:
        steps = self.steps(name)
        with self.steps(LENDER).quickbooks() as opened:
            self.steps(LENDER).reference(opened)
        with steps.quickbooks() as opened:
            steps.reference(opened)
            return steps.draft(today, Run(), opened)

    def approve(self, name: str = BORROWER, today: date = TODAY) -> ApproveReport:
        steps = self.steps(name)
        return approve(
            self.store, steps.config, today=today, clock=self.clock, by="Marie",
            wanted=lambda item: not item.document.problems,
        )  # fmt: skip

    def push(self, name: str = BORROWER) -> PushReport:
        steps = self.steps(name)
        with steps.quickbooks() as opened:
            return steps.push(opened)

    def read(self, name: str = BORROWER) -> None:
        steps = self.steps(name)
        with steps.quickbooks() as opened:
            steps.payments(opened)

    def amounts(self, name: str, entity: str = "Invoice") -> list[str]:
        """What QuickBooks has of a company, before tax."""
        rows = self.books[name].all(entity)
        return [f"{sum(line['Amount'] for line in row['Line'] if 'Id' in line):.2f}" for row in rows]

    def rows(self, table: Any, **where: Any) -> list[dict[str, Any]]:
        query = select(table)
        for column, value in where.items():
            query = query.where(table.c[column] == value)
        with self.store.read() as connection:
            return [dict(row) for row in connection.execute(query).mappings()]


@contextmanager
def two_companies(store: Store, folder: Path, clock: FakeClock, **settings: str) -> Iterator[Two]:
    """Marie, of the lender, works for clients of the borrower at 3/4 of the bill rate."""
    realms = dict(zip((BORROWER, LENDER), realm_ids("ca", 2), strict=True))
    books = {name: Emulator("ca", now=clock.now, limits=False, realm_id=realm) for name, realm in realms.items()}
    with running(*books.values()) as url:
        group = Companies(folder, url, realms, source="complete = true", **settings)
        for emulator in books.values():
            emulator.seed({"customers": [*CUSTOMERS, {"name": "Boréal"}]})
        two = Two(store, clock, folder, group, books)
        two.lend(f"{BORROWER},Marie,,3/4,,Boréal,Consultation,,\n")
        for name, realm in realms.items():
            config = two.steps(name).config
            connecting = begin(store, config, clock)
            with closing(connecting.http):
                consent = httpx.get(f"{connecting.attempt.url}&realm={realm}")
                assert isinstance(finish(store, config, clock, connecting, consent.headers["location"], "t"), Connected)
        yield two


__all__ = ["BORROWER", "LENDER", "TODAY", "Two", "entry", "two_companies"]
