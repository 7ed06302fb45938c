"""Every second exactly once: what the ledger holds of an entry and where else it stands sum to its latest seconds.

So does every quantity of a priced item.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from mappings.documents import Document, Standing
from mappings.rules.ledger import Key
from mappings.world import World


def assert_conserved(world: World, standings: Iterable[Standing]) -> None:
    """Raise AssertionError, naming the entries, when a second or a priced item is nowhere or twice."""
    held: dict[Key, int] = defaultdict(int)
    items: dict[Key, int] = defaultdict(int)
    for posted in world.ledger:
        row = posted.allocation
        held[row.source, row.entry] += row.seconds
        if row.scaled_quantity:
            items[row.source, row.entry] += row.scaled_quantity
    for one in standings:
        held[one.source, one.entry] += one.seconds
        if one.scaled_quantity:
            items[one.source, one.entry] += one.scaled_quantity
    wrong = []
    for entry in world.entries:
        key, work = entry.work.key, entry.work
        if held.get(key, 0) != (0 if entry.deleted else work.seconds):
            wrong.append((key, work.seconds, held.get(key, 0)))
        if items.get(key, 0) != (0 if entry.deleted else work.scaled_quantity):
            wrong.append((key, work.scaled_quantity, items.get(key, 0)))
    assert not wrong, f"seconds or items that are not exactly once on the ledger or elsewhere: {wrong[:20]}"


def assert_lines_sum(document: Document) -> None:
    """Raise AssertionError when a document's ledger rows do not sum to its lines, or its lines to its subtotal."""
    shares: dict[int | None, int] = defaultdict(int)
    for row in document.allocations:
        shares[row.line] += row.amount_minor
    for fee in document.fees:
        shares[fee.line or None] += fee.amount_minor
    assert shares.pop(None, 0) == 0, f"{document.key}: amounts on no line do not sum to 0"
    amounts = {line.number: line.amount_minor for line in document.lines}
    assert shares == amounts, f"{document.key}: ledger rows and lines differ: {dict(shares)} and {amounts}"
    assert document.subtotal_minor == sum(amounts.values()), f"{document.key}: the lines do not sum to the subtotal"
