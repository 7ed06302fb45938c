"""`syncd retry` as a person types it, once what QuickBooks refused is mended."""

from __future__ import annotations

from tests.e2e.company import NOVEMBER, Company, entry, timesheet


def test_a_refused_invoice_is_sent_once_after_its_customer_is_mended(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    company.run("pull", *NOVEMBER)
    company.run("approve", "--all", *NOVEMBER)
    customer = next(row["Id"] for row in company.books("Customer") if row["DisplayName"] == "Hydro-Québec")
    company.emulator("/emulator/customer", {"name": customer, "active": False})
    refused = company.run("push", *NOVEMBER, code=None)
    assert "AB-2026-0001" in refused
    assert company.books("Invoice") == []
    assert "syncd retry AB-2026-0001" in company.needs().values()
    company.emulator("/emulator/customer", {"name": customer, "active": True})

    unknown = company.call("retry", "AB-2026-0009")
    company.run("push", *NOVEMBER, code=None)  # What was refused is not sent again by itself.
    assert company.writes("invoice") == []
    retried = company.run("retry", "AB-2026-0001")
    company.run("push", *NOVEMBER)
    again = company.call("retry", "AB-2026-0001")
    company.run("push", *NOVEMBER)

    assert unknown[0] != 0
    assert "Next: syncd push" in retried
    assert again[0] == 1
    assert [row["DocNumber"] for row in company.books("Invoice")] == ["AB-2026-0001"]
    assert [row["operation"] for row in company.writes("invoice")] == ["create"]
    company.run("reconcile", *NOVEMBER)
    assert company.status()["proofs_hold"]
