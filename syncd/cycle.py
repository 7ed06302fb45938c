"""The steps of the journey put together: what the daemon does in each cycle, and commands do one by one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import func, select

from connectors import open_source
from connectors.ports import Ports
from connectors.source import Source, SourceError
from mappings.problems import Problem
from mappings.world import Run
from syncd.clock import Clock, is_stopping
from syncd.config import Config
from syncd.engine.adopt import AdoptReport, adopt, adopt_document
from syncd.engine.approve import Approved, auto_approve
from syncd.engine.computing import missing_rates
from syncd.engine.draft import DraftReport, FetchRates, draft
from syncd.engine.estimates import uses_estimates
from syncd.engine.pairs import to_follow
from syncd.engine.payments import PaymentsReport, read_payments
from syncd.engine.pull import PullReport, pull_all
from syncd.engine.push import push
from syncd.engine.push_report import PushReport
from syncd.engine.push_run import Task
from syncd.engine.quickbooks import NotConnectedError, QuickBooks, QuickBooksFailure, problem_of, quickbooks
from syncd.engine.reference import ReferenceReport, ensure_exchange_rates, refresh
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.leases import LeaseHeldError


@dataclass(frozen=True, slots=True)
class Steps:
    """One company's steps. `holder` names this process to others that want the same lease.

    `beat` is called for each request and page: a sign of life, for who watches over a long step.
    """

    store: Store
    config: Config
    clock: Clock
    holder: str
    beat: Callable[[], None] = lambda: None

    def sources(self, names: Collection[str] = (), secrets: Mapping[str, str] = {}) -> list[Source]:
        """The configured sources (or those named), opened; nothing is read yet.

        `secrets` (reference → secret) are tried in place of what is kept under these references.
        """
        config = self.config
        ports = Ports(
            clock=self.clock,
            timezone=config.company.timezone,
            base_folder=config.folder,
            hours_per_day=config.company.billing.hours_per_day,
            secret=lambda reference: secrets.get(reference) or config.secret(reference),
            before_request=self._before_request,
        )
        return [
            open_source(settings.kind, name, settings, ports)
            for name, settings in config.sources.items()
            if not names or name in names
        ]

    def _before_request(self) -> None:
        self.store.assert_no_write_open()
        self.beat()
        if is_stopping(self.clock):
            # Otherwise a tool that answers slowly would be asked again and again, without the waits in between.
            raise SourceError("syncd is being stopped.")

    def pull(
        self,
        today: date,
        *,
        names: Collection[str] = (),
        full: bool = False,
        accept_vanished: Collection[str] = (),
        wait_seconds: float = 0,
    ) -> list[PullReport]:
        """Read the sources; one that fails stops none of the others."""
        return pull_all(
            self.store,
            self.config.company.name,
            self.sources(names),
            clock=self.clock,
            today=today,
            since={name: settings.since for name, settings in self.config.sources.items()},
            safety=self.config.safety,
            full=full,
            open_from=self._open_from(),
            accept_vanished=accept_vanished,
            wait_seconds=wait_seconds,
            beat=self.beat,
        )

    def _open_from(self) -> date | None:
        """The first day of which work still waits: corrections may come as long as it does."""
        standing = schema.standing.c
        query = select(func.min(standing.worked_on)).where(
            standing.company == self.config.company.name, standing.state.in_(("waiting", "blocked"))
        )
        with self.store.read() as connection:
            oldest: date | None = connection.execute(query).scalar_one()
        return oldest

    def draft(
        self,
        today: date,
        run: Run,
        opened: QuickBooks | None = None,
        *,
        still: Callable[[], bool] = lambda: True,
        only_changed: bool = False,
    ) -> DraftReport:
        """Compute what is owed; with an open connection, missing exchange rates are read and frozen.

        `still` tells whether the tables are still those of the config; raises TablesMovedError when they are not.
        `only_changed`: only the clients that something concerns since the last time, as the daemon does.
        """
        return draft(
            self.store,
            self.config,
            today=today,
            clock=self.clock,
            run=run,
            fetch_rates=self._rates_of(opened),
            still=still,
            only_changed=only_changed,
        )

    def _rates_of(self, opened: QuickBooks | None) -> FetchRates:
        def fetch(wanted: frozenset[tuple[str, date]]) -> None:
            if opened is not None:
                ensure_exchange_rates(self.store, opened, wanted)

        return fetch

    def draft_fresh(self, today: date, run: Run) -> tuple[DraftReport, tuple[Problem, ...]]:
        """Draft with QuickBooks' lists as they are now; without QuickBooks, as they were last read, and say so."""
        try:
            with self.quickbooks() as opened:
                self._refresh(opened)
                drafts = self.draft(today, run, opened)
                if any(_may_be_stale(problem) for item in drafts.documents for problem in item.document.problems):
                    self._refresh(opened, unresolved=True)
                    drafts = self.draft(today, run, opened)
                return drafts, ()
        except NotConnectedError:
            return self.draft(today, run), ()
        except QuickBooksFailure as error:
            return self.draft(today, run), (replace(problem_of(error), warning=True),)

    def prepare(self, today: date, run: Run) -> None:
        """Read lists and exchange rates that drafting would lack, and record no draft: what was shown stays so."""
        try:
            with self.quickbooks() as opened:
                self._refresh(opened)
                missing = missing_rates(self.store, self.config, today=today, run=run)
                if missing:
                    ensure_exchange_rates(self.store, opened, missing)
        except (NotConnectedError, *QuickBooksFailure):
            return  # What is missing blocks its document, with the reason.

    def fresh_lists(self) -> tuple[Problem, ...]:
        """Read QuickBooks' lists; what kept them from being read is a warning."""
        try:
            with self.quickbooks() as opened:
                self._refresh(opened, unresolved=True)
        except NotConnectedError as error:
            return (replace(error.problem, warning=True),)
        except QuickBooksFailure as error:
            return (replace(problem_of(error), warning=True),)
        return ()

    def auto_approve(self, drafts: DraftReport) -> tuple[Approved, ...]:
        """Approve what the policy lets through."""
        return auto_approve(self.store, self.config, drafts, clock=self.clock)

    def quickbooks(self) -> AbstractContextManager[QuickBooks]:
        """The connection to the books for a block; raises NotConnectedError and what keeps it from opening."""
        return quickbooks(self.store, self.config, self.clock, self.holder, self.beat)

    def _refresh(self, opened: QuickBooks, *, unresolved: bool = False) -> ReferenceReport:
        estimates = uses_estimates(self.config.tables)
        return refresh(self.store, opened, clock=self.clock, unresolved=unresolved, estimates=estimates)

    def reference(self, opened: QuickBooks) -> ReferenceReport:
        """Bring QuickBooks' lists up to date."""
        return self._refresh(opened)

    def meet(self, opened: QuickBooks, today: date, *, wait_seconds: float = 0) -> tuple[PaymentsReport, AdoptReport]:
        """Read what changed in QuickBooks, and adopt what it has of ours and this database does not know.

        To be done before anything is sent for the first time: an older copy of the database may have been put back.
        """
        read = self.payments(opened, wait_seconds=wait_seconds)
        adopted = adopt(
            self.store,
            self.config,
            clock=self.clock,
            today=today,
            holder=self.holder,
            fetch_rates=self._rates_of(opened),
            wait_seconds=wait_seconds,
        )
        return read, adopted

    def adopt(
        self, opened: QuickBooks, today: date, name: str, *, by_lines: bool, wait_seconds: float = 0
    ) -> AdoptReport | Problem:
        """Adopt what QuickBooks has of ours; `by_lines`, also the named document (or all) that no draft agrees with."""
        report = self.meet(opened, today, wait_seconds=wait_seconds)[1]
        if not by_lines or any(name in (row.number, row.quickbooks_id, row.document_id) for row in report.adopted):
            return report
        found = adopt_document(
            self.store,
            self.config,
            name,
            clock=self.clock,
            today=today,
            holder=self.holder,
            fetch_rates=self._rates_of(opened),
            wait_seconds=wait_seconds,
        )
        return found if isinstance(found, Problem) else replace(found, adopted=(*report.adopted, *found.adopted))

    def has_new_to_send(self) -> bool:
        """Whether a document, or its e-mail, waits that was never sent."""
        table = schema.outbox.c
        mine = (table.company == self.config.company.name, schema.UNDER_WAY)
        query = select(table.id).where(*mine, table.state == "ready")
        with self.store.read() as connection:
            return connection.execute(query.limit(1)).first() is not None

    def push(
        self,
        opened: QuickBooks,
        *,
        wanted: Callable[[Task], bool] | None = None,
        applying: bool = True,
        wait_seconds: float = 0,
    ) -> PushReport:
        """Send what is due, or of it what is wanted; and (`applying`) apply credit memos to open invoices.

        What a lender bills for hours on what was sent follows in its own books, right after.
        """
        report = push(
            self.store,
            self.config,
            opened,
            clock=self.clock,
            holder=self.holder,
            wanted=wanted or (lambda _task: True),
            applying=applying,
            wait_seconds=wait_seconds,
        )
        for lender in self.config.lenders:
            report = self._followed(report, lender, wait_seconds)
        return report

    def _followed(self, report: PushReport, lender: Config, wait_seconds: float) -> PushReport:
        """Send what is due of a lender because the borrower's documents are in QuickBooks."""
        with self.store.read() as connection:
            due = to_follow(connection, lender.company.name, self.config.company.name)
        if not due or is_stopping(self.clock):
            return report
        steps = replace(self, config=lender)
        today = self.clock.now().astimezone(lender.company.timezone).date()
        try:
            with steps.quickbooks() as opened:
                steps.meet(opened, today, wait_seconds=wait_seconds)
                sent = push(
                    self.store,
                    lender,
                    opened,
                    clock=self.clock,
                    holder=self.holder,
                    wanted=lambda task: task.row.document_id in due,
                    applying=False,
                    wait_seconds=wait_seconds,
                )
        except NotConnectedError as error:
            return replace(report, problems=(*report.problems, error.problem))
        except QuickBooksFailure as error:
            return replace(report, problems=(*report.problems, problem_of(error)))
        except LeaseHeldError:
            return report  # Another process sends them, or the next push of either company does.
        mine = tuple(one for one in sent.outcomes if one.document_id in due)
        return replace(report, outcomes=(*report.outcomes, *mine), problems=(*report.problems, *sent.problems))

    def payments(
        self, opened: QuickBooks, *, whole: bool = False, accept_vanished: bool = False, wait_seconds: float = 0
    ) -> PaymentsReport:
        """Read what changed in QuickBooks, or (`whole`) all of it again."""
        return read_payments(
            self.store,
            self.config,
            opened,
            clock=self.clock,
            holder=self.holder,
            whole=whole,
            accept_vanished=accept_vanished,
            wait_seconds=wait_seconds,
        )


def _may_be_stale(problem: Problem) -> bool:
    """Whether it rests on tax codes or preferences: those are read daily, all else whenever anything is drafted."""
    return problem.code.endswith("-tax-code") or problem.code in ("closed-books", "no-number", "quickbooks-not-read")
