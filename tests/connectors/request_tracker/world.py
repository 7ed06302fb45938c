"""The stand-in Request Tracker as a world of the contract suite: one ticket in one queue."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from connectors.request_tracker import RequestTrackerSettings, RequestTrackerSource
from connectors.source import Cursor, Page
from connectors.stand_ins import Fault, RequestTracker
from tests.connectors.contract import WINDOW
from tests.support.clock import FakeClock

TORONTO = ZoneInfo("America/Toronto")


@dataclass
class RequestTrackerWorld:
    server: RequestTracker
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2026, 11, 2, 9, tzinfo=UTC)))

    token: str = ""
    """Of another user than root."""

    def __post_init__(self) -> None:
        self.queue = self.server.add_queue("Acme")
        self.ticket = self.server.open_ticket(self.queue, "Printer down")

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    @property
    def secret(self) -> str:
        return self.token or self.server.token

    @property
    def requests(self) -> int:
        return len(self.server.requests)

    def source(self, **settings: Any) -> RequestTrackerSource:
        return RequestTrackerSource(
            "helpdesk",
            RequestTrackerSettings(**{"url": self.server.url, "token": "env:RT_TOKEN", **settings}),
            timezone=TORONTO,
            clock=self.clock,
            secret=lambda: self.secret,
            before_request=lambda: None,
        )

    def changes(self, cursor: Cursor) -> list[Page]:
        """What a pull yields that goes on from a cursor."""
        return list(self.source().pull(cursor, WINDOW))

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        return str(self.server.comment(self.ticket, notes, minutes=int(hours * 60), at=noon(day)).id)

    def change_hours(self, key: str, hours: Decimal) -> None:
        """Past the server, which itself never changes a transaction."""
        self._rewrite(key, time_taken=int(hours * 60))

    def move(self, key: str, day: date) -> None:
        self._rewrite(key, created=noon(day))

    def delete(self, key: str) -> None:
        """As the shredder does."""
        made = self.server.transactions
        made.remove(next(each for each in made if str(each.id) == key))

    def spoil(self, key: str) -> None:
        self._rewrite(key, creator="")

    def fail_next(self, *faults: Fault) -> None:
        self.server.faults = [*faults]

    def _rewrite(self, key: str, **changes: Any) -> None:
        made = self.server.transactions
        number = next(index for index, each in enumerate(made) if str(each.id) == key)
        made[number] = dataclasses.replace(made[number], **changes)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TORONTO)
