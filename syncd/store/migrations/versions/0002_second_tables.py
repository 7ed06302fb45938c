"""What the daemon's life of months adds to the first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, tables and indexes that 0001 did not have."""
    _clients_of_changes()
    _accepted_edits()
    _indexes_of_sums()


def _indexes_of_sums() -> None:
    """What each status report sums stands in an index whole, apart from the long texts of the rows."""
    standing = ["company", "withdrawn_at", "kind", "quickbooks_id", "dated", "currency"]
    minor = ["subtotal_minor", "tax_minor", "accepted_minor"]
    op.create_index("ix_document_standing", "document", [*standing, *minor, "client", "id"])
    held = ["company", "source", "entry", "seconds", "document_id", "effect", "billed_seconds", "client"]
    op.drop_index("ix_ledger_company_source_entry", "ledger")
    op.create_index("ix_ledger_held", "ledger", held)
    mirrored = ["company", "customer_id", "currency", "type", "state", "id", "dated", "due"]
    minor = ["total_minor", "tax_minor", "balance_minor"]
    op.drop_index("ix_remote_document_company_customer_id", "remote_document")
    op.create_index("ix_remote_document_sums", "remote_document", [*mirrored, *minor, "marker"])


def _accepted_edits() -> None:
    """What people changed in QuickBooks, and other people accepted."""
    op.add_column(
        "document",
        sa.Column(
            "accepted_minor",
            sa.BigInteger(),
            server_default="0",
            nullable=False,
            comment="what a person's edit in QuickBooks added before tax, and a person here accepted",
        ),
    )
    op.create_table(
        "acceptance",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("document_id", sa.Text(), comment="none for a copy that is no document of ours"),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("quickbooks_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column(
            "payload", sa.Text(), nullable=False, comment="what was accepted: later changes are compared with it"
        ),
        sa.Column("tax_minor", sa.BigInteger(), nullable=False, comment="QuickBooks' own, positive on credit memos"),
        sa.Column(
            "difference_minor",
            sa.BigInteger(),
            nullable=False,
            comment="before tax: what was accepted less what was sent",
        ),
        sa.Column("accepted_by", sa.Text(), nullable=False),
        sa.Column("accepted_at", sa.String(length=27), nullable=False),
        sa.ForeignKeyConstraint(["document_id"], ["document.id"], name=op.f("fk_acceptance_document_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acceptance")),
        comment="Append-only: edits in QuickBooks that a person took as the truth; the newest of a document counts.",
    )
    op.create_index(
        op.f("ix_acceptance_company_type_quickbooks_id"), "acceptance", ["company", "type", "quickbooks_id"]
    )


def _clients_of_changes() -> None:
    """Which client each entry is of, and which clients' drafts rest on what has changed."""
    for name, comment in (("client", "the source's name, as in the item"), ("task", "the source's id, as in the item")):
        op.add_column("work", sa.Column(name, sa.Text(), server_default="", nullable=False, comment=comment))
    op.execute(_FILL[op.get_bind().dialect.name])
    op.create_index(op.f("ix_work_client_source_company"), "work", ["client", "source", "company"])
    op.create_index(op.f("ix_ledger_client_company"), "ledger", ["client", "company"])
    change = sa.Column(
        "change", sa.BigInteger(), server_default="0", nullable=False, comment="number of its last change"
    )
    op.add_column("task", change)
    op.create_table(
        "client_change",
        sa.Column("company", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False, comment="empty: the client is one of ours, by our name"),
        sa.Column("client", sa.Text(), nullable=False, comment="empty with an empty source: all clients"),
        sa.Column(
            "change", sa.BigInteger(), nullable=False, comment="number of the last change that concerns its drafts"
        ),
        sa.PrimaryKeyConstraint("company", "source", "client", name=op.f("pk_client_change")),
        comment="Each client's name that was ever seen or billed, and the last change of what its drafts rest on.",
    )
    op.execute("INSERT INTO client_change SELECT DISTINCT company, source, client, 0 FROM work")
    op.execute(
        "INSERT INTO client_change SELECT company, '', client, 0 FROM document"
        " UNION SELECT company, '', client, 0 FROM ledger"
    )


# A NUL in a text, which PostgreSQL stores in no column, is the same sign there as in every column beside it.
_FILL = {
    "sqlite": """
        UPDATE work SET (client, task) = (
            SELECT json_extract(item, '$.client'), json_extract(item, '$.task') FROM (
                SELECT replace(item, '\\u0000', '\\ufffd') AS item FROM work_revision AS r
                WHERE r.entry = work.entry AND r.source = work.source AND r.company = work.company
                AND r.revision = work.revision
            )
        )
    """,
    "postgresql": """
        UPDATE work SET client = item ->> 'client', task = item ->> 'task' FROM (
            SELECT entry, source, company, revision, replace(item, '\\u0000', '\\ufffd')::json AS item
            FROM work_revision
        ) AS r
        WHERE r.entry = work.entry AND r.source = work.source AND r.company = work.company
        AND r.revision = work.revision
    """,
}
