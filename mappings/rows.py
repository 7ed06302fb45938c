"""The rows of finance's tables, read and checked. `place` is the cell's row in its file, for `explain` and errors.

Matching columns hold a tuple of lower-case-insensitive patterns (several values in a cell are separated by `|`; `*` at
an end matches any ending); an empty tuple matches all.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from mappings.problems import Place
from mappings.when import ALWAYS, When

Patterns = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClientRow:
    """Which QuickBooks customer a source's client is, and what differs for it."""

    place: Place
    source: Patterns
    source_client: Patterns
    quickbooks_customer: str
    """The customer's display name; "=": the same name as the source's client."""
    language: str = ""
    currency: str = ""
    tax_code: str = ""
    terms: str = ""
    purchase_order: str = ""
    """A number to print, or "required": the work carries it."""
    email_to: str = ""
    period: str = ""
    one_invoice_per: str = ""
    lines_per: str = ""
    step_minutes: int | None = None
    direction: str = ""
    applies_to: str = ""
    minimum_minutes: int | None = None
    class_name: str = ""
    department: str = ""
    since: date | None = None
    """The client's go-live: earlier work is never billed."""
    until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """Which QuickBooks item a source's service is, and whether it is billed."""

    place: Place
    source: Patterns
    source_service: Patterns
    """A literal empty cell matches all, entries without a service included."""
    service: str
    """Our name; blank: the source's."""
    quickbooks_item: str
    billable: bool = True
    tax_code: str = ""
    class_name: str = ""
    unit: str = "hour"
    """hour, day, each: what a rate row that names no unit is for."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Who is who across tools."""

    place: Place
    source: Patterns
    source_person: Patterns
    person: str
    role: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True)
class RateRow:
    """A price per unit; the matching columns are in order of strength."""

    place: Place
    task: Patterns
    project: Patterns
    client: Patterns
    person: Patterns
    role: Patterns
    team: Patterns
    service: Patterns
    rate: Decimal
    unit: str = ""
    """hour, day, each; blank: the service's."""
    currency: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Unused:
    """What a period hands on to the next of the hours that it did not use."""

    kind: str = "lost"
    """lost, carry-1-month, carry-max, carry-until, net (also what it used too much)."""
    most_seconds: int | None = None
    """carry-max: no more than this."""
    until: date | None = None
    """carry-until: usable for work up to this day."""


@dataclass(frozen=True, slots=True)
class RetainerRow:
    """Hours that a client has paid for: `minimum` by a fee each period, `block` bought once. What is over is extra."""

    place: Place
    client: str
    name: str
    kind: str
    """minimum, block."""
    services: Patterns = ()
    projects: Patterns = ()
    hours: Decimal | None = None
    """Included hours a period, or those of the block; None: all."""
    fee: Decimal = Decimal(0)
    currency: str = ""
    every: str = "month"
    """week, month, quarter, year."""
    valid_from: date | None = None
    valid_until: date | None = None
    unused: Unused = Unused()
    draw: str = "chronological"
    """chronological, pro-rata."""
    extra_rate: Decimal | None = None
    prorate: str = "no"
    """no, calendar, 30: by the days in force; ending in `+hours` the included hours are, too."""
    item: str = ""
    """The QuickBooks item of the fee."""
    note: str = ""


DONE, ESTIMATE = "done:", "estimate:"


@dataclass(frozen=True, slots=True)
class Share:
    """A share of a price (30 %, 1/3); `so_far`: what is complete of it by now (to 35 %), less what was billed of it."""

    part: Fraction
    so_far: bool = False
    written: str = ""
    """As the cell says it: 30%, 1/3, 35%."""


@dataclass(frozen=True, slots=True)
class FixedFeeRow:
    """A price on a calendar, once, when a task is done, or a share of a price."""

    place: Place
    client: str
    description: str
    amount: Decimal
    project: str = ""
    service: str = ""
    quantity: Decimal = Decimal(1)
    currency: str = ""
    every: str = "once"
    """once, month, quarter, year."""
    on: str = "last-day"
    """A day number ("1".."31"), "last-day", or for `once` an ISO date or "done:TASK"."""
    valid_from: date | None = None
    valid_until: date | None = None
    prorate: str = "no"
    """no, calendar, 30."""
    covers: bool = False
    share: Share | None = None
    """Instead of an amount, which is then 0."""
    percent_of: str = ""
    """What it is a share of: an amount ("9000"), or "estimate:1023"."""
    of_catalogue: bool = False
    """Made of an assignment: a service of the catalogue."""

    @property
    def milestone(self) -> str:
        """The task that makes it due when it is done; "" for a day."""
        return self.on.removeprefix(DONE) if self.on.startswith(DONE) else ""


