"""What people do in Redmine after the month was billed, on the stand-in: nothing is lost, and nothing billed twice."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

import pytest

from connectors.stand_ins import Redmine, running
from tests.e2e.company import DECEMBER, NOVEMBER, Company
from tests.e2e.conftest import MakeCompany

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
OWN_NAMES = "source_client,quickbooks_customer\nHydro,Hydro-Québec\nHydro Canada,Nord Ltd\nSud,=\n"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What is stored of a pull is tested on both databases in tests/syncd/engine; this is about the tools' side."""
    return sqlite_url


@pytest.fixture
def redmine() -> Iterator[Redmine]:
    """Two clients with three hours each in October."""
    with running(Redmine()) as redmine:
        for name in ("Hydro", "Sud"):
            project = redmine.add_project(name)
            for day in (26, 27):
                redmine.add_entry(project, date(2026, 10, day), Decimal("1.5"))
        yield redmine


@pytest.fixture
def company(make_company: MakeCompany, redmine: Redmine) -> Company:
    """October is billed and sent."""
    address = f'kind = "redmine"\nurl = "{redmine.url}"\ntoken = "env:REDMINE_KEY"\nsince = 2026-10-01\n'
    company = make_company(sources=f"[sources.helpdesk]\n{address}")
    company.secrets["REDMINE_KEY"] = redmine.key
    company.table("clients", OWN_NAMES)
    company.table("services", "source_service,service,quickbooks_item\nDevelopment,Consultation,Consultation\n")
    company.run("run", "--once", *NOVEMBER)
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    assert len(company.books("Invoice")) == 2
    return company


def pulled(company: Company) -> tuple[int, int, int]:
    row = company.report("pull", *DECEMBER)["sources"][0]
    return row["new"], row["changed"], row["vanished"]


def documents(company: Company) -> list[tuple[str, str, str]]:
    """The client, kind and amount before tax of what December previews."""
    rows = company.report("preview", *DECEMBER)["documents"]
    return sorted((row["client"], row["kind"], row["subtotal"]) for row in rows)


def test_a_renamed_project_of_the_same_client_bills_nothing_again(company: Company, redmine: Redmine) -> None:
    redmine.rename_project(redmine.projects[0], "Hydro Canada")
    company.table(
        "clients",
        OWN_NAMES.replace("Hydro,Hydro", "Hydro|Hydro Canada,Hydro").replace("Hydro Canada,Nord Ltd\n", "", 1),
    )

    assert pulled(company) == (0, 2, 0)
    assert documents(company) == []
    assert company.proofs(*DECEMBER) == HOLDS


def test_a_project_renamed_to_another_clients_name_moves_its_work(company: Company, redmine: Redmine) -> None:
    redmine.rename_project(redmine.projects[0], "Hydro Canada")

    assert pulled(company) == (0, 2, 0)
    assert documents(company) == [("Hydro-Québec", "credit-memo", "-252.00"), ("Nord Ltd", "invoice", "252.00")]
    assert company.proofs(*DECEMBER) == HOLDS


def test_an_entry_moved_to_another_project_is_credited_there_and_billed_here(
    company: Company, redmine: Redmine
) -> None:
    redmine.move_entry(redmine.entries[0], redmine.projects[1])

    assert pulled(company) == (0, 1, 0)
    assert documents(company) == [("Hydro-Québec", "credit-memo", "-126.00"), ("Sud", "invoice", "126.00")]
    assert company.proofs(*DECEMBER) == HOLDS


def test_an_archived_project_credits_nothing_and_status_says_what_to_do(company: Company, redmine: Redmine) -> None:
    redmine.archive_project(redmine.projects[0])

    assert pulled(company) == (0, 0, 0)
    assert documents(company) == []
    (need,) = company.report("status", *DECEMBER)["needs"]
    assert need["code"] == "bad-records"
    assert "the project Hydro any more" in need["what"]

    # Closed instead, nobody has to be told anything, and a deletion is one again.
    redmine.unarchive_project(redmine.projects[0])
    redmine.close_project(redmine.projects[0])
    redmine.delete_entry(redmine.entries[0])
    assert pulled(company) == (0, 0, 1)
    assert company.report("status", *DECEMBER)["needs"] == []
