"""Random histories of a company: work that comes, moves and goes, documents that are approved, sent and voided.

Everything is written by the functions that syncd itself writes with, so that each says what it concerns. QuickBooks'
answers are made here: no HTTP is spoken.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import select

from connectors.quickbooks.remote import RemoteDocument
from connectors.source import Record
from mappings.catalogue import Books, Named
from mappings.periods import month_of
from mappings.problems import Problem
from mappings.work import Task, WorkItem
from mappings.world import Run
from syncd.config import Config, load_config
from syncd.engine import mirror, outbox
from syncd.engine.approve import approve, auto_approve
from syncd.engine.content import encode
from syncd.engine.decide import By, release, release_entry, write_off, write_off_entry
from syncd.engine.draft import choose_date, draft
from syncd.engine.marks import set_value
from syncd.engine.outbox import Answer
from syncd.engine.reference import store_named
from syncd.store import schema
from syncd.store.changes import mark_everything
from syncd.store.database import Store
from syncd.store.leases import held
from syncd.store.work import mark_vanished, upsert_records
from tests.support.clock import FakeClock

COMPANY = "Atelier Boréal inc."
CONFIG = """\
[company]
name = "Atelier Boréal inc."
timezone = "America/Toronto"
language = "en-CA"
currency = "CAD"

[quickbooks]
environment = "emulator"
base_url = "http://127.0.0.1:1"
invoice_number = "AB-{year}-{seq:04}"
send_by = "none"

