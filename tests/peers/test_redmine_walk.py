"""The main job on a real Redmine: hours in, invoices in QuickBooks, payments back, corrections adjusted."""

from __future__ import annotations

from datetime import date

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import changed_tables, dump
from tests.peers.conftest import CLIENTS
from tests.peers.redmine import RedmineServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(600)]

DAYS = [date(2026, month, day) for month in (9, 10) for day in range(10, 22)]
HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}


@pytest.fixture
def entries(redmine_server: RedmineServer, projects: list[int]) -> list[int]:
    """24 of an hour and a half, in turn for three clients, half of them in September."""
    redmine_server.empty()
    return [redmine_server.create_entry(day, "1.5", project_id=projects[number % 3]) for number, day in enumerate(DAYS)]


@pytest.fixture
def company(make_company: MakeCompany, redmine_server: RedmineServer) -> Company:
    address = f'kind = "redmine"\nurl = "{redmine_server.url}"\ntoken = "env:REDMINE_KEY"\nsince = 2026-09-01\n'
    company = make_company(sources=f"[sources.helpdesk]\n{address}")
    company.secrets["REDMINE_KEY"] = redmine_server.key
    company.emulator("/emulator/seed", {"customers": list(CLIENTS)})
    company.table("clients", "source_client,quickbooks_customer\n" + "".join(f"{name},=\n" for name in CLIENTS))
    company.table("services", "source_service,service,quickbooks_item\nDevelopment,Consultation,Consultation\n")
    return company


def documents(company: Company, *now: str) -> list[tuple[str, str, str, str]]:
    """The previewed documents: client, period, kind and amount before tax."""
    rows = company.report("preview", *now)["documents"]
    return [(row["client"], row["period"], row["kind"], row["subtotal"]) for row in rows]


def test_24_entries_are_billed_paid_corrected_and_left_alone(
    company: Company, redmine_server: RedmineServer, projects: list[int], entries: list[int]
) -> None:
    pulled = company.report("pull", *NOVEMBER)["sources"][0]
    assert (pulled["new"], pulled["unchanged"]) == (24, 0)
    # Four entries of 1.5 h at 84.00 for each client and month.
    expected = [(client, period, "invoice", "504.00") for client in CLIENTS for period in ("2026-09", "2026-10")]
    assert sorted(documents(company, *NOVEMBER)) == expected
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    assert [f"{row['TotalAmt']:.2f}" for row in company.books("Invoice")] == ["579.47"] * 6

    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "100.00"})
    company.run("reconcile", *NOVEMBER)
    assert company.document("AB-2026-0001")["remote"]["balance"] == "479.47"
    assert company.proofs() == HOLDS

    # October's entries 20 to 22: one edited, one moved to another client, one deleted.
    redmine_server.change_entry(entries[20], hours="3")
    redmine_server.change_entry(entries[21], project_id=projects[1])
    redmine_server.delete_entry(entries[22])
    pulled = company.report("pull", *NOVEMBER)["sources"][0]
    assert (pulled["new"], pulled["changed"], pulled["vanished"]) == (0, 2, 1)
    assert sorted(documents(company, *DECEMBER)) == [
        ("Aquilon", "2026-11", "credit-memo", "-126.00"),  # moved away
        ("Mistral", "2026-11", "invoice", "0.00"),  # one deleted, one moved here
        ("Zéphyr", "2026-11", "invoice", "126.00"),  # 1.5 h more
    ]
    company.run("approve", "--all", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    assert [f"{row['TotalAmt']:.2f}" for row in company.books("CreditMemo")] == ["144.87"]
    assert company.proofs(*DECEMBER) == HOLDS

    company.run("run", "--once", *DECEMBER)
    before, last = dump(company.store_url), company.requests()[-1]["number"]
    company.run("run", "--once", *DECEMBER)
    assert changed_tables(before, dump(company.store_url)) == {}
    assert [row["method"] for row in company.requests(last)] == ["GET", "GET"]
