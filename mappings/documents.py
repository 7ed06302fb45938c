"""Documents (invoices, credit memos, settlements), their lines, and the ledger rows that explain each second and cent.

A document is a value. Its content hash is taken over these fields, so whatever decides what QuickBooks receives stands
here, and nothing that may differ between two runs over the same input (times, ids of runs, numbers) does.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from mappings.periods import Period
from mappings.problems import Problem
from mappings.settings import Rounding
from mappings.steps import Step
from mappings.values import value

DocumentKind = Literal["invoice", "credit-memo", "settlement"]
"""A settlement goes nowhere: it settles covered or zero time, a write-off, a release."""
LineKind = Literal["time", "expense", "product", "retainer", "fixed-fee", "adjustment", "discount", "deposit"]
Effect = Literal["invoiced", "covered", "written-down"]
State = Literal["not-billable", "waiting", "blocked"]


@dataclass(frozen=True, slots=True)
class Price:
    """What one of a priced item costs: `amount`, less the rebate, plus its category's markup; rounded with quantity."""

    kind: Literal["expense", "product"]
    amount: Decimal
    rebate_percent: Decimal = Decimal(0)
    markup_percent: Decimal = Decimal(0)
    of_rate: bool = False
    """The amount is that of a rate row: the item itself has none."""
    tax_code: str = ""
    """The item's own."""


@dataclass(frozen=True, slots=True)
class Discount:
    """A percentage off, as it was in force on the worked day."""

    key: str
    """The row's: "discount|client|project|service|item"."""
    item: str
    """The QuickBooks item of its lines."""
    percent: Decimal
    gross: bool = False
    """Its lines stand outside tax: tax is on the amount before the discount."""


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms at which work was, or would be, billed: all that must be alike for two entries to share a line."""

    client: str
    group: str
    """What `one_invoice_per` makes documents by: the project, person, order, or "source:task"; "" for `client`."""
    label: str
    """What `lines_per` groups by: the service, day, week's Monday, person, task, project, entry; else ""."""
    service: str
    item: str
    """The QuickBooks item's name."""
    rate: Decimal | None
    """Per unit. None: covered work that has no rate row. Of a priced item: with rebate and markup, to 5 decimals."""
    unit: str
    """hour, day, each."""
    seconds_per_unit: int
    """0 for each."""
    currency: str
    tax_code: str
    class_name: str
    service_month: str
    """2026-10"""
    premium: str = ""
    """The name of the premium at which it is billed; "" for none."""
    base_rate: Decimal | None = None
    """The rate without that premium; None where no premium applies, or the work has no rate of its own."""
    price: Price | None = None
    """Of a priced item; None: time."""
    purchase_order: str = ""
    """What the work carries, or else its client's: by this caps are counted. It makes no line of its own."""
    discounts: tuple[Discount, ...] = ()
    """What comes off its amount on lines of their own. It makes no line of its own, either."""


@value(frozen=True, slots=True)
class Reason:
    """Why an allocation is what it is: the tables' rows and steps, for `explain`."""

    client_row: str = ""
    """ "mappings/clients.csv:3", and so on; "" where no row was needed."""
    service_row: str = ""
    person_row: str = ""
    rate_row: str = ""
    rate_dates: str = ""
    """The rate row's from..until."""
    runner_up: Step | str = ""
    """The next best rate row and why it lost. (Older rows hold a sentence.)"""
    retainer_row: str = ""
    steps: tuple[Step | str, ...] = ()
    """What happened in order: increments, premium, draw, the split, the adjustment. (Older rows hold sentences.)"""


