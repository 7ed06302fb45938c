"""What the daemon's life of months adds to the first tables."""

from __future__ import annotations

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns, tables and indexes that 0001 did not have."""
