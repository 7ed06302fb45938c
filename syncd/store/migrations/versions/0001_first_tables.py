"""All tables, as syncd first had them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connection",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("environment", sa.Text(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("company_name", sa.Text(), nullable=False),
        sa.Column("tokens", sa.LargeBinary(), nullable=True, comment="encrypted; none after the connection has died"),
        sa.Column("access_expires_at", sa.String(length=27), nullable=True),
        sa.Column("refresh_expires_at", sa.String(length=27), nullable=True),
        sa.Column("hard_expires_at", sa.String(length=27), nullable=True),
        sa.Column("connected_at", sa.String(length=27), nullable=False),
        sa.Column("broken_because", sa.Text(), nullable=True, comment="set when only a person can reconnect"),
        sa.Column(
            "paused_until", sa.String(length=27), nullable=True, comment="silence after a 429, for every process"
        ),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_connection")),
        sa.UniqueConstraint("realm", name=op.f("uq_connection_realm")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("kind in ('release', 'write-off')", name=op.f("ck_decision_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
        comment="What a person decided about single entries that waited for `release` or `write-off`.",
    )
    op.create_table(
        "document",
        sa.Column("id", sa.Text(), nullable=False, comment="uuid5 of company, draft key and version"),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False, comment="empty for a settlement"),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column(
            "number",
            sa.Text(),
            nullable=True,
            comment="our document number; none for a settlement or where QuickBooks numbers",
        ),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("period_first", sa.Date(), nullable=False),
        sa.Column("period_last", sa.Date(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "tax_minor",
            sa.BigInteger(),
            nullable=False,
            comment="as we expect it; QuickBooks' own is on remote_document",
        ),
        sa.Column("content", sa.Text(), nullable=False, comment="Document as JSON, immutable"),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("approved_at", sa.String(length=27), nullable=False),
        sa.Column("withdrawn_at", sa.String(length=27), nullable=True),
        sa.Column("withdrawn_because", sa.Text(), nullable=True),
        sa.Column("quickbooks_id", sa.Text(), nullable=True, comment="set when the outbox row is done"),
        sa.Column("decision", sa.Text(), nullable=True, comment="on a voided or deleted document: release, write-off"),
        sa.Column("decided_at", sa.String(length=27), nullable=True),
        sa.CheckConstraint("decision in ('release', 'write-off')", name=op.f("ck_document_decision")),
        sa.CheckConstraint("kind in ('invoice', 'credit-memo', 'settlement')", name=op.f("ck_document_kind")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document")),
    )
    op.create_index(
        "uq_document_draft",
        "document",
        ["company", "client", "period", "group_name", "sequence"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at is null"),
        postgresql_where=sa.text("withdrawn_at is null"),
    )
    op.create_index(
        "uq_document_number",
        "document",
        ["company", "number"],
        unique=True,
        sqlite_where=sa.text("withdrawn_at is null and number is not null"),
        postgresql_where=sa.text("withdrawn_at is null and number is not null"),
    )
    op.create_index(
        "uq_document_quickbooks",
        "document",
        ["realm", "kind", "quickbooks_id"],
        unique=True,
        sqlite_where=sa.text("quickbooks_id is not null"),
        postgresql_where=sa.text("quickbooks_id is not null"),
    )
    op.create_table(
        "draft",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("period_last", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("problems", sa.Text(), nullable=False, comment="JSON: why it is blocked now; not part of the hash"),
        sa.Column(
            "holds", sa.Text(), nullable=False, comment="JSON: why a person must look first; not part of the hash"
        ),
        sa.Column(
            "dated",
            sa.Date(),
            nullable=True,
            comment="a person's choice instead of the period's last day, for closed books",
        ),
        sa.Column(
            "shown_hash",
            sa.Text(),
            nullable=True,
            comment="the content that a person was last shown; an approval is for that",
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('open', 'approved', 'gone')", name=op.f("ck_draft_state")),
        sa.PrimaryKeyConstraint("company", "client", "period", "group_name", "sequence", name=op.f("pk_draft")),
    )
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        comment="Append-only, written in the transaction of what it tells of.",
    )
    op.create_index(op.f("ix_event_company_subject"), "event", ["company", "subject"], unique=False)
    op.create_table(
        "exchange_rate",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("rate", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", "currency", "day", name=op.f("pk_exchange_rate")),
    )
    op.create_table(
        "lease",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="pull:SOURCE, push, tokens, payments"),
        sa.Column(
            "holder", sa.Text(), nullable=False, comment="host, process and command, for the message of who waits"
        ),
        sa.Column("token", sa.BigInteger(), nullable=False, comment="fencing token: grows with every holder"),
        sa.Column("expires_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", "name", name=op.f("pk_lease")),
    )
    op.create_table(
        "request_turn",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("next_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", name=op.f("pk_request_turn")),
        comment="When the next request to QuickBooks may leave, whichever process makes it.",
    )
    op.create_table(
        "number_sequence",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column(
            "scope", sa.Text(), nullable=False, comment="the number's pattern with its dates filled in: AB-2026-{seq}"
        ),
        sa.Column("last", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("company", "scope", name=op.f("pk_number_sequence")),
    )
    op.create_table(
        "pin",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="as our tables say"),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("pinned_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", "name", name=op.f("pk_pin")),
        comment="Names resolved once: a rename in QuickBooks is followed.",
    )
    op.create_table(
        "record_problem",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False, comment="the tool's key of the record that was not understood"),
        sa.Column("problem", sa.Text(), nullable=False, comment="Problem as JSON"),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", "source", "record", name=op.f("pk_record_problem")),
    )
    op.create_table(
        "reference",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="customer, item, tax-code, term, class, department"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON: a tax code's components"),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", "kind", "id", name=op.f("pk_reference")),
    )
    op.create_table(
        "remote_document",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False, comment="Invoice, CreditMemo, Payment"),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("sync_token", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("customer_id", sa.Text(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "balance_minor", sa.BigInteger(), nullable=False, comment="open; of a payment or credit memo: unapplied"
        ),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("marker", sa.Text(), nullable=False),
        sa.Column("email_status", sa.Text(), nullable=False),
        sa.Column("last_updated", sa.String(length=27), nullable=False),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('live', 'voided', 'deleted')", name=op.f("ck_remote_document_state")),
        sa.PrimaryKeyConstraint("company", "type", "id", name=op.f("pk_remote_document")),
    )
    op.create_index(
        op.f("ix_remote_document_company_customer_id"), "remote_document", ["company", "customer_id"], unique=False
    )
    op.create_table(
        "remote_link",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("linked_type", sa.Text(), nullable=False),
        sa.Column("linked_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("company", "type", "id", "position", name=op.f("pk_remote_link")),
        comment="What a payment (or a credit) is applied to, as its present state in QuickBooks says.",
    )
    op.create_index(
        op.f("ix_remote_link_company_linked_type_linked_id"),
        "remote_link",
        ["company", "linked_type", "linked_id"],
        unique=False,
    )
    op.create_table(
        "source_state",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("cursor", sa.Text(), nullable=False, comment="the source's own JSON"),
        sa.Column("last_complete_at", sa.String(length=27), nullable=True),
        sa.Column("down_since", sa.String(length=27), nullable=True, comment="first failure since it last worked"),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column(
            "fuse",
            sa.Text(),
            nullable=True,
            comment="JSON: what a complete window wanted to mark vanished, and was not allowed to",
        ),
        sa.PrimaryKeyConstraint("company", "source", name=op.f("pk_source_state")),
    )
    op.create_table(
        "standing",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("period", sa.Text(), server_default="", nullable=False),
        sa.Column("group_name", sa.Text(), server_default="", nullable=False),
        sa.Column("sequence", sa.Integer(), server_default="0", nullable=False),
        sa.CheckConstraint("state in ('not-billable', 'waiting', 'blocked')", name=op.f("ck_standing_state")),
        sa.PrimaryKeyConstraint("entry", "source", "company", "position", name=op.f("pk_standing")),
        comment="Where the seconds stand that no approved document holds. Pull writes the difference of a new "
        "revision as waiting (pulled); draft replaces it; approve takes away what the ledger then holds.",
    )
    op.create_table(
        "task",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False, comment="Task as JSON"),
        sa.Column("raw", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("company", "source", "id", name=op.f("pk_task")),
    )
    op.create_table(
        "watermark",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False, comment="payments, reference, books, drafted …"),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("company", "name", name=op.f("pk_watermark")),
    )
    op.create_table(
        "work",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("entry", "source", "company", name=op.f("pk_work")),
        comment="The latest revision of each time entry. `seconds` are as worked, kept when deleted.",
    )
    op.create_index(op.f("ix_work_worked_on_source_company"), "work", ["worked_on", "source", "company"], unique=False)
    op.create_table(
        "work_revision",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("item", sa.Text(), nullable=False, comment="WorkItem as JSON"),
        sa.Column("raw", sa.Text(), nullable=False, comment="the record as received"),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("entry", "source", "company", "revision", name=op.f("pk_work_revision")),
        comment="Append-only: each state in which a source has shown an entry.",
    )
    op.create_table(
        "draft_version",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("group_name", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("content_hash", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False, comment="Document as JSON"),
        sa.Column("made_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(
            ["company", "client", "period", "group_name", "sequence"],
            ["draft.company", "draft.client", "draft.period", "draft.group_name", "draft.sequence"],
            name=op.f("fk_draft_version_company_client_period_group_name_sequence"),
        ),
        sa.PrimaryKeyConstraint(
            "company", "client", "period", "group_name", "sequence", "version", name=op.f("pk_draft_version")
        ),
        comment="Append-only.",
    )
    op.create_table(
        "drift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=True),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False, comment="edited, voided, deleted, missing, tax-variance"),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("found_at", sa.String(length=27), nullable=False),
        sa.Column("settled_at", sa.String(length=27), nullable=True),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_drift_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drift")),
    )
    op.create_index(
        "uq_drift_open",
        "drift",
        ["company", "type", "quickbooks_id", "code"],
        unique=True,
        sqlite_where=sa.text("settled_at is null"),
        postgresql_where=sa.text("settled_at is null"),
    )
    op.create_table(
        "fee_ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("fee", sa.Text(), nullable=False),
        sa.Column("due", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="FeeAllocation as JSON"),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_fee_ledger_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fee_ledger")),
        sa.UniqueConstraint("document_id", "fee", "due", name=op.f("uq_fee_ledger_document_id_fee_due")),
    )
    op.create_index(op.f("ix_fee_ledger_company_fee_due"), "fee_ledger", ["company", "fee", "due"], unique=False)
    op.create_table(
        "ledger",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("line", sa.Integer(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("effect", sa.Text(), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("billed_seconds", sa.Integer(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("worked_on", sa.Date(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="Allocation as JSON"),
        sa.CheckConstraint("effect in ('invoiced', 'covered', 'written-down')", name=op.f("ck_ledger_effect")),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_ledger_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
        sa.UniqueConstraint("document_id", "position", name=op.f("uq_ledger_document_id_position")),
        comment="Append-only; a row counts while its document is not withdrawn. Takes back by negative rows.",
    )
    op.create_index(op.f("ix_ledger_company_source_entry"), "ledger", ["company", "source", "entry"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("realm", sa.Text(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("generation", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False, comment="the JSON that is sent, exactly"),
        sa.Column("payload_hash", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column(
            "doubted",
            sa.Boolean(),
            nullable=False,
            comment="was ever unknown: a later refusal proves nothing by itself",
        ),
        sa.Column(
            "not_before", sa.String(length=27), nullable=True, comment="waits until then (throttled, quarantine)"
        ),
        sa.Column("last_sent_at", sa.String(length=27), nullable=True),
        sa.Column(
            "lease_token", sa.BigInteger(), nullable=True, comment="fencing token of the lease under which it was sent"
        ),
        sa.Column("problem", sa.Text(), nullable=True, comment="Problem as JSON: why it was refused or waits"),
        sa.Column("changed_at", sa.String(length=27), nullable=False),
        sa.CheckConstraint("operation in ('create', 'send')", name=op.f("ck_outbox_operation")),
        sa.CheckConstraint(
            "state in ('ready', 'sending', 'unknown', 'refused', 'done', 'withdrawn')", name=op.f("ck_outbox_state")
        ),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_outbox_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint(
            "document_id", "operation", "generation", name=op.f("uq_outbox_document_id_operation_generation")
        ),
        sa.UniqueConstraint("request_id", name=op.f("uq_outbox_request_id")),
    )
    op.create_index(
        "ix_outbox_due",
        "outbox",
        ["company", "state", "id"],
        unique=False,
        sqlite_where=sa.text("state in ('ready', 'sending', 'unknown')"),
        postgresql_where=sa.text("state in ('ready', 'sending', 'unknown')"),
    )
    op.create_index(
        "uq_outbox_active",
        "outbox",
        ["document_id", "operation"],
        unique=True,
        sqlite_where=sa.text("state <> 'withdrawn'"),
        postgresql_where=sa.text("state <> 'withdrawn'"),
    )
    op.create_table(
        "attempt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("outbox_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("phase", sa.Text(), nullable=False),
        sa.Column("at", sa.String(length=27), nullable=False),
        sa.Column("outcome", sa.Text(), server_default="", nullable=False),
        sa.Column("http_status", sa.Integer(), nullable=True),
        sa.Column("intuit_tid", sa.Text(), nullable=True),
        sa.Column("detail", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("phase in ('sending', 'result', 'look')", name=op.f("ck_attempt_phase")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_attempt_outbox_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
        comment="Append-only: one row before each send, one after, one for each look.",
    )
    op.create_index(op.f("ix_attempt_outbox_id"), "attempt", ["outbox_id"], unique=False)
