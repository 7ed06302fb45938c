"""Plans, approval by policy, holds, and closed books."""

from __future__ import annotations

import json
from pathlib import Path

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany

SIGNS = '["new-client", "no-purchase-order", "rate-changed", "30%-above-usual"]'
BOTH = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord"))


def holds(company: Company, *now: str) -> dict[str, list[str]]:
    """Which signs hold each previewed document."""
    rows = company.report("preview", *now)["documents"]
    return {row["client"]: [hold["code"] for hold in row["holds"]] for row in rows}


def test_a_plan_is_approved_as_it_was_shown(company: Company) -> None:
    assert company.call("preview", "--detailed-exitcode", *NOVEMBER)[0] == 0
    company.inbox(timesheet(*BOTH))
    company.run("pull", *NOVEMBER)
    plan = ("preview", "--out", "plan.json", "--detailed-exitcode", *NOVEMBER)
    assert company.call(*plan)[0] == 2
    shown = {row["client"]: row["subtotal"] for row in read(company.folder / "plan.json")["documents"]}
    assert shown == {"Hydro-Québec": "336.00", "Nord Ltd": "168.00"}

    approved = company.report("approve", "plan.json", *NOVEMBER)["approved"]

    assert {row["client"]: row["subtotal"] for row in approved} == shown
    # What is approved waits to be sent; once it is sent there is nothing to do.
    assert company.call("preview", "--detailed-exitcode", *NOVEMBER)[0] == 2
    company.run("push", *NOVEMBER)
    assert company.call("preview", "--detailed-exitcode", *NOVEMBER)[0] == 0
    company.table("rates", "client,service,rate\n,Consultation,eighty\n")
    assert company.call("preview", "--detailed-exitcode", *NOVEMBER)[0] == 1


def test_a_plan_is_refused_whole_when_anything_moved(company: Company) -> None:
    company.inbox(timesheet(*BOTH))
    company.run("pull", *NOVEMBER)
    company.run("preview", "--out", "plan.json", *NOVEMBER)
    company.inbox(timesheet(BOTH[0], entry(2, "2.25", "Nord")))
    company.run("pull", *NOVEMBER)

    report = company.report("approve", "plan.json", *NOVEMBER, code=1)
    assert report["approved"] == []
    assert [("Nord Ltd" in row["what"], row["code"]) for row in report["refused"]] == [(True, "draft-changed")]
    assert "Nothing to send." in company.run("push", *NOVEMBER)

    # Tables count as much as work: a new rate, after a new preview.
    company.run("preview", "--out", "plan.json", *NOVEMBER)
    company.table("rates", "client,service,rate\n,Consultation,84.00\nNord Ltd,Consultation,90.00\n")
    refused = company.report("approve", "plan.json", *NOVEMBER, code=1)["refused"]
    assert len(refused) == 1
    assert company.writes() == []


def test_small_documents_leave_by_policy_and_large_ones_wait(make_company: MakeCompany) -> None:
    company = make_company(approval='auto_approve_up_to = "200.00"')
    company.inbox(timesheet(*BOTH))
    report = company.report("run", "--once", *NOVEMBER)

    assert [(row["client"], row["subtotal"]) for row in report["drafts"]["approved_by_policy"]] == [
        ("Nord Ltd", "168.00")
    ]
    assert [row["CustomerRef"]["name"] for row in company.books("Invoice")] == ["Nord Ltd"]
    assert company.needs()["to-approve"] == "syncd preview"


def test_each_sign_of_hold_when_holds_its_document_from_the_policy(make_company: MakeCompany) -> None:
    company = make_company(approval='auto_approve_up_to = "100000"', hold_when=SIGNS)
    head = "source_client,quickbooks_customer,purchase_order\n"
    company.table("clients", head + "Hydro,Hydro-Québec,\nNord,Nord Ltd,required\nSud,=,\n")
    clients = ("Hydro", "Nord", "Sud")
    september = [entry(number, "2.00", client, day="2026-09-07") for number, client in enumerate(clients)]
    company.inbox(timesheet(*september))
    company.run("pull", "--now", "2026-10-02")
    assert holds(company, "--now", "2026-10-02") == {
        "Hydro-Québec": ["new-client"],
        "Nord Ltd": ["no-purchase-order", "new-client"],
        "Sud": ["new-client"],
    }
    assert company.report("run", "--once", "--now", "2026-10-02")["drafts"]["approved_by_policy"] == []
    company.run("approve", "--all", "--now", "2026-10-02")
    company.run("push")

    # 30 % above 168.00 are 218.40: 2.60 h are just that, 2.61 h are more.
    october = [entry(5, "2.61", "Hydro"), entry(6, "2.00", "Nord"), entry(7, "2.00", "Sud")]
    company.inbox(timesheet(*september, *october))
    company.table("rates", "client,service,rate\n,Consultation,84.00\nSud,Consultation,85.00\n")
    report = company.report("run", "--once", *NOVEMBER)
    assert report["drafts"]["held"] == 3
    assert holds(company, *NOVEMBER) == {
        "Hydro-Québec": ["30%-above-usual"],
        "Nord Ltd": ["no-purchase-order"],
        "Sud": ["rate-changed"],
    }
    needs = [row for row in company.status()["needs"] if row["code"] == "held"]
    assert sorted(row["command"] for row in needs) == [
        "syncd approve 'Hydro-Québec'",
        "syncd approve 'Nord Ltd'",
        "syncd approve Sud",
    ]

    company.inbox(timesheet(*september, entry(5, "2.60", "Hydro"), *october[1:]))
    report = company.report("run", "--once", *NOVEMBER)
    assert [row["client"] for row in report["drafts"]["approved_by_policy"]] == ["Hydro-Québec"]


def test_closed_books_hold_a_document_until_a_person_dates_it(company: Company) -> None:
    company.inbox(timesheet(*BOTH))
    company.emulator("/emulator/seed", {"closed_books": "2026-10-31"})
    company.run("pull", *NOVEMBER)
    blocked = company.report("preview", *NOVEMBER)["documents"]
    assert {(row["state"], row["problems"][0]["code"]) for row in blocked} == {("blocked", "closed-books")}
    assert "`syncd approve 'Nord Ltd' --dated 2026-11-01`" in blocked[1]["problems"][0]["fix"]
    company.run("approve", "Nord Ltd", *NOVEMBER, code=1)

    company.run("approve", "Nord Ltd", "--dated", "2026-11-01", *NOVEMBER)
    company.run("push", *NOVEMBER)

    assert [(row["CustomerRef"]["name"], row["TxnDate"]) for row in company.books("Invoice")] == [
        ("Nord Ltd", "2026-11-01")
    ]
    assert [row["client"] for row in company.report("preview", *DECEMBER)["documents"]] == ["Hydro-Québec"]


def read(path: Path) -> dict[str, list[dict[str, str]]]:
    content: dict[str, list[dict[str, str]]] = json.loads(path.read_text(encoding="utf-8"))
    return content
