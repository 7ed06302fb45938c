"""Amounts of work in a sentence."""

from __future__ import annotations

from decimal import Decimal


def hours(seconds: int) -> str:
    """ "12.50 h"; rounded for reading only."""
    return f"{Decimal(seconds) / 3600:,.2f} h"


def entries(count: int) -> str:
    """ "1 entry", "1,200 entries"."""
    return "1 entry" if count == 1 else f"{count:,} entries"
