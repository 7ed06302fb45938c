"""Work as a source gives it: time entries and tasks, in the source's own names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

SignOff = Literal["approved", "refused", "unknown"]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One time entry, whole, as its source has it now. Names are the source's; "" where it has none.

    `worked_on` is the company's local day and decides the month. `seconds` are whole and may be negative (a tool's
    correction). `source` and `id` together are the key, for good.
    """

    source: str
    id: str
    worked_on: date
    seconds: int
    person: str = ""
    client: str = ""
    project: str = ""
    task: str = ""
    service: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    billable: bool = True
    sign_off: SignOff = "unknown"
    signed_off_on: date | None = None
    purchase_order: str = ""
    source_rate: Decimal | None = None
    """A rate that the entry itself carries. `source_rates = "ignore"`: shown by `explain`, never billed."""
    source_currency: str = ""
    notes: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.id)

    @property
    def chronological(self) -> tuple[date, bool, datetime | date, str, str]:
        """Worked day, start (without one: last), source, id."""
        return (self.worked_on, self.started_at is None, self.started_at or self.worked_on, self.source, self.id)


@dataclass(frozen=True, slots=True)
class Task:
    """One task, ticket or issue of a source: what time entries refer to."""

    source: str
    id: str
    title: str = ""
    client: str = ""
    project: str = ""
    parent: str = ""
    state: str = ""
    done: bool = False
    done_on: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.id)
