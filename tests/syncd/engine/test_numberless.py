"""No document leaves without a number: where QuickBooks is to give it and does not, it is blocked and not lost."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.source import Record
from mappings.work import WorkItem
from syncd.engine.approve import approve
from syncd.engine.draft import draft
from syncd.engine.reference import refresh
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.work import upsert_records
from tests.support.books import COMPANY, Desk, open_desk
from tests.support.clock import FakeClock

TODAY = date(2026, 11, 3)
TAXES = '\n[billing]\ntax_code = "GST/QST QC - 9.975"\n'


@pytest.fixture
def desk(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    """A company whose invoices QuickBooks is to number, with an hour of work."""
    with open_desk(store, tmp_path, clock, numbers="quickbooks", more=TAXES) as desk:
        item = WorkItem("timesheets", "1", date(2026, 10, 5), 3600, "Marie", "Clinique", service="consulting")
        with store.write() as connection:
            upsert_records(connection, COMPANY, "timesheets", [Record("1", "{}", item)], clock.now())
        yield desk


def custom_numbers(desk: Desk, on: bool) -> None:
    """Somebody sets "Custom transaction numbers" in QuickBooks, and syncd reads it."""
    desk.emulator.seed({"preferences": {"SalesFormsPrefs": {"CustomTxnNumbers": on}}})
    refresh(desk.store, desk.opened, clock=desk.clock, unresolved=True)


def approve_all(desk: Desk) -> int:
    report = approve(desk.store, desk.config, today=TODAY, clock=desk.clock, by="Marie", wanted=lambda _: True)
    return len(report.approved)


def test_a_draft_that_would_get_no_number_is_blocked_with_what_to_do(desk: Desk) -> None:
    custom_numbers(desk, on=True)

    [item] = draft(desk.store, desk.config, today=TODAY, clock=desk.clock).documents

    assert [problem.code for problem in item.document.problems] == ["no-number"]
    assert "Turn them off in QuickBooks" in item.document.problems[0].fix
    assert approve_all(desk) == 0
    [standing] = desk.rows(schema.standing)
    assert (standing["state"], standing["code"], standing["seconds"]) == ("blocked", "no-number", 3600)


def test_once_quickbooks_numbers_it_leaves(desk: Desk) -> None:
    custom_numbers(desk, on=True)
    assert approve_all(desk) == 0
    custom_numbers(desk, on=False)

    assert approve_all(desk) == 1
    assert len(desk.push().sent) == 1
    assert [bool(row["DocNumber"]) for row in desk.invoices()] == [True]


def test_what_was_approved_before_the_setting_changed_waits_and_is_not_lost(desk: Desk) -> None:
    custom_numbers(desk, on=False)
    assert approve_all(desk) == 1
    custom_numbers(desk, on=True)

    waiting = desk.push()
    assert [(row.result, row.problem.code if row.problem else "") for row in waiting.outcomes] == [
        ("waiting", "no-number")
    ]
    assert (desk.states(), desk.creates()) == (["ready"], [])

    custom_numbers(desk, on=False)
    assert len(desk.push().sent) == 1
    assert [bool(row["DocNumber"]) for row in desk.invoices()] == [True]
