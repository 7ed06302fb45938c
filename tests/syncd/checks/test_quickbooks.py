"""What doctor says of the books: until when they are open to us, and what in them contradicts config.toml."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from mappings.catalogue import Books
from syncd.checks.quickbooks import books_problems, check_quickbooks
from syncd.config import Config
from syncd.cycle import Steps
from syncd.store.database import Store
from tests.support.books import Desk, open_desk, write_config
from tests.support.clock import FakeClock
from tests.syncd.checks.support import NOBODY, codes

TODAY = date(2026, 11, 2)
BOOKS = Books("9", "Atelier", "CA", "CAD", multicurrency=True)


def config_with(folder: Path, invoice_number: str = "AB-{year}-{seq:04}", more: str = "") -> Config:
    config = write_config(folder, NOBODY, more=more)
    quickbooks = config.quickbooks.model_copy(update={"invoice_number": invoice_number})
    return replace(config, quickbooks=quickbooks)


@pytest.mark.parametrize(
    ("invoice_number", "custom_numbers", "told"),
    [
        ("AB-{year}-{seq:04}", True, []),
        ("quickbooks", False, []),
        ("AB-{year}-{seq:04}", False, [("numbers-disagree", True)]),
        # Nothing can leave: it would get no number at all.
        ("quickbooks", True, [("numbers-disagree", False)]),
    ],
)
def test_numbering_that_quickbooks_contradicts_is_told(
    tmp_path: Path, invoice_number: str, custom_numbers: bool, told: list[tuple[str, bool]]
) -> None:
    config = config_with(tmp_path, invoice_number)

    problems = books_problems(config, replace(BOOKS, custom_numbers=custom_numbers), TODAY)

    assert [(problem.code, problem.warning) for problem in problems] == told


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"home_currency": "USD"}, [("home-currency-differs", False)]),
        ({"closed_until": date(2026, 10, 30)}, []),
        ({"closed_until": date(2026, 10, 31)}, [("books-closed", True)]),
        ({"sales_tax": False}, [("sales-tax-off", True)]),
        ({"automatic_tax": True}, []),
    ],
)
def test_settings_that_keep_the_next_invoices_back_are_told(
    tmp_path: Path, changed: dict[str, Any], told: list[tuple[str, bool]]
) -> None:
    config = config_with(tmp_path, more='\n[billing]\ntax_code = "GST"\n')

    problems = books_problems(config, replace(BOOKS, **changed), TODAY)

    assert [(problem.code, problem.warning) for problem in problems] == told


def test_without_a_tax_code_sales_tax_may_be_off(tmp_path: Path) -> None:
    assert books_problems(config_with(tmp_path), replace(BOOKS, sales_tax=False), TODAY) == ()


@pytest.fixture
def desk(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(sqlite_store, tmp_path, clock) as desk:
        yield desk


def steps(desk: Desk) -> Steps:
    return Steps(desk.store, desk.config, desk.clock, "test")


def test_the_state_of_the_books_is_told(desk: Desk) -> None:
    desk.emulator.seed({"preferences": {"AccountingInfoPrefs": {"BookCloseDate": "2025-12-31"}}})
    desk.clock.advance(3 * 86_400)

    found = check_quickbooks(steps(desk))

    assert found.state == "ok"
    assert found.says == (
        "Atelier Boréal inc. (emulator, CA, CAD); connected 3 days ago, lapses unused on 2027-02-14, "
        "ends on 2031-11-01; sales tax on, closed up to 2025-12-31, custom transaction numbers on, several currencies"
    )


def test_a_connection_that_ends_soon_is_told_beside_what_answers(desk: Desk) -> None:
    """The five years are over in three weeks, however often the tokens are renewed."""
    [grant] = desk.emulator.oauth.grants
    grant.final_until = (desk.clock.now() + timedelta(days=21)).isoformat()
    found = []
    for days in (1, 7, 7):
        desk.clock.advance(days * 86_400)
        found.append(check_quickbooks(steps(desk)))
    fine, warned, failed = found

    assert (fine.state, codes(fine)) == ("ok", [])
    assert (warned.state, codes(warned)) == ("warning", ["connection-ends-in-two-weeks"])
    assert (failed.state, codes(failed)) == ("failed", ["connection-ends-in-a-week"])
