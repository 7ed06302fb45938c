"""A scenario's company with real parts, in one process: its files are pulled, drafted, approved and sent to QuickBooks.

QuickBooks is the emulator over real HTTP; its books have the customers, items and estimates that the scenario names.
"""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

from sqlalchemy import func, select
from structlog.testing import capture_logs

from connectors.emulator import Emulator, play, running
from connectors.source import Cursor, Health, Incremental, Page, Source, Window
from mappings.documents import DEPOSIT, Document
from mappings.periods import parse_period
from mappings.rules.retainers import retainer_key
from mappings.tables import load_tables
from mappings.work import Task
from mappings.world import Run
from syncd.config import Config, load_config
from syncd.cycle import Steps
from syncd.engine.approve import approve
from syncd.engine.draft import DraftReport
from syncd.reports.proofs import prove_hours, prove_invoices, prove_receivables
from syncd.reports.snapshot import Snapshot
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store
from tests.mappings.scenarios.reading import company_settings, size
from tests.support.books import connect
from tests.support.clock import FakeClock

COMPANY = "Atelier Boréal"
TAX = "GST/QST QC - 9.975"
"""Of what the scenario says nothing about: QuickBooks in Canada wants a code on every line."""
RATES = {"KWD": "4.45", "JPY": "0.0091"}
_HEAD = """\
[quickbooks]
environment = "emulator"
base_url = "{url}"
invoice_number = "AB-2026-{{seq:04}}"
send_by = "none"

[sources.timesheets]
kind = "files"
path = "inbox/*.csv"
complete = true
"""


@dataclass
class Titled:
    """The files as syncd reads them; a file of tasks has no titles, so these are put in here."""

    source: Source
    titles: Mapping[str, str]

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def incremental(self) -> Incremental:
        return self.source.incremental

    def check(self) -> Health:
        return self.source.check()

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        for page in self.source.pull(cursor, window):
            yield replace(page, records=tuple(self._titled(record) for record in page.records))

    def _titled(self, record: Any) -> Any:
        if not isinstance(record.item, Task):
            return record
        return replace(record, item=replace(record.item, title=self.titles.get(record.item.id, "")))


class TitledSteps(Steps):
    """A company's steps, whose tasks have titles."""

    titles: Mapping[str, str] = {}

    def sources(self, *words: Any, **more: Any) -> list[Source]:
        return [Titled(source, self.titles) for source in super().sources(*words, **more)]