@value(frozen=True, slots=True)
class Allocation:
    """What one document does to one entry: a row of the ledger, never updated. A reversal has negative numbers.

    An entry is time, counted in seconds, or a priced item (an expense, a product), counted in its quantity.
    """

    source: str
    entry: str
    revision: int
    effect: Effect
    seconds: int
    """Worked."""
    billed_seconds: int
    """After increments; equal to `seconds` where there are none."""
    amount_minor: int
    """This entry's share of its line; the allocations of a line sum to its amount."""
    line: int | None
    """The document's line number; None for covered, written-down and zero time, and for seconds that only move between
    the entries of a rounding group (their amounts sum to 0)."""
    worked_on: date
    source_client: str
    person: str
    project: str
    task: str
    source_service: str
    """Day, client, person, project, task, service as the source named them: what, when changed there, moves the work.
    The client's name is kept because a row of the clients table that changes must move nothing."""
    terms: Terms
    rounding: Rounding = Rounding()
    rounding_group: str = ""
    """The group whose seconds were rounded together; "" when the entry was rounded alone."""
    retainer: str = ""
    """The retainer or covering fee that this work counted against, covered or extra: its key."""
    retainer_period: str = ""
    drawn_seconds: int | None = None
    """What it draws of that retainer's hours, or would draw were it not extra; None: as much as `billed_seconds`."""
    reason: Reason = Reason()
    scaled_quantity: int = 0
    """Of a priced item, in 1/100,000; its seconds are 0."""
    cap: str = ""
    """The key of the cap that wrote these seconds down; "" otherwise."""
    part: int = 0
    """Of an entry that `day_split` cut at midnight: which of its days, from 1. 0: the entry is whole."""
    offset_seconds: int | None = None
    """Where a premium cut it: from what second of its day (of work without clock times: of itself) this piece runs."""

    @property
    def draws_seconds(self) -> int:
        """Seconds that it draws of its retainer's hours, or would draw were it not extra."""
        return self.billed_seconds if self.drawn_seconds is None else self.drawn_seconds


DEPOSIT, DRAW = "deposit", "draw"
"""What a deposit's rows are due as: the deposit itself, and what is drawn from it (negative)."""


@dataclass(frozen=True, slots=True)
class Lent:
    """Hours that another company's document has of a person of this one, as a row of this company's ledger has them."""

    source: str
    """The borrower's, as is the entry."""
    entry: str
    seconds: int
    """As billed there."""
    rate: Decimal
    """What this company bills for them, per unit."""
    seconds_per_unit: int
    bill_rate: Decimal | None = None
    """What the borrower's client pays; None where covered work has no rate."""


@dataclass(frozen=True, slots=True)
class FeeAllocation:
    """What one document bills of one retainer's or fixed fee's period, or takes off as a discount: a ledger row too."""

    fee: str
    """The row's key: "retainer|client|project|service|name", so also for "fixed-fee|…", "discount|…"."""
    due: str
    """The period's name (2026-10) or due day that is billed once; of a discount, its document's period."""
    amount_minor: int
    line: int
    served_until: date | None = None
    """Last day that a prorated amount pays for."""
    reason: Reason = Reason()
    discounts: tuple[Discount, ...] = ()
    """What came off a fixed fee on lines of their own."""
    day: date | None = None
    """The day on which it was due; None in rows that were written before this was kept."""
    whole_minor: int | None = None
    """Of a true-up: the fee that usage was measured against. Where usage sufficed, the row is of 0, on no line (0)."""
    price: str = ""
    """The price that a fixed fee is a share of: "client|project|percent_of"."""
    lent: Lent | None = None
    """Of an invoice to another company: which hours of it these are."""


