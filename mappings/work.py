"""Work as a source gives it: time entries, priced items and tasks, in the source's own names."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from mappings.money import scaled_rate

SignOff = Literal["approved", "refused", "unknown"]
WorkKind = Literal["time", "expense", "product"]


@dataclass(frozen=True, slots=True)
class WorkItem:
    """One time entry or priced item, whole, as its source has it now. Names are the source's; "" where it has none.

    `worked_on` is the company's local day and decides the month. `seconds` are whole and may be negative (a tool's
    correction). `source` and `id` together are the key, for good. An expense or a product has no seconds but a
    quantity, and its `service` is its category.
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
    """A rate that the entry itself carries, per unit of its service: `source_rates` says whether it is billed."""
    source_currency: str = ""
    """Of that rate, or of a priced item's amount; "": the client's."""
    notes: str = ""
    # What only priced items have stands last: a time entry is stored, and compared, without it.
    kind: WorkKind = "time"
    quantity: Decimal | None = None
    """Of a priced item, up to 5 decimals, negative for a return; None: 1."""
    amount: Decimal | None = None
    """Of one; None: the price is a rate row of unit `each`."""
    rebate_percent: Decimal = Decimal(0)
    tax_code: str = ""
    """A priced item's own, which wins over the client's."""

    @property
    def key(self) -> tuple[str, str]:
        return (self.source, self.id)

    @property
    def scaled_quantity(self) -> int:
        """How many a priced item counts, in 1/100,000; 0 for time."""
        return 0 if self.kind == "time" else scaled_rate(Decimal(1) if self.quantity is None else self.quantity)

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
