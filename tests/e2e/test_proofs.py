"""Each proof is broken on each of its sides, and `status` shows the exact difference."""

from __future__ import annotations

from typing import Any

import pytest

from tests.e2e.company import NOVEMBER, Company, entry, timesheet
from tests.e2e.dump import execute

HOLDS = {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}


@pytest.fixture
def company(company: Company) -> Company:
    """Three clients billed, one invoice part-paid, everything read back: all proofs hold."""
    rows = (entry(1, "4.00", "Hydro"), entry(2, "1.50", "Hydro"), entry(3, "2.00", "Nord"), entry(4, "1.00", "Sud"))
    company.inbox(timesheet(*rows))
    company.bill()
    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "100.00"})
    company.run("reconcile", *NOVEMBER)
    # Sent long ago: what was sent in the last minutes may be unread.
    execute(company.store_url, "UPDATE outbox SET changed_at = '2026-01-01T00:00:00.000000Z'")
    assert company.proofs() == HOLDS
    assert company.call("status", "--check", *NOVEMBER)[0] == 0
    return company


def broken(company: Company, **expected: str) -> Any:
    """The report, whose proofs differ by exactly this; `--check` is critical and says so."""
    report = company.status()
    found = {row["code"]: row["difference"] for row in report["proofs"] if not row["holds"]}
    assert found == expected
    code, line, _ = company.call("status", "--check", *NOVEMBER)
    assert code == 2
    for proof, difference in expected.items():
        assert f"{proof} differ by {difference}" in line
    return report


def test_a_lost_entry_shows_in_the_hours(company: Company) -> None:
    assert execute(company.store_url, "DELETE FROM work WHERE entry = '2'") == 1

    report = broken(company, hours="1.50")
    assert report["hours"]["uneven"] == [
        {"source": "timesheets", "entry": "2", "pulled_seconds": 0, "held_seconds": 5400}
    ]


def test_a_lost_ledger_row_shows_in_the_hours(company: Company) -> None:
    assert execute(company.store_url, "DELETE FROM ledger WHERE entry = '1'") == 1

    report = broken(company, hours="-4.00")
    assert [(row["entry"], row["pulled_seconds"], row["held_seconds"]) for row in report["hours"]["uneven"]] == [
        ("1", 14_400, 0)
    ]


def test_two_errors_that_cancel_out_show_in_the_hours(company: Company) -> None:
    assert execute(company.store_url, "UPDATE ledger SET seconds = seconds + 3600 WHERE entry = '1'") == 1
    assert execute(company.store_url, "UPDATE ledger SET seconds = seconds - 3600 WHERE entry = '3'") == 1

    report = broken(company, hours="0.00")
    assert report["hours"]["uneven_count"] == 2


def test_a_document_of_ours_that_QuickBooks_lost_shows_in_the_invoices(company: Company) -> None:  # noqa: N802
    assert execute(company.store_url, "DELETE FROM remote_document WHERE number = 'AB-2026-0002'") == 1

    # 168.00 and its taxes; the receivables of that customer lack an invoice too.
    report = broken(company, invoices="-193.16", receivables="193.16")
    assert [
        (row["code"], row["number"], row["expected"], row["found"]) for row in report["invoices"][0]["documents"]
    ] == [("missing", "AB-2026-0002", "193.16", "0.00")]


def test_a_document_that_we_lost_shows_in_the_invoices(company: Company) -> None:
    """An invoice with our marker that no document of ours claims."""
    assert execute(company.store_url, "UPDATE document SET quickbooks_id = NULL WHERE number = 'AB-2026-0002'") == 1

    report = broken(company, invoices="0.00")
    codes = {row["code"] for row in report["invoices"][0]["documents"]}
    assert codes == {"missing", "claimed"}


def test_an_invoice_of_somebody_else_is_a_row_of_its_own(company: Company) -> None:
    identity = company.foreign_invoice("Nord Ltd", "500.00")
    company.run("reconcile", *NOVEMBER)

    report = company.status()
    assert company.proofs() == HOLDS
    foreign = [(row["amount"], row["counts"]) for row in report["invoices"][0]["rows"] if row["code"] == "foreign"]
    assert foreign == [("500.00", False)]
    named = [(row["code"], row["found"], row["quickbooks_id"]) for row in report["invoices"][0]["documents"]]
    assert named == [("foreign", "500.00", identity)]
    rolled = {row["code"]: row["amount"] for row in report["receivables"][0]["rows"]}
    assert rolled["foreign-invoices"] == "500.00"

    # Unread, it is missing from the roll-forward of its customer by exactly its amount.
    execute(company.store_url, "DELETE FROM remote_document WHERE id = :id AND type = 'Invoice'", id=identity)
    report = broken(company, receivables="500.00")
    assert [(row["client"], row["rolled"], row["balance"]) for row in report["receivables"][0]["customers"]] == [
        ("Nord Ltd", "193.16", "693.16")
    ]


def test_a_payment_that_was_not_mirrored_shows_in_the_receivables(company: Company) -> None:
    execute(company.store_url, "DELETE FROM remote_link WHERE type = 'Payment'")
    assert execute(company.store_url, "DELETE FROM remote_document WHERE type = 'Payment'") == 1

    broken(company, receivables="-100.00")
    # Reading QuickBooks again mends it.
    company.run("reconcile", *NOVEMBER)
    assert company.proofs() == HOLDS


def test_an_unlinked_payment_counts_as_received_and_stays_on_no_document(company: Company) -> None:
    company.emulator("/emulator/pay", {"customer": "Nord Ltd", "amount": "50.00"})
    company.run("reconcile", *NOVEMBER)

    assert company.proofs() == HOLDS
    assert company.document("AB-2026-0002")["remote"]["balance"] == "193.16"
    assert company.ageing()["Nord Ltd"] == {"current": "193.16", "unapplied": "-50.00", "total": "143.16"}
    assert company.needs()["unapplied-payment"] == "syncd status --client 'Nord Ltd'"


def test_a_balance_that_differs_shows_with_its_customer(company: Company) -> None:
    execute(company.store_url, "UPDATE reference SET balance_minor = balance_minor - 1 WHERE name = 'Sud'")

    report = broken(company, receivables="-0.01")
    assert [(row["client"], row["rolled"], row["balance"]) for row in report["receivables"][0]["customers"]] == [
        ("Sud", "96.58", "96.57")
    ]
