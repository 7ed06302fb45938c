"""The stand-in as a world of the contract suite."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.redmine import RedmineSettings, RedmineSource
from tests.connectors.contract import Fault
from tests.connectors.redmine.stand_in import StandInRedmine
from tests.support.clock import FakeClock

TORONTO = ZoneInfo("America/Toronto")


@dataclass
class RedmineWorld:
    server: StandInRedmine
    clock: FakeClock = field(default_factory=FakeClock)

    def __post_init__(self) -> None:
        self.project = self.server.add_project("Acme")
        self.issue = self.server.add_issue(self.project, "Printer down")

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    @property
    def secret(self) -> str:
        return self.server.key

    @property
    def requests(self) -> int:
        return len(self.server.requests)

    def source(self, **settings: Any) -> RedmineSource:
        return RedmineSource(
            "helpdesk",
            RedmineSettings(**{"url": self.server.url, "token": "env:REDMINE_KEY", **settings}),
            timezone=TORONTO,
            clock=self.clock,
            secret=lambda: self.server.key,
            before_request=lambda: None,
        )

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        return str(self.server.add_entry(self.project, day, hours, issue=self.issue, notes=notes)["id"])

    def entry(self, key: str) -> dict[str, Any]:
        return next(entry for entry in self.server.entries if str(entry["id"]) == key)

    def change_hours(self, key: str, hours: Decimal) -> None:
        self.entry(key)["hours"] = hours

    def move(self, key: str, day: date) -> None:
        self.entry(key)["spent_on"] = str(day)

    def delete(self, key: str) -> None:
        self.server.entries.remove(self.entry(key))

    def spoil(self, key: str) -> None:
        self.entry(key)["user"] = None

    def fail_next(self, *faults: Fault) -> None:
        self.server.faults = list(faults)
