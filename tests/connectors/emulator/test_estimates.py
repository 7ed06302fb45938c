"""Estimates: their states, numbers, tax and changes, as QuickBooks keeps them."""

from __future__ import annotations

from typing import Any

from tests.connectors.emulator.support import Api, document
from tests.connectors.emulator.test_play import act, form


def written(api: Api, number: str = "1023", **members: Any) -> dict[str, Any]:
    return act(api, "estimate", number=number, customer="Clinique du Lac", amount="1000", tax_code="GST", **members)


def test_an_estimate_is_pending_until_somebody_accepts_it_and_nobody_owes_it(api: Api) -> None:
    made = written(api)
    accepted = act(api, "estimate", number="1023")

    assert (made["TxnStatus"], made["TotalAmt"], made["TxnTaxDetail"]["TotalTax"]) == ("Pending", 1050, 50)
    assert (accepted["TxnStatus"], accepted["TotalAmt"], accepted["SyncToken"]) == ("Accepted", 1050, "1")
    assert "Balance" not in accepted
    assert api.emulator.all("Customer")[0]["Balance"] == 0


def test_an_estimate_is_found_by_its_state_and_told_as_changed_and_deleted(api: Api) -> None:
    before = api.emulator.now().isoformat()
    made = written(api, status="Accepted")
    written(api, "1024")

    assert [
        one["DocNumber"] for one in api.select("select * from Estimate where TxnStatus = 'Accepted'")["Estimate"]
    ] == ["1023"]
    api.emulator.write("Estimate", "delete", {"Id": made["Id"], "SyncToken": made["SyncToken"]})
    answer = api.get("cdc", entities="Estimate", changedSince=before).json()
    changes = answer["CDCResponse"][0]["QueryResponse"][0]["Estimate"]
    assert sorted((one["Id"], one.get("status", "")) for one in changes) == [("1", "Deleted"), ("2", "")]


def test_estimates_have_numbers_of_their_own_and_take_one_twice(api: Api) -> None:
    api.invoice("100", DocNumber="1023")
    body = document("10", AutoDocNumber=True)

    assert [written(api)["DocNumber"], written(api)["DocNumber"]] == ["1023", "1023"]
    assert api.emulator.write("Estimate", "create", body)["DocNumber"] == "1024"
    assert api.emulator.write("Invoice", "create", body)["DocNumber"] == "1024"


def test_an_estimate_is_written_and_accepted_on_the_page(api: Api) -> None:
    form(api, "estimate", number="7", customer="Clinique du Lac", amount="80", tax_code="")
    form(api, "estimate", number="7", status="Rejected")

    assert [(one["DocNumber"], one["TxnStatus"]) for one in api.emulator.all("Estimate")] == [("7", "Rejected")]
