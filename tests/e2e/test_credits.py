"""Billed work turns out not billable: its credit memo is applied by a payment of 0, undone by a person, restored."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """The engine's tests are on both databases; here it is the commands that count."""
    return sqlite_url


def zero_payments(company: Company) -> list[dict[str, Any]]:
    return [row for row in company.books("Payment") if row["TotalAmt"] == 0]


def test_a_credit_is_applied_undone_by_a_person_and_restored_once(company: Company) -> None:
    company.inbox(timesheet(entry(1, "4.00", "Hydro"), entry(2, "2.00", "Hydro")))
    company.bill()  # 504.00 and taxes, 579.47
    company.inbox(timesheet(entry(1, "4.00", "Hydro", billable="no"), entry(2, "2.00", "Hydro")))
    company.bill(*DECEMBER)  # the credit memo of 336.00 and taxes, 386.32
    company.run("reconcile", *DECEMBER)

    assert [line["Amount"] for row in zero_payments(company) for line in row["Line"]] == [Decimal("386.32")] * 2
    assert company.document("AB-2026-0002", *DECEMBER)["state"] == "paid"
    assert company.document("AB-2026-0001", *DECEMBER)["remote"]["balance"] == "193.15"
    assert set(company.proofs(*DECEMBER).values()) == {"0.00"}

    company.emulator_delete(f"/emulator/payment/{zero_payments(company)[0]['Id']}")
    company.run("reconcile", *DECEMBER)
    assert company.needs(*DECEMBER)["credit-deleted"] == "syncd drift restore AB-2026-0002"
    company.run("push", *DECEMBER)
    assert zero_payments(company) == []

    restored = company.report("drift", "restore", "AB-2026-0002")
    assert (restored["schema"], restored["amount"]) == ("syncd.drift-restored/1", "386.32")
    company.run("push", *DECEMBER)
    company.run("push", *DECEMBER)
    company.run("reconcile", *DECEMBER)
    assert len(zero_payments(company)) == 1
    assert company.report("drift")["drifts"] == []
    assert set(company.proofs(*NOVEMBER).values()) == {"0.00"}
