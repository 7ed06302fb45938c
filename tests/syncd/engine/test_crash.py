"""kill -9 at every boundary of a push, and again while recovering: one invoice, one e-mail, nothing forgotten."""

from __future__ import annotations

import random
from collections import Counter
from datetime import timedelta

import pytest

from syncd.engine.push import push
from syncd.store import schema
from syncd.store.leases import LeaseHeldError
from tests.support.books import Desk, set_row
from tests.support.power import Killed, dying


def push_and_die(desk: Desk, off_at: int) -> bool:
    """Push in a process that dies at a boundary; False when it came to its end before."""
    with dying(desk, off_at) as (store, opened, power):
        try:
            push(store, desk.config, opened, clock=desk.clock, holder="dying")
        except Killed:
            return True
        assert power.passed < off_at
        return False


def recover(desk: Desk) -> None:
    """Push as the daemon would, again and again, until nothing waits."""
    for _ in range(6):
        desk.clock.advance(400)  # longer than the dead process's lease, and than the quarantine
        report = desk.push()
        if not report.unknown and not report.waiting:
            return
    raise AssertionError(f"something still waits: {report}")


def assert_each_once(desk: Desk, documents: int) -> None:
    numbers = Counter(invoice["DocNumber"] for invoice in desk.invoices())
    assert numbers == {f"AB-2026-{number:04}": 1 for number in range(1, documents + 1)}
    mailed = Counter(mail.id for mail in desk.emulator.api.mails)
    assert mailed == {invoice["Id"]: 1 for invoice in desk.invoices()}
    assert set(desk.states()) == {"done"}


@pytest.mark.parametrize("request_ids", ["kept", "ignored"])
def test_a_push_that_dies_anywhere_ends_in_one_invoice_and_one_mail(mailing_desk: Desk, request_ids: str) -> None:
    desk = mailing_desk
    if request_ids == "ignored":
        desk.emulator.fault("ignore-requestid", times=None)
    boundary, documents = 0, 0
    died = True
    while died:
        boundary += 1
        desk.approve(["10.00"], email="ap@clinique.example")
        documents += 1
        died = push_and_die(desk, boundary)
        recover(desk)
        assert_each_once(desk, documents)

    assert boundary > 10  # the sweep has gone through lease, take-over, claim, send, record, and the mail's


def test_a_recovery_that_dies_too_ends_in_one_invoice_and_one_mail(mailing_desk: Desk) -> None:
    desk = mailing_desk
    desk.emulator.fault("ignore-requestid", times=None)
    chance = random.Random(20261102)

    for documents in range(1, 13):
        desk.approve(["10.00"], email="ap@clinique.example")
        push_and_die(desk, chance.randint(1, 14))
        for _ in range(2):
            desk.clock.advance(chance.choice([0, 100, 200, 400]))
            try:
                push_and_die(desk, chance.randint(1, 16))
            except LeaseHeldError:
                continue  # the dead one's lease still runs
        recover(desk)
        assert_each_once(desk, documents)


def test_what_is_found_in_sending_waits_for_the_quarantine_and_is_then_looked_for(desk: Desk) -> None:
    document_id = desk.approve()
    boundary = 0
    while not desk.invoices():
        boundary += 1
        push_and_die(desk, boundary)
        desk.clock.advance(301)
        desk.opened.access.current()  # a token lasts an hour, and one that dies while renewing it would lose it
    assert desk.outbox(document_id)["state"] == "sending"
    desk.clock.advance(-200)  # the lease is still the dead one's for a process that comes right after it

    with pytest.raises(LeaseHeldError, match="dying holds `push`"):
        desk.push()
    desk.clock.advance(200)
    report = desk.push()

    assert [outcome.result for outcome in report.outcomes] == ["adopted"]
    assert len(desk.invoices()) == 1


def test_a_row_found_in_sending_is_not_even_looked_for_before_its_quarantine_is_over(desk: Desk) -> None:
    """Its request may still be under way: QuickBooks works on one for up to two minutes."""
    document_id = desk.approve()
    sent_at = desk.clock.now()
    set_row(desk.store, schema.outbox, {"state": "sending", "last_sent_at": sent_at}, document_id=document_id)
    desk.clock.advance(20)
    requests = len(desk.emulator.requests())

    report = desk.push()

    assert [outcome.result for outcome in report.outcomes] == ["unknown"]
    assert report.next_at == sent_at + timedelta(seconds=180)
    assert len(desk.emulator.requests()) == requests

    desk.clock.advance(159)
    assert len(desk.push().unknown) == 1
    assert len(desk.emulator.requests()) == requests

    desk.clock.advance(1)
    assert [outcome.result for outcome in desk.push().outcomes] == ["sent"]
