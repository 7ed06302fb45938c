"""`changed_after_posting = "ask"`: a person decides about each change, and about that change alone."""

from __future__ import annotations

from tests.e2e.company import DECEMBER, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany


def waiting(company: Company, *now: str) -> list[tuple[str, int]]:
    rows = company.report("preview", *now)["waiting"]
    return [(row["code"], row["seconds"]) for row in rows]


def subtotals(company: Company, *now: str) -> list[str]:
    return [row["subtotal"] for row in company.report("preview", *now)["documents"] if row["state"] != "approved"]


def test_a_released_entry_that_changes_again_is_asked_about_again(make_company: MakeCompany) -> None:
    company = make_company(billing='changed_after_posting = "ask"')
    company.inbox(timesheet(entry(1, "2.00", "Hydro")))
    company.bill()
    company.inbox(timesheet(entry(1, "3.00", "Hydro")))
    company.run("pull", *DECEMBER)
    assert (subtotals(company, *DECEMBER), waiting(company, *DECEMBER)) == ([], [("changed-after-posting-ask", 3600)])

    company.run("release", "--entry", "timesheets/1")
    assert subtotals(company, *DECEMBER) == ["84.00"]
    company.bill(*DECEMBER)
    january = ("--now", "2027-01-04T09:00:00-05:00")
    company.inbox(timesheet(entry(1, "5.00", "Hydro")))
    company.run("pull", *january)
    assert (subtotals(company, *january), waiting(company, *january)) == ([], [("changed-after-posting-ask", 7200)])

    # Written off, and then it gets less: what was written off goes first, and no more is credited than was billed.
    company.run("write-off", "--entry", "timesheets/1", "--reason", "agreed")
    company.inbox(timesheet(entry(1, "1.00", "Hydro")))
    company.run("pull", *january)
    company.run("release", "--entry", "timesheets/1")
    assert subtotals(company, *january) == ["-168.00"]
    company.bill(*january)
    company.run("reconcile", *january)
    assert company.status(*january)["proofs_hold"]
