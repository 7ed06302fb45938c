"""Another rate, as finance meets it: what it would have come to, and the decision to charge it."""

from __future__ import annotations

import pytest

from tests.e2e.company import DECEMBER, Company, entry, timesheet

RATES = "client,person,service,rate,from,until\n,,Consultation,90.00,,\n"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """The engine's tests are on both databases; here it is the commands that count."""
    return sqlite_url


def test_another_rate_is_simulated_and_then_charged_once(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.00", "Hydro"), entry(2, "1.00", "Nord")))
    company.bill()
    (company.folder / "new_rates.csv").write_text(RATES, encoding="utf-8")
    (company.folder / "wrong.csv").write_text(RATES.replace("90.00", "ninety"), encoding="utf-8")
    asked = ("--period", "last-month", "--now", "2026-11-03")

    simulated = company.report("simulate", "--rates", "new_rates.csv", *asked)
    assert [(row["client"], row["billed"], row["present"], row["simulated"]) for row in simulated["clients"]] == [
        ("Hydro-Québec", "168.00", "168.00", "180.00"),
        ("Nord Ltd", "84.00", "84.00", "90.00"),
    ]
    assert [(row["currency"], row["difference"]) for row in simulated["sums"]] == [("CAD", "18.00")]
    assert "wrong.csv:2:4: rate-not-a-number" in company.run("simulate", "--rates", "wrong.csv", *asked, code=1)

    company.table("rates", RATES)
    words = ("rerate", "--period", "2026-10", "--client", "hydro-québec", *DECEMBER)
    assert "Next: syncd rerate --period 2026-10 --client 'Hydro-Québec' --draft" in company.run(*words)
    assert company.report(*words, "--draft", "--reason", "new contract")["recorded"] == 1
    company.bill(*DECEMBER)

    assert [line["amount"] for line in company.document("AB-2026-0003")["lines"]] == ["-168.00", "180.00"]
    assert company.report(*words, "--draft")["rows"] == []
