"""`syncd mappings suggest`: names of pulled work against QuickBooks' lists, and the certain rows written."""

from __future__ import annotations

import pytest

from tests.e2e.company import NOVEMBER, Company, entry, timesheet

pytestmark = pytest.mark.timeout(120)

CLIENTS = "source_client,quickbooks_customer\nHydro,Hydro-Québec\n"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What is stored of a pull is tested on both databases in tests/syncd/engine; this is about the tools' side."""
    return sqlite_url


@pytest.fixture
def desk(company: Company) -> Company:
    """Work of a client that is known, one that is the same as a customer, one that is like two, and one like none."""
    company.emulator("/emulator/seed", {"customers": ["Boréal inc.", "Boréal ltée", "Nordet"]})
    company.table("clients", CLIENTS)
    rows = [entry("1", "1", client="Hydro"), entry("2", "1", client="nordet"), entry("3", "4", client="Boreal")]
    company.inbox(timesheet(*rows, entry("4", "1", client="Zzyzx", service="Consultation")))
    company.run("pull", *NOVEMBER)
    return company


def test_the_best_and_the_runner_up_are_shown_and_certain_is_only_the_same(desk: Company) -> None:
    report = desk.report("mappings", "suggest")
    assert report["schema"] == "syncd.mappings-suggest/1"
    clients = {row["name"]: row for row in report["suggestions"] if row["table"] == "clients"}
    assert next(iter(clients)) == "Boreal"  # The most work first.
    assert {name: row["certain"] for name, row in clients.items()} == {"Boreal": False, "nordet": True, "Zzyzx": False}
    assert clients["nordet"]["best"] == {"name": "Nordet", "score": 100}
    assert {clients["Boreal"][rank]["name"] for rank in ("best", "runner_up")} == {"Boréal inc.", "Boréal ltée"}
    assert clients["Zzyzx"]["best"] is None
    services = {row["name"]: row["row"] for row in report["suggestions"] if row["table"] == "services"}
    assert services == {
        "Consultation": {
            "source_service": "Consultation",
            "service": "Consultation",
            "quickbooks_item": "Consultation",
        }
    }
    assert "Boréal" in desk.run("mappings", "suggest")


def test_only_what_is_certain_is_written_and_then_billed(desk: Company) -> None:
    printed = desk.run("mappings", "suggest", "--write")
    assert "Added 1 row to" in printed
    assert (desk.folder / "mappings" / "clients.csv").read_text() == CLIENTS + "nordet,Nordet\n"
    assert (
        (desk.folder / "mappings" / "services.csv").read_text().endswith("\n,Consultation,Consultation,Consultation\n")
    )
    written = desk.report("mappings", "suggest", "--write")
    assert written["written"] == []
    clients = {row["client"] for row in desk.report("preview", *NOVEMBER)["documents"]}
    assert clients == {"Hydro-Québec", "Nordet"}


def test_what_every_row_covers_is_not_mentioned(desk: Company) -> None:
    desk.table("clients", "source_client,quickbooks_customer\nHydro,Hydro-Québec\nnordet,Nordet\nBoreal,=\nZ*,=\n")
    desk.run("mappings", "suggest", "--write")
    assert "cover every name" in desk.run("mappings", "suggest")
