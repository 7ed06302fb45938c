"""What does not add up is found before anything is sent, and stops that company's first sends."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from syncd.engine.conservation import broken_conservation
from syncd.store import schema
from tests.support.books import COMPANY, Desk, set_row

ENTRY = {"source": "timesheets", "entry": "1-1-1"}


def told(desk: Desk) -> str:
    with desk.store.read() as connection:
        problem = broken_conservation(connection, COMPANY)
    return problem.what if problem else ""


def test_books_that_add_up_are_sent(desk: Desk) -> None:
    desk.approve(["210.00", "84.00"])
    assert told(desk) == ""
    assert len(desk.push().sent) == 1


@pytest.mark.parametrize(
    ("table", "values", "where", "named"),
    [
        (schema.work, {"seconds": 3599}, ENTRY, "timesheets/1-1-1 stands 1 s more than it was worked"),
        (schema.work, {"deleted": True}, ENTRY, "timesheets/1-1-1 stands 3600 s more"),
        (schema.work, {"scaled_quantity": 100_000}, ENTRY, "timesheets/1-1-1 stands in another quantity"),
        (schema.ledger, {"seconds": 7200}, ENTRY, "timesheets/1-1-1 stands 3600 s more"),
        (
            schema.ledger,
            {"amount_minor": 20_999},
            ENTRY,
            "AB-2026-0001 has ledger rows of 20999 cents, and lines of 21000",
        ),
        (schema.document, {"subtotal_minor": 21_001}, {"number": "AB-2026-0001"}, "of 21000 cents, and lines of 21001"),
    ],
)
def test_a_second_or_a_cent_too_much_stops_first_sends_and_is_named(
    desk: Desk, table: Any, values: dict[str, Any], where: dict[str, Any], named: str
) -> None:
    desk.approve(["210.00"])
    set_row(desk.store, table, values, **where)

    report = desk.push()

    assert named in told(desk)
    assert [problem.code for problem in report.problems] == ["not-conserved"]
    assert named in report.problems[0].what
    assert [(row.result, row.problem and row.problem.code) for row in report.outcomes] == [("waiting", "not-conserved")]
    assert desk.invoices() == []


def test_an_entry_that_is_lost_is_named(desk: Desk) -> None:
    desk.approve(["210.00"])
    with desk.store.write() as connection:
        connection.execute(delete(schema.ledger))

    assert "timesheets/1-1-1 stands 3600 s less" in told(desk)


def test_what_is_withdrawn_counts_no_more(desk: Desk) -> None:
    document = desk.approve(["210.00"])
    set_row(desk.store, schema.document, {"withdrawn_at": desk.clock.now()}, id=document)
    assert "stands 3600 s less" in told(desk)  # its entry waits nowhere

    with desk.store.write() as connection:
        connection.execute(delete(schema.work))
    assert told(desk) == ""


def test_what_may_have_reached_quickbooks_is_looked_for_all_the_same(desk: Desk) -> None:
    desk.approve(["210.00"])
    desk.emulator.fault("lost-answer", operation="create")
    desk.push()
    set_row(desk.store, schema.work, {"seconds": 1}, **ENTRY)
    desk.clock.advance(181)

    report = desk.push()

    assert [row.number for row in report.adopted] == ["AB-2026-0001"]
    assert [problem.code for problem in report.problems] == ["not-conserved"]
