"""A payment of 0 that a person undid in QuickBooks is drift; restored, the next push makes exactly one new one."""

from __future__ import annotations

from typing import Any

import pytest

from mappings.problems import Problem
from syncd.engine.drift_accept import AcceptedDrift, accept_drift
from syncd.engine.drift_applications import Restored, restore
from syncd.reports.drift import report_drift
from syncd.store import schema
from tests.support.books import COMPANY, Desk


@pytest.fixture
def applied(desk: Desk) -> Desk:
    """An invoice of 114.98 to which a credit memo of 45.99 was applied, all read back."""
    desk.approve(["100.00"])
    desk.approve(["40.00"], kind="credit-memo")
    desk.push()
    desk.read_payments()
    return desk


def payment(desk: Desk) -> str:
    [row] = desk.emulator.all("Payment")
    identity: str = row["Id"]
    return identity


def undo(desk: Desk, act: str = "delete") -> None:
    if act == "delete":
        desk.play("delete_payment", identity=payment(desk))
    else:
        desk.play("void", payment=payment(desk))
    desk.read_payments()


def restored(desk: Desk, name: str = "AB-2026-0002") -> Restored | Problem:
    return restore(desk.store, desk.config, name, by="Marie", now=desk.clock.now())


def test_what_was_applied_is_no_drift(applied: Desk) -> None:
    assert applied.drifts() == []
    assert applied.state_of(applied.rows(schema.application)[0]["credit_id"]) == "paid"


@pytest.mark.parametrize(("act", "code"), [("delete", "deleted"), ("void", "voided")])
def test_a_payment_of_0_that_a_person_undid_is_drift_and_nothing_is_applied_by_itself(
    applied: Desk, act: str, code: str
) -> None:
    undo(applied, act)

    assert applied.drifts() == [
        (code, f"The payment of 0 that applied 45.99 of it to AB-2026-0001 was {code} in QuickBooks.")
    ]
    assert applied.push().outcomes == ()


def test_one_deleted_before_it_was_ever_read_is_drift_too(desk: Desk) -> None:
    desk.approve(["100.00"])
    desk.read_payments()
    desk.approve(["40.00"], kind="credit-memo")
    desk.push()
    desk.play("delete_payment", identity=payment(desk))

    desk.read_payments(whole=True)

    assert [code for code, _ in desk.drifts()] == ["deleted"]


def test_restore_makes_one_new_one(applied: Desk) -> None:
    before = payment(applied)
    undo(applied)

    found = restored(applied)
    again = restored(applied)
    report = applied.push()
    applied.read_payments()

    assert found == Restored(found.document_id, "AB-2026-0002", "Clinique du Lac", "45.99")  # type: ignore[union-attr]
    assert isinstance(again, Problem)
    assert again.code == "nothing-to-restore"
    assert len(report.applied) == 1
    assert payment(applied) != before
    assert applied.drifts() == []
    assert applied.push().outcomes == ()


def test_an_edited_one_is_not_restored(applied: Desk) -> None:
    edit(applied)

    found = restored(applied)

    assert isinstance(found, Problem)
    assert found.code == "payment-still-there"


def edit(desk: Desk) -> None:
    """A person takes 5.99 back off both documents."""
    row = desk.emulator.read("Payment", payment(desk))
    lines = [{**line, "Amount": line["Amount"] - 5 - line["Amount"] % 1} for line in row["Line"]]
    body: dict[str, Any] = {"Id": row["Id"], "SyncToken": row["SyncToken"], "sparse": True, "TotalAmt": 0}
    desk.emulator.write("Payment", "update", body | {"Line": lines, "CustomerRef": row["CustomerRef"]})
    desk.read_payments()


def test_an_accepted_one_is_left_as_the_person_made_it(applied: Desk) -> None:
    edit(applied)
    assert [code for code, _ in applied.drifts()] == ["edited"]

    found = accept_drift(applied.store, applied.config, "AB-2026-0002", by="Marie", now=applied.clock.now())

    assert isinstance(found, AcceptedDrift)
    assert found.found == "applied: 40.00"
    assert applied.drifts() == []
    assert applied.push().outcomes == ()
    applied.read_payments(whole=True)
    assert applied.drifts() == []


def test_what_a_voided_invoice_gives_back_is_drift_of_the_invoice_alone(applied: Desk) -> None:
    applied.play("void", doc_number="AB-2026-0001")
    applied.read_payments()

    assert [code for code, _ in applied.drifts()] == ["voided"]


def test_the_drift_report_names_the_command_that_restores(applied: Desk) -> None:
    undo(applied)

    with applied.store.read() as connection:
        report = report_drift(connection, COMPANY, now=applied.clock.now())

    [row] = report.drifts
    assert (row.code, row.number, row.quickbooks_type) == ("deleted", "AB-2026-0002", "Payment")
    assert row.command == "syncd drift restore AB-2026-0002"
