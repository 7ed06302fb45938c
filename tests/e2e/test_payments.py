"""Customers pay, and a bookkeeper changes things in QuickBooks by hand: what syncd then knows, and never does."""

from __future__ import annotations

import json

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
OCTOBER = (entry(1, "4.00", "Hydro"), entry(2, "2.00", "Nord"))
LATER = (*OCTOBER, entry(3, "1.00", "Hydro", day="2026-11-04"))


@pytest.fixture
def company(company: Company) -> Company:
    """Two invoices: AB-2026-0001 of 386.32 (336.00 and taxes) for Hydro-Québec, AB-2026-0002 of 193.16 for Nord."""
    company.inbox(timesheet(*OCTOBER))
    company.bill()
    company.run("reconcile", *NOVEMBER)
    return company


def with_a_third(company: Company) -> None:
    """AB-2026-0003 of 96.58 for Hydro-Québec, in November."""
    company.inbox(timesheet(*LATER))
    company.bill(*DECEMBER)


def look(company: Company, *now: str) -> dict[str, tuple[str, str]]:
    """Read QuickBooks, and give each document's state and what is open of it."""
    company.run("reconcile", *(now or NOVEMBER))
    found = {}
    for number in ("AB-2026-0001", "AB-2026-0002", "AB-2026-0003"):
        code, stdout, _ = company.call("show", number, "--json", *(now or NOVEMBER))
        if code == 0:
            shown = json.loads(stdout)
            found[number] = (shown["state"], shown["remote"]["balance"])
    return found


def test_payments_of_several_invoices_and_several_of_one(company: Company) -> None:
    with_a_third(company)
    numbers = ["AB-2026-0001", "AB-2026-0003"]
    one = company.emulator("/emulator/pay", {"doc_numbers": numbers, "amount": "450.00"})
    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0003", "amount": "32.90"})
    assert look(company) == {
        "AB-2026-0001": ("paid", "0.00"),
        "AB-2026-0002": ("open", "193.16"),
        "AB-2026-0003": ("paid", "0.00"),
    }
    third = company.document("AB-2026-0003")["links"]
    assert sorted(link["amount"] for link in third) == ["32.90", "63.68"]  # 450.00 less 386.32, and the rest
    assert company.proofs(*DECEMBER) == HOLDS

    # The first is corrected to less, then deleted: each invoice follows its present links.
    company.emulator(f"/emulator/payment/{one['Id']}", {"amount": "400.00"})
    assert look(company)["AB-2026-0003"] == ("partial", "50.00")
    company.emulator_delete(f"/emulator/payment/{one['Id']}")
    assert look(company) == {
        "AB-2026-0001": ("open", "386.32"),
        "AB-2026-0002": ("open", "193.16"),
        "AB-2026-0003": ("partial", "63.68"),
    }
    assert company.proofs(*DECEMBER) == HOLDS
    assert len(company.writes()) == 3


def test_a_credit_lowers_the_balance_and_unapplied_cash_belongs_to_no_document(company: Company) -> None:
    memo = company.emulator("/emulator/credit", {"customer": "Hydro-Québec", "amount": "86.32"})
    company.emulator("/emulator/credit", {"apply": memo["DocNumber"], "to": "AB-2026-0001"})
    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0002", "amount": "200.00"})

    assert look(company) == {"AB-2026-0001": ("partial", "300.00"), "AB-2026-0002": ("paid", "0.00")}
    assert company.ageing() == {
        "Hydro-Québec": {"current": "300.00", "total": "300.00"},
        "Nord Ltd": {"unapplied": "-6.84", "total": "-6.84"},
    }
    rolled = {row["code"]: row["amount"] for row in company.status()["receivables"][0]["rows"]}
    # The credit is no cash: what was received is 200.00 alone.
    assert (rolled["payments"], rolled["foreign-credits"]) == ("-200.00", "-86.32")
    assert company.proofs() == HOLDS


@pytest.mark.parametrize("act", ["void", "delete"])
def test_work_of_a_voided_or_deleted_invoice_waits_and_is_billed_again_on_release(company: Company, act: str) -> None:
    company.emulator(f"/emulator/{act}", {"doc_number": "AB-2026-0001"})
    company.run("run", "--once", *NOVEMBER)
    state = {"void": "voided", "delete": "deleted"}[act]
    assert company.document("AB-2026-0001")["state"] == state
    assert company.needs()[state] == "syncd release AB-2026-0001"
    assert company.report("preview", *NOVEMBER)["documents"] == []
    assert company.call("status", "--check", *NOVEMBER)[0] == 1
    assert company.proofs() == HOLDS

    company.run("release", "AB-2026-0001")
    assert company.proofs() == HOLDS
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)
    company.run("reconcile", *NOVEMBER)

    live = [(row["DocNumber"], row["TotalAmt"]) for row in company.books("Invoice") if row["TotalAmt"]]
    assert sorted(f"{number} {total:.2f}" for number, total in live) == ["AB-2026-0002 193.16", "AB-2026-0003 386.32"]
    assert company.proofs() == HOLDS
    assert state not in company.needs()
    company.run("release", "AB-2026-0001", code=1)


def test_work_of_a_voided_invoice_that_is_written_off_is_never_billed_again(company: Company) -> None:
    company.emulator("/emulator/void", {"doc_number": "AB-2026-0001"})
    company.run("reconcile", *NOVEMBER)
    company.run("write-off", "AB-2026-0001", "--reason", "Agreed by telephone")

    assert company.report("preview", *DECEMBER)["documents"] == []
    hours = {row["code"]: row["seconds"] for row in company.status()["hours"]["rows"] if row["seconds"]}
    assert hours == {"invoiced": 7_200, "written-down": 14_400}
    assert company.proofs() == HOLDS
    assert company.call("status", "--check", *NOVEMBER)[0] == 0


def test_an_invoice_edited_by_hand_is_shown_and_never_pushed_again(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "amount": "300.00"})
    before = len(company.writes())
    company.run("run", "--once", *NOVEMBER)
    company.run("push", *NOVEMBER)

    drifts = company.document("AB-2026-0001")["drifts"]
    assert [(row["code"], row["settled_at"]) for row in drifts] == [("edited", None)]
    assert company.needs()["edited"] == "syncd drift"
    report = company.status()
    # 336.00 became 300.00. Its taxes fell from 50.32 to 44.93, which QuickBooks computes, and which has its own row.
    assert {row["code"]: row["difference"] for row in report["proofs"] if not row["holds"]} == {"invoices": "-36.00"}
    assert [row["amount"] for row in report["invoices"][0]["rows"] if row["code"] == "tax-variance"] == ["-5.39"]
    named = [(row["code"], row["expected"], row["found"]) for row in report["invoices"][0]["documents"]]
    assert named == [("edited", "386.32", "344.93")]
    assert len(company.writes()) == before
    assert company.report("preview", *DECEMBER)["documents"] == []

    # Set right by hand, the difference is gone.
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0001", "amount": "336.00"})
    company.run("reconcile", *NOVEMBER)
    assert company.proofs() == HOLDS


def test_a_due_date_moved_by_hand_moves_the_age(company: Company) -> None:
    company.emulator("/emulator/edit", {"doc_number": "AB-2026-0002", "due_date": "2026-11-01"})
    company.run("reconcile", *NOVEMBER)

    assert company.ageing()["Nord Ltd"] == {"days_1_30": "193.16", "total": "193.16"}
    assert company.document("AB-2026-0002")["state"] == "overdue"