[billing]
tax_code = "GST"
lines_per = "task"
"""
POLICIES = (
    "",
    'late_work = "ask"\nchanged_after_posting = "ask"\n',
    '[approval]\nauto_approve_up_to = "200"\nhold_when = ["rate-changed", "30%-above-usual"]\n',
    '[billing.rounding]\nstep_minutes = 15\napplies_to = "day"\n',
)
CLIENTS = """\
source_client,quickbooks_customer,period,one_invoice_per,lines_per,step_minutes,applies_to,since,until
Alpha,Alpha inc.,,,,,,,
Beta*,Beta ltd,,project,,,,,
gamma,=,,,day,15,day,,
Delta,Delta,half-month,,entry,6,entry,,
Epsilon,Epsilon,on-completion,parent-task,,,,,
Zeta,Zeta,,parent-task,,,,,
Alpha old,Alpha inc.,,,,,,,2026-10-15
Alpha old,Delta,,,,,,2026-10-16,
"""
MORE_CLIENTS = "Unknown,Omega,,,,,,,\n"
SERVICES = """\
source_service,service,quickbooks_item,billable
dev,Development,Development,yes
free,Free,Development,no
"""
RATES = """\
client,person,service,rate,from
,,Development,100.00,
,Marie,Development,120.00,2026-11-01
"""
MORE_RATES = "Beta ltd,,Development,90.00,\n"
RETAINERS = """\
client,name,kind,services,hours,fee,every,from,extra_rate,item
Alpha inc.,Care,minimum,Development,{hours},300.00,month,,95.00,Retainer
"""
FEES = """\
client,description,amount,every,on,service,from
Beta ltd,Hosting,50.00,month,last-day,Development,
Delta,Audit,70.00,month,15,Development,2026-10-01
gamma,Launch,500.00,once,done:44,Development,
Delta,Start,40.00,once,done:3,Development,
"""
NAMES = ("Alpha", "Beta One", "Beta Two", "gamma", "GAMMA", "Delta", "Alpha old", "Epsilon", "Zeta", "Unknown", "")
CUSTOMERS = ("Alpha inc.", "Beta ltd", "gamma", "Delta", "Omega", "Epsilon", "Zeta")


@dataclass
class History:
    """One company's life. Each step is one that a source, a person, QuickBooks or the calendar may take."""

    store: Store
    folder: Path
    random: Random
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2026, 10, 20, 9, tzinfo=UTC)))
    today: date = date(2026, 10, 20)
    entries: dict[str, WorkItem] = field(default_factory=dict)
    policy: int = 0
    more_clients: bool = False
    more_rates: bool = False
    hours: int = 2
    remote: int = 0

    def __post_init__(self) -> None:
        self.config = self.write_config()
        names = [Named("customer", str(number), name) for number, name in enumerate(CUSTOMERS, 1)]
        names += [Named("item", "11", "Development"), Named("item", "12", "Retainer"), Named("tax-code", "13", "GST")]
        books = Books("4620816365000000001", COMPANY, "CA", "CAD")
        rates = {"13": encode([{"name": "GST", "percent": "5"}])}
        with self.store.write() as connection:
            store_named(connection, COMPANY, names, self.clock.now(), rates)
            set_value(connection, COMPANY, "books", encode(books))
            mark_everything(connection, COMPANY)
        self.steps: list[Callable[[], object]] = [
            *(self.add,) * 8,
            *(self.edit,) * 8,
            *(
                self.delete,
                self.task,
                self.task,
                self.refuse,
                self.renew,
                self.release_entry,
                self.write_off_entry,
                self.choose_date,
            ),
            *(self.approve,) * 4,
            *(self.post,) * 4,
            *(self.void,) * 2,
            *(self.decide,) * 3,
            *(self.wait,) * 3,
            *(self.tables, self.lists, self.one_period, self.whole),
        ]

    def step(self) -> str:
        """Do something at random, and say what."""
        chosen = self.random.choice(self.steps)
        self.clock.advance(self.random.choice((1, 60, 3600)))
        chosen()
        return chosen.__name__

    def write_config(self) -> Config:
        tables = {
            "clients": CLIENTS + (MORE_CLIENTS if self.more_clients else ""),
            "services": SERVICES,
            "rates": RATES + (MORE_RATES if self.more_rates else ""),
            "retainers": RETAINERS.format(hours=self.hours),
            "fixed_fees": FEES,
        }
        (self.folder / "mappings").mkdir(parents=True, exist_ok=True)
        (self.folder / "config.toml").write_text(CONFIG + POLICIES[self.policy], encoding="utf-8")
        for name, rows in tables.items():
            (self.folder / "mappings" / f"{name}.csv").write_text(rows, encoding="utf-8")
        return load_config(self.folder / "config.toml")

    # --- the sources

    def pull(self, *items: WorkItem | Task) -> None:
        records = [Record(item.id, "{}", item) for item in items]
        with self.store.write() as connection:
            upsert_records(connection, COMPANY, "tracker", records, self.clock.now())
        self.entries |= {item.id: item for item in items if isinstance(item, WorkItem)}

    def add(self) -> None:
        self.pull(*(self.new_item() for _ in range(self.random.randint(1, 3))))

    def new_item(self) -> WorkItem:
        choose = self.random.choice
        day = self.today - timedelta(days=self.random.randint(0, 45))
        return WorkItem(
            "tracker",
            str(len(self.entries) + self.random.randint(1, 10_000) * 1_000),
            day,
            choose((0, 600, 1800, 3600, 5400, 7200, 14400, -600)),
            choose(("Marie", "Jonas")),
            choose(NAMES),
            choose(("", "Site", "App")),
            choose(("", "1", "2", "3")),
            choose(("dev", "dev", "dev", "dev", "free", "nowhere")),
        )

    def edit(self) -> None:
        if not self.entries:
            return
        item = self.random.choice(list(self.entries.values()))
        new = self.new_item()
        changes: dict[str, Any] = {
            name: getattr(new, name)
            for name in ("seconds", "client", "client", "project", "task", "person", "service", "worked_on")
            if self.random.random() < 0.25
        }
        changes["billable"] = self.random.random() < 0.9
        self.pull(replace(item, **changes))

    def delete(self) -> None:
        if self.entries:
            with self.store.write() as connection:
                gone = self.random.choice(list(self.entries))
                live = schema.work.c.deleted.is_(False) & (schema.work.c.entry == gone)
                if connection.execute(select(schema.work.c.entry).where(live)).first():
                    mark_vanished(connection, COMPANY, "tracker", [gone], self.clock.now())

    def task(self) -> None:
        number, above = self.random.sample("123", 2)
        ended = self.random.choice((None, self.today - timedelta(days=self.random.randint(0, 20))))
        self.pull(
            Task(
                "tracker",
                number,
                f"Task {self.random.randint(1, 3)}",
                parent=self.random.choice(("", above)),
                done=ended is not None,
                done_on=self.random.choice((None, ended)),
            )
        )

    # --- people

    def by(self) -> By:
        return By("Marie", "as agreed", self.clock.now(), self.today)

    def approve(self, clients: Collection[str] = ()) -> None:
        """Approve some at random, or all of these clients."""
        share = self.random.random()
        approve(
            self.store, self.config, today=self.today, clock=self.clock, by="Marie",
            wanted=lambda item: item.document.key.client in clients if clients else self.random.random() < share,
        )  # fmt: skip

    def choose_date(self) -> None:
        choose_date(self.store, COMPANY, [self.random.choice(CUSTOMERS)], self.today)

    def release_entry(self) -> None:
        if self.entries:
            release_entry(self.store, self.config, "tracker", self.random.choice(list(self.entries)), self.by())

    def write_off_entry(self) -> None:
        if self.entries and self.random.random() < 0.5:
            write_off_entry(self.store, self.config, "tracker", self.random.choice(list(self.entries)), self.by())

    def decide(self) -> None:
        with self.store.read() as connection:
            ids = list(connection.execute(select(schema.document.c.id).order_by(schema.document.c.id)).scalars())
        for document in ids:
            (release if self.random.random() < 0.7 else write_off)(self.store, self.config, document, self.by())

    def tables(self) -> None:
        self.policy = self.random.randrange(len(POLICIES))
        self.more_clients, self.more_rates = self.random.random() < 0.5, self.random.random() < 0.5
        self.hours = self.random.choice((1, 2, 4))
        self.config = self.write_config()

    # --- QuickBooks

    def post(self, share: float = 0.7) -> None:
        """Send so much of what is ready."""
        with held(self.store, COMPANY, "push", "test", 60, self.clock) as lease, self.store.write() as connection:
            for row in outbox.open_rows(connection, COMPANY):
                if row.state == "ready" and self.random.random() < share:
                    claimed = outbox.claim(connection, row, lease, self.clock.now())
                    assert claimed is not None
                    self.remote += 1
                    answer = Answer("created", 200)
                    outbox.record_done(connection, claimed, lease, str(self.remote), answer, self.clock.now())

    def refuse(self) -> None:
        """QuickBooks takes none of what is ready; some of it is there already, and only a person can tell."""
        problem, answer = Problem("refused", "No.", "Mend it."), Answer("refused", 400)
        with held(self.store, COMPANY, "push", "test", 60, self.clock) as lease, self.store.write() as connection:
            for row in outbox.open_rows(connection, COMPANY):
                claimed = outbox.claim(connection, row, lease, self.clock.now()) if row.state == "ready" else None
                if claimed is not None:
                    exists = self.random.random() < 0.3
                    outbox.record_refused(connection, claimed, lease, answer, problem, self.clock.now(), exists=exists)

    def renew(self) -> None:
        """What was refused is to be sent again."""
        refused = schema.outbox.c.state == "refused"
        with held(self.store, COMPANY, "push", "test", 60, self.clock) as lease, self.store.write() as connection:
            for document in connection.execute(select(schema.outbox.c.document_id).where(refused)).scalars().all():
                row = outbox.read_row(connection, COMPANY, document, "create")
                assert row is not None
                outbox.renew(connection, row, lease, row.payload, self.clock.now())

    def void(self, state: str = "") -> None:
        table = schema.document.c
        with self.store.write() as connection:
            sent = connection.execute(select(schema.document).where(table.quickbooks_id.is_not(None))).all()
            if sent:
                row = self.random.choice(sorted(sent, key=lambda row: str(row.id)))
                state = state or self.random.choice(("voided", "voided", "live"))
                mirror.record(connection, COMPANY, [self.remote_document(row, state)], [], self.clock.now())

    def remote_document(self, row: Any, state: str) -> RemoteDocument:
        self.remote += 1
        total = 0 if state == "voided" else row.subtotal_minor
        return RemoteDocument(
            entity="Invoice" if row.kind == "invoice" else "CreditMemo",
            id=row.quickbooks_id,
            sync_token=str(self.remote),
            state=state,  # type: ignore[arg-type]
            doc_number=row.number or "",
            txn_date=row.dated,
            due_date=None,
            customer_id=row.customer_id,
            customer_name=row.client,
            currency="CAD",
            exchange_rate=None,
            subtotal_minor=total,
            tax_minor=0,
            total_minor=total,
            balance_minor=total,
            home_total_minor=total,
            email_status="",
            delivered_at=None,
            marker="",
            last_updated=self.clock.now(),
            links=(),
            raw=json.dumps({"SyncToken": self.remote}),
        )

    def lists(self) -> None:
        number = self.random.randrange(len(CUSTOMERS))
        row = Named("customer", str(number + 1), CUSTOMERS[number], active=self.random.random() < 0.7)
        with self.store.write() as connection:
            store_named(connection, COMPANY, [row], self.clock.now())

    # --- the calendar and syncd

    def wait(self) -> None:
        days = self.random.choice((1, 1, 5, 15))
        self.today += timedelta(days=days)
        self.clock.advance(days * 86_400)

    def one_period(self) -> None:
        first = month_of(self.today).first
        last_month = month_of(first - timedelta(days=1))
        draft(self.store, self.config, today=self.today, clock=self.clock, run=Run(last_month))

    def whole(self) -> None:
        draft(self.store, self.config, today=self.today, clock=self.clock)

    def tick(self) -> None:
        """What the daemon does after a pull."""
        drafts = draft(self.store, self.config, today=self.today, clock=self.clock, only_changed=True)
        auto_approve(self.store, self.config, drafts, clock=self.clock)
