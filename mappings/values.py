"""Values of which drafting makes several for each entry.

A dataclass that is frozen at run time assigns each field through `object.__setattr__`: one of twenty fields takes ten
times as long to make as any other, and that was an eighth of a draft. These are frozen to mypy alone, which lets no one
assign to a field either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["value"]

if TYPE_CHECKING:
    from dataclasses import dataclass as value
else:
    from dataclasses import dataclass

    def value(*, frozen: bool, slots: bool) -> object:
        """A dataclass with slots, compared and hashed by its fields as a frozen one is."""
        assert frozen
        return dataclass(slots=slots, unsafe_hash=True)
