"""Names that QuickBooks does not have, has twice, or has put to rest: each stops its own invoice and no other."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.company import NOVEMBER, Company, entry, timesheet

BOTH = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord"))


@pytest.fixture
def company(company: Company) -> Company:
    company.inbox(timesheet(*BOTH))
    company.run("pull", *NOVEMBER)
    return company


def preview(company: Company) -> dict[str, Any]:
    """The drafts by client: their problems."""
    rows = company.report("preview", *NOVEMBER)["documents"]
    return {row["client"]: row["problems"] for row in rows}


def only_nord_leaves(company: Company) -> None:
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    assert [row["CustomerRef"]["name"] for row in company.books("Invoice")] == ["Nord Ltd"]


def test_an_unknown_customer_stops_its_own_invoice_and_suggests_the_right_one(company: Company) -> None:
    company.table("clients", "source_client,quickbooks_customer\nHydro,Hydro-Quebec\nNord,Nord Ltd\n")
    found = preview(company)

    assert [row["code"] for row in found["Hydro-Quebec"]] == ["unknown-customer"]
    assert "Hydro-Québec" in found["Hydro-Quebec"][0]["fix"]
    assert found["Nord Ltd"] == []
    assert "Hydro-Québec" in company.run("mappings", "check", code=1)
    only_nord_leaves(company)
    company.emulator("/emulator/customer", {"name": "Hydro-Quebec"})
    company.run("mappings", "check")  # asks QuickBooks, and not what the last draft found there


def test_an_inactive_customer_stops_its_own_invoice(company: Company) -> None:
    company.emulator("/emulator/customer", {"name": "Hydro-Québec", "active": False})
    found = preview(company)

    assert [row["code"] for row in found["Hydro-Québec"]] == ["inactive-customer"]
    assert found["Nord Ltd"] == []
    only_nord_leaves(company)


def test_an_unknown_or_inactive_item_stops_the_invoices_that_need_it(company: Company) -> None:
    company.emulator("/emulator/seed", {"items": [{"name": "Conseil", "active": False}]})
    company.inbox(timesheet(entry(1, "4.00", "Hydro", service="travel"), BOTH[1]))
    company.run("pull", *NOVEMBER)
    head = "source,source_service,service,quickbooks_item\n,consulting,Consultation,Consultation\n"
    company.table("rates", "client,service,rate\n,Consultation,84.00\n,Déplacement terrain,50.00\n")
    company.table("services", head + ",travel,Déplacement terrain,Deplacement\n")
    found = preview(company)
    assert [row["code"] for row in found["Hydro-Québec"]] == ["unknown-item"]
    assert "Déplacement" in found["Hydro-Québec"][0]["fix"]
    assert found["Nord Ltd"] == []

    company.table("services", head + ",travel,Déplacement terrain,Conseil\n")
    found = preview(company)
    assert [row["code"] for row in found["Hydro-Québec"]] == ["inactive-item"]
    assert found["Nord Ltd"] == []
    only_nord_leaves(company)


def test_a_customer_named_like_two_is_ambiguous_and_stops_its_own_invoice(company: Company) -> None:
    company.emulator("/emulator/seed", {"customers": [{"name": "HYDRO-QUÉBEC  "}]})
    found = preview(company)

    assert [row["code"] for row in found["Hydro-Québec"]] == ["ambiguous-customer"]
    assert found["Nord Ltd"] == []


def test_a_rename_in_quickbooks_is_followed(company: Company) -> None:
    assert preview(company) == {"Hydro-Québec": [], "Nord Ltd": []}
    company.emulator("/emulator/customer", {"name": "Hydro-Québec", "new_name": "Hydro-Québec (2026)"})
    company.run("run", "--once", *NOVEMBER)

    assert preview(company) == {"Hydro-Québec": [], "Nord Ltd": []}
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    assert sorted(row["CustomerRef"]["name"] for row in company.books("Invoice")) == ["Hydro-Québec (2026)", "Nord Ltd"]


def test_an_unmapped_client_blocks_its_own_work_and_names_the_row_to_add(company: Company) -> None:
    company.inbox(timesheet(*BOTH, entry(3, "1.00", "Ouest")))
    company.run("pull", *NOVEMBER)
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    company.run("reconcile", *NOVEMBER)

    report = company.status()
    assert [(row["code"], row["client"], row["seconds"]) for row in report["waiting"]] == [
        ("unmapped-client", "Ouest", 3_600)
    ]
    assert report["proofs_hold"]
    assert len(company.books("Invoice")) == 2
