"""Roll-over: what a retainer's period hands on to the next of the hours that it did not use."""

from __future__ import annotations

from datetime import date

from mappings.rows import Unused


def handed_on(unused: Unused, opening: int, bought: int, drawn: int, following: date) -> int:
    """Seconds that the period beginning on `following` is handed. Only `net` hands on less than 0.

    carry-1-month does not compound: a period hands on what it did not use of its own hours, never what it was handed.
    """
    left = opening + bought - drawn
    if unused.kind == "net":
        return left
    if unused.kind == "carry-1-month":
        return max(bought - drawn, 0)
    if unused.kind == "carry-max":
        assert unused.most_seconds is not None
        return min(max(left, 0), unused.most_seconds)
    if unused.kind == "carry-until":
        assert unused.until is not None
        return max(left, 0) if following <= unused.until else 0
    assert unused.kind == "lost", unused.kind
    return 0
