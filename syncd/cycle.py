"""The steps of the journey put together: what the daemon does in each cycle, and commands do one by one."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select

from connectors import open_source
from connectors.ports import Ports
from connectors.source import Source
from mappings.world import Run
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.approve import Approved, auto_approve
from syncd.engine.draft import DraftReport, draft
from syncd.engine.pull import PullReport, pull_all
from syncd.engine.push import push
from syncd.engine.push_report import PushReport
from syncd.engine.quickbooks import QuickBooks, quickbooks
from syncd.store import schema
from syncd.store.database import Store


@dataclass(frozen=True, slots=True)
class Steps:
    """One company's steps. `holder` names this process to others that want the same lease."""

    store: Store
    config: Config
    clock: Clock
    holder: str

    def sources(self, names: Collection[str] = ()) -> list[Source]:
        """The configured sources (or those named), opened; nothing is read yet."""
        config = self.config
        ports = Ports(
            clock=self.clock,
            timezone=config.company.timezone,
            base_folder=config.folder,
            hours_per_day=config.company.billing.hours_per_day,
            secret=config.secret,
            before_request=self.store.assert_no_write_open,
        )
        return [
            open_source(settings.kind, name, settings, ports)
            for name, settings in config.sources.items()
            if not names or name in names
        ]

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

    def draft(self, today: date, run: Run) -> DraftReport:
        """Compute what is owed."""
        return draft(self.store, self.config, today=today, clock=self.clock, run=run)

    def auto_approve(self, drafts: DraftReport) -> tuple[Approved, ...]:
        """Approve what the policy lets through."""
        return auto_approve(self.store, self.config, drafts, clock=self.clock)

    def quickbooks(self) -> AbstractContextManager[QuickBooks]:
        """The connection to the books for a block; raises NotConnectedError and what keeps it from opening."""
        return quickbooks(self.store, self.config, self.clock, self.holder)

    def push(self, opened: QuickBooks, *, wait_seconds: float = 0) -> PushReport:
        """Send what is due."""
        return push(self.store, self.config, opened, clock=self.clock, holder=self.holder, wait_seconds=wait_seconds)
