"""What an explanation consists of: an entry or a document, with the rows and steps behind each second and cent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from syncd.reports.values import Money


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of finance's tables (file and line) that decided something."""

    decides: str
    row: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """What one document does to one entry. `state`: drafted, approved, or the document's fate (withdrawn)."""

    document: str
    state: str
    line: int | None
    source: str
    entry: str
    revision: int
    worked_on: date
    person: str
    project: str
    task: str
    effect: str
    seconds: int
    billed_seconds: int
    amount: Money
    rate: Decimal | None
    unit: str
    service: str
    item: str
    tax_code: str
    rounding: str
    tables: tuple[TableRow, ...]
    steps: tuple[str, ...]
    quantity: str = "0"
    """Of an expense or product."""
    premium: str = ""
    """The premium's name; "" for none."""
    base_rate: Decimal | None = None
    """The rate without it."""
    retainer: str = ""
    """The name of the retainer or fee that it counts against, covered or extra."""
    retainer_period: str = ""
    drawn_seconds: int = 0
    """What it draws of that retainer's hours."""
    part: int = 0
    """Of an entry that was cut at midnight: which of its days, from 1."""


@dataclass(frozen=True, slots=True)
class EntryRevision:
    """One state in which the source showed the entry. `changed` names what differs from the one before."""

    revision: int
    seen_at: datetime
    deleted: bool
    changed: tuple[str, ...]
    worked_on: date
    seconds: int
    person: str
    client: str
    project: str
    task: str
    service: str
    billable: bool
    sign_off: str
    source_rate: Decimal | None
    notes: str
    raw: str
    """The record as the source gave it."""
    kind: str = "time"
    """time, expense, product."""
    quantity: str = "0"
    amount: Decimal | None = None
    """Of one; none: the rate table's."""
    rebate_percent: Decimal = Decimal(0)
    tax_code: str = ""
    """An expense's or product's own."""


@dataclass(frozen=True, slots=True)
class EntryStanding:
    """Seconds of the entry (of an expense or product, its quantity) that no document holds, and why."""

    state: str
    code: str
    what: str
    client: str
    seconds: int
    quantity: str = "0"


@dataclass(frozen=True, slots=True)
class ExplainedEntry:
    """One entry: as its source gave it, and where each of its seconds is."""

    company: str
    source: str
    entry: str
    deleted: bool
    pulled_seconds: int
    accounted_seconds: int
    revisions: tuple[EntryRevision, ...]
    shares: tuple[Share, ...]
    standings: tuple[EntryStanding, ...]
    next_command: str
    pulled_quantity: str = "0"
    """Of an expense or product."""
    accounted_quantity: str = "0"
    language: str = "en"
    """en, fr: of the sentences."""


@dataclass(frozen=True, slots=True)
class FeeShare:
    """A retainer's, fixed fee's or discount's amount on a line. `due`: the period or day that is billed once."""

    fee: str
    kind: str
    """retainer, fixed-fee, discount, intercompany."""
    name: str
    due: str
    day: date | None
    amount: Money
    tables: tuple[TableRow, ...]
    steps: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ExplainedLine:
    """One line: its arithmetic, and the entries and fees that it is made of."""

    number: int
    kind: str
    description: str
    item: str
    arithmetic: str
    amount: Money
    shares: tuple[Share, ...]
    fees: tuple[FeeShare, ...]
    rounding: tuple[str, ...]
    """How its amount was rounded and shared, where that needs saying."""


@dataclass(frozen=True, slots=True)
class ExplainedTax:
    """One component of the tax on the subtotal of one tax code."""

    tax_code: str
    component: str
    percent: Decimal
    base: Money
    amount: Money


@dataclass(frozen=True, slots=True)
class RetainerMoved:
    """What a document does to the hours of one retainer's period: opening + bought - drawn - lapsed = closing."""

    name: str
    period: str
    opening_seconds: int
    bought_seconds: int
    drawn_seconds: int
    lapsed_seconds: int
    closing_seconds: int


@dataclass(frozen=True, slots=True)
class ExplainedDocument:
    """One document, line by line. `unbilled`: time on no line (covered, written down, zero)."""

    company: str
    document: str
    client: str
    period: str
    kind: str
    dated: date
    currency: str
    lines: tuple[ExplainedLine, ...]
    unbilled: tuple[Share, ...]
    subtotal: Money
    taxes: tuple[ExplainedTax, ...]
    tax_computed: bool
    """False: QuickBooks computes the tax."""
    total: Money
    next_command: str
    exchange_rate: Decimal | None = None
    """Of home currency for one of the document's; None in the home currency."""
    retainers: tuple[RetainerMoved, ...] = ()
    language: str = "en"
    """en, fr: of the sentences."""
