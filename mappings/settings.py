"""The billing policies of one company as plain values: what `[billing]` and `[approval]` say, read and checked."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rounding:
    """Increments: minimum first, then the step. Zero minutes mean none."""

    step_minutes: int = 0
    direction: str = "up"
    """up, nearest (a tie goes up), down."""
    applies_to: str = "entry"
    """entry; day: a person's day in one line group; line: one line group."""
    minimum_minutes: int = 0


@dataclass(frozen=True, slots=True)
class Billing:
    """`[billing]`: defaults that a row of the clients table may replace for its client."""

    period: str = "month"
    """week, half-month, month, on-completion, manual."""
    one_invoice_per: str = "client"
    """client, project, parent-task, task, purchase-order, person."""
    lines_per: str = "service"
    """entry, day, week, person, service, task, project, rate, one."""
    hours: str = "exact"
    """exact, two-decimals (each line's hours, half-up, before the price)."""
    hours_per_day: Decimal = Decimal("7.5")
    round_money: str = "line"
    """line, entry: what is rounded to the cent."""
    late_work: str = "next-invoice"
    """next-invoice, ask (held for `release` or `write-off`)."""
    source_rates: str = "ignore"
    """ignore, fallback (where no rate row prices the work), override: of a rate that an entry carries."""
    changed_after_posting: str = "adjust"
    """adjust, ask (held like late work), report (listed, never billed)."""
    day_split: str = "start"
    """start: the day on which work began; split: an entry is cut at local midnight."""
    terms: str = ""
    tax_code: str = ""
    no_tax_code: str = ""
    rounding: Rounding = Rounding()


@dataclass(frozen=True, slots=True)
class Approval:
    """`[approval]`: what must be seen by a person before it leaves."""

    client_must_approve_hours: bool = False
    after_days_without_answer: int = 0
    auto_approve_up_to: Decimal = Decimal(0)
    hold_when: tuple[str, ...] = ()
    """new-client, no-purchase-order, rate-changed, over-budget, 30%-above-usual (any whole percentage)."""


@dataclass(frozen=True, slots=True)
class Company:
    """One company: its name is the key under which each row, lease, token and report stands."""

    name: str
    timezone: ZoneInfo
    language: str
    currency: str
    billing: Billing = field(default_factory=Billing)
    approval: Approval = field(default_factory=Approval)
    holidays: str = ""
    """The region whose public holidays count for premiums (CA-QC); "": only the table's."""
