"""Proof 1 for priced items: every quantity stands exactly once. It is kept apart from hours, and adds up no money."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import RenderableType
from rich.text import Text

from syncd.reports.text import table, verdict


@dataclass(frozen=True, slots=True)
class UnevenItem:
    """A priced item of which not the whole quantity stands exactly once."""

    source: str
    entry: str
    pulled: str
    held: str


@dataclass(frozen=True, slots=True)
class ItemsRow:
    """One place where priced items stand. `quantity` is theirs added up, as text."""

    code: str
    label: str
    quantity: str


@dataclass(frozen=True, slots=True)
class ItemsProof:
    """Every quantity of an expense or product stands exactly once; quantities are exact, as text."""

    entries: int
    pulled: str
    rows: tuple[ItemsRow, ...]
    accounted: str
    difference: str
    uneven_count: int
    uneven: tuple[UnevenItem, ...]
    """The first of them."""
    holds: bool


def items_text(proof: ItemsProof | None) -> Iterator[RenderableType]:
    """The proof as a table, with the items that break it."""
    if proof is None:
        return
    made = table("1 Expenses and products", "Quantity", numbers=(1,))
    made.add_row(f"pulled ({proof.entries:,} items)", proof.pulled)
    for row in proof.rows:
        made.add_row(f"  {row.label}", row.quantity)
    made.add_row("accounted for", proof.accounted)
    made.add_row(Text("difference", style="bold"), verdict(proof.holds, proof.difference))
    yield Text("")
    yield made
    for one in proof.uneven:
        yield Text(f"  {one.source}/{one.entry}: pulled {one.pulled}, accounted for {one.held}", style="red")
