"""What the remaining rules of billing add to the tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add the columns, tables and indexes that 0002 did not have."""
    _applications()
    _priced_items()
    _retainers()
    _rerates()
    _pairs()


def _pairs() -> None:
    """Documents between two companies that are approved together."""
    op.create_table(
        "pair",
        sa.Column("document_id", sa.Text(), nullable=False, comment="the lender's"),
        sa.Column("company", sa.Text(), nullable=False, comment="the lender"),
        sa.Column("first_id", sa.Text(), nullable=False, comment="the borrower's: sent before it"),
        sa.Column("borrower", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_pair_document_id")),
        sa.ForeignKeyConstraint(["first_id"], ["document.id"], name=op.f("fk_pair_first_id")),
        sa.PrimaryKeyConstraint("document_id", name=op.f("pk_pair")),
        comment="What a company bills another one for hours on a document of that one; both were approved together.",
    )
    for column in ("first_id", "company", "borrower"):
        op.create_index(op.f(f"ix_pair_{column}"), "pair", [column])


def _rerates() -> None:
    """Decisions to bill at another rate what is billed already."""
    op.create_table(
        "rerate",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("client", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entry", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False, comment="JSON: list of Rerate; empty takes the one before back"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.String(length=27), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rerate")),
        comment="Append-only: at which rates what is billed of an entry is to be charged instead; its last row counts.",
    )
    op.create_index(op.f("ix_rerate_client_company"), "rerate", ["client", "company"])


def _retainers() -> None:
    """The retainers' own ledger, and by columns what each ledger row draws of which."""
    op.create_table(
        "retainer_ledger",
        sa.Column("id", _NUMBER, autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), nullable=False),
        sa.Column("retainer", sa.Text(), nullable=False),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("opening_seconds", sa.Integer(), nullable=False),
        sa.Column("bought_seconds", sa.Integer(), nullable=False),
        sa.Column("lapsed_seconds", sa.Integer(), nullable=False),
        sa.Column("closing_seconds", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_retainer_ledger_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retainer_ledger")),
        sa.UniqueConstraint(
            "document_id", "retainer", "period", name=op.f("uq_retainer_ledger_document_id_retainer_period")
        ),
        comment="Append-only; a row counts while its document is not withdrawn. What is drawn stands in the ledger.",
    )
    columns = ["company", "retainer", "period"]
    op.create_index(op.f("ix_retainer_ledger_company_retainer_period"), "retainer_ledger", columns)
    op.add_column("ledger", sa.Column("retainer", sa.Text(), comment="that it counts against, covered or extra"))
    op.add_column("ledger", sa.Column("retainer_period", sa.Text()))
    drawn = "of that retainer's hours; of extra, what it would have drawn"
    op.add_column("ledger", sa.Column("drawn_seconds", sa.Integer(), comment=drawn))
    sqlite = op.get_bind().dialect.name == "sqlite"
    member = "json_extract(detail, '$.{}')" if sqlite else "detail::json ->> '{}'"
    retainer: sa.ColumnClause[str] = sa.literal_column(member.format("retainer"))
    period: sa.ColumnClause[str] = sa.literal_column(member.format("retainer_period"))
    names = ("retainer", "retainer_period", "drawn_seconds", "billed_seconds")
    ledger = sa.table("ledger", *map(sa.column, names))
    kept = {"retainer": retainer, "retainer_period": period, "drawn_seconds": ledger.c.billed_seconds}
    op.execute(ledger.update().values(kept).where(retainer != sa.literal_column("''")))
    there = sa.text("retainer is not null")
    columns = ["company", "retainer", "retainer_period"]
    op.create_index("ix_ledger_retainer", "ledger", columns, sqlite_where=there, postgresql_where=there)


def _applications() -> None:
    """Credit memos that are applied to invoices by payments of 0."""
    _allow_operation("operation in ('create', 'send')", "operation in ('create', 'send', 'apply')")
    active = sa.text("state <> 'withdrawn' and (operation <> 'apply' or state <> 'done')")
    op.drop_index("uq_outbox_active", "outbox")
    op.create_index(
        "uq_outbox_active",
        "outbox",
        ["document_id", "operation"],
        unique=True,
        sqlite_where=active,
        postgresql_where=active,
    )
    op.create_table(
        "application",
        sa.Column("outbox_id", _NUMBER, autoincrement=False, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("credit_id", sa.Text(), nullable=False),
        sa.Column("invoice_id", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), comment="the payment of 0, once QuickBooks has it"),
        sa.Column(
            "ended_at", sa.String(length=27), comment="it counts no longer: never sent, or restored by another one"
        ),
        sa.Column(
            "accepted_at",
            sa.String(length=27),
            comment="a person left it undone in QuickBooks, and a person here agreed",
        ),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_application_amount")),
        sa.ForeignKeyConstraint(["outbox_id"], ["outbox.id"], name=op.f("fk_application_outbox_id")),
        sa.ForeignKeyConstraint(["credit_id"], ["document.id"], name=op.f("fk_application_credit_id")),
        sa.ForeignKeyConstraint(["invoice_id"], ["document.id"], name=op.f("fk_application_invoice_id")),
        sa.PrimaryKeyConstraint("outbox_id", name=op.f("pk_application")),
        comment="A credit memo of ours applied to an invoice of ours by a payment of 0.",
    )
    op.create_index(op.f("ix_application_credit_id"), "application", ["credit_id"])
    op.create_index(op.f("ix_application_invoice_id"), "application", ["invoice_id"])
    there = sa.text("quickbooks_id is not null")
    op.create_index(
        "uq_application_quickbooks",
        "application",
        ["company", "quickbooks_id"],
        unique=True,
        sqlite_where=there,
        postgresql_where=there,
    )


def _allow_operation(before: str, after: str) -> None:
    """Widen the outbox's check of its operations.

    SQLite changes no constraint of a table, and a copy in its place would leave the attempts without the rows that they
    refer to. What the check says is not stored with the rows, so its text may be changed, as SQLite's own documentation
    describes it (ALTER TABLE, "Making Other Kinds Of Table Schema Changes").
    """
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        op.drop_constraint(op.f("ck_outbox_operation"), "outbox")
        op.create_check_constraint(op.f("ck_outbox_operation"), "outbox", after)
        return
    version = connection.execute(sa.text("PRAGMA schema_version")).scalar_one()
    op.execute("PRAGMA writable_schema = ON")
    changed = connection.execute(
        sa.text(
            "UPDATE sqlite_master SET sql = replace(sql, :before, :after) WHERE type = 'table' AND name = 'outbox'"
        ),
        {"before": before, "after": after},
    )
    assert changed.rowcount == 1
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = RESET")


def _priced_items() -> None:
    """Expenses and products: entries that count a quantity instead of seconds."""
    for table in ("work", "standing", "ledger"):
        quantity = sa.Column(
            "scaled_quantity",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="of a priced item, in 1/100,000",
        )
        op.add_column(table, quantity)
        some = sa.text("scaled_quantity <> 0")
        columns = ["company", "source", "entry"]
        op.create_index(f"ix_{table}_items", table, columns, sqlite_where=some, postgresql_where=some)
