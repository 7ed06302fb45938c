"""A database is lost and an older backup put back: what QuickBooks has is adopted, and nothing is created."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
OCTOBER = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord", day="2026-10-07"))
LATER = (*OCTOBER, entry(3, "1.00", "Hydro", day="2026-11-04"), entry(4, "3.00", "Nord", day="2026-11-05"))


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """PostgreSQL is copied by its own tools; tests/syncd/engine/test_adopt.py puts copies of both back."""
    return sqlite_url


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    return make_company(source="complete = true")


def back_up(company: Company, name: str) -> Path:
    path = company.folder / f"{name}.backup"
    company.run("backup", str(path))
    return path


def restore(company: Company, backup: Path) -> None:
    """As docs/operations.md says, with no daemon running."""
    database = company.folder / "syncd.db"
    for path in (database, company.folder / "syncd.db-wal", company.folder / "syncd.db-shm"):
        path.unlink(missing_ok=True)
    shutil.copy(backup, database)


def test_drafts_that_come_out_the_same_are_adopted_and_nothing_is_sent(company: Company) -> None:
    empty = back_up(company, "empty")
    company.inbox(timesheet(*OCTOBER))
    company.bill()
    company.inbox(timesheet(*LATER))
    company.bill(*DECEMBER)
    numbers = {row["DocNumber"]: row["Id"] for row in company.books("Invoice")}
    assert len(numbers) == 4
    writes = len(company.writes())

    # A person who knows nothing of it goes on as ever, and pushes what comes out of the drafts.
    restore(company, empty)
    company.bill(*DECEMBER)

    assert len(company.writes()) == writes
    company.run("reconcile", *DECEMBER)
    assert company.proofs(*DECEMBER) == HOLDS
    assert {number: company.document(number)["remote"]["id"] for number in numbers} == numbers
    assert company.report("preview", *DECEMBER)["documents"] == []
    assert company.needs(*DECEMBER) == {}


def test_status_leads_through_a_restore_after_which_work_had_changed(company: Company) -> None:
    empty = back_up(company, "empty")
    company.inbox(timesheet(*OCTOBER))
    company.bill()
    company.inbox(timesheet(entry(1, "3.00", "Hydro"), *LATER[1:]))
    company.bill(*DECEMBER)
    # The refresh token of the copy is no longer QuickBooks' last one.
    company.emulator("/emulator/clock", {"advance_seconds": 4000})
    company.run("reconcile", *DECEMBER)
    before = sorted((row["Id"], row["TotalAmt"]) for row in (*company.books("Invoice"), *company.books("CreditMemo")))

    restore(company, empty)
    company.run("run", "--once", *DECEMBER, code=1)
    seen = []
    while needs := company.status(*DECEMBER)["needs"]:
        first = needs[0]
        seen.append(first["code"])
        if first["code"] == "connection-broken":
            assert first["command"] == "syncd connect quickbooks"
            company.connect()
            company.run("run", "--once", *DECEMBER, code=None)
        elif first["code"] == "older-than-quickbooks":
            company.run(*first["command"].split()[1:], *DECEMBER)
        else:
            break
        assert len(seen) < 10, seen
    assert seen[:2] == ["connection-broken", "older-than-quickbooks"], seen

    company.run("run", "--once", *DECEMBER)
    after = sorted((row["Id"], row["TotalAmt"]) for row in (*company.books("Invoice"), *company.books("CreditMemo")))
    assert after == before
    assert company.proofs(*DECEMBER) == HOLDS
    assert company.report("adopt", *DECEMBER)["unknown"] == []


def test_what_was_deleted_meanwhile_waits_for_a_persons_word(company: Company) -> None:
    company.inbox(timesheet(*OCTOBER))
    company.run("pull", *NOVEMBER)
    pulled = back_up(company, "pulled")
    company.bill()
    company.emulator("/emulator/delete", {"doc_number": "AB-2026-0001"})
    writes = len(company.writes())

    restore(company, pulled)
    company.bill()

    assert len(company.writes()) == writes
    assert company.needs()["deleted-unknown"] == "syncd adopt --accept-deleted"
    assert "restored-copy" not in company.needs()
    said = company.run("adopt", "--accept-deleted", *NOVEMBER)
    assert "Their work may be billed: Invoice" in said
    assert "deleted-unknown" not in company.needs()
    assert "knows every document of ours" in company.run("adopt", "--all", *NOVEMBER)
