"""All tables. State tables change by compare-and-set; revisions, draft versions, attempts, ledger and events only grow.

Every row carries its company. Instants are UTC text (`Instant`), days are dates, money is integer minor units, nested
values are JSON text. What must never happen is a constraint here wherever the database can say it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Connection,
    Date,
    Dialect,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)
from sqlalchemy.event import listens_for

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC text that sorts by time; SQLite has no type that keeps a zone."""

    impl = String(27)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else instant_text(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def instant_text(value: datetime) -> str:
    """The stored form of an instant; a naive datetime is a bug."""
    assert value.tzinfo is not None, "an instant needs its zone"
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


Identity = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers rows by itself only in an INTEGER key.


def _where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, for both databases."""
    return {"sqlite_where": text(condition), "info": {"where": condition}}


def _items(table: str) -> Index:
    """Priced items stand apart from time: their proof looks at no time entry, and costs nothing without items."""
    return Index(f"ix_{table}_items", "company", "source", "entry", **_where("scaled_quantity <> 0"))


@listens_for(metadata, "before_create")
def _of_partial_indexes(target: MetaData, connection: Connection, **_settings: object) -> None:
    # As `postgresql_where` in the tables it would load all that there is for PostgreSQL, with SQLite too.
    if connection.dialect.name == "postgresql":
        for index in (index for table in target.tables.values() for index in table.indexes if "where" in index.info):
            index.dialect_kwargs["postgresql_where"] = text(index.info["where"])


# --- Work, as the sources have it -----------------------------------------------------------------------------------

# The telling column first: PostgreSQL finds a thousand entries among a million by it even while it has no statistics,
# where an index that begins with company and source was read whole for each page of a first pull.
_ENTRY = ("entry", "source", "company")

work = Table(
    "work",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("client", Text, nullable=False, server_default="", comment="the source's name, as in the item"),
    Column("task", Text, nullable=False, server_default="", comment="the source's id, as in the item"),
    Column("scaled_quantity", BigInteger, nullable=False, server_default="0", comment="of a priced item, in 1/100,000"),
    PrimaryKeyConstraint(*_ENTRY),
    Index(None, "worked_on", "source", "company"),
    Index(None, "client", "source", "company"),
    _items("work"),
    comment="The latest revision of each time entry. `seconds` are as worked, kept when deleted.",
)

work_revision = Table(
    "work_revision",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("item", Text, nullable=False, comment="WorkItem as JSON"),
    Column("raw", Text, nullable=False, comment="the record as received"),
    Column("deleted", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint(*_ENTRY, "revision"),
    comment="Append-only: each state in which a source has shown an entry.",
)

task = Table(
    "task",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("item", Text, nullable=False, comment="Task as JSON"),
    Column("raw", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    Column("change", BigInteger, nullable=False, server_default="0", comment="number of its last change"),
    PrimaryKeyConstraint("company", "source", "id"),
)

source_state = Table(
    "source_state",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("cursor", Text, nullable=False, comment="the source's own JSON"),
    Column("last_complete_at", Instant),
    Column("down_since", Instant, comment="first failure since it last worked"),
    Column("last_error", Text),
    Column("fuse", Text, comment="JSON: what a complete window wanted to mark vanished, and was not allowed to"),
    PrimaryKeyConstraint("company", "source"),
)

record_problem = Table(
    "record_problem",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("record", Text, nullable=False, comment="the tool's key of the record that was not understood"),
    Column("problem", Text, nullable=False, comment="Problem as JSON"),
    Column("raw", Text, nullable=False),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("company", "source", "record"),
)

standing = Table(
    "standing",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("period", Text, nullable=False, server_default=""),
    Column("group_name", Text, nullable=False, server_default=""),
    Column("sequence", Integer, nullable=False, server_default="0"),
    Column("scaled_quantity", BigInteger, nullable=False, server_default="0", comment="of a priced item, in 1/100,000"),
    PrimaryKeyConstraint(*_ENTRY, "position"),
    CheckConstraint("state in ('not-billable', 'waiting', 'blocked')", name="state"),
    _items("standing"),
    comment="Where the seconds stand that no approved document holds. Pull writes the difference of a new revision as "
    "waiting (pulled); draft replaces it; approve takes away what the ledger then holds.",
)

# --- Drafts and documents -------------------------------------------------------------------------------------------

_KEY = ("company", "client", "period", "group_name", "sequence")

draft = Table(
    "draft",
    metadata,
    Column("company", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("period_last", Date, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("problems", Text, nullable=False, comment="JSON: why it is blocked now; not part of the hash"),
    Column("holds", Text, nullable=False, comment="JSON: why a person must look first; not part of the hash"),
    Column("dated", Date, comment="a person's choice instead of the period's last day, for closed books"),
    Column("shown_hash", Text, comment="the content that a person was last shown; an approval is for that"),
    Column("state", Text, nullable=False),
    PrimaryKeyConstraint(*_KEY),
    # open -> approved (a person or a policy, bound to the hash); approved -> open (its document was withdrawn);
    # open -> gone (nothing is left to bill); gone -> open (something is again).
    CheckConstraint("state in ('open', 'approved', 'gone')", name="state"),
)

draft_version = Table(
    "draft_version",
    metadata,
    Column("company", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("content", Text, nullable=False, comment="Document as JSON"),
    Column("made_at", Instant, nullable=False),
    PrimaryKeyConstraint(*_KEY, "version"),
    ForeignKeyConstraint(_KEY, [f"draft.{name}" for name in _KEY]),
    comment="Append-only.",
)

document = Table(
    "document",
    metadata,
    Column("id", Text, primary_key=True, comment="uuid5 of company, draft key and version"),
    Column("company", Text, nullable=False),
    Column("realm", Text, nullable=False, comment="empty for a settlement"),
    Column("kind", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("group_name", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("number", Text, comment="our document number; none for a settlement or where QuickBooks numbers"),
    Column("customer_id", Text, nullable=False),
    Column("period_first", Date, nullable=False),
    Column("period_last", Date, nullable=False),
    Column("dated", Date, nullable=False),
    Column("currency", Text, nullable=False),
    Column("subtotal_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False, comment="as we expect it; QuickBooks' own is on remote_document"),
    Column("content", Text, nullable=False, comment="Document as JSON, immutable"),
    Column("approved_by", Text, nullable=False),
    Column("approved_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_because", Text),
    Column("quickbooks_id", Text, comment="set when the outbox row is done"),
    Column("decision", Text, comment="on a voided or deleted document: release, write-off"),
    Column("decided_at", Instant),
    Column(
        "accepted_minor",
        BigInteger,
        nullable=False,
        server_default="0",
        comment="what a person's edit in QuickBooks added before tax, and a person here accepted",
    ),
    CheckConstraint("kind in ('invoice', 'credit-memo', 'settlement')", name="kind"),
    CheckConstraint("decision in ('release', 'write-off')", name="decision"),
    # Which documents stand, as what in QuickBooks and for how much, without a look at their contents: each status
    # report asks.
    Index(
        "ix_document_standing",
        *("company", "withdrawn_at", "kind", "quickbooks_id", "dated", "currency"),
        *("subtotal_minor", "tax_minor", "accepted_minor", "client", "id"),
    ),
    # No two standing documents for one draft, no number twice, no QuickBooks document that two of ours claim.
    Index(
        "uq_document_draft",
        *_KEY,
        unique=True,
        **_where("withdrawn_at is null"),
    ),
    Index(
        "uq_document_number",
        "company",
        "number",
        unique=True,
        **_where("withdrawn_at is null and number is not null"),
    ),
    Index(
        "uq_document_quickbooks",
        "realm",
        "kind",
        "quickbooks_id",
        unique=True,
        **_where("quickbooks_id is not null"),
    ),
)

ledger = Table(
    "ledger",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("line", Integer),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("effect", Text, nullable=False),
    Column("seconds", Integer, nullable=False),
    Column("billed_seconds", Integer, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("worked_on", Date, nullable=False),
    Column("client", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="Allocation as JSON"),
    Column("scaled_quantity", BigInteger, nullable=False, server_default="0", comment="of a priced item, in 1/100,000"),
    Column("retainer", Text, comment="that it counts against, covered or extra"),
    Column("retainer_period", Text),
    Column("drawn_seconds", Integer, comment="of that retainer's hours; of extra, what it would have drawn"),
    CheckConstraint("effect in ('invoiced', 'covered', 'written-down')", name="effect"),
    UniqueConstraint("document_id", "position"),
    # Found by its entry, and summed for each status report without a look at the details.
    Index(
        "ix_ledger_held",
        *("company", "source", "entry"),
        *("seconds", "document_id", "effect", "billed_seconds", "client"),
    ),
    Index(None, "client", "company"),
    _items("ledger"),
    Index("ix_ledger_retainer", "company", "retainer", "retainer_period", **_where("retainer is not null")),
    comment="Append-only; a row counts while its document is not withdrawn. Takes back by negative rows.",
)

fee_ledger = Table(
    "fee_ledger",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id"), nullable=False),
    Column("fee", Text, nullable=False),
    Column("due", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("detail", Text, nullable=False, comment="FeeAllocation as JSON"),
    UniqueConstraint("document_id", "fee", "due"),
    Index(None, "company", "fee", "due"),
)

retainer_ledger = Table(
    "retainer_ledger",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id"), nullable=False),
    Column("retainer", Text, nullable=False),
    Column("period", Text, nullable=False),
    Column("opening_seconds", Integer, nullable=False),
    Column("bought_seconds", Integer, nullable=False),
    Column("lapsed_seconds", Integer, nullable=False),
    Column("closing_seconds", Integer, nullable=False),
    UniqueConstraint("document_id", "retainer", "period"),
    Index(None, "company", "retainer", "period"),
    comment="Append-only; a row counts while its document is not withdrawn. What is drawn stands in the ledger.",
)

pair = Table(
    "pair",
    metadata,
    Column("document_id", Text, ForeignKey("document.id"), primary_key=True, comment="the lender's"),
    Column("company", Text, nullable=False, comment="the lender"),
    Column("first_id", Text, ForeignKey("document.id"), nullable=False, comment="the borrower's: sent before it"),
    Column("borrower", Text, nullable=False),
    Index(None, "first_id"),
    Index(None, "company"),
    Index(None, "borrower"),
    comment="What a company bills another one for hours on a document of that one; both were approved together.",
)

client_change = Table(
    "client_change",
    metadata,
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False, comment="empty: the client is one of ours, by our name"),
    Column("client", Text, nullable=False, comment="empty with an empty source: all clients"),
    Column("change", BigInteger, nullable=False, comment="number of the last change that concerns its drafts"),
    PrimaryKeyConstraint("company", "source", "client"),
    comment="Each client's name that was ever seen or billed, and the last change of what its drafts rest on.",
)

decision = Table(
    "decision",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    CheckConstraint("kind in ('release', 'write-off')", name="kind"),
    comment="What a person decided about single entries that waited for `release` or `write-off`.",
)

rerate = Table(
    "rerate",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("client", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("entry", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="JSON: list of Rerate; empty takes the one before back"),
    Column("reason", Text, nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", Instant, nullable=False),
    Index(None, "client", "company"),
    comment="Append-only: at which rates what is billed of an entry is to be charged instead; its last row counts.",
)

number_sequence = Table(
    "number_sequence",
    metadata,
    Column("company", Text, nullable=False),
    Column("scope", Text, nullable=False, comment="the number's pattern with its dates filled in: AB-2026-{seq}"),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("company", "scope"),
)

# --- Outbox ---------------------------------------------------------------------------------------------------------

outbox = Table(
    "outbox",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("realm", Text, nullable=False),
    Column("operation", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id"), nullable=False),
    Column("generation", Integer, nullable=False),
    Column("request_id", Text, nullable=False, unique=True),
    Column("payload", Text, nullable=False, comment="the JSON that is sent, exactly"),
    Column("payload_hash", Text, nullable=False),
    # ready -> sending: claimed under the company's push lease, only while that outlives the HTTP timeout.
    # sending -> done: QuickBooks answered with the document.
    # sending -> unknown: timeout, 5xx, reset, truncated or unreadable answer, or found sending at start or take-over.
    # unknown -> done: looked, found, adopted.
    # unknown -> sending: looked after the quarantine, absent, same request id. Never unknown -> ready.
    # unknown -> refused: looked, found twice, or its number is another document's: only a person can tell.
    # sending -> ready: a definite refusal of a first, undoubted attempt that is not the document's fault.
    # sending -> refused: any other 4xx, to a person with the fix.
    # refused -> ready: `syncd retry`, with the next generation in the request id.
    # refused -> done: what was ever in doubt is looked for before a retry, and was found.
    # ready, refused -> withdrawn: work or tables changed before anything could have been posted.
    # ready -> withdrawn, of an e-mail: its document was voided or deleted before the e-mail had left.
    # ready, withdrawn -> done: what was read of QuickBooks shows it, since this database is an older copy.
    # ready -> ready, next generation: its number is that of a document that was adopted, so it gets another one.
    # ready, refused -> withdrawn, of an application: planned anew with the balances that QuickBooks has then.
    Column("state", Text, nullable=False),
    Column("doubted", Boolean, nullable=False, comment="was ever unknown: a later refusal proves nothing by itself"),
    Column("not_before", Instant, comment="waits until then (throttled, quarantine)"),
    Column("last_sent_at", Instant),
    Column("lease_token", BigInteger, comment="fencing token of the lease under which it was sent"),
    Column("problem", Text, comment="Problem as JSON: why it was refused or waits"),
    Column("changed_at", Instant, nullable=False),
    CheckConstraint("state in ('ready', 'sending', 'unknown', 'refused', 'done', 'withdrawn')", name="state"),
    CheckConstraint("operation in ('create', 'send', 'apply')", name="operation"),
    UniqueConstraint("document_id", "operation", "generation"),
    # Only one row of an operation can still act on a document. A credit memo is applied once more after each time.
    Index(
        "uq_outbox_active",
        "document_id",
        "operation",
        unique=True,
        **_where("state <> 'withdrawn' and (operation <> 'apply' or state <> 'done')"),
    ),
    Index(
        "ix_outbox_due",
        "company",
        "state",
        "id",
        **_where("state in ('ready', 'sending', 'unknown')"),
    ),
)

UNDER_WAY = text("outbox.state in ('ready', 'sending', 'unknown')")
"""Rows that are not at their end, in the words of the index over them: by other words all rows are looked through."""

attempt = Table(
    "attempt",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("outbox_id", Identity, ForeignKey("outbox.id"), nullable=False),
    Column("request_id", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("outcome", Text, nullable=False, server_default=""),
    Column("http_status", Integer),
    Column("intuit_tid", Text),
    Column("detail", Text, nullable=False, server_default=""),
    CheckConstraint("phase in ('sending', 'result', 'look')", name="phase"),
    Index(None, "outbox_id"),
    comment="Append-only: one row before each send, one after, one for each look.",
)

application = Table(
    "application",
    metadata,
    Column("outbox_id", Identity, ForeignKey("outbox.id"), primary_key=True, autoincrement=False),
    Column("company", Text, nullable=False),
    Column("credit_id", Text, ForeignKey("document.id"), nullable=False),
    Column("invoice_id", Text, ForeignKey("document.id"), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("quickbooks_id", Text, comment="the payment of 0, once QuickBooks has it"),
    Column("ended_at", Instant, comment="it counts no longer: never sent, or restored by another one"),
    Column("accepted_at", Instant, comment="a person left it undone in QuickBooks, and a person here agreed"),
    CheckConstraint("amount_minor > 0", name="amount"),
    Index(None, "credit_id"),
    Index(None, "invoice_id"),
    # One payment of 0 is one application.
    Index(
        "uq_application_quickbooks",
        "company",
        "quickbooks_id",
        unique=True,
        **_where("quickbooks_id is not null"),
    ),
    comment="A credit memo of ours applied to an invoice of ours by a payment of 0.",
)

# --- QuickBooks, as read --------------------------------------------------------------------------------------------

connection = Table(
    "connection",
    metadata,
    Column("company", Text, primary_key=True),
    Column("environment", Text, nullable=False),
    Column("realm", Text, nullable=False, unique=True),
    Column("company_name", Text, nullable=False),
    Column("tokens", LargeBinary, comment="encrypted; none after the connection has died"),
    Column("access_expires_at", Instant),
    Column("refresh_expires_at", Instant),
    Column("hard_expires_at", Instant),
    Column("connected_at", Instant, nullable=False),
    Column("broken_because", Text, comment="set when only a person can reconnect"),
    Column("paused_until", Instant, comment="silence after a 429, for every process"),
)

reference = Table(
    "reference",
    metadata,
    Column("company", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="customer, item, tax-code, term, class, department"),
    Column("id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("currency", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("balance_minor", BigInteger, nullable=False),
    Column("detail", Text, nullable=False, comment="JSON: a tax code's components"),
    Column("seen_at", Instant, nullable=False),
    PrimaryKeyConstraint("company", "kind", "id"),
)

pin = Table(
    "pin",
    metadata,
    Column("company", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False, comment="as our tables say"),
    Column("quickbooks_id", Text, nullable=False),
    Column("pinned_at", Instant, nullable=False),
    PrimaryKeyConstraint("company", "kind", "name"),
    comment="Names resolved once: a rename in QuickBooks is followed.",
)

exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("company", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("day", Date, nullable=False),
    Column("rate", Text, nullable=False),
    PrimaryKeyConstraint("company", "currency", "day"),
)

remote_document = Table(
    "remote_document",
    metadata,
    Column("company", Text, nullable=False),
    Column("type", Text, nullable=False, comment="Invoice, CreditMemo, Payment"),
    Column("id", Text, nullable=False),
    Column("sync_token", Text, nullable=False),
    Column("number", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("currency", Text, nullable=False),
    Column("dated", Date, nullable=False),
    Column("due", Date),
    Column("total_minor", BigInteger, nullable=False),
    Column("tax_minor", BigInteger, nullable=False),
    Column("balance_minor", BigInteger, nullable=False, comment="open; of a payment or credit memo: unapplied"),
    Column("state", Text, nullable=False),
    Column("marker", Text, nullable=False),
    Column("email_status", Text, nullable=False),
    Column("last_updated", Instant, nullable=False),
    Column("raw", Text, nullable=False),
    PrimaryKeyConstraint("company", "type", "id"),
    CheckConstraint("state in ('live', 'voided', 'deleted')", name="state"),
    # Found by its customer, and summed for each status report without a look at what QuickBooks sent.
    Index(
        "ix_remote_document_sums",
        *("company", "customer_id", "currency", "type", "state", "id", "dated", "due"),
        *("total_minor", "tax_minor", "balance_minor", "marker"),
    ),
)

remote_link = Table(
    "remote_link",
    metadata,
    Column("company", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("id", Text, nullable=False),
    Column("position", Integer, nullable=False),
    Column("linked_type", Text, nullable=False),
    Column("linked_id", Text, nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    PrimaryKeyConstraint("company", "type", "id", "position"),
    Index(None, "company", "linked_type", "linked_id"),
    comment="What a payment (or a credit) is applied to, as its present state in QuickBooks says.",
)

drift = Table(
    "drift",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id")),
    Column("type", Text, nullable=False),
    Column("quickbooks_id", Text, nullable=False),
    Column("code", Text, nullable=False, comment="edited, voided, deleted, missing, tax-variance"),
    Column("what", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("found_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Index(
        "uq_drift_open",
        "company",
        "type",
        "quickbooks_id",
        "code",
        unique=True,
        **_where("settled_at is null"),
    ),
)

acceptance = Table(
    "acceptance",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("document_id", Text, ForeignKey("document.id"), comment="none for a copy that is no document of ours"),
    Column("type", Text, nullable=False),
    Column("quickbooks_id", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("expected", Text, nullable=False),
    Column("found", Text, nullable=False),
    Column("payload", Text, nullable=False, comment="what was accepted: later changes are compared with it"),
    Column("tax_minor", BigInteger, nullable=False, comment="QuickBooks' own, positive on credit memos"),
    Column("difference_minor", BigInteger, nullable=False, comment="before tax: what was accepted less what was sent"),
    Column("accepted_by", Text, nullable=False),
    Column("accepted_at", Instant, nullable=False),
    Index(None, "company", "type", "quickbooks_id"),
    comment="Append-only: edits in QuickBooks that a person took as the truth; the newest of a document counts.",
)

# --- Running --------------------------------------------------------------------------------------------------------

watermark = Table(
    "watermark",
    metadata,
    Column("company", Text, nullable=False),
    Column("name", Text, nullable=False, comment="payments, reference, books, drafted …"),
    Column("value", Text, nullable=False),
    PrimaryKeyConstraint("company", "name"),
)

request_turn = Table(
    "request_turn",
    metadata,
    Column("company", Text, primary_key=True),
    Column("next_at", Instant, nullable=False),
    comment="When the next request to QuickBooks may leave, whichever process makes it.",
)

lease = Table(
    "lease",
    metadata,
    Column("company", Text, nullable=False),
    Column("name", Text, nullable=False, comment="pull:SOURCE, push, tokens, payments"),
    Column("holder", Text, nullable=False, comment="host, process and command, for the message of who waits"),
    Column("token", BigInteger, nullable=False, comment="fencing token: grows with every holder"),
    Column("expires_at", Instant, nullable=False),
    PrimaryKeyConstraint("company", "name"),
)

event = Table(
    "event",
    metadata,
    Column("id", Identity, primary_key=True, autoincrement=True),
    Column("company", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", Text, nullable=False, comment="JSON"),
    Index(None, "company", "subject"),
    comment="Append-only, written in the transaction of what it tells of.",
)
