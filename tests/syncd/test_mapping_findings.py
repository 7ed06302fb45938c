"""`mappings check` over a store: what is known of work, documents, drafts and QuickBooks' lists."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from mappings.money import plain
from syncd.config import load_config
from syncd.mapping_findings import Findings, find_all
from syncd.store.database import Store
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER = date(2026, 11, 3)
HEAD = "id,date,hours,client,project,task,service,billable,purchase_order,kind,amount\n"
KNOWN = "1,2026-10-05,2,Hydro,,,consulting,,,,\n"
FEES = "client,description,service,amount,every,on,from\n"


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock) as office:
        yield office


def table(office: Office, name: str, text: str) -> None:
    office.folder.table(name, text)
    office.config = load_config(office.config.path)


def find(office: Office, today: date = NOVEMBER) -> Findings:
    return find_all(office.store, office.config, today)


def said(office: Office, today: date = NOVEMBER) -> list[tuple[str, str]]:
    return [(one.code, one.what) for one in find(office, today).problems]


def pull(office: Office, *rows: str) -> None:
    office.folder.inbox(HEAD + "".join(rows))
    office.steps.pull(NOVEMBER)


def approve(office: Office) -> None:
    office.draft(NOVEMBER)
    office.approve(NOVEMBER)


def test_a_sound_company_has_no_findings_before_and_after_it_is_billed(office: Office) -> None:
    assert [code for code, _ in said(office)] == ["books-not-read"]
    pull(office, KNOWN)
    office.draft(NOVEMBER)
    assert said(office) == []
    office.approve(NOVEMBER)

    assert said(office) == []


def test_work_without_a_row_is_told_by_its_value_and_what_is_billed_is_not(office: Office) -> None:
    pull(office, KNOWN)
    approve(office)
    table(office, "rates", "client,service,rate\n,Consultation,84.00\nHydro-Québec,Consultation,90.00\n")
    small, large = "2,2026-10-06,1,Hydro,,,design,,,,\n", "3,2026-10-07,5,Mystere,,,consulting,,,,\n"
    pull(office, KNOWN, small, large, "4,2026-10-08,3,Mystere,,,consulting,no,,,\n")
    found = find(office).unmapped

    assert [(one.code, one.name, one.seconds, one.entries) for one in found] == [
        ("unmapped-client", "Mystere", 18000, 1),
        ("unmapped-service", "design", 3600, 1),
    ]
    assert found[0].amount_minor == 42000
    assert found[1].amount_minor is None
    assert dict(said(office))["unmapped-client"] == (
        "Mystere (source timesheets) is not in the clients table: 5.00 h, 1 entry, about 420.00 CAD by the rate in"
        " mappings/rates.csv:2."
    )


def test_an_expense_without_a_row_is_worth_its_amount(office: Office) -> None:
    pull(office, KNOWN, "2,2026-10-06,,Hydro,,,Taxi,,,expense,31.50\n")
    [found] = find(office).unmapped

    assert (found.code, found.name, found.entries) == ("unmapped-category", "Taxi", 1)
    assert plain(found.amount_minor or 0, found.currency) == "31.50"


def test_names_in_the_tables_are_compared_with_projects_tasks_and_orders_of_the_work(office: Office) -> None:
    rates = "task,project,rate,service\n,Portal,90.00,\nT-7,,95.00,\n,,84.00,\n"
    table(office, "rates", rates)
    table(office, "caps", "client,purchase_order,hours,over\nHydro-Québec,PO-1001,40,warn\n")
    pull(office, "1,2026-10-05,2,Hydro,Portal,T-7,consulting,,PO-1001,,\n")
    assert [found for found in said(office) if found[0] == "name-unknown"] == []

    pull(office, "1,2026-10-05,2,Hydro,Portail,T-8,consulting,,PO-1002,,\n")
    assert [what.partition(":")[0] for code, what in said(office) if code == "name-unknown"] == [
        "Nothing is known of a purchase order “PO-1001”",
        "Nothing is known of a project “Portal”",
        "Nothing is known of a task “T-7”",
    ]


def test_a_gap_is_told_with_the_work_in_it(office: Office) -> None:
    table(office, "rates", "service,rate,from,until\nConsultation,84.00,,2026-10-04\nConsultation,90.00,2026-10-07,\n")
    pull(office, KNOWN, "2,2026-10-07,1,Hydro,,,consulting,,,,\n")
    codes = dict(said(office))

    assert codes["rates-gap"] == (
        "From 2026-10-05 until 2026-10-06, neither this rate nor the one in mappings/rates.csv:2 counts."
        " 2.00 h of work lie there (1 entry)."
    )
    assert codes["no-rate"] == (
        "No row of the rates table prices Hydro-Québec › Consultation on 2026-10-05: 2.00 h, 1 entry."
    )


def test_a_fee_that_is_due_and_on_no_draft_is_told_until_it_is_drafted(office: Office) -> None:
    pull(office, KNOWN)
    approve(office)
    table(office, "fixed_fees", FEES + "Nord Ltd,Hosting,Consultation,50.00,month,last-day,2026-10-01\n")
    before = said(office)
    office.draft(NOVEMBER)
    drafted = said(office)
    approve(office)

    why = (
        "Hosting of Nord Ltd was due on 2026-10-31, and stands on no document and no draft:"
        " the drafts are older than the work, the tables or this day."
    )
    assert before == [("fee-not-drafted", why)]
    assert drafted == []
    assert said(office) == []


def test_a_fee_whose_period_runs_is_not_missed(office: Office) -> None:
    pull(office, KNOWN)
    approve(office)
    table(office, "fixed_fees", FEES + "Hydro-Québec,Hosting,Consultation,50.00,month,1,2026-11-01\n")

    assert said(office) == []


def test_a_fee_that_can_never_be_drafted_is_told_with_the_reason(office: Office) -> None:
    services = "source_service,service,quickbooks_item\nconsulting,Consultation,Consultation\ndesign,Design,Conseil\n"
    table(office, "services", services)
    table(office, "fixed_fees", "client,description,amount,every,on\nNord Ltd,Hosting,50.00,month,last-day\n")
    codes = dict(said(office))

    assert codes["fixed-fee-without-item"] == (
        "The fixed fee Hosting of Nord Ltd names no service, so it has no item to be invoiced as."
    )
    table(office, "fixed_fees", FEES + "Nord Ltd,Hosting,Design,50.00,month,last-day,\n")
    assert "fixed-fee-without-item" not in dict(said(office))


def test_a_client_in_another_currency_than_its_customer_is_told(office: Office) -> None:
    table(office, "clients", "source_client,quickbooks_customer,currency\nHydro,Hydro-Québec,USD\nNord,Nord Ltd,\n")
    pull(office, KNOWN)
    office.draft(NOVEMBER)

    assert (
        "currency-mismatch",
        "Hydro-Québec is billed in USD, but the customer's currency in QuickBooks is CAD.",
    ) in (said(office))
