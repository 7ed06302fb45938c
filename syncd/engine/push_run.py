"""What the threads of one push share: the lease, why it stopped, and what became of each row."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, select

from connectors.quickbooks.entities import Entity
from connectors.quickbooks.values import text_of
from connectors.quickbooks.wire import parse_json
from mappings.problems import Problem
from syncd.clock import Clock, is_stopping
from syncd.config import Config
from syncd.engine.adopt_unknown import Behind, Unknown, unknown_documents, who_is_behind
from syncd.engine.applications import OpenDocument
from syncd.engine.conservation import broken_conservation
from syncd.engine.finishing import NUMBERLESS_FIX, NUMBERLESS_WHAT, leaves_without_number
from syncd.engine.outbox import OutboxRow, doubt_orphans, open_rows
from syncd.engine.pairs import kept_back
from syncd.engine.push_report import Outcome, PushReport, Result
from syncd.engine.quickbooks import QuickBooks, note_failure, paused_until, problem_of
from syncd.engine.reference import load_books
from syncd.engine.restored import deleted_unknown
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.leases import Lease, renew

LEASE_SECONDS = 300
SEND_SECONDS = 140
"""A request's longest time: 5 s to connect, 130 s for the answer, and a margin. The lease must outlive it."""
_IDS_A_QUERY = 500
_DOUBTS = 3
"""After so many unclear answers in a row QuickBooks is left alone until the next run."""


class Run:
    """One push of one company: what its threads share."""

    def __init__(self, store: Store, config: Config, opened: QuickBooks, clock: Clock, lease: Lease) -> None:
        self.store, self.config, self.opened, self.clock = store, config, opened, clock
        self.company = opened.company
        self.quarantine = timedelta(seconds=config.quickbooks.quarantine_seconds)
        self._lease = lease
        self._lock = threading.Lock()
        self._unauthorised: set[int] = set()
        self._doubts = 0
        self._outcomes: dict[int, Outcome] = {}
        self._unknown: list[Unknown] = []
        self._behind = Behind()
        self._deleted: tuple[str, ...] = ()
        self._kept_back: dict[str, Problem] = {}
        self._numberless = False
        self._broken: Problem | None = None
        self._problems: list[Problem] = []
        self._halted = threading.Event()

    def take_over(self) -> None:
        """Doubt what was found in flight: its sender is gone."""
        with self.store.write() as connection:
            doubt_orphans(connection, self._lease, self.quarantine.total_seconds(), self.clock.now())
        with self.store.read() as connection:
            self._unknown = unknown_documents(connection, self.company)
            self._behind = who_is_behind(connection, self.company, self._unknown)
            self._deleted = deleted_unknown(connection, self.company)
            books = load_books(connection, self.company)
            self._broken = broken_conservation(connection, self.company)
            self._kept_back = kept_back(connection, self.company, self.clock.now())
        if self._broken is not None:
            self._problems.append(self._broken)
        self._numberless = books is not None and leaves_without_number(self.config, books)

    def behind(self, task: Task) -> Problem | None:
        """Why this is not sent for the first time.

        The books do not add up; QuickBooks has documents of its client that are not adopted, or would give no number.
        """
        row = task.row
        if row.state != "ready" or row.doubted:
            return None
        if self._broken is not None:
            return self._broken
        if row.operation != "create":
            return None
        if self._deleted:
            return perhaps_deleted(self._deleted)
        if row.document_id in self._kept_back:
            return self._kept_back[row.document_id]
        if self._numberless and not text_of(parse_json(row.payload), "DocNumber"):
            return Problem("no-number", NUMBERLESS_WHAT, NUMBERLESS_FIX)
        if not self._behind:
            return None
        customer = text_of(parse_json(row.payload), "CustomerRef", "value")
        return older_than_quickbooks(self._unknown) if self._behind.holds(task.document.client, customer) else None

    def is_behind(self, document: OpenDocument) -> bool:
        """Whether QuickBooks has documents of its client that are not adopted: one of them may be the older one."""
        return bool(self._deleted) or self._behind.holds(document.client, document.customer_id)

    @property
    def stopped(self) -> bool:
        return self._halted.is_set() or is_stopping(self.clock)

    def lease(self) -> Lease:
        """The push lease, with time left for a whole request; raises LeaseLostError when another one has it."""
        with self._lock:
            now = self.clock.now()
            if self._lease.expires_at - now < timedelta(seconds=LEASE_SECONDS - SEND_SECONDS):
                with self.store.write() as connection:
                    self._lease = renew(connection, self._lease, LEASE_SECONDS, now)
            return self._lease

    def lease_now(self) -> Lease:
        """The push lease as it is, for checking its token inside a transaction."""
        return self._lease

    def note(self, task: Task, result: Result, **details: Any) -> None:
        """Remember what became of a row; the last word counts."""
        with self._lock:
            self._outcomes[task.row.id] = outcome_of(task, result, **details)
            self._doubts = self._doubts + 1 if result == "unknown" else 0
            if self._doubts >= _DOUBTS:
                what = f"QuickBooks left {self._doubts} requests in a row without a clear answer."
                self._problems.append(Problem("quickbooks-unclear", what, "syncd goes on by itself.", warning=True))
                self._halted.set()

    def unauthorised(self, task: Task) -> bool:
        """Whether this row was refused for its token before: a new token has not helped."""
        with self._lock:
            before = task.row.id in self._unauthorised
            self._unauthorised.add(task.row.id)
            return before

    def halt(self, error: BaseException) -> None:
        """Begin nothing more in this run: the company must wait, or a person must act."""
        note_failure(self.store, self.opened, error, self.clock)
        with self._lock:
            problem = problem_of(error)
            if problem.code not in {known.code for known in self._problems}:
                self._problems.append(problem)
            self._halted.set()

    def report(self) -> PushReport:
        """What was done, and every row that is not at its end."""
        with self.store.read() as connection:
            left = tasks_of(connection, open_rows(connection, self.company))
        for task in left:
            result: Result = "unknown" if task.row.state in ("unknown", "sending") else "waiting"
            problem, moment = task.row.problem_value or self.behind(task), task.row.not_before
            self._outcomes[task.row.id] = outcome_of(task, result, problem=problem, not_before=moment)
        outcomes = tuple(outcome for _, outcome in sorted(self._outcomes.items()))
        silent = paused_until(self.store, self.company, self.clock.now())
        return PushReport(outcomes, tuple(self._problems), silent)


