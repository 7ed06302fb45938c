"""Credit memos are applied to the client's oldest open invoice by a payment of 0: once, and never more than is open."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from syncd.engine.push import push
from syncd.engine.retry import retry
from syncd.store import schema
from tests.support.books import COMPANY, Desk
from tests.support.power import Killed, dying


def payments(desk: Desk) -> list[tuple[Decimal, list[tuple[str, str, Decimal]]]]:
    """Total and lines of each payment in QuickBooks, oldest first; documents by their numbers."""
    numbers = {
        (entity, row["Id"]): row["DocNumber"]
        for entity in ("Invoice", "CreditMemo")
        for row in desk.emulator.all(entity)
    }
    found = []
    for payment in sorted(desk.emulator.all("Payment"), key=lambda row: int(row["Id"])):
        lines = [
            (link["TxnType"], numbers[link["TxnType"], link["TxnId"]], line["Amount"])
            for line in payment["Line"]
            for link in line["LinkedTxn"]
        ]
        found.append((payment["TotalAmt"], lines))
    return found


def balances(desk: Desk) -> dict[str, Decimal]:
    return {
        row["DocNumber"]: row["Balance"] for entity in ("Invoice", "CreditMemo") for row in desk.emulator.all(entity)
    }


def applied(credit: str, invoice: str, amount: str) -> tuple[Decimal, list[tuple[str, str, Decimal]]]:
    return (Decimal(0), [("CreditMemo", credit, Decimal(amount)), ("Invoice", invoice, Decimal(amount))])


def credit(desk: Desk, amount: str, **more: Any) -> str:
    return desk.approve([amount], kind="credit-memo", **more)


def applications(desk: Desk) -> list[dict[str, Any]]:
    return [row for row in desk.rows(schema.outbox, operation="apply") if row["state"] != "withdrawn"]


def test_a_credit_memo_is_applied_to_the_oldest_open_invoice(desk: Desk) -> None:
    desk.approve(["100.00"])
    desk.approve(["200.00"])
    credit(desk, "40.00")

    report = desk.push()

    assert [(row.number, row.operation) for row in report.applied] == [("AB-2026-0003", "apply")]
    assert payments(desk) == [applied("AB-2026-0003", "AB-2026-0001", "45.99")]
    assert balances(desk) == {
        "AB-2026-0001": Decimal("68.99"), "AB-2026-0002": Decimal("229.95"), "AB-2026-0003": Decimal(0)
    }  # fmt: skip


def test_what_one_invoice_does_not_take_goes_to_the_next(desk: Desk) -> None:
    desk.approve(["10.00"])
    desk.approve(["20.00"])
    credit(desk, "100.00")

    desk.push()
    desk.read_payments()
    again = desk.push()

    assert payments(desk) == [
        applied("AB-2026-0003", "AB-2026-0001", "11.50"),
        applied("AB-2026-0003", "AB-2026-0002", "23.00"),
    ]
    assert balances(desk)["AB-2026-0003"] == Decimal("80.48")
    assert again.outcomes == ()


def test_the_rest_waits_for_the_next_invoice_and_takes_no_more_of_it_than_the_rest(desk: Desk) -> None:
    """The credit note that must not swallow next month."""
    desk.approve(["10.00"])
    credit(desk, "30.00")
    desk.push()
    desk.read_payments()
    desk.approve(["100.00"])

    desk.push()

    assert payments(desk)[1:] == [applied("AB-2026-0002", "AB-2026-0003", "22.99")]
    assert balances(desk) == {
        "AB-2026-0001": Decimal(0), "AB-2026-0002": Decimal(0), "AB-2026-0003": Decimal("91.99")
    }  # fmt: skip


def test_a_credit_on_a_paid_invoice_waits(desk: Desk) -> None:
    desk.approve(["100.00"])
    desk.push()
    desk.play("pay", doc_number="AB-2026-0001")
    desk.read_payments()
    credit(desk, "40.00")

    report = desk.push()

    assert report.applied == ()
    assert len(payments(desk)) == 1
    assert balances(desk)["AB-2026-0002"] == Decimal("45.99")


def test_a_payment_that_syncd_has_not_read_yet_is_counted(desk: Desk) -> None:
    """The balance is asked of QuickBooks right before: the client has paid all but 10.00 meanwhile."""
    desk.approve(["100.00"])
    desk.push()
    desk.read_payments()
    desk.play("pay", doc_number="AB-2026-0001", amount="104.98")
    credit(desk, "40.00")

    desk.push()

    assert payments(desk)[1:] == [applied("AB-2026-0002", "AB-2026-0001", "10.00")]


def test_another_clients_invoice_is_not_touched(desk: Desk) -> None:
    desk.approve(["100.00"], customer="Ville de Rimouski")
    credit(desk, "40.00")

    assert desk.push().applied == ()
    assert payments(desk) == []


def test_two_credit_memos_never_take_more_than_one_invoice_has(desk: Desk) -> None:
    desk.approve(["50.00"])
    credit(desk, "40.00")
    credit(desk, "40.00")

    desk.push()

    assert sorted(amount for _, lines in payments(desk) for kind, _, amount in lines if kind == "Invoice") == [
        Decimal("11.50"),
        Decimal("45.99"),
    ]
    assert balances(desk)["AB-2026-0001"] == 0


def test_lists_that_lag_behind_apply_nothing_twice(desk: Desk) -> None:
    """What was applied counts by our own record, whatever QuickBooks still shows."""
    desk.approve(["100.00"])
    credit(desk, "40.00")
    desk.push()
    desk.emulator.fault("stale-list", seconds=3600, times=None)

    desk.push()
    desk.push()

    assert len(payments(desk)) == 1


def test_nothing_is_asked_where_there_is_nothing_to_apply(desk: Desk) -> None:
    desk.approve(["100.00"])
    desk.push()
    requests = len(desk.emulator.requests())

    desk.push()

    assert len(desk.emulator.requests()) == requests


@pytest.mark.parametrize("kind", ["lost-answer", "gateway-timeout", "truncated"])
def test_an_application_whose_answer_was_lost_is_found_and_not_made_again(desk: Desk, kind: str) -> None:
    desk.approve(["100.00"])
    credit(desk, "40.00")
    desk.emulator.fault("ignore-requestid", times=None)
    desk.emulator.fault(kind, entity="payment", operation="create")

    first = desk.push()
    desk.clock.advance(181)
    later = desk.push()

    assert [row.operation for row in first.unknown] == ["apply"]
    assert [row.operation for row in later.applied] == ["apply"]
    assert len(payments(desk)) == 1
    [row] = applications(desk)
    assert row["state"] == "done"


def test_an_application_that_was_not_carried_out_is_sent_again_under_its_request_id(desk: Desk) -> None:
    desk.approve(["100.00"])
    credit(desk, "40.00")
    desk.emulator.fault("server-error", entity="payment", operation="create", when="before")

    desk.push()
    desk.clock.advance(181)
    desk.push()

    sent = [entry for entry in desk.creates() if entry.entity.lower() == "payment"]
    assert len(sent) == 2
    assert sent[0].requestid == sent[1].requestid
    assert len(payments(desk)) == 1


def test_a_push_that_dies_anywhere_applies_each_credit_once(desk: Desk) -> None:
    desk.emulator.fault("ignore-requestid", times=None)
    desk.approve(["1000.00"])
    boundary, died = 0, True
    while died:
        boundary += 1
        credit(desk, "1.00")
        desk.push(applying=False)
        died = _dies(desk, boundary)
        _recover(desk)

        assert len(payments(desk)) == boundary
        assert {row["state"] for row in desk.rows(schema.outbox) if row["state"] != "withdrawn"} == {"done"}
    assert boundary > 12  # it has gone through planning, claim, send and record of the application


def _dies(desk: Desk, off_at: int) -> bool:
    with dying(desk, off_at) as (store, opened, _):
        try:
            push(store, desk.config, opened, clock=desk.clock, holder="dying")
        except Killed:
            return True
        return False


def _recover(desk: Desk) -> None:
    for _ in range(6):
        desk.clock.advance(400)
        report = desk.push()
        if not report.unknown and not report.waiting:
            return
    raise AssertionError(f"something still waits: {report}")


def test_a_refused_application_is_planned_anew_by_retry(desk: Desk) -> None:
    desk.approve(["100.00"])
    credit(desk, "40.00")

    def pay_first(request: Any) -> None:
        """The client pays between our question and our payment of 0."""
        if request.method == "POST" and "/payment" in request.url.path and not desk.emulator.all("Payment"):
            desk.play("pay", doc_number="AB-2026-0001", amount="100.00")

    _hook(desk, pay_first)

    report = desk.push()

    [refused] = report.refused
    assert refused.problem is not None
    assert "syncd retry AB-2026-0002" in refused.problem.fix

    assert desk.push().outcomes == ()
    retried = retry(desk.store, desk.config, desk.opened, "AB-2026-0002", clock=desk.clock, holder="test")
    assert isinstance(retried, tuple)
    desk.push()

    assert payments(desk)[1:] == [applied("AB-2026-0002", "AB-2026-0001", "14.98")]


def _hook(desk: Desk, hook: Callable[[Any], None]) -> None:
    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [*hooks["request"], hook]}


def test_what_a_restored_backup_does_not_know_is_adopted(desk: Desk) -> None:
    desk.approve(["100.00"])
    credit(desk, "40.00")
    desk.push()
    desk.read_payments()
    with desk.store.write() as connection:
        [row] = applications(desk)
        connection.execute(schema.application.delete())
        connection.execute(schema.attempt.delete().where(schema.attempt.c.outbox_id == row["id"]))
        connection.execute(schema.outbox.delete().where(schema.outbox.c.id == row["id"]))

    desk.push()

    [known] = desk.rows(schema.application, company=COMPANY)
    assert (known["quickbooks_id"], known["amount_minor"]) == (desk.emulator.all("Payment")[0]["Id"], 4599)
    assert [row["state"] for row in applications(desk)] == ["done"]
    assert len(payments(desk)) == 1


def test_a_voided_invoice_gives_its_credit_back_to_the_next(desk: Desk) -> None:
    desk.approve(["100.00"])
    credit(desk, "40.00")
    desk.push()
    desk.play("void", doc_number="AB-2026-0001")
    desk.read_payments()
    desk.approve(["100.00"])

    desk.push()

    assert balances(desk) == {
        "AB-2026-0001": Decimal(0), "AB-2026-0002": Decimal(0), "AB-2026-0003": Decimal("68.99")
    }  # fmt: skip
