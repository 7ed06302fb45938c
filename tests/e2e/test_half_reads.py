"""What a source did not say is no deletion: failed and half reads, and a tool that has suddenly nothing, by the CLI."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connectors.stand_ins import Redmine, running
from connectors.stand_ins.faults import Fault
from tests.e2e.company import NOVEMBER, Company
from tests.e2e.conftest import MakeCompany

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
ENTRIES = 120
"""More than a page of 100."""


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What is stored of a pull is tested on both databases in tests/syncd/engine; this is about the tools' side."""
    return sqlite_url


@pytest.fixture
def redmine() -> Iterator[Redmine]:
    """A full month: 120 entries of half an hour in October."""
    with running(Redmine()) as redmine:
        project = redmine.add_project("Sud")
        for number in range(ENTRIES):
            redmine.add_entry(project, date(2026, 10, 1) + timedelta(days=number % 31), Decimal("0.5"))
        yield redmine


@pytest.fixture
def company(make_company: MakeCompany, redmine: Redmine) -> Company:
    """All of it is pulled."""
    address = f'kind = "redmine"\nurl = "{redmine.url}"\ntoken = "env:REDMINE_KEY"\nsince = 2026-10-01\n'
    company = make_company(sources=f"[sources.helpdesk]\n{address}")
    company.secrets["REDMINE_KEY"] = redmine.key
    company.table("services", "source_service,service,quickbooks_item\nDevelopment,Consultation,Consultation\n")
    assert pulled(company) == {"state": "read", "new": ENTRIES, "changed": 0, "vanished": 0}
    return company


def pulled(company: Company, *more: str, code: int | None = 0) -> dict[str, object]:
    row = company.report("pull", *more, *NOVEMBER, code=code)["sources"][0]
    return {name: row[name] for name in ("state", "new", "changed", "vanished")}


def billed(company: Company) -> list[tuple[str, str]]:
    rows = company.report("preview", *NOVEMBER)["documents"]
    return [(row["client"], row["subtotal"]) for row in rows]


@pytest.mark.parametrize(
    "fault",
    [Fault(status=403), Fault(status=404), Fault(status=200, body=b"<html>login</html>"), Fault(cut_after_bytes=300)],
    ids=["refused", "not there", "a login page", "cut"],
)
def test_a_read_that_fails_on_its_second_page_deletes_nothing(company: Company, redmine: Redmine, fault: Fault) -> None:
    for entry in list(redmine.entries)[:5]:
        redmine.delete_entry(entry)
    # The first page is answered well; each attempt at the second one fails.
    redmine.faults += [Fault(), *[fault] * 20]

    assert pulled(company, code=1) == {"state": "down", "new": 0, "changed": 0, "vanished": 0}
    assert billed(company) == [("Sud", "5040.00")]
    assert company.needs()["source-down"].startswith("syncd ")

    redmine.faults.clear()
    assert pulled(company)["vanished"] == 5
    assert billed(company) == [("Sud", "4830.00")]
    assert "source-down" not in company.needs()


def test_a_tool_that_lists_nothing_for_a_full_month_trips_the_fuse(company: Company, redmine: Redmine) -> None:
    entries = list(redmine.entries)
    redmine.entries.clear()

    assert pulled(company) == {"state": "fuse", "new": 0, "changed": 0, "vanished": 0}
    assert billed(company) == [("Sud", "5040.00")]
    # Status says what to do, and what it says works.
    assert company.needs()["fuse"] == "syncd pull --accept-vanished helpdesk"
    assert company.proofs() == HOLDS

    redmine.entries += entries
    assert pulled(company) == {"state": "read", "new": 0, "changed": 0, "vanished": 0}
    assert "fuse" not in company.needs()

    redmine.entries.clear()
    pulled(company)
    assert pulled(company, "--accept-vanished", "helpdesk")["vanished"] == ENTRIES
    assert billed(company) == []
    assert company.proofs() == HOLDS
