"""Payments back: the mirror follows QuickBooks' present links, whatever order the changes are read in."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest

from connectors.quickbooks.remote import parse_remote
from syncd.engine import mirror
from syncd.engine.document_state import document_status
from syncd.engine.marks import read_mark, set_mark
from syncd.engine.payments import MARK
from syncd.engine.reference import refresh
from syncd.store import schema
from tests.support.books import COMPANY, CUSTOMER, Desk, read_json


def links(desk: Desk) -> list[tuple[str, str, int]]:
    rows = desk.rows(schema.remote_link)
    return sorted((row["linked_type"], row["linked_id"], row["amount_minor"]) for row in rows)


def balance(desk: Desk) -> int:
    [row] = desk.rows(schema.reference, kind="customer", name=CUSTOMER)
    minor: int = row["balance_minor"]
    return minor


def sent(desk: Desk, *amounts: str) -> list[str]:
    """Documents of one line each, sent and read back once."""
    ids = [desk.approve([amount]) for amount in amounts]
    desk.push()
    desk.read_payments()
    return ids


def test_the_first_read_takes_everything(desk: Desk) -> None:
    document_id = desk.approve(["210.00"])
    desk.push()

    report = desk.read_payments()

    assert (report.whole, report.changed, report.drifts) == (True, 1, ())
    row = desk.remote("Invoice", desk.document(document_id)["quickbooks_id"])
    assert (row["number"], row["total_minor"], row["tax_minor"], row["balance_minor"]) == (
        "AB-2026-0001",
        24145,
        3145,
        24145,
    )
    assert (row["state"], row["dated"]) == ("live", date(2026, 10, 31))
    assert balance(desk) == 24145


def test_a_part_payment_and_then_the_rest(desk: Desk) -> None:
    [document_id] = sent(desk, "210.00")
    quickbooks_id = desk.document(document_id)["quickbooks_id"]

    desk.play("pay", doc_number="AB-2026-0001", amount="100.00")
    report = desk.read_payments()

    assert (report.whole, report.changed) == (False, 2)
    assert desk.state_of(document_id) == "partial"
    assert links(desk) == [("Invoice", quickbooks_id, 10000)]
    assert balance(desk) == 14145

    desk.play("pay", doc_number="AB-2026-0001")
    desk.read_payments()

    assert desk.state_of(document_id) == "paid"
    assert links(desk) == [("Invoice", quickbooks_id, 10000), ("Invoice", quickbooks_id, 14145)]
    assert balance(desk) == 0
    assert desk.drifts() == []


def test_one_payment_over_several_invoices(desk: Desk) -> None:
    first, second = sent(desk, "100.00", "200.00")

    desk.play("pay", doc_numbers=["AB-2026-0001", "AB-2026-0002"], amount="200.00")
    desk.read_payments()

    ids = [desk.document(row)["quickbooks_id"] for row in (first, second)]
    assert links(desk) == sorted([("Invoice", ids[0], 11498), ("Invoice", ids[1], 8502)])
    assert [desk.state_of(first), desk.state_of(second)] == ["paid", "partial"]


def test_cash_that_is_not_applied_belongs_to_no_document(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")

    payment = desk.play("pay", customer=CUSTOMER, amount="50.00")
    desk.read_payments()

    row = desk.remote("Payment", payment["Id"])
    assert (row["total_minor"], row["balance_minor"]) == (5000, 5000)
    assert links(desk) == []
    assert desk.state_of(document_id) == "open"
    assert balance(desk) == 11498 - 5000


def test_a_credit_memo_that_is_applied_lowers_the_balance(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")

    memo = desk.play("credit", customer=CUSTOMER, amount="14.98")
    desk.play("credit", apply=memo["DocNumber"], to="AB-2026-0001")
    desk.read_payments()

    assert desk.state_of(document_id) == "partial"
    assert desk.remote("CreditMemo", memo["Id"])["balance_minor"] == 0
    assert ("CreditMemo", memo["Id"], 1498) in links(desk)
    assert balance(desk) == 10000


def test_a_payment_that_is_changed_counts_as_it_is_now(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    payment = desk.play("pay", doc_number="AB-2026-0001")
    desk.read_payments()
    assert desk.state_of(document_id) == "paid"

    desk.clock.advance(60)
    desk.play("edit_payment", identity=payment["Id"], amount="40.00")
    desk.read_payments()

    assert desk.state_of(document_id) == "partial"
    assert [amount for _, _, amount in links(desk)] == [4000]


def test_a_deleted_payment_leaves_no_link(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    payment = desk.play("pay", doc_number="AB-2026-0001")
    desk.read_payments()

    desk.clock.advance(60)
    desk.emulator.write("Payment", "delete", {"Id": payment["Id"], "SyncToken": "0"})
    report = desk.read_payments()

    assert report.deleted == 1
    assert desk.remote("Payment", payment["Id"])["state"] == "deleted"
    assert links(desk) == []
    assert desk.state_of(document_id) == "open"
    assert balance(desk) == 11498


def test_reading_again_changes_no_row(desk: Desk) -> None:
    sent(desk, "100.00", "200.00")
    desk.play("pay", doc_number="AB-2026-0001")
    desk.read_payments()
    tables = (schema.remote_document, schema.remote_link, schema.reference, schema.event, schema.drift)
    before, requests = [desk.rows(table) for table in tables], len(desk.emulator.requests())

    report = desk.read_payments()

    assert (report.changed, report.deleted) == (0, 0)
    assert [desk.rows(table) for table in tables] == before
    assert [entry.operation for entry in desk.emulator.requests()[requests:]] == ["cdc"]


def test_a_balance_waits_for_the_payments_that_it_rests_on(desk: Desk) -> None:
    sent(desk, "210.00")
    desk.play("pay", doc_number="AB-2026-0001", amount="100.00")

    refresh(desk.store, desk.opened, clock=desk.clock, whole=True)
    assert balance(desk) == 24145

    desk.read_payments()
    assert balance(desk) == 14145


def test_members_in_another_order_are_no_change(desk: Desk) -> None:
    sent(desk, "100.00")
    [row] = desk.rows(schema.remote_document)
    turned = dict(reversed(read_json(row["raw"]).items()))
    found = parse_remote("Invoice", turned, "CAD")
    assert found.raw != row["raw"]

    with desk.store.write() as connection:
        mirrored = mirror.record(connection, COMPANY, [found], [], desk.clock.now())

    assert mirrored.changed == frozenset()
    assert desk.rows(schema.remote_document) == [row]


def test_changes_in_any_order_end_in_the_same_mirror(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    quickbooks_id = desk.document(document_id)["quickbooks_id"]
    versions = [desk.emulator.read("Invoice", quickbooks_id)]
    for amount in ("10.00", "20.00", "30.00"):
        desk.clock.advance(60)
        desk.play("pay", doc_number="AB-2026-0001", amount=amount)
        versions.append(desk.emulator.read("Invoice", quickbooks_id))
    found = [parse_remote("Invoice", read_json(_json(version)), "CAD") for version in versions]

    for seed in range(5):
        random.Random(seed).shuffle(found)
        with desk.store.write() as connection:
            for row in (*found, *found):
                mirror.record(connection, COMPANY, [row], [], desk.clock.now())
        assert desk.remote("Invoice", quickbooks_id)["balance_minor"] == 11498 - 6000


def test_what_was_deleted_does_not_come_back_with_an_older_change(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    quickbooks_id = desk.document(document_id)["quickbooks_id"]
    before = parse_remote("Invoice", read_json(_json(desk.emulator.read("Invoice", quickbooks_id))), "CAD")
    desk.clock.advance(60)
    desk.play("delete", doc_number="AB-2026-0001")
    desk.read_payments()

    with desk.store.write() as connection:
        changed = mirror.record(connection, COMPANY, [before], [], desk.clock.now())

    assert changed.changed == frozenset()
    assert desk.state_of(document_id) == "deleted"


def test_after_a_long_silence_everything_is_read_again(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    desk.play("pay", doc_number="AB-2026-0001")
    desk.clock.advance(29 * 86_400)

    report = desk.read_payments()

    assert report.whole
    assert desk.state_of(document_id) == "paid"


def test_the_mark_is_quickbooks_own_time(desk: Desk) -> None:
    sent(desk, "100.00")
    with desk.emulator.lock:
        desk.emulator.advance(-7)  # its clock is behind ours
    behind, millisecond = timedelta(seconds=7), timedelta(milliseconds=1)
    before = desk.clock.now()

    desk.read_payments()

    with desk.store.read() as connection:
        mark = read_mark(connection, COMPANY, MARK)
    assert mark is not None
    # The pace of requests moves our clock a little meanwhile, and an answer's time has milliseconds.
    assert before - behind - millisecond <= mark <= desk.clock.now() - behind


def test_a_lagging_answer_is_made_up_for_by_the_overlap(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    desk.clock.advance(600)
    desk.play("pay", doc_number="AB-2026-0001")
    desk.clock.advance(30)
    desk.emulator.fault("stale-list", seconds=60)
    assert desk.read_payments().changed == 0

    desk.clock.advance(60)
    desk.read_payments()

    assert desk.state_of(document_id) == "paid"


def test_a_failed_read_changes_nothing(desk: Desk) -> None:
    sent(desk, "100.00")
    desk.play("pay", doc_number="AB-2026-0001")
    before = desk.rows(schema.remote_document), desk.rows(schema.watermark)
    desk.emulator.fault("forbidden", operation="cdc")

    with pytest.raises(Exception, match="403"):
        desk.read_payments()

    assert (desk.rows(schema.remote_document), desk.rows(schema.watermark)) == before


def test_what_is_gone_from_a_whole_read_is_asked_for_by_its_id(desk: Desk) -> None:
    first, second = sent(desk, "100.00", "200.00")
    desk.clock.advance(3600)
    desk.play("delete", doc_number="AB-2026-0001")
    _forget_the_change(desk)

    report = desk.read_payments(whole=True)

    assert report.deleted == 1
    assert [desk.state_of(first), desk.state_of(second)] == ["deleted", "open"]
    assert desk.drifts() == [("deleted", "It was deleted in QuickBooks.")]


def test_a_document_missing_from_a_lagging_list_is_not_deleted(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    desk.emulator.fault("stale-list", entity="Invoice", seconds=86_400)

    report = desk.read_payments(whole=True)

    assert report.deleted == 0
    assert desk.state_of(document_id) == "open"
    assert desk.drifts() == []


def test_more_gone_than_a_person_would_delete_marks_nothing(desk: Desk) -> None:
    ids = sent(desk, *["10.00"] * 12)
    for number in range(1, 13):
        desk.play("delete", doc_number=f"AB-2026-{number:04}")
    _forget_the_change(desk)

    report = desk.read_payments(whole=True)

    assert [problem.code for problem in report.problems] == ["too-much-vanished"]
    assert "12 documents" in report.problems[0].what
    assert {desk.state_of(document_id) for document_id in ids} == {"open"}
    assert {code for code, _ in desk.drifts()} == {"missing"}

    desk.read_payments(accept_vanished=True)
    assert {desk.state_of(document_id) for document_id in ids} == {"deleted"}
    assert {code for code, _ in desk.drifts()} == {"deleted"}


def test_a_document_deleted_before_it_was_ever_read_is_held(desk: Desk) -> None:
    sent(desk, "10.00")
    document_id = desk.approve(["100.00"])
    desk.push()
    desk.play("delete", doc_number="AB-2026-0002")

    desk.read_payments()

    assert desk.state_of(document_id) == "deleted"
    assert desk.drifts() == [("deleted", "It was deleted in QuickBooks.")]


@pytest.mark.parametrize(
    ("state", "total", "left", "due", "expected"),
    [
        ("live", 100, 100, date(2026, 12, 1), "open"),
        ("live", 100, 40, date(2026, 12, 1), "partial"),
        ("live", 100, 0, date(2026, 12, 1), "paid"),
        ("live", 0, 0, None, "paid"),
        ("live", 100, 100, date(2026, 11, 1), "overdue"),
        ("live", 100, 40, date(2026, 11, 1), "overdue"),
        ("live", 100, 100, date(2026, 11, 2), "open"),
        ("live", 100, 100, None, "open"),
        ("voided", 0, 0, date(2026, 11, 1), "voided"),
        ("deleted", 100, 0, date(2026, 11, 1), "deleted"),
    ],
)
def test_the_state_follows_the_balance(state: str, total: int, left: int, due: date | None, expected: str) -> None:
    today = date(2026, 11, 2)

    assert document_status(state=state, total_minor=total, balance_minor=left, due=due, today=today) == expected


def _json(document: object) -> str:
    from connectors.emulator.numbers import write_json

    return write_json(document)


def _forget_the_change(desk: Desk) -> None:
    """Let only a whole read be able to find it, as when a month passed or CDC has lost it."""
    with desk.store.write() as connection:
        set_mark(connection, COMPANY, MARK, desk.clock.now())


def test_a_full_page_of_changes_means_that_everything_is_read(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second = sent(desk, "100.00", "200.00")
    desk.clock.advance(3600)
    desk.play("pay", doc_number="AB-2026-0001")
    desk.play("pay", doc_number="AB-2026-0002")
    monkeypatch.setattr("connectors.quickbooks.reading.CDC_ROWS", 2)

    report = desk.read_payments()

    assert report.whole
    assert [desk.state_of(first), desk.state_of(second)] == ["paid", "paid"]


def test_one_document_that_cannot_be_understood_does_not_stop_the_others(desk: Desk) -> None:
    [document_id] = sent(desk, "100.00")
    desk.clock.advance(60)
    desk.play("pay", doc_number="AB-2026-0001")
    payment = desk.play("pay", customer="Northwind Traders Inc.", amount="10.00")
    with desk.emulator.lock:
        record = desk.emulator.books.find("Payment", payment["Id"])
        del record["ExchangeRate"]

    report = desk.read_payments()

    assert [problem.code for problem in report.problems] == ["unreadable-document"]
    assert f"Payment {payment['Id']}" in report.problems[0].what
    assert desk.state_of(document_id) == "paid"