@dataclass(frozen=True, slots=True)
class CatalogueRow:
    """A service that clients may be assigned, and how often it comes."""

    place: Place
    service: str
    every: str
    """month, quarter, year, once."""
    amount: Decimal | None = None
    """Its price a period; the assignment's own goes first."""


@dataclass(frozen=True, slots=True)
class AssignmentRow:
    """A service of the catalogue that a client has; without a service, the dates of a project."""

    place: Place
    client: str
    service: str = ""
    project: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    amount: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class ExpenseRow:
    """Which item a category of expenses or products is billed as, and at what markup."""

    place: Place
    source: Patterns
    category: Patterns
    """A literal empty cell matches all, items without a category included."""
    quickbooks_item: str
    markup_percent: Decimal = Decimal(0)
    tax_code: str = ""
    billable: bool = True


@dataclass(frozen=True, slots=True)
class CapRow:
    """A budget of a client's work, in money or hours, for good or per `every`."""

    place: Place
    client: Patterns
    over: str
    """write-down, hold, warn: what happens to work beyond it."""
    project: Patterns = ()
    purchase_order: Patterns = ()
    amount: Decimal | None = None
    hours: Decimal | None = None
    currency: str = ""
    every: str = ""
    """week, month, quarter, year; blank: for good."""
    alerts: tuple[int, ...] = ()
    """Percentages of it that are told once when they are billed."""


@dataclass(frozen=True, slots=True)
class DiscountRow:
    """A percentage off work by its day, or an amount off each document."""

    place: Place
    client: Patterns
    quickbooks_item: str
    project: Patterns = ()
    service: Patterns = ()
    percent: Decimal | None = None
    amount: Decimal | None = None
    currency: str = ""
    base: str = "net"
    """net: before tax; gross: tax is on the amount before the discount."""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class PremiumRow:
    """A dearer hour: exactly one of `rate`, `add` and `factor` says what it costs, per unit of the rate it changes."""

    place: Place
    name: str
    service: Patterns = ()
    client: Patterns = ()
    when: When = ALWAYS
    rate: Decimal | None = None
    """Instead of the rate, also where that is higher."""
    add: Decimal | None = None
    factor: Decimal | None = None
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class HolidayRow:
    """A holiday, for premiums; one of the company's region has its place in config.toml."""

    place: Place
    day: date
    region: str = ""
    """Such as CA-QC; "": everywhere."""
    name: str = ""


@dataclass(frozen=True, slots=True)
class IntercompanyRow:
    """At what a person or team of this company, the lender, works for the clients of another one of the same daemon."""

    place: Place
    borrower: str
    """The other company, by its name."""
    quickbooks_customer: str
    """The borrower, as the lender's books know it."""
    quickbooks_item: str
    person: Patterns = ()
    """Our names, as the borrower's people table gives them."""
    team: Patterns = ()
    """Of the lender's people table."""
    share: Fraction | None = None
    """Of the bill rate, premium included; exactly one of `share` and `rate` is filled."""
    rate: Decimal | None = None
    """An hour, in the lender's currency."""
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Tables:
    """All tables of one company, in the order of their rows."""

    clients: tuple[ClientRow, ...] = ()
    services: tuple[ServiceRow, ...] = ()
    people: tuple[PersonRow, ...] = ()
    rates: tuple[RateRow, ...] = ()
    retainers: tuple[RetainerRow, ...] = ()
    fixed_fees: tuple[FixedFeeRow, ...] = ()
    expenses: tuple[ExpenseRow, ...] = ()
    caps: tuple[CapRow, ...] = ()
    discounts: tuple[DiscountRow, ...] = ()
    premiums: tuple[PremiumRow, ...] = ()
    holidays: tuple[HolidayRow, ...] = ()
    """Those that count: of the company's region, or of none."""
    intercompany: tuple[IntercompanyRow, ...] = ()