@dataclass
class Driver:
    """One scenario's company, its store and its books."""

    folder: Path
    place: Path
    expected: Mapping[str, Any]
    url: str
    store: Store
    clock: FakeClock
    emulator: Emulator
    config: Config = field(init=False)
    titles: dict[str, str] = field(default_factory=dict)
    paid: dict[str, Decimal] = field(default_factory=dict)
    run: Run = Run()

    @property
    def steps(self) -> Steps:
        steps = TitledSteps(self.store, self.config, self.clock, "test")
        object.__setattr__(steps, "titles", self.titles)
        return steps

    def begin(self, number: int, step: Mapping[str, Any]) -> None:
        """Bring what the step brings: the day, tables, work, tasks, estimates, what clients have paid."""
        wanted = datetime.combine(step["today"], time(15), UTC)
        self.clock.advance(max(0.0, (wanted - self.clock.now()).total_seconds()))
        self.run = Run(parse_period(step["period"]) if "period" in step else None)
        first = number == 1
        if "mappings" in step:
            self.put_tables(step["mappings"])
        if "work" in step and not first:
            # The day's first pull looks at everything anew; what is gone from a file's first day shows in the next.
            self.pull(step["today"])
        if first or "work" in step:
            shutil.copyfile(self.folder / step.get("work", "work.csv"), self.place / "inbox" / "work.csv")
        tasks = self.folder / step.get("tasks", "tasks.csv")
        if (first or "tasks" in step) and tasks.exists():
            self._write_tasks(tasks)
        for estimate in step.get("estimates", []):
            self._estimate(estimate)
        for name, amount in step.get("paid", {}).items():
            self._pay(name, Decimal(amount))

    def put_tables(self, name: str) -> None:
        """Put these tables in the place of those that were there."""
        shutil.rmtree(self.place / "mappings", ignore_errors=True)
        shutil.copytree(self.folder / name, self.place / "mappings")
        self.config = load_config(self.place / "config.toml")

    def write_config(self) -> None:
        """Write config.toml as the scenario has it."""
        billing = {"tax_code": TAX} | self.expected.get("billing", {})
        rounding = billing.pop("rounding", {})
        source = f"since = {self.expected['go_live']}\n" if "go_live" in self.expected else ""
        company = {"name": COMPANY} | company_settings(self.expected)
        approval = {"hold_when": []} | self.expected.get("approval", {})
        tables = {"company": company, "billing": billing, "billing.rounding": rounding, "approval": approval}
        text = _HEAD.format(url=self.url) + source
        for name, settings in tables.items():
            text += f"\n[{name}]\n"
            # Words, numbers, lists and true and false are written alike in JSON and TOML.
            text += "".join(f"{key} = {json.dumps(value, ensure_ascii=False)}\n" for key, value in settings.items())
        (self.place / "config.toml").write_text(text, encoding="utf-8")

    def _write_tasks(self, path: Path) -> None:
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        self.titles = {row["task"]: row.get("title") or "" for row in rows}
        with (self.place / "inbox" / "tasks.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("kind", "task", "parent_task", "task_done"))
            writer.writerows(
                ("task", row["task"], row.get("parent_task") or "", row.get("done_on") or "no") for row in rows
            )

    def _estimate(self, estimate: Mapping[str, Any]) -> None:
        state = str(estimate["state"]).capitalize()
        known = {row["DocNumber"]: row for row in self.emulator.all("Estimate")}
        found = known.get(estimate["number"])
        if found is None:
            amount = Decimal(estimate["total_minor"]).scaleb(-2)
            play.estimate(self.emulator, number=estimate["number"], customer=estimate["customer"], amount=amount)
            found = {"TxnStatus": "Pending"}
        if found["TxnStatus"] != state:
            play.estimate(self.emulator, number=estimate["number"], status=state)

    def _pay(self, name: str, amount: Decimal) -> None:
        """The client pays the invoice of a deposit, so that `amount` of it is paid in all."""
        more = amount - self.paid.get(name, Decimal(0))
        if more:
            play.pay(self.emulator, doc_number=self._deposit_number(name), amount=more)
        self.paid[name] = amount

    def _deposit_number(self, name: str) -> str:
        key = next(retainer_key(row) for row in self.config.tables.retainers if row.name == name)
        fee, document = schema.fee_ledger.c, schema.document.c
        query = select(document.number).join(schema.fee_ledger, fee.document_id == document.id)
        with self.store.read() as connection:
            return str(connection.execute(query.where(fee.fee == key, fee.due == DEPOSIT)).scalar_one())

    def pull(self, today: date) -> None:
        """Read the files."""
        for report in self.steps.pull(today):
            assert not report.error, report.error
            assert not report.problems, report.problems

    def draft(self, today: date) -> DraftReport:
        """Read the files and QuickBooks' lists, and compute what is owed."""
        self.pull(today)
        steps = self.steps
        with steps.quickbooks() as opened:
            steps.reference(opened)
            return steps.draft(today, self.run, opened)

    def approve_by_policy(self, report: DraftReport) -> list[tuple[str, str]]:
        """Approve what `auto_approve_up_to` lets through; client and period of each."""
        approved = self.steps.auto_approve(report)
        return [(row.document.key.client, row.document.key.period) for row in approved]

    def send(self, today: date) -> list[Document]:
        """Draft once more, approve all that nothing blocks, and send it; what was approved."""
        report = approve(
            self.store,
            self.config,
            today=today,
            clock=self.clock,
            by="Marie",
            wanted=lambda item: not item.document.problems,
            shown={},
            run=self.run,
        )
        steps = self.steps
        with steps.quickbooks() as opened:
            pushed = steps.push(opened)
            assert not pushed.problems, pushed.problems
        return [row.document for row in report.approved]

    def read(self) -> None:
        """Read payments and edits from QuickBooks."""
        with self.steps.quickbooks() as opened:
            self.steps.payments(opened)

    def invoices(self) -> list[dict[str, Any]]:
        """Those that QuickBooks has, the last one last."""
        return self.emulator.all("Invoice")

    def standings(self) -> list[list[str]]:
        """Where the store says that seconds stand that are on no document, as expected.toml says it."""
        table = schema.standing.c
        query = select(table.entry, table.seconds, table.scaled_quantity, table.state, table.code)
        with self.store.read() as connection:
            rows = connection.execute(query.where(table.code != "drafted")).all()
        return sorted([row.entry, size(row.seconds, row.scaled_quantity), row.state, row.code] for row in rows)

    def counted(self) -> tuple[int, ...]:
        """Documents, ledger rows and what is to be sent, in the store; and the writes that QuickBooks committed."""
        tables = (schema.document, schema.ledger, schema.fee_ledger, schema.outbox)
        with self.store.read() as connection:
            here = [connection.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
        return (*here, len([row for row in self.emulator.requests() if row.operation == "create" and row.committed]))

    def snapshot(self, today: date) -> Snapshot:
        with self.store.read() as connection:
            return take_snapshot(
                connection,
                COMPANY,
                currency=self.config.company.currency,
                now=self.clock.now(),
                today=today,
                selection=Selection(),
            )

    def differences(self, today: date) -> set[str]:
        """Of the three proofs."""
        found = self.snapshot(today)
        return {
            str(prove_hours(found.hours).difference_seconds),
            *(str(proof.difference.minor) for proof in prove_invoices(found)),
            *(str(proof.difference.minor) for proof in prove_receivables(found)),
        }


@contextmanager
def driving(folder: Path, expected: Mapping[str, Any], place: Path, store: Store) -> Iterator[Driver]:
    """A scenario's company, connected to books of its own."""
    clock = FakeClock(datetime.combine(expected["step"][0]["today"], time(14), UTC))
    emulator = Emulator("ca", now=clock.now, limits=False)
    emulator.seed(_lists(folder, expected, {row["Name"] for row in emulator.all("Item")}))
    (place / "inbox").mkdir()
    with capture_logs(), running(emulator) as url:
        driver = Driver(folder, place, expected, url, store, clock, emulator)
        driver.write_config()
        driver.put_tables(expected["step"][0].get("mappings", "mappings"))
        connect(store, driver.config, clock)
        yield driver


def _lists(folder: Path, expected: Mapping[str, Any], items_there: set[str]) -> dict[str, Any]:
    """The customers that the documents are for, and all that the tables name in QuickBooks and is not there."""
    documents = [document for step in expected["step"] for document in step.get("document", [])]
    customers = {document["client"]: document.get("currency", "CAD") for document in documents}
    items, classes, departments = set(), set(), set()
    for tables in sorted(folder.glob("mappings*")):
        read, _ = load_tables(tables, currency="CAD")
        items |= {row.quickbooks_item for row in (*read.services, *read.discounts, *read.expenses)}
        items |= {row.item for row in read.retainers}
        classes |= {row.class_name for row in (*read.clients, *read.services)}
        departments |= {row.department for row in read.clients}
    return {
        "customers": [{"name": name, "currency": currency} for name, currency in sorted(customers.items())],
        "items": [{"name": name} for name in sorted(items - items_there - {""})],
        "classes": sorted(classes - {""}),
        "departments": sorted(departments - {""}),
        "exchange_rates": {code: rate for code, rate in RATES.items() if code in customers.values()},
    }
