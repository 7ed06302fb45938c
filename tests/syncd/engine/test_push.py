"""Sending, over real HTTP: once, whatever the answer; a definite no is the document's or the company's."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from syncd.engine.push_run import Task
from syncd.store import schema
from tests.support.books import Desk


def test_an_approved_document_is_sent_once(desk: Desk) -> None:
    document_id = desk.approve(["210.00"])

    report = desk.push()

    assert [outcome.number for outcome in report.sent] == ["AB-2026-0001"]
    [invoice] = desk.invoices()
    assert invoice["DocNumber"] == "AB-2026-0001"
    assert desk.document(document_id)["quickbooks_id"] == invoice["Id"]
    assert desk.outbox(document_id)["state"] == "done"


def test_the_first_attempt_needs_no_look_up(desk: Desk) -> None:
    desk.approve()
    before = len(desk.emulator.requests())

    desk.push()

    assert [entry.operation for entry in desk.emulator.requests()[before:]] == ["create"]


def test_a_second_push_sends_nothing(desk: Desk) -> None:
    desk.approve()
    desk.push()
    requests, attempts = len(desk.emulator.requests()), len(desk.rows(schema.attempt))

    report = desk.push()

    assert report.outcomes == ()
    assert len(desk.emulator.requests()) == requests
    assert len(desk.rows(schema.attempt)) == attempts


def test_the_attempt_is_committed_before_the_request_leaves(desk: Desk) -> None:
    document_id = desk.approve()
    desk.push()

    sending, result = desk.rows(schema.attempt)
    row = desk.outbox(document_id)
    assert (sending["phase"], sending["detail"]) == ("sending", row["payload_hash"])
    assert (result["phase"], result["outcome"]) == ("result", "done")
    assert sending["request_id"] == desk.creates()[0].requestid == row["request_id"]


@pytest.mark.parametrize("kind", ["lost-answer", "gateway-timeout", "truncated", "server-error", "html"])
def test_a_document_whose_answer_was_lost_is_adopted_after_the_quarantine(desk: Desk, kind: str) -> None:
    document_id = desk.approve()
    desk.emulator.fault(kind, operation="create", **({"when": "after"} if kind in ("server-error", "html") else {}))

    first = desk.push()
    too_early = desk.push()
    desk.clock.advance(181)
    later = desk.push()

    assert [outcome.number for outcome in first.unknown] == ["AB-2026-0001"]
    assert first.next_at is not None
    assert first.next_at - desk.clock.now() <= timedelta(seconds=180)
    assert len(too_early.unknown) == 1
    assert [outcome.number for outcome in later.adopted] == ["AB-2026-0001"]
    assert len(desk.creates()) == 1
    assert desk.document(document_id)["quickbooks_id"] == desk.invoices()[0]["Id"]


def test_a_document_that_was_not_carried_out_is_sent_again_with_the_same_request_id(desk: Desk) -> None:
    desk.approve()
    desk.emulator.fault("server-error", operation="create", when="before")

    desk.push()
    desk.clock.advance(181)
    later = desk.push()

    assert len(later.sent) == 1
    first, second = desk.creates()
    assert first.requestid == second.requestid
    assert first.body == second.body
    assert len(desk.invoices()) == 1


def test_a_failed_look_leaves_the_doubt(desk: Desk) -> None:
    document_id = desk.approve()
    desk.emulator.fault("lost-answer", operation="create")
    desk.push()
    desk.clock.advance(181)
    desk.emulator.fault("forbidden", operation="query")

    report = desk.push()

    assert desk.outbox(document_id)["state"] == "unknown"
    assert [problem.code for problem in report.problems] == ["quickbooks-3100"]
    assert len(desk.creates()) == 1

    assert len(desk.push().adopted) == 1


def test_one_invoice_even_if_request_ids_are_ignored(desk: Desk) -> None:
    desk.approve()
    desk.emulator.fault("ignore-requestid", times=None)
    desk.emulator.fault("lost-answer", operation="create")

    desk.push()
    desk.clock.advance(181)
    desk.push()
    desk.push()

    assert len(desk.invoices()) == 1


def test_a_lagging_list_is_caught_by_the_document_number(desk: Desk) -> None:
    document_id = desk.approve()
    desk.emulator.fault("ignore-requestid", times=None)
    desk.emulator.fault("lost-answer", operation="create")
    desk.push()
    desk.clock.advance(181)
    desk.emulator.fault("stale-list", seconds=3600, times=None)

    report = desk.push()

    assert [outcome.quickbooks_id for outcome in report.adopted] == [desk.invoices()[0]["Id"]]
    assert len(desk.creates()) == 2
    assert len(desk.invoices()) == 1
    assert desk.outbox(document_id)["state"] == "done"


@pytest.mark.parametrize("shape", ["json", "gateway", "xml", "html", "403"])
def test_a_429_in_any_shape_silences_the_company_for_a_minute(desk: Desk, shape: str) -> None:
    first, second = desk.approve(), desk.approve()
    desk.emulator.fault("throttle", shape=shape, operation="create", times=4)

    report = desk.push()
    requests = len(desk.emulator.requests())
    silent = desk.push()

    assert {outcome.result for outcome in report.outcomes} == {"waiting"}
    assert report.paused_until is not None
    assert timedelta(seconds=59) <= report.paused_until - desk.clock.now() <= timedelta(seconds=60)
    assert len(desk.emulator.requests()) == requests
    assert silent.paused_until == report.paused_until
    assert desk.outbox(first)["doubted"] is False

    desk.emulator.clear_faults()
    desk.clock.advance(61)
    assert len(desk.push().sent) == 2
    assert desk.outbox(second)["state"] == "done"


def test_retry_after_is_kept_to(desk: Desk) -> None:
    desk.approve()
    desk.emulator.fault("throttle", operation="create", retry_after=17)

    report = desk.push()

    assert report.paused_until == desk.clock.now() + timedelta(seconds=17)


def test_a_429_does_not_clear_doubt(desk: Desk) -> None:
    document_id = desk.approve()
    desk.emulator.fault("server-error", operation="create", when="before")
    desk.push()
    desk.clock.advance(181)
    desk.emulator.fault("throttle", operation="create")

    desk.push()

    row = desk.outbox(document_id)
    assert (row["state"], row["doubted"]) == ("unknown", True)
    desk.clock.advance(61)
    assert len(desk.push().sent) == 1
    assert [entry.operation for entry in desk.emulator.requests()][-4:] == ["query", "query", "query", "create"]


def test_an_expired_token_is_renewed_and_the_document_sent_in_the_same_run(desk: Desk) -> None:
    desk.approve()
    with desk.emulator.lock:
        desk.emulator.oauth.expire_access_tokens()

    report = desk.push()

    assert len(report.sent) == 1
    assert report.problems == ()
    assert [entry.status for entry in desk.creates()] == [401, 200]


def test_tokens_that_are_never_accepted_stop_the_company(desk: Desk) -> None:
    document_id = desk.approve()
    desk.approve()
    desk.emulator.fault("unauthorized", times=None)

    report = desk.push()

    assert desk.states() == ["ready", "ready"]
    assert [problem.code for problem in report.problems] == ["quickbooks-3200"]
    assert desk.outbox(document_id)["doubted"] is False


def test_a_refused_connection_leaves_everything_ready(desk: Desk) -> None:
    document_id = desk.approve()
    desk.opened.client._session._base_url = "http://127.0.0.1:9"

    report = desk.push()

    assert desk.outbox(document_id)["state"] == "ready"
    assert [problem.code for problem in report.problems] == ["quickbooks-no-answer"]


def test_a_refused_document_does_not_hold_up_the_others(desk: Desk) -> None:
    good = desk.approve()
    bad = desk.approve(customer="Northwind Traders Inc.")  # keeps its accounts in USD, the document is in CAD
    other = desk.approve()

    report = desk.push()

    assert len(report.sent) == 2
    [refused] = report.refused
    assert refused.document_id == bad
    assert refused.problem is not None
    assert "syncd retry AB-2026-0002" in refused.problem.fix
    assert [desk.outbox(row)["state"] for row in (good, bad, other)] == ["done", "refused", "done"]


def test_a_number_that_another_document_has_is_refused_with_its_fix(desk: Desk) -> None:
    foreign = desk.emulator.write(
        "Invoice",
        "create",
        {
            "DocNumber": "AB-2026-0001",
            "CustomerRef": {"value": desk.ids["Clinique du Lac"]},
            "CurrencyRef": {"value": "CAD"},
            "Line": [
                {
                    "Amount": 5,
                    "DetailType": "SalesItemLineDetail",
                    "SalesItemLineDetail": {
                        "ItemRef": {"value": desk.ids["Consultation"]},
                        "TaxCodeRef": {"value": desk.ids["GST/QST QC - 9.975"]},
                    },
                }
            ],
        },
    )
    document_id = desk.approve()

    report = desk.push()

    assert desk.outbox(document_id)["state"] == "refused"
    [refused] = report.refused
    assert refused.problem is not None
    assert refused.problem.code == "number-taken"
    assert f"id {foreign['Id']}" in refused.problem.what


def test_several_documents_are_sent_within_the_limits(desk: Desk) -> None:
    for _ in range(30):
        desk.approve(["10.00"])

    report = desk.push()

    assert len(report.sent) == 30
    assert len(desk.invoices()) == 30
    assert len({invoice["DocNumber"] for invoice in desk.invoices()}) == 30


def test_three_unclear_answers_in_a_row_end_the_run(desk: Desk) -> None:
    for _ in range(12):
        desk.approve(["10.00"])
    desk.emulator.fault("gateway-timeout", operation="create", times=None)

    report = desk.push()

    assert "quickbooks-unclear" in [problem.code for problem in report.problems]
    assert 3 <= len(report.unknown) <= 7
    assert len(report.waiting) == 12 - len(report.unknown)


def test_what_is_not_wanted_by_its_client_or_day_stays(desk: Desk) -> None:
    first, second = desk.approve(customer="Ville de Rimouski"), desk.approve()
    november = [task.document.dated for task in _offered(desk) if task.document.dated > date(2026, 10, 31)]

    report = desk.push(wanted=lambda task: task.document.client == "Clinique du Lac")

    assert november == []
    assert [outcome.document_id for outcome in report.sent] == [second]
    assert desk.outbox(first)["state"] == "ready"


def _offered(desk: Desk) -> list[Task]:
    """What a push that wants nothing is asked about, as `syncd push --period` asks."""
    offered: list[Task] = []
    desk.push(wanted=lambda task: bool(offered.append(task)))  # type: ignore[func-returns-value]
    return offered
