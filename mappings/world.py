"""What billing is given and what it gives back: values only, so that a rule opens no file and knows no database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from mappings.catalogue import Estimate
from mappings.documents import Document, DocumentKind, Posted, PostedFee, PostedHours, Standing
from mappings.periods import Period
from mappings.problems import Problem
from mappings.rerates import Rerate
from mappings.rows import Tables
from mappings.settings import Company
from mappings.values import value
from mappings.work import Task, WorkItem


@value(frozen=True, slots=True)
class Entry:
    """The latest revision of one time entry."""

    work: WorkItem
    revision: int
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Policy:
    """The policies in force for one client: the company's, with what its rows in the clients table replace."""

    client: str
    period: str
    one_invoice_per: str
    lines_per: str
    language: str
    currency: str
    terms: str
    tax_code: str
    purchase_order: str = ""
    email_to: str = ""
    class_name: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice or credit memo of ours with something open in QuickBooks: what deposits are drawn for."""

    client: str
    kind: DocumentKind
    dated: date
    balance_minor: int
    """Positive, with tax; of a credit memo what is not applied yet."""
    retainer: str = ""
    """The key of the deposit that it is the invoice, or a draw, of."""


@dataclass(frozen=True, slots=True)
class World:
    """All that decides what is owed. `ledger` has the rows of every document that stands (none of withdrawn ones).

    `today` is the business date. `go_live` is the earliest day of work that may be billed (None: no limit is set).
    """

    company: Company
    tables: Tables
    today: date
    go_live: date | None = None
    entries: tuple[Entry, ...] = ()
    tasks: Mapping[tuple[str, str], Task] = field(default_factory=dict)
    ledger: tuple[Posted, ...] = ()
    fees: tuple[PostedFee, ...] = ()
    hours: tuple[PostedHours, ...] = ()
    estimates: tuple[Estimate, ...] = ()
    """QuickBooks' estimates that fixed fees of these clients are shares of."""
    last_posted: Mapping[str, date] = field(default_factory=dict)
    """Per client: the last day of the latest period of which a document was sent."""
    open_keys: frozenset[tuple[str, str]] = frozenset()
    """(client, period name) with an unsent draft: these periods stay open although a later one was sent."""
    sequences: Mapping[tuple[str, str, str], int] = field(default_factory=dict)
    """(client, period name, group) → how many documents of it were sent."""
    frozen: frozenset[tuple[str, str]] = frozenset()
    """Entries on a voided or deleted document that waits for `release` or `write-off`: not billed, not adjusted."""
    released: frozenset[tuple[str, str]] = frozenset()
    """Entries that a person released although late or changed (`late_work = "ask"`)."""
    rerates: tuple[Rerate, ...] = ()
    """Decisions to bill at another rate what is billed already."""
    open_items: tuple[OpenItem, ...] = ()
    """Of clients with deposits: what is open in QuickBooks."""
    deposits_paid: Mapping[str, int] = field(default_factory=dict)
    """Per deposit (its key) what the client has paid of its invoice, in money."""
    clients: frozenset[str] | None = None
    """Folded names of the clients of which this world has all that there is; None: it has all clients."""
    names: frozenset[str] = frozenset()
    """Further names of these clients in the sources: which spelling is used depends on all of them."""

    def has(self, client: str) -> bool:
        """Whether all that concerns a client (its folded name) is here."""
        return self.clients is None or client in self.clients


@dataclass(frozen=True, slots=True)
class Run:
    """Which periods to draft. `period`: each client's own periods that end in it, posted or not; None: what is due."""

    period: Period | None = None


@dataclass(frozen=True, slots=True)
class CapAlert:
    """A share of a cap that is billed, to be told once."""

    client: str
    subject: str
    """What makes it this alert and no other: the client, the cap, its period, and the sum that was to be reached."""
    problem: Problem
    """The alert as a warning."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What `bill` makes of a world: documents before names are resolved in QuickBooks, and where all else stands."""

    documents: tuple[Document, ...]
    running: tuple[Document, ...]
    """Documents of periods that are not over: shown by `preview`, never approved."""
    standings: tuple[Standing, ...]
    problems: tuple[Problem, ...]
    alerts: tuple[CapAlert, ...] = ()
    """Whatever shares of caps the ledger has reached, told before or not."""
