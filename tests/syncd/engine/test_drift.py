"""What a person changes in QuickBooks is shown until it is so no more, and is never overwritten."""

from __future__ import annotations

from decimal import Decimal

import pytest

from syncd.engine.drift import differences_of
from syncd.store import schema
from tests.support.books import Desk, set_row


def sent(desk: Desk, *amounts: str) -> str:
    document_id = desk.approve(list(amounts))
    desk.push()
    desk.read_payments()
    desk.clock.advance(60)
    return document_id


def open_rows(desk: Desk) -> list[tuple[str, str, str]]:
    rows = desk.rows(schema.drift)
    return [(row["code"], row["expected"], row["found"]) for row in rows if row["settled_at"] is None]


def test_what_nobody_changed_is_no_drift(desk: Desk) -> None:
    sent(desk, "100.00", "33.33")

    assert desk.rows(schema.drift) == []


def test_an_edited_amount_is_drift_with_both_sides(desk: Desk) -> None:
    document_id = sent(desk, "100.00", "50.00")

    desk.play("edit", doc_number="AB-2026-0001", line=2, amount="70.00")
    report = desk.read_payments()

    [drift] = report.drifts
    assert (drift.document_id, drift.code) == (document_id, "edited")
    assert drift.expected == "amount: 150.00; line 2 amount: 50.00; line 2 price: 50"
    assert drift.found == "amount: 170.00; line 2 amount: 70.00; line 2 price: 70"


def test_an_edit_that_is_undone_closes_its_row(desk: Desk) -> None:
    sent(desk, "100.00")
    desk.play("edit", doc_number="AB-2026-0001", amount="70.00")
    desk.read_payments()
    desk.clock.advance(60)

    desk.play("edit", doc_number="AB-2026-0001", amount="100.00")
    desk.read_payments()

    assert open_rows(desk) == []
    assert len(desk.rows(schema.drift)) == 1


def test_a_new_number_is_drift(desk: Desk) -> None:
    sent(desk, "100.00")

    desk.play("edit", doc_number="AB-2026-0001", new_doc_number="X-7")
    desk.read_payments()

    assert open_rows(desk) == [("edited", "number: AB-2026-0001", "number: X-7")]


def test_a_payment_is_no_drift(desk: Desk) -> None:
    sent(desk, "100.00")

    desk.play("pay", doc_number="AB-2026-0001", amount="20.00")
    desk.read_payments()

    assert open_rows(desk) == []


@pytest.mark.parametrize(("act", "code"), [("void", "voided"), ("delete", "deleted")])
def test_a_void_and_a_deletion_are_drift(desk: Desk, act: str, code: str) -> None:
    document_id = sent(desk, "100.00")

    desk.play(act, doc_number="AB-2026-0001")
    desk.read_payments()

    assert [row["code"] for row in desk.rows(schema.drift)] == [code]
    assert desk.state_of(document_id) == code


def test_cents_of_tax_are_listed_apart_from_edits(desk: Desk) -> None:
    document_id = desk.approve(["100.00"])
    desk.push()
    set_row(desk.store, schema.document, {"tax_minor": 1503}, id=document_id)

    desk.read_payments()

    assert open_rows(desk) == [("tax-variance", "15.03", "14.98")]


def test_more_than_cents_of_tax_is_an_edit(desk: Desk) -> None:
    document_id = desk.approve(["100.00"])
    desk.push()
    set_row(desk.store, schema.document, {"tax_minor": 1504}, id=document_id)

    desk.read_payments()

    assert open_rows(desk) == [("edited", "tax: 15.04", "tax: 14.98")]


def test_the_same_drift_is_one_row_however_often_it_is_seen(desk: Desk) -> None:
    sent(desk, "100.00")
    desk.play("void", doc_number="AB-2026-0001")

    for _ in range(3):
        desk.read_payments(whole=True)

    assert len(desk.rows(schema.drift)) == 1


def test_nothing_is_ever_written_to_a_document_that_was_changed(desk: Desk) -> None:
    sent(desk, "100.00")
    desk.play("edit", doc_number="AB-2026-0001", amount="1.00")
    writes = len(desk.emulator.requests(writes=True))

    desk.read_payments(whole=True)
    desk.push()

    assert len(desk.emulator.requests(writes=True)) == writes


def line(**more: object) -> dict[str, object]:
    detail = {"ItemRef": {"value": "2"}, "Qty": Decimal("1.5"), "UnitPrice": Decimal(84), "TaxCodeRef": {"value": "3"}}
    return {"DetailType": "SalesItemLineDetail", "Amount": Decimal(126), "SalesItemLineDetail": detail} | more


SENT = {"DocNumber": "A-1", "CustomerRef": {"value": "7"}, "TxnDate": "2026-10-31", "Line": [line(Description="Work")]}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, []),
        ({"DueDate": "2026-12-01", "EmailStatus": "EmailSent", "Balance": Decimal(3)}, []),
        ({"CustomerRef": {"value": "8"}}, [("customer", "7", "8")]),
        ({"TxnDate": "2026-11-01"}, [("date", "2026-10-31", "2026-11-01")]),
        ({"DocNumber": None}, [("number", "A-1", "none")]),
        ({"Line": [line(Description="Work"), {"DetailType": "SubTotalLineDetail", "Amount": Decimal(126)}]}, []),
        ({"Line": [line(Description=" Work\n")]}, []),
        ({"Line": [line(Description="Rest")]}, [("line 1 description", "Work", "Rest")]),
        ({"Line": []}, [("lines", "1 lines", "0 lines"), ("amount", "126", "0")]),
        (
            {"Line": [line(Description="Work"), line(Amount=Decimal("-26.5"))]},
            [("lines", "1 lines", "2 lines"), ("amount", "126", "99.5")],
        ),
        (
            {"Line": [line(Description="Work"), {"DetailType": "DiscountLineDetail", "Amount": Decimal(6)}]},
            [("lines", "1 lines", "2 lines"), ("amount", "126", "120")],
        ),
    ],
)
def test_only_what_we_sent_is_compared(change: dict[str, object], expected: list[tuple[str, str, str]]) -> None:
    assert list(differences_of(SENT, SENT | change)) == expected