def older_than_quickbooks(unknown: Sequence[Unknown]) -> Problem:
    """What keeps first sends back in a database that is older than QuickBooks."""
    names = ", ".join(row.name for row in unknown[:5]) + (" …" if len(unknown) > 5 else "")
    return Problem(
        "older-than-quickbooks",
        f"QuickBooks has documents of ours that this database does not know: {names}. Nothing new is sent before.",
        f"Type `syncd adopt {shlex.quote(unknown[0].name)}` once their work has been pulled.",
    )


def perhaps_deleted(documents: Sequence[str]) -> Problem:
    """What keeps first sends back in a copy that was put back, when documents were deleted meanwhile."""
    return Problem(
        "deleted-unknown",
        f"Deleted in QuickBooks since this copy of the database was made: {', '.join(documents)}. If one of them was "
        "ours, its work would be billed again.",
        "Look at QuickBooks' audit log; where its work may be billed, type `syncd adopt --accept-deleted`.",
    )


class Task:
    """A row of the outbox with what the step needs to know of its document."""

    __slots__ = ("document", "row")

    def __init__(self, row: OutboxRow, document: Row[*tuple[Any, ...]]) -> None:
        self.row, self.document = row, document

    def moved(self, row: OutboxRow) -> Task:
        """The same task with its row as it stands now."""
        return Task(row, self.document)

    @property
    def entity(self) -> Entity:
        """What is created in QuickBooks, or mailed."""
        if self.row.operation == "apply":
            return "Payment"
        return "Invoice" if self.document.kind == "invoice" else "CreditMemo"

    @property
    def name(self) -> str:
        """How people know the document."""
        return str(self.document.number or self.document.id)


def tasks_of(connection: Connection, rows: Iterable[OutboxRow]) -> list[Task]:
    """The rows with their documents."""
    wanted = list(rows)
    table = schema.document.c
    columns = (table.id, table.number, table.client, table.kind, table.dated, table.quickbooks_id)
    documents: dict[str, Row[*tuple[Any, ...]]] = {}
    for start in range(0, len(wanted), _IDS_A_QUERY):
        ids = [row.document_id for row in wanted[start : start + _IDS_A_QUERY]]
        documents |= {row.id: row for row in connection.execute(select(*columns).where(table.id.in_(ids)))}
    return [Task(row, documents[row.document_id]) for row in wanted]


def outcome_of(
    task: Task,
    result: Result,
    *,
    quickbooks_id: str = "",
    problem: Problem | None = None,
    not_before: datetime | None = None,
) -> Outcome:
    """What became of a task, for the report."""
    document = task.document
    if problem is not None:
        problem = replace(problem, subject=document.client)
    known = quickbooks_id or document.quickbooks_id or ""
    return Outcome(
        document.id, task.row.operation, document.number or "", document.client, result, known, problem, not_before
    )
