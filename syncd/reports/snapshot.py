"""What a status report is made from: read in one transaction, summed by the database, and from then on only values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from mappings.problems import Problem
from syncd.engine.adopt_unknown import Unknown
from syncd.engine.pairs import Pair
from syncd.reports.deposits import DepositMoney
from syncd.reports.items import ItemsProof
from syncd.reports.retainers import RetainerHours
from syncd.reports.values import Selection


@dataclass(frozen=True, slots=True)
class EffectSum:
    """Seconds in the ledger by what was done with them. `selected`: on the client that the report is about."""

    effect: str
    selected: bool
    seconds: int
    billed_seconds: int


@dataclass(frozen=True, slots=True)
class StandingSum:
    """Seconds that no document holds, by where they stand and why."""

    state: str
    code: str
    client: str
    selected: bool
    entries: int
    seconds: int
    what: str
    """The sentence of one of them, for an example."""
    scaled_quantity: int = 0


@dataclass(frozen=True, slots=True)
class UnevenEntry:
    """An entry of which not every second stands exactly once."""

    source: str
    entry: str
    pulled_seconds: int
    held_seconds: int


@dataclass(frozen=True, slots=True)
class Hours:
    """Both sides of the first proof: `pulled_seconds` from the work table, the rest from ledger and standing."""

    entries: int
    pulled_seconds: int
    effects: tuple[EffectSum, ...]
    standings: tuple[StandingSum, ...]
    uneven_count: int
    uneven: tuple[UnevenEntry, ...]
    """The first of them."""


@dataclass(frozen=True, slots=True)
class DocumentSum:
    """Our live invoices and credit memos (negative). `remote_state` is "" where QuickBooks' mirror has none.

    `outbox_state` is also `found` (in doubt, and in the mirror by its marker) and `unread` (sent since it was read).
    """

    currency: str
    outbox_state: str
    remote_state: str
    documents: int
    total_minor: int
    tax_minor: int
    accepted: int = 0
    """How many of them a person accepted as they were edited in QuickBooks."""
    accepted_minor: int = 0
    """What these edits added before tax."""
    differing: int = 0
    """How many of them differ from the mirror's, before tax or in tax."""


@dataclass(frozen=True, slots=True)
class RemoteSum:
    """Live invoices and credit memos (positive, as there) in QuickBooks' mirror.

    `origin`: ours; claimed (our marker, but no document of ours); foreign.
    """

    currency: str
    type: str
    origin: str
    documents: int
    total_minor: int
    tax_minor: int


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A document whose two sides differ: missing, edited, voided, claimed, foreign. Credit memos are negative."""

    code: str
    number: str
    client: str
    currency: str
    expected_minor: int
    found_minor: int
    quickbooks_type: str = ""
    quickbooks_id: str = ""


@dataclass(frozen=True, slots=True)
class Movement:
    """Mirrored documents of one mapped customer. `phase`: before, during, after the report's period."""

    customer_id: str
    currency: str
    type: str
    ours: bool
    phase: str
    documents: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class CustomerBalance:
    """What QuickBooks itself says that a mapped customer owes; read together with the mirror."""

    customer_id: str
    client: str
    currency: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class OpenItem:
    """Open invoices, or unapplied payments and credits, of one customer with one due day."""

    customer_id: str
    currency: str
    type: str
    due: date
    documents: int
    balance_minor: int


@dataclass(frozen=True, slots=True)
class DraftState:
    """An open draft: what waits for a person."""

    client: str
    period: str
    group: str
    sequence: int
    problems: tuple[Problem, ...]
    holds: tuple[tuple[str, str], ...]
    shown: bool
    """A person was shown exactly this."""


@dataclass(frozen=True, slots=True)
class OutboxState:
    """An outbox row that is not done."""

    document_id: str
    number: str
    client: str
    period: str
    operation: str
    state: str
    problem: Problem | None
    not_before: datetime | None
    last_sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class DriftState:
    """What a person changed in QuickBooks, unsettled."""

    code: str
    what: str
    expected: str
    found: str
    quickbooks_type: str
    quickbooks_id: str
    number: str
    client: str
    decision: str


@dataclass(frozen=True, slots=True)
class SourceState:
    """How reading one source goes."""

    name: str
    last_complete_at: datetime | None
    down_since: datetime | None
    last_error: str
    fuse: str
    bad_records: tuple[Problem, ...]
    bad_record_count: int


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """The connection to the company in QuickBooks, without its tokens."""

    environment: str
    wanted_environment: str
    """What the config says; "" where nobody asks."""
    company_name: str
    refresh_expires_at: datetime | None
    hard_expires_at: datetime | None
    broken_because: str
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All rows behind one status report of one company."""

    company: str
    currency: str
    selection: Selection
    taken_at: datetime
    today: date
    hours: Hours
    documents: tuple[DocumentSum, ...]
    remote: tuple[RemoteSum, ...]
    mismatches: tuple[Mismatch, ...]
    movements: tuple[Movement, ...]
    balances: tuple[CustomerBalance, ...]
    open_items: tuple[OpenItem, ...]
    documents_read_at: datetime | None
    drafts: tuple[DraftState, ...]
    outbox: tuple[OutboxState, ...]
    drifts: tuple[DriftState, ...]
    sources: tuple[SourceState, ...]
    connection: ConnectionState | None
    unknown: tuple[Unknown, ...] = ()
    """Documents of ours in QuickBooks that this database, an older copy, does not know; oldest first."""
    deleted_unknown: tuple[str, ...] = ()
    """Documents that were deleted in QuickBooks since this copy was made, which may have been ours."""
    copied_at: datetime | None = None
    """When the copy was made that this database is, until it has caught up with QuickBooks."""
    retainers: tuple[RetainerHours, ...] = ()
    deposits: tuple[DepositMoney, ...] = ()
    items: ItemsProof | None = None
    """Of expenses and products; None where there are none."""
    never_read: tuple[str, ...] = ()
    """Sources of the config that were never read."""
    half_posted: tuple[Pair, ...] = ()
    """Pairs with another company of which the first is in QuickBooks and the second was refused."""
