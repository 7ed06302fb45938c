"""The thinnest whole walk: one CSV entry, rated, drafted, approved, pushed, paid, and 0.00 on all three proofs."""

from __future__ import annotations

import subprocess
import sys

from tests.e2e.company import NOVEMBER, Company, entry, timesheet

LATE = ("--now", "2026-12-20T09:00:00-05:00")


def test_one_csv_entry_becomes_a_paid_invoice(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    company.run("pull", *NOVEMBER)
    preview = company.run("preview", *NOVEMBER)
    assert "Hydro-Québec" in preview
    assert "210.00" in preview  # 2.5 h at 84.00
    company.run("approve", "--all", *NOVEMBER)
    company.run("push", *NOVEMBER)

    assert [row["operation"] for row in company.writes("invoice")] == ["create"]
    assert company.proofs() == {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
    assert company.document("AB-2026-0001")["state"] == "sent"  # QuickBooks has not been read since.

    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "100.00"})
    company.run("reconcile", *NOVEMBER)
    shown = company.document("AB-2026-0001")
    assert (shown["state"], shown["remote"]["total"], shown["remote"]["balance"]) == (
        "partial",
        "241.45",  # 210.00, GST 10.50, QST 20.95
        "141.45",
    )
    assert company.ageing() == {"Hydro-Québec": {"current": "141.45", "total": "141.45"}}

    # Net 30 from 31 October: due on 30 November, 20 days before 20 December.
    assert company.ageing(*LATE) == {"Hydro-Québec": {"days_1_30": "141.45", "total": "141.45"}}
    assert company.document("AB-2026-0001", *LATE)["state"] == "overdue"

    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "141.45"})
    company.run("reconcile", *NOVEMBER)
    assert company.document("AB-2026-0001")["state"] == "paid"
    assert company.ageing() == {}
    assert company.proofs() == {"hours": "0.00", "invoices CAD": "0.00", "receivables CAD": "0.00"}
    assert company.status()["proofs_hold"]

    text = company.run("status", *NOVEMBER)
    assert [line.split("  ")[-2:] for line in text.splitlines() if line[:2] in ("1 ", "2 ", "3 ")]
    for proof in ("1 Every hour accounted for", "2 Every invoice accounted for", "3 Receivables roll forward"):
        line = next(line for line in text.splitlines() if line.startswith(proof))
        assert line[len(proof) :].split()[0] == "0.00"
    assert company.run("status", "--check", *NOVEMBER, code=0).startswith("SYNCD OK - Atelier Boréal inc.: all three")


def test_the_interpreter_itself_runs_a_command(company: Company) -> None:
    """The other tests fork their commands from a process that has imported syncd; here nothing is shared."""
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    words = [sys.executable, "-m", "syncd", "pull", *NOVEMBER]
    done = subprocess.run(words, env=company.env, cwd=company.folder, capture_output=True, text=True, check=False)

    assert (done.returncode, done.stderr) == (0, "")
    assert "Next: syncd preview" in done.stdout
