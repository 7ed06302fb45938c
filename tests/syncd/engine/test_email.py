"""An invoice is e-mailed once: the e-mail is a row of its own, and doubt about it is cleared by looking."""

from __future__ import annotations

import pytest

from syncd.store import schema
from tests.support.books import Desk, set_row


def mails(desk: Desk) -> list[str]:
    """The invoices that QuickBooks has mailed, by id."""
    return [mail.id for mail in desk.emulator.api.mails]


def test_an_invoice_is_mailed_after_it_was_created(mailing_desk: Desk) -> None:
    document_id = mailing_desk.approve(email="ap@clinique.example")

    report = mailing_desk.push()

    assert [outcome.operation for outcome in report.emailed] == ["send"]
    assert len(mails(mailing_desk)) == 1
    create, send = mailing_desk.outbox(document_id), mailing_desk.outbox(document_id, "send")
    assert (create["state"], send["state"]) == ("done", "done")
    assert create["request_id"] != send["request_id"]


def test_nothing_is_mailed_where_nobody_asked_for_it(desk: Desk) -> None:
    desk.approve(email="ap@clinique.example")

    desk.push()

    assert mails(desk) == []


def test_a_credit_memo_is_not_mailed(mailing_desk: Desk) -> None:
    mailing_desk.approve(kind="credit-memo", email="ap@clinique.example")

    mailing_desk.push()

    assert mails(mailing_desk) == []


@pytest.mark.parametrize("kind", ["lost-answer", "gateway-timeout"])
def test_a_mail_whose_answer_was_lost_is_not_mailed_again(mailing_desk: Desk, kind: str) -> None:
    document_id = mailing_desk.approve(email="ap@clinique.example")
    mailing_desk.emulator.fault(kind, operation="send")

    mailing_desk.push()
    assert mailing_desk.outbox(document_id, "send")["state"] == "unknown"
    mailing_desk.clock.advance(181)
    report = mailing_desk.push()

    assert [outcome.operation for outcome in report.emailed] == ["send"]
    assert len(mails(mailing_desk)) == 1


def test_a_mail_that_did_not_leave_is_sent_with_the_same_request_id(mailing_desk: Desk) -> None:
    mailing_desk.approve(email="ap@clinique.example")
    mailing_desk.emulator.fault("server-error", operation="send", when="before")

    mailing_desk.push()
    mailing_desk.clock.advance(181)
    mailing_desk.push()

    sends = [entry.requestid for entry in mailing_desk.emulator.requests() if entry.operation == "send"]
    assert len(sends) == 2
    assert sends[0] == sends[1]
    assert len(mails(mailing_desk)) == 1


def test_an_adopted_invoice_is_mailed_once(mailing_desk: Desk) -> None:
    mailing_desk.approve(email="ap@clinique.example")
    mailing_desk.emulator.fault("lost-answer", operation="create")
    mailing_desk.push()
    mailing_desk.clock.advance(181)

    report = mailing_desk.push()

    assert (len(report.adopted), len(report.emailed)) == (1, 1)
    assert len(mails(mailing_desk)) == 1


def test_an_invoice_voided_before_its_mail_is_not_mailed(mailing_desk: Desk) -> None:
    document_id = mailing_desk.approve(email="ap@clinique.example")
    mailing_desk.emulator.fault("throttle", operation="send")
    mailing_desk.push()
    mailing_desk.play("void", doc_number="AB-2026-0001")
    mailing_desk.clock.advance(61)
    mailing_desk.read_payments()

    report = mailing_desk.push()

    assert [outcome.result for outcome in report.outcomes] == ["withdrawn"]
    assert mails(mailing_desk) == []
    rows = mailing_desk.rows(schema.outbox, document_id=document_id, operation="send")
    assert [row["state"] for row in rows] == ["withdrawn"]


def test_an_invoice_that_was_mailed_before_a_backup_was_restored_is_not_mailed_again(mailing_desk: Desk) -> None:
    desk = mailing_desk
    document_id = desk.approve(email="ap@clinique.example")
    desk.push()
    set_row(desk.store, schema.document, {"quickbooks_id": None}, id=document_id)
    with desk.store.write() as connection:
        connection.execute(schema.attempt.delete())
        connection.execute(schema.outbox.delete().where(schema.outbox.c.operation == "send"))
        connection.execute(schema.outbox.update().values(state="ready", last_sent_at=None, lease_token=None))
    desk.emulator.fault("ignore-requestid", times=None)

    report = desk.push()

    assert (len(report.adopted), len(report.emailed)) == (1, 0)
    assert len(mails(desk)) == 1
