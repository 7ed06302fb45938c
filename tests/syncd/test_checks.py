"""What doctor says of a company's settings in QuickBooks that contradict config.toml."""

from __future__ import annotations

import pytest

from mappings.catalogue import Books
from syncd.checks import numbering_problems


def books(custom_numbers: bool) -> Books:
    return Books("9", "Atelier", "CA", "CAD", multicurrency=True, custom_numbers=custom_numbers, closed_until=None)


@pytest.mark.parametrize(
    ("invoice_number", "custom_numbers", "told"),
    [
        ("AB-{year}-{seq:04}", True, []),
        ("quickbooks", False, []),
        ("AB-{year}-{seq:04}", False, ["numbers-disagree"]),
        ("quickbooks", True, ["numbers-disagree"]),
    ],
)
def test_numbering_that_quickbooks_contradicts_is_told(
    invoice_number: str, custom_numbers: bool, told: list[str]
) -> None:
    problems = numbering_problems(invoice_number, books(custom_numbers))

    assert [problem.code for problem in problems] == told
    assert all(problem.warning for problem in problems)
