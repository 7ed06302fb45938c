"""A decision to bill at another rate what is billed already: a rate that changes touches nothing posted by itself."""

from __future__ import annotations

from dataclasses import dataclass

from mappings.documents import Reason, Terms


@dataclass(frozen=True, slots=True)
class Rerate:
    """What is invoiced of an entry at some terms is to be charged at others."""

    source: str
    entry: str
    part: int
    """Which of its days, as in `Allocation`."""
    billed: Terms
    wanted: Terms
    """The same terms but for the rate, its unit, and the rate without the premium."""
    documents: tuple[str, ...]
    """Our ids of those on which it is billed: what is billed at the same terms later is not meant."""
    reason: Reason = Reason()
    """The rows of the tables that say so."""
