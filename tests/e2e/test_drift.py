"""People change in QuickBooks what was sent: it is listed field by field, and accepted or decided about."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
OCTOBER = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord"))


@pytest.fixture
def company(company: Company) -> Company:
    """AB-2026-0001 of 336.00 and taxes for Hydro-Québec, AB-2026-0002 of 168.00 and taxes for Nord."""
    company.inbox(timesheet(*OCTOBER))
    company.bill()
    company.run("reconcile", *NOVEMBER)
    return company


def change(company: Company, number: str, **members: Any) -> None:
    """A person edits an invoice in QuickBooks, in whatever members."""
    found = next(row for row in company.books("Invoice") if row["DocNumber"] == number)
    body = {"Id": found["Id"], "SyncToken": found["SyncToken"], "sparse": True, **members}
    company._ask("POST", "invoice", json=body)
    company.run("reconcile", *NOVEMBER, code=None)


def drifts(company: Company) -> dict[str, dict[str, tuple[str, str]]]:
    """Code → field → ours and QuickBooks'."""
    rows = company.report("drift")["drifts"]
    return {row["code"]: {one["field"]: (one["expected"], one["found"]) for one in row["differences"]} for row in rows}


def accepted_row(company: Company) -> dict[str, str]:
    rows = company.status()["invoices"][0]["rows"]
    return {row["code"]: row["amount"] for row in rows if row["code"] in ("accepted", "tax-variance")}


def test_an_amount_is_accepted_and_the_difference_stands_in_a_row_of_its_own(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "amount": "300.00"})
    company.run("reconcile", *NOVEMBER, code=1)
    assert drifts(company)["edited"]["amount"] == ("336.00", "300.00")
    assert company.needs()["edited"] == "syncd drift"
    assert company.proofs()["invoices CAD"] == "-36.00"
    writes = len(company.writes())

    accepted = company.report("drift", "accept", "AB-2026-0001")
    assert (accepted["difference"], accepted["client"]) == ("-36.00", "Hydro-Québec")
    assert company.proofs() == HOLDS
    assert accepted_row(company) == {"accepted": "-36.00", "tax-variance": "-5.39"}
    assert drifts(company) == {}
    assert [row["difference"] for row in company.report("drift")["accepted"]] == ["-36.00"]
    # The hours are billed: nobody pays them a second time because somebody gave a discount.
    assert company.report("preview", *DECEMBER)["documents"] == []

    # Again is the same, and a whole reading finds nothing.
    assert company.report("drift", "accept", "AB-2026-0001")["what"] == ""
    company.run("reconcile", *NOVEMBER)
    assert drifts(company) == {}
    assert len(company.writes()) == writes


def test_a_further_edit_differs_again_from_what_was_accepted(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "amount": "300.00"})
    company.run("reconcile", *NOVEMBER, code=1)
    company.run("drift", "accept", "AB-2026-0001")

    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "amount": "310.00"})
    company.run("reconcile", *NOVEMBER, code=1)
    assert drifts(company)["edited"]["amount"] == ("300.00", "310.00")
    assert company.proofs()["invoices CAD"] == "10.00"

    company.run("drift", "accept", "AB-2026-0001")
    assert accepted_row(company)["accepted"] == "-26.00"
    assert company.proofs() == HOLDS


def test_a_number_and_a_day_are_accepted_and_the_document_is_found_by_its_new_number(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "new_doc_number": "HQ-77"})
    change(company, "HQ-77", TxnDate="2026-10-30")
    assert drifts(company)["edited"] == {"number": ("AB-2026-0001", "HQ-77"), "date": ("2026-10-31", "2026-10-30")}

    company.run("drift", "accept", "HQ-77")
    assert company.document("HQ-77")["client"] == "Hydro-Québec"
    assert company.proofs() == HOLDS
    assert drifts(company) == {}


def test_another_customer_is_shown_by_name_and_accepted(company: Company) -> None:
    sud = next(row["Id"] for row in company.books("Customer") if row["DisplayName"] == "Nord Ltd")
    change(company, "AB-2026-0001", CustomerRef={"value": sud})
    assert drifts(company)["edited"] == {"customer": ("Hydro-Québec", "Nord Ltd")}

    company.run("drift", "accept", "AB-2026-0001")
    assert company.proofs() == HOLDS
    assert drifts(company) == {}


@pytest.mark.parametrize("act", ["void", "delete"])
def test_what_is_voided_or_deleted_is_decided_and_not_accepted(company: Company, act: str) -> None:
    company.emulator(f"/emulator/{act}", {"doc_number": "AB-2026-0001"})
    company.run("reconcile", *NOVEMBER)
    state = {"void": "voided", "delete": "deleted"}[act]
    assert list(drifts(company)) == [state]

    said = company.run("drift", "accept", "AB-2026-0001", code=1)
    assert "decide-instead" in said
    assert "syncd release AB-2026-0001" in said
    assert list(drifts(company)) == [state]


def test_a_number_that_another_document_of_ours_has_is_refused(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "new_doc_number": "HQ-1"})
    company.run("reconcile", *NOVEMBER)
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0002", "new_doc_number": "AB-2026-0001"})
    company.run("reconcile", *NOVEMBER)

    said = company.run("drift", "accept", "AB-2026-0002", code=1)
    assert "number-of-another" in said
    # Once the first is accepted with its new number, the other's is free.
    company.run("drift", "accept", "HQ-1")
    company.run("drift", "accept", "AB-2026-0002")
    assert company.document("AB-2026-0001")["client"] == "Nord Ltd"


def test_a_copy_that_somebody_made_is_listed_and_accepted_as_not_ours(company: Company) -> None:
    [invoice] = [row for row in company.books("Invoice") if row["DocNumber"] == "AB-2026-0001"]
    kept = ("CustomerRef", "TxnDate", "PrivateNote", "CurrencyRef", "GlobalTaxCalculation")
    line = {"Amount": 10.0, "DetailType": "SalesItemLineDetail"}
    line["SalesItemLineDetail"] = {
        name: value
        for name, value in invoice["Line"][0]["SalesItemLineDetail"].items()
        if name in ("ItemRef", "TaxCodeRef")
    }
    body = {name: invoice[name] for name in kept if name in invoice} | {"Line": [line], "DocNumber": "COPY-1"}
    company._ask("POST", "invoice", json=body)
    company.run("reconcile", *NOVEMBER, code=1)
    [row] = company.report("drift")["drifts"]
    assert (row["code"], row["number"]) == ("claimed", "COPY-1")
    assert company.proofs()["invoices CAD"] != "0.00"

    company.run(*row["command"].split()[1:])
    assert company.proofs() == HOLDS
    assert company.report("drift")["drifts"] == []


def test_there_must_be_something_to_accept(company: Company) -> None:
    assert "unknown-document" in company.run("drift", "accept", "AB-2026-0099", code=1)
    assert company.report("drift", "accept", "AB-2026-0001")["what"] == ""
    company.run("drift", "accept", code=64)
    assert "as it was sent" in company.run("drift")
