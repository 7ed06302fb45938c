from __future__ import annotations

from typing import Any

import pytest

from tests.connectors.emulator.support import Api, SteppingClock, codes, payment

SINCE = "2026-11-02T08:59:00-08:00"


def changes(api: Api, entities: str, since: str = SINCE) -> list[dict[str, Any]]:
    answer = api.get("cdc", entities=entities, changedSince=since)
    assert answer.status_code == 200, answer.text
    (found,) = answer.json()["CDCResponse"]
    responses: list[dict[str, Any]] = found["QueryResponse"]
    return responses


def test_there_is_one_element_for_each_entity_in_order_and_an_empty_one_for_none(api: Api) -> None:
    made = api.invoice("10")

    found = changes(api, "Payment,Invoice,CreditMemo")

    assert found[0] == found[2] == {}
    assert found[1] == {"Invoice": [made], "startPosition": 1, "maxResults": 1}


def test_only_what_changed_since_is_told(api: Api, stepping: SteppingClock) -> None:
    api.invoice("10")
    stepping.step(60)
    second = api.invoice("20")

    (found,) = changes(api, "Invoice", "2026-11-02T09:00:30-08:00")
    (same,) = changes(api, "Invoice", "2026-11-02T17:00:30Z")

    assert [one["Id"] for one in found["Invoice"]] == [second["Id"]]
    assert found == same


def test_a_change_in_the_asked_second_is_told(api: Api, stepping: SteppingClock) -> None:
    stepping.step(0.7)
    api.invoice("10")

    assert changes(api, "Invoice", "2026-11-02T09:00:00.900-08:00") != [{}]
    assert changes(api, "Invoice", "2026-11-02T09:00:01-08:00") == [{}]


def test_a_payment_brings_its_invoices_along(api: Api, stepping: SteppingClock) -> None:
    invoice = api.invoice("10")
    stepping.step(60)
    api.create("Payment", payment("10", ("Invoice", invoice["Id"], "10")))

    paid, settled, customers = changes(api, "Payment,Invoice,Customer", "2026-11-02T09:00:30-08:00")

    assert len(paid["Payment"]) == 1
    assert [one["Balance"] for one in settled["Invoice"]] == [0]
    assert customers == {}


def test_a_deleted_document_is_told_as_a_stub(api: Api) -> None:
    kept, gone = api.invoice("10"), api.invoice("20")
    api.delete("Invoice", gone)

    (found,) = changes(api, "Invoice")

    stub = {"domain": "QBO", "status": "Deleted", "Id": gone["Id"]}
    assert found["Invoice"] == [{**stub, "MetaData": {"LastUpdatedTime": "2026-11-02T09:00:00-08:00"}}, kept]


def test_a_voided_document_is_told_as_it_now_is(api: Api) -> None:
    voided = api.void("Invoice", api.invoice("10"))

    assert changes(api, "Invoice")[0]["Invoice"] == [voided]


def test_at_most_a_thousand_are_told_the_newest_first(api: Api, stepping: SteppingClock) -> None:
    api.emulator.seed({"customers": [f"C{number}" for number in range(1001)]})
    stepping.step(1)
    last = api.customer("Last")

    (found,) = changes(api, "Customer")

    assert found["maxResults"] == len(found["Customer"]) == 1000
    assert found["Customer"][0]["Id"] == last


@pytest.mark.parametrize(
    ("entities", "since", "code"),
    [
        ("Invoice", "2026-10-03T08:59:59-08:00", "6000"),
        ("Invoice", "yesterday", "2010"),
        ("Invoice", "", "2020"),
        ("", SINCE, "2020"),
        ("TaxCode", SINCE, "500"),
        ("Invoice,TaxRate", SINCE, "500"),
        ("TimeActivity", SINCE, "500"),
        ("Preferences", SINCE, "500"),
        ("invoice", SINCE, "500"),
    ],
)
def test_a_call_is_refused(api: Api, entities: str, since: str, code: str) -> None:
    assert codes(api.get("cdc", entities=entities, changedSince=since)) == [code]


def test_thirty_days_back_are_allowed(api: Api) -> None:
    assert changes(api, "Invoice", "2026-10-03T10:00:00-07:00") == [{}]
