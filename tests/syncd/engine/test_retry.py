"""`syncd retry`: a refused document is sent again under a new request id, and never a second time into the books."""

from __future__ import annotations

from typing import Any

from sqlalchemy import update

from mappings.problems import Problem
from syncd.engine.push_report import Outcome
from syncd.engine.retry import retry
from syncd.store import schema
from tests.support.books import CUSTOMER, Desk, read_json, set_row


def retried(desk: Desk, name: str) -> tuple[Outcome, ...] | Problem:
    return retry(desk.store, desk.config, desk.opened, name, clock=desk.clock, holder="test")


def foreign_invoice(desk: Desk, number: str) -> dict[str, Any]:
    detail = {"ItemRef": {"value": desk.ids["Consultation"]}, "TaxCodeRef": {"value": desk.ids["Out of Scope"]}}
    body = {
        "DocNumber": number,
        "CustomerRef": {"value": desk.ids[CUSTOMER]},
        "CurrencyRef": {"value": "CAD"},
        "Line": [{"Amount": 5, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}],
    }
    return desk.emulator.write("Invoice", "create", body)


def test_a_document_that_was_mended_is_sent_under_the_next_request_id(desk: Desk) -> None:
    document_id = desk.approve()
    desk.play("customer", name=CUSTOMER, active=False)
    desk.push()
    first = desk.outbox(document_id)
    assert first["state"] == "refused"
    desk.play("customer", name=desk.ids[CUSTOMER], active=True)

    outcomes = retried(desk, "AB-2026-0001")
    report = desk.push()

    assert isinstance(outcomes, tuple)
    assert [outcome.result for outcome in outcomes] == ["waiting"]
    assert len(report.sent) == 1
    second = desk.outbox(document_id)
    assert (first["generation"], second["generation"]) == (1, 2)
    assert first["request_id"] != second["request_id"]
    assert [entry.requestid for entry in desk.creates()] == [first["request_id"], second["request_id"]]


def test_a_number_that_is_taken_is_replaced_by_the_next(desk: Desk) -> None:
    foreign_invoice(desk, "AB-2026-0001")
    document_id = desk.approve()
    with desk.store.write() as connection:
        connection.execute(
            schema.number_sequence.insert().values(company=desk.opened.company, scope="AB-2026-{seq:04}", last=1)
        )
    desk.push()

    retried(desk, "AB-2026-0001")
    report = desk.push()

    assert [outcome.number for outcome in report.sent] == ["AB-2026-0002"]
    assert desk.document(document_id)["number"] == "AB-2026-0002"
    row = desk.outbox(document_id)
    assert read_json(row["payload"])["DocNumber"] == "AB-2026-0002"
    assert sorted(invoice["DocNumber"] for invoice in desk.invoices()) == ["AB-2026-0001", "AB-2026-0002"]


def test_our_own_document_under_its_number_is_adopted_at_once(desk: Desk) -> None:
    """As after restoring an older backup: QuickBooks knows more than we do."""
    document_id = desk.approve()
    desk.push()
    _forget(desk, document_id)
    desk.emulator.fault("ignore-requestid", times=None)

    report = desk.push()

    assert [outcome.number for outcome in report.adopted] == ["AB-2026-0001"]
    assert len(desk.invoices()) == 1


def test_our_own_document_that_was_changed_meanwhile_needs_a_person(desk: Desk) -> None:
    document_id = desk.approve()
    desk.push()
    _forget(desk, document_id)
    desk.emulator.fault("ignore-requestid", times=None)
    desk.play("edit", doc_number="AB-2026-0001", amount="7.00")

    report = desk.push()
    [refused] = report.refused
    assert refused.problem is not None
    assert refused.problem.code == "changed-before-adopted"

    assert desk.outbox(document_id)["doubted"], "it may never be withdrawn and made anew"

    outcomes = retried(desk, "AB-2026-0001")

    assert isinstance(outcomes, tuple)
    assert [outcome.result for outcome in outcomes] == ["adopted"]
    assert len(desk.invoices()) == 1
    desk.read_payments()
    assert [code for code, _ in desk.drifts()] == ["edited"]


def test_two_documents_with_our_marker_need_a_person(desk: Desk) -> None:
    document_id = desk.approve()
    desk.emulator.fault("lost-answer", operation="create")
    desk.push()
    original = desk.invoices()[0]
    copied = {name: original[name] for name in ("CustomerRef", "CurrencyRef", "PrivateNote", "TxnDate")}
    copy = _copy(desk, copied, original)
    desk.clock.advance(181)

    report = desk.push()

    [refused] = report.refused
    assert refused.problem is not None
    assert refused.problem.code == "found-several-times"
    assert f"ids {original['Id']}, {copy['Id']}" in refused.problem.what

    still = retried(desk, "AB-2026-0001")
    assert isinstance(still, Problem)
    assert still.code == "found-several-times"

    desk.emulator.write("Invoice", "delete", {"Id": copy["Id"], "SyncToken": copy["SyncToken"]})
    outcomes = retried(desk, "AB-2026-0001")
    assert isinstance(outcomes, tuple)
    assert [outcome.result for outcome in outcomes] == ["adopted"]
    assert desk.document(document_id)["quickbooks_id"] == original["Id"]


def test_what_was_not_refused_is_not_retried(desk: Desk) -> None:
    desk.approve()
    desk.push()

    sent, unknown = retried(desk, "AB-2026-0001"), retried(desk, "AB-2026-0099")

    assert isinstance(sent, Problem)
    assert isinstance(unknown, Problem)
    assert (sent.code, unknown.code) == ("nothing-refused", "unknown-document")


def _copy(desk: Desk, copied: dict[str, Any], original: dict[str, Any]) -> dict[str, Any]:
    """A person copies the invoice, its note included, in books that do not warn of a number that is used twice."""
    desk.emulator.settings.warn_duplicate_numbers = False
    body = {**copied, "DocNumber": original["DocNumber"], "Line": _lines(original)}
    return desk.emulator.write("Invoice", "create", body)


def _lines(invoice: dict[str, Any]) -> list[dict[str, Any]]:
    names = ("Amount", "DetailType", "Description", "SalesItemLineDetail")
    lines = [line for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
    return [{name: line[name] for name in names if name in line} for line in lines]


def _forget(desk: Desk, document_id: str) -> None:
    """The store as it was before the document was sent."""
    set_row(desk.store, schema.document, {"quickbooks_id": None}, id=document_id)
    with desk.store.write() as connection:
        connection.execute(schema.attempt.delete())
        connection.execute(update(schema.outbox).values(state="ready", last_sent_at=None, lease_token=None))
