"""Entries that change before and after their invoice was posted, and a second run that changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import changed_tables, dump

RATES = "client,person,service,rate,from,until\n,,Consultation,84.00,,\nSud,,Consultation,100.00,,\n"
POSTED = (
    entry(1, "4.00", "Hydro"),
    entry(2, "1.00", "Hydro", day="2026-10-06"),
    entry(3, "2.00", "Nord", day="2026-10-07"),
)
SECOND_RUN = (("run", "--once"), ("pull", "--full"), ("preview",), ("push",), ("reconcile",))
SECOND_RUN_REQUESTS = {"run": 2, "pull": 0, "preview": 1, "push": 0, "reconcile": 5}
"""A cycle asks what has changed in lists and in documents, a preview in lists; a reconcile, the time and four lists."""


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    """The files are the whole truth: a row that is gone was deleted."""
    company = make_company(source="complete = true")
    company.table("rates", RATES)
    return company


def drafts(company: Company, *now: str) -> dict[str, tuple[str, str]]:
    """The previewed documents: client → kind and amount before tax."""
    rows = company.report("preview", *now)["documents"]
    return {row["client"]: (row["kind"], row["subtotal"]) for row in rows if row["state"] != "approved"}


def posted(company: Company, entity: str) -> dict[str, tuple[str, str]]:
    """What QuickBooks holds: number → customer and total."""
    rows = company.books(entity)
    return {row["DocNumber"]: (row["CustomerRef"]["name"], f"{row['TotalAmt']:.2f}") for row in rows}


def amounts(preview: Any, client: str) -> list[str]:
    document = next(row for row in preview["documents"] if row["client"] == client)
    return [line["amount"] for line in document["lines"]]


def test_before_posting_the_draft_changes_and_an_approved_one_is_taken_back(company: Company) -> None:
    company.inbox(timesheet(*POSTED))
    company.run("pull", *NOVEMBER)
    assert drafts(company, *NOVEMBER) == {"Hydro-Québec": ("invoice", "420.00"), "Nord Ltd": ("invoice", "168.00")}

    # Edited, and another moved to a client who had none.
    company.inbox(timesheet(entry(1, "3.60", "Hydro"), POSTED[1], entry(3, "2.00", "Sud", day="2026-10-07")))
    company.run("pull", *NOVEMBER)
    assert drafts(company, *NOVEMBER) == {"Hydro-Québec": ("invoice", "386.40"), "Sud": ("invoice", "200.00")}
    company.run("approve", "--all", *NOVEMBER)
    assert company.document("AB-2026-0001")["total"] == "444.26"
    assert company.document("AB-2026-0002")["client"] == "Sud"

    # Approved and not sent: one is deleted, one made non-billable. The first keeps its number, the other is gone.
    company.inbox(timesheet(entry(1, "3.60", "Hydro"), entry(3, "2.00", "Sud", day="2026-10-07", billable="no")))
    company.run("pull", *NOVEMBER)
    preview = company.report("preview", *NOVEMBER)
    taken_back = {(row["client"], row["number"]) for row in preview["withdrawn"]}
    assert taken_back == {("Hydro-Québec", "AB-2026-0001"), ("Sud", "AB-2026-0002")}
    assert "Nothing to send." in company.run("push", *NOVEMBER)
    assert company.writes() == []

    company.bill()
    assert posted(company, "Invoice") == {"AB-2026-0001": ("Hydro-Québec", "347.68")}  # 302.40, GST 15.12, QST 30.16
    company.run("reconcile", *NOVEMBER)
    report = company.status()
    assert {row["code"]: row["seconds"] for row in report["hours"]["rows"] if row["seconds"]} == {
        "invoiced": 12_960,
        "not-billable": 7_200,
    }
    assert report["proofs_hold"]


def test_an_entry_edited_after_posting_is_adjusted_at_its_rate_on_the_next_invoice(company: Company) -> None:
    company.inbox(timesheet(*POSTED))
    company.bill()
    company.table("rates", RATES.replace("84.00", "99.00"))  # A new rate changes nothing that was billed.
    november = entry(4, "1.00", "Hydro", day="2026-11-04")
    company.inbox(timesheet(entry(1, "3.60", "Hydro"), *POSTED[1:], november))
    company.run("pull", *DECEMBER)
    preview = company.report("preview", *DECEMBER)

    found = {(row["client"], row["period"], row["kind"], row["subtotal"]) for row in preview["documents"]}
    lines = sorted(line["amount"] for row in preview["documents"] for line in row["lines"])
    assert (lines, len(found)) == (["-33.60", "99.00"], 1)
    assert found == {("Hydro-Québec", "2026-11", "invoice", "65.40")}
    company.run("approve", "--all", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    assert posted(company, "Invoice")["AB-2026-0003"] == ("Hydro-Québec", "75.19")
    assert company.status(*DECEMBER)["proofs_hold"]


def test_a_deleted_entry_becomes_a_credit_memo_of_exactly_what_it_had_on_its_line(company: Company) -> None:
    company.table("rates", RATES.replace("84.00", "70.00"))
    head = "id,date,minutes,person,client,service\n"
    rows = [f"{number},2026-10-05,20,Marie,Hydro,consulting\n" for number in (1, 2, 3)]
    company.inbox(head + "".join(rows))
    company.bill()
    assert posted(company, "Invoice") == {"AB-2026-0001": ("Hydro-Québec", "80.48")}  # 70.00 and taxes
    # What was posted stands; the correction is November's, and made when November is over.
    company.inbox(head + "".join(rows[1:]))
    company.run("pull", *DECEMBER)

    # 70.00 over three equal entries: 23.34, 23.33, 23.33.
    assert drafts(company, *DECEMBER) == {"Hydro-Québec": ("credit-memo", "-23.34")}
    company.run("approve", "--all", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    assert posted(company, "CreditMemo") == {"AB-2026-0002": ("Hydro-Québec", "26.84")}
    assert company.proofs(*DECEMBER) == {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}


def test_an_entry_moved_after_posting_is_credited_there_and_charged_here(company: Company) -> None:
    company.inbox(timesheet(*POSTED))
    company.bill()
    company.inbox(timesheet(*POSTED[:2], entry(3, "2.00", "Sud", day="2026-10-07")))
    company.run("pull", *DECEMBER)

    # The old client's rate there, the new client's here.
    assert drafts(company, *DECEMBER) == {"Nord Ltd": ("credit-memo", "-168.00"), "Sud": ("invoice", "200.00")}
    company.run("approve", "--all", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    memo, invoices = posted(company, "CreditMemo"), posted(company, "Invoice")
    assert list(memo.values()) == [("Nord Ltd", "193.16")]
    assert sorted(invoices.values()) == [("Hydro-Québec", "482.90"), ("Nord Ltd", "193.16"), ("Sud", "229.95")]
    report = company.status(*DECEMBER)
    assert report["proofs_hold"]
    assert [row["amount"] for row in report["receivables"][0]["rows"] if row["code"] == "credits"] == ["-193.16"]


def test_an_entry_made_non_billable_after_posting_is_taken_back_whole(company: Company) -> None:
    company.inbox(timesheet(*POSTED))
    company.bill()
    company.inbox(timesheet(POSTED[0], entry(2, "1.00", "Hydro", day="2026-10-06", billable="no"), POSTED[2]))
    company.run("pull", *DECEMBER)

    assert drafts(company, *DECEMBER) == {"Hydro-Québec": ("credit-memo", "-84.00")}
    hours = {row["code"]: row["seconds"] for row in company.status(*DECEMBER)["hours"]["rows"] if row["seconds"]}
    assert sum(hours.values()) == 7 * 3600
    assert company.proofs(*DECEMBER)["hours"] == "0.00"


def test_a_note_changed_after_posting_bills_nothing(company: Company) -> None:
    company.inbox(timesheet(*POSTED))
    company.bill()
    company.inbox(timesheet(entry(1, "4.00", "Hydro", notes="On site"), *POSTED[1:]))
    pulled = company.report("pull", *NOVEMBER)

    assert pulled["sources"][0]["changed"] == 1
    assert drafts(company, *DECEMBER) == {}


def test_a_second_run_of_everything_changes_no_row_and_writes_nothing(
    company: Company, capsys: pytest.CaptureFixture[str]
) -> None:
    company.inbox(timesheet(*POSTED))
    company.bill()
    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "100.00"})
    company.run("run", "--once", *NOVEMBER)
    before, last = dump(company.store_url), company.requests()[-1]["number"]
    counts = {}
    for words in SECOND_RUN:
        company.run(*words, *NOVEMBER)
        asked = company.requests(last)
        last = max([row["number"] for row in asked], default=last)
        counts[words[0]] = len(asked)
        assert [row for row in asked if row["method"] != "GET" or row["committed"]] == []
        assert changed_tables(before, dump(company.store_url)) == {}, words
    with capsys.disabled():
        print(f"\nrequests of a second run: {counts}")
    assert counts == SECOND_RUN_REQUESTS
