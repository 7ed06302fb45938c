"""The sorts of documents in QuickBooks; a module of its own, because reports need it and never speak to QuickBooks."""

from __future__ import annotations

from typing import Literal

Entity = Literal["Invoice", "CreditMemo", "Payment"]
NUMBERED: tuple[Entity, ...] = ("Invoice", "CreditMemo")
"""They share one sequence of numbers."""
