"""Work between companies, as people do it: one file, two companies, and what is billed between them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from connectors.emulator import realm_ids
from tests.e2e.company import CUSTOMERS, NOVEMBER, Companies, emulator_process, entry, timesheet

BORROWER, LENDER = "Atelier Boréal inc.", "Acme inc."
LENT = "borrower,person,share,quickbooks_customer,quickbooks_item\n"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """The engine's tests are on both databases; here it is the commands that count."""
    return sqlite_url


def test_hours_of_one_company_on_anothers_invoice_are_billed_between_them(tmp_path: Path, store_url: str) -> None:
    realms = dict(zip((BORROWER, LENDER), realm_ids("ca", 2), strict=True))
    with emulator_process("--companies", "2") as url:
        two = Companies(tmp_path, url, realms, store_url)
        for company in two.each.values():
            company.emulator("/emulator/seed", {"customers": [*CUSTOMERS, {"name": "Boréal"}]})
        two.each[LENDER].table("intercompany", f"{LENT}{BORROWER},Marie,75%,Boréal,Consultation\n")
        two.each[BORROWER].inbox(timesheet(entry(1, "2.5", "Hydro"), entry(2, "1", "Hydro", person="Paul")))
        two.connect_all()

        two.run("pull", *NOVEMBER)
        assert "its invoice of 157.50 CAD before tax" in two.run("preview", *NOVEMBER)
        two.run("approve", "--all", *NOVEMBER)
        two.run("push", *NOVEMBER)

        assert totals(two, BORROWER) == ["294.00"]
        assert totals(two, LENDER) == ["157.50"]
        two.run("reconcile", *NOVEMBER)
        status = json.loads(two.run("status", "--json", *NOVEMBER))
        assert [[proof["holds"] for proof in one["proofs"]] for one in status["companies"]] == [[True] * 3] * 2
        shown = two.run("explain", "AB-2026-0001", "--company", LENDER, *NOVEMBER)
        assert f"Billed by {BORROWER} at 84.00: 3/4 of that is 63.00" in shown


def totals(two: Companies, name: str) -> list[str]:
    """QuickBooks' invoices of a company before tax."""
    rows = two.each[name].books("Invoice")
    return [f"{sum(line['Amount'] for line in row['Line'] if 'Id' in line):.2f}" for row in rows]
