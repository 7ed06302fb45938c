"""The stand-in as a world of the contract suite."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.redmine import RedmineSettings, RedmineSource
from connectors.stand_ins import Fault, Redmine
from connectors.stand_ins.redmine.tracker import TimeEntry, User
from connectors.stand_ins.server import Answer, Asked
from tests.support.clock import FakeClock

TORONTO = ZoneInfo("America/Toronto")


@dataclass
class RedmineWorld:
    server: Redmine
    clock: FakeClock = field(default_factory=FakeClock)
    key: str = ""
    """Whose key the source has; empty: the administrator's."""

    def __post_init__(self) -> None:
        self.project = self.server.add_project("Acme")
        self.issue = self.server.add_issue(self.project, "Printer down")
        self.tess: User = self.server.add_user("Tess", "Tremblay", key="7e55" * 10)

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    @property
    def secret(self) -> str:
        return self.key or self.server.key

    @property
    def requests(self) -> int:
        return len(self.server.requests)

    def asked_for(self, list_name: str) -> int:
        """How many pages of a list were asked for."""
        return len([request for request in self.server.requests if request.startswith(f"/{list_name}.json")])

    def source(self, **settings: Any) -> RedmineSource:
        return RedmineSource(
            "helpdesk",
            RedmineSettings(**{"url": self.server.url, "token": "env:REDMINE_KEY", **settings}),
            timezone=TORONTO,
            clock=self.clock,
            secret=lambda: self.secret,
            before_request=lambda: None,
        )

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        entry = self.server.add_entry(self.project, day, hours, issue=self.issue, user=self.tess, comments=notes)
        return str(entry.id)

    def entry(self, key: str) -> TimeEntry:
        entry = self.server.entry(int(key))
        assert entry is not None
        return entry

    def change_hours(self, key: str, hours: Decimal) -> None:
        self.server.change_entry(self.entry(key), hours=hours)

    def move(self, key: str, day: date) -> None:
        self.server.change_entry(self.entry(key), spent_on=day)

    def delete(self, key: str) -> None:
        self.server.delete_entry(self.entry(key))

    def spoil(self, key: str) -> None:
        """Another server than the documented one: it gives this entry without its user."""

        def without_user(record: Any) -> None:
            for entry in record.get("time_entries", []):
                if str(entry["id"]) == key:
                    entry["user"] = None

        self.garble(without_user)

    def garble(self, change: Callable[[Any], None]) -> None:
        """Change every answer on its way, as no real server would."""
        answer = self.server.answer

        def changed(asked: Asked) -> Answer:
            made = answer(asked)
            record = json.loads(made.body() or b"null")
            if record is not None:
                change(record)
            return replace(made, record=record)

        self.server.answer = changed  # type: ignore[method-assign]

    def fail_next(self, *faults: Fault) -> None:
        self.server.faults = list(faults)