@dataclass(frozen=True, slots=True)
class HoursAllocation:
    """What one document does to the hours of one retainer's period: a ledger row too, in seconds.

    What it draws stands in its allocations. Over all documents, opening + bought - drawn - lapsed = closing.
    """

    retainer: str
    """The row's key: "retainer|client|project|service|name"."""
    period: str
    """The period's name, or "once" for a block."""
    opening_seconds: int = 0
    """Handed on by the period before."""
    bought_seconds: int = 0
    lapsed_seconds: int = 0
    """What it keeps to itself once it is over."""
    closing_seconds: int = 0
    """Handed on to the next period; while a block is valid, what it still has."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an invoice or credit memo. On a credit memo amounts are as on the invoice it would be: negative."""

    number: int
    kind: LineKind
    description: str
    item: str
    tax_code: str
    amount_minor: int
    quantity: Decimal
    """Hours, days or units, exact to 5 decimals, half-up."""
    rate: Decimal | None
    """Unit price; None: the amount stands alone."""
    unit: str
    """hour, day, each."""
    seconds: int = 0
    """Billed seconds on it."""
    class_name: str = ""
    service_date: date | None = None
    """The last day worked on it."""
    service_month: str = ""
    late: bool = False
    item_id: str = ""
    tax_code_id: str = ""
    class_id: str = ""
    """QuickBooks ids, filled when names are resolved."""


@dataclass(frozen=True, slots=True)
class TaxLine:
    """Tax of one component (GST) on the subtotal of one tax code."""

    tax_code: str
    component: str
    percent: Decimal
    base_minor: int
    amount_minor: int


@dataclass(frozen=True, slots=True)
class DocumentKey:
    """Which document this is among drafts: one client, period and group; `sequence` counts re-runs after a posting."""

    client: str
    period: str
    group: str = ""
    sequence: int = 1


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a person must look before it leaves, though it could be sent."""

    code: str
    what: str


@dataclass(frozen=True, slots=True)
class Document:
    """One document as drafted: what would be sent, and the ledger rows that approving it writes.

    `problems` block it; `holds` ask for a person. Amounts are in the currency's minor units; `subtotal_minor` is before
    tax, and negative for a credit memo.
    """

    key: DocumentKey
    kind: DocumentKind
    period: Period
    dated: date
    currency: str
    language: str
    lines: tuple[Line, ...] = ()
    allocations: tuple[Allocation, ...] = ()
    fees: tuple[FeeAllocation, ...] = ()
    hours: tuple[HoursAllocation, ...] = ()
    terms: str = ""
    purchase_order: str = ""
    email_to: str = ""
    department: str = ""
    problems: tuple[Problem, ...] = ()
    holds: tuple[Hold, ...] = ()
    subtotal_minor: int = 0
    taxes: tuple[TaxLine, ...] = ()
    tax_computed: bool = True
    """False: QuickBooks computes the tax (United States), or its rates have not been read yet."""
    customer_id: str = ""
    terms_id: str = ""
    department_id: str = ""
    exchange_rate: Decimal | None = None
    """Home currency units per unit of `currency`, for the document's date; None in the home currency."""

    @property
    def tax_minor(self) -> int:
        return sum(tax.amount_minor for tax in self.taxes)

    @property
    def total_minor(self) -> int:
        return self.subtotal_minor + self.tax_minor


@value(frozen=True, slots=True)
class Posted:
    """A ledger row read back, with the document that it stands on."""

    document: str
    """Our id of the document."""
    number: str
    period_last: date
    allocation: Allocation


@dataclass(frozen=True, slots=True)
class PostedFee:
    """A fee's ledger row read back."""

    document: str
    period_last: date
    fee: FeeAllocation


@dataclass(frozen=True, slots=True)
class PostedHours:
    """A row of the retainers' own ledger read back."""

    document: str
    hours: HoursAllocation


@value(frozen=True, slots=True)
class Standing:
    """Where seconds stand that no approved document holds. Signed: −1,440 waits when 4.00 h were edited to 3.60 h.

    Of a priced item it is the quantity that stands.
    """

    source: str
    entry: str
    seconds: int
    state: State
    code: str
    """Why, kebab-case: drafted, late-work, running-period, not-signed-off, no-rate, unmapped-client …"""
    what: str
    """Why, a sentence."""
    client: str
    worked_on: date
    key: DocumentKey | None = None
    """The draft that carries it, if one does."""
    scaled_quantity: int = 0
    """Of a priced item, in 1/100,000; its seconds are 0."""
