"""Periods that are named from the business date."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.periods import parse_period
from syncd.commands.session import period_of


@pytest.mark.parametrize(
    ("name", "today", "first", "last"),
    [
        ("last-month", "2026-11-03", "2026-10-01", "2026-10-31"),
        ("last-month", "2026-01-31", "2025-12-01", "2025-12-31"),
        ("last-quarter", "2026-11-03", "2026-07-01", "2026-09-30"),
        ("last-quarter", "2026-03-31", "2025-10-01", "2025-12-31"),
        ("last-quarter", "2026-10-01", "2026-07-01", "2026-09-30"),
        ("last-year", "2026-01-01", "2025-01-01", "2025-12-31"),
        ("last-year", "2026-12-31", "2025-01-01", "2025-12-31"),
    ],
)
def test_the_last_ones_are_those_of_the_calendar_before_today_s(name: str, today: str, first: str, last: str) -> None:
    found = period_of(name, date.fromisoformat(today))

    assert found is not None
    assert (found.first, found.last) == (date.fromisoformat(first), date.fromisoformat(last))
    assert parse_period(found.name) == found
