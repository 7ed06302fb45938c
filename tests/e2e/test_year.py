"""A year in fast motion: the business date moves on, the real clock stays, and each period is billed once."""

from __future__ import annotations

from calendar import monthrange
from collections import defaultdict
from decimal import Decimal

import pytest

from tests.e2e.company import Company, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import rows

pytestmark = pytest.mark.timeout(400)  # a busy machine of two cores

MONTHS = range(1, 13)
RATE, EXTRA, FEE, HOSTING, COVERED_HOURS = Decimal(84), Decimal(90), Decimal(400), Decimal(300), 5
RETAINERS = (
    "client,name,kind,services,hours,fee,every,from,extra_rate,item\n"
    "Nord Ltd,Support,minimum,Consultation,5,400.00,month,2026-01-01,90.00,Consultation\n"
)
FIXED_FEES = (
    "client,service,description,amount,quantity,every,on,from\n"
    "Sud,Consultation,Hosting,300.00,1,month,last-day,2026-01-01\n"
)
OVER = {2: 2, 8: 3}
"""Month → hours that Nord used beyond its retainer."""
LATE = {3: ("late-1", 1, 4), 7: ("late-2", 2, 9)}
"""Month of the work → its entry, its hours, and the month whose closing it is there for."""
EDITED_MONTH, EDITED_HOURS, SEEN_MONTH = 5, "5.00", 6
"""Six hours of May turn out to be five, while June is worked."""


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    return sqlite_url


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    company = make_company(since="2026-01-01")
    company.table("retainers", RETAINERS)
    company.table("fixed_fees", FIXED_FEES)
    return company


def last_day(month: int) -> str:
    return f"2026-{month:02}-{monthrange(2026, month)[1]}"


def closing(month: int) -> tuple[str, str]:
    """The third day after a month, on which it is closed."""
    year, following = (2026, month + 1) if month < 12 else (2027, 1)
    return ("--now", f"{year}-{following:02}-03T09:00:00-05:00")


def work(company: Company, month: int, first_hours: str = "6.00") -> None:
    """What was done in a month: ten hours for Hydro, and for Nord what its retainer covers, at times more."""
    company.inbox(
        timesheet(
            entry(f"{month}-1", first_hours, "Hydro", day=f"2026-{month:02}-05"),
            entry(f"{month}-2", "4.00", "Hydro", day=f"2026-{month:02}-20"),
            entry(f"{month}-3", str(COVERED_HOURS + OVER.get(month, 0)), "Nord", day=f"2026-{month:02}-12"),
        ),
        name=f"2026-{month:02}.csv",
    )


def expected() -> dict[tuple[str, str], Decimal]:
    """(customer, day of the invoice) → amount before tax, reckoned by hand from what happened."""
    owed: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for month in MONTHS:
        owed["Hydro-Québec", last_day(month)] += 10 * RATE
        owed["Nord Ltd", last_day(month)] += FEE + OVER.get(month, 0) * EXTRA
        owed["Sud", last_day(month)] += HOSTING
    for _, hours, seen in LATE.values():
        owed["Hydro-Québec", last_day(seen)] += hours * RATE
    owed["Hydro-Québec", last_day(SEEN_MONTH)] -= (6 - Decimal(EDITED_HOURS)) * RATE
    return dict(owed)


def billed(company: Company) -> dict[tuple[str, str], list[Decimal]]:
    """(customer, day) → the invoices that QuickBooks has, each as the sum of its lines."""
    found: dict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for invoice in company.books("Invoice"):
        lines = [line["Amount"] for line in invoice["Line"] if line["DetailType"] == "SalesItemLineDetail"]
        found[invoice["CustomerRef"]["name"], invoice["TxnDate"]].append(sum(lines, Decimal(0)))
    return dict(found)


def test_twelve_closings_bill_every_period_once(company: Company) -> None:
    for month in MONTHS:
        work(company, month)
        for worked, (identity, hours, seen) in LATE.items():
            if seen == month:
                late = entry(identity, str(hours), "Hydro", day=f"2026-{worked:02}-28")
                company.inbox(timesheet(late), name=f"{identity}.csv")
        if month == SEEN_MONTH:
            work(company, EDITED_MONTH, EDITED_HOURS)
        company.run("run", "--once", *closing(month))
        assert len(company.report("approve", "--all", *closing(month))["approved"]) == 3
        company.run("push", *closing(month))
        company.run("reconcile", *closing(month))

        status = company.status("--period", f"2026-{month:02}", *closing(month))
        assert status["proofs_hold"], (month, status["proofs"])
        assert len(company.books("Invoice")) == 3 * month
    again = company.report("run", "--once", *closing(12))

    assert {key: [amount] for key, amount in expected().items()} == billed(company)
    assert company.books("CreditMemo") == []
    assert len(company.writes("invoice")) == 36
    assert again["drafts"]["documents"] == 0
    assert set(company.proofs(*closing(12)).values()) == {"0.00"}
    assert seconds_billed(company) == seconds_worked()


def seconds_billed(company: Company) -> dict[str, int]:
    """Entry → the seconds that all documents together hold of it."""
    query = "SELECT entry, sum(seconds) FROM ledger GROUP BY entry"
    return {str(name): int(seconds) for name, seconds in rows(company.store_url, query)}


def seconds_worked() -> dict[str, int]:
    hours: dict[str, Decimal] = {identity: Decimal(late) for identity, late, _ in LATE.values()}
    for month in MONTHS:
        first = Decimal(EDITED_HOURS) if month == EDITED_MONTH else Decimal(6)
        hours |= {f"{month}-1": first, f"{month}-2": Decimal(4)}
        hours[f"{month}-3"] = Decimal(COVERED_HOURS + OVER.get(month, 0))
    return {name: int(value * 3600) for name, value in hours.items()}
