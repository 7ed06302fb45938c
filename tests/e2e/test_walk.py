"""The thinnest whole walk: one CSV entry, rated, drafted, approved, pushed, paid, and 0.00 on all three proofs."""

from __future__ import annotations

from pathlib import Path

from tests.e2e.company import CUSTOMERS, Company, emulator_process

ENTRY = "id,date,hours,person,client,service,notes\n1,2026-10-05,2.5,Marie,Hydro,consulting,Kick-off\n"
NOVEMBER = ("--now", "2026-11-03T09:00:00-05:00")


def test_one_csv_entry_becomes_a_paid_invoice(tmp_path: Path) -> None:
    with emulator_process() as url:
        company = Company(tmp_path, url)
        company.emulator("/emulator/seed", {"customers": CUSTOMERS})
        company.connect()
        company.inbox(ENTRY)
        company.run("pull", *NOVEMBER)
        preview = company.run("preview", *NOVEMBER)
        assert "Hydro-Québec" in preview
        assert "210.00" in preview  # 2.5 h at 84.00
        company.run("approve", "--all", *NOVEMBER)
        company.run("push", *NOVEMBER)

        created = [row for row in company.writes() if row["path"].endswith("/invoice")]
        assert len(created) == 1

        company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "241.45"})
        company.run("reconcile", *NOVEMBER)
        status = company.report("status", *NOVEMBER)

    assert [proof["difference"] for proof in status["proofs"]] == ["0.00", "0.00", "0.00"]
