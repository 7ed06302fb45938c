"""The real daemon, left alone while people work beside it: finance edits tables and approves, and asks it to reload."""

from __future__ import annotations

import json
import signal
from typing import Any

import pytest

from tests.e2e.company import TABLES, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import rows
from tests.e2e.test_crashes import LAST_DAY, QUICK, daemon, wait_until

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

DEARER = "client,person,service,rate,from,until\n,,Consultation,100.00,,\n"
WRONG = "client,person,service,rate,from,until\n,,Consultation,seventy,,\n"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    """What is looked at here is the daemon and not the database."""
    return sqlite_url


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    """Its sources are read every second, so that the daemon drafts again and again."""
    company = make_company(quickbooks=QUICK, since="2020-01-01", approval='\n[daemon]\npull_every = "1 second"')
    company.inbox(timesheet(entry(1, "2.5", "Hydro", day=str(LAST_DAY))))
    return company


def log_of(company: Company) -> list[dict[str, Any]]:
    text = (company.folder / "daemon.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def events(company: Company, *names: str) -> list[str]:
    return [row["event"] for row in log_of(company) if row["event"] in names]


def pulls(company: Company) -> Any:
    """When the source was last read to its end: moves with each pull."""
    return rows(company.store_url, "SELECT last_complete_at FROM source_state")


def wait_for_pulls(company: Company, count: int) -> None:
    """Wait until the daemon has begun and ended so many pulls, each with its draft."""
    for _ in range(count + 1):
        before = pulls(company)
        wait_until(company, lambda before=before: pulls(company) != before)  # type: ignore[misc]


def is_drafted(company: Company, amount_minor: int) -> bool:
    found = rows(company.store_url, "SELECT content FROM draft_version ORDER BY version DESC")
    return bool(found) and json.loads(found[0][0])["subtotal_minor"] == amount_minor


def test_what_is_approved_with_newer_tables_stays_approved_and_is_sent(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: is_drafted(company, 21_000))  # 2.5 h at 84.00

        company.table("rates", DEARER)
        [approved] = company.report("approve", "--all")["approved"]
        wait_for_pulls(company, 3)

        assert approved["subtotal"] == "250.00"
        assert rows(company.store_url, "SELECT state FROM outbox") == [("ready",)]
        company.run("push")
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    [invoice] = company.books("Invoice")
    assert str(invoice["Line"][0]["Amount"]) == "250.00"
    assert rows(company.store_url, "SELECT count(*) FROM event WHERE kind = 'withdrawn'") == [(0,)]


def test_wrong_tables_are_told_once_and_take_nothing_back(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: is_drafted(company, 21_000))
        company.table("rates", DEARER)
        company.run("approve", "--all")
        company.table("rates", WRONG)
        company.inbox(timesheet(entry(2, "1", "Nord", day=str(LAST_DAY))), name="more.csv")
        wait_until(company, lambda: "tables-wrong" in events(company, "tables-wrong"))
        process.send_signal(signal.SIGHUP)
        wait_for_pulls(company, 3)

        assert rows(company.store_url, "SELECT state FROM outbox") == [("ready",)]
        assert rows(company.store_url, "SELECT kind FROM event WHERE kind LIKE 'tables-%'") == [("tables-wrong",)]
        company.table("rates", DEARER)
        wait_until(company, lambda: len(rows(company.store_url, "SELECT client FROM draft")) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    [told] = [row for row in log_of(company) if row["event"] == "tables-wrong"]
    assert told["why"].startswith("mappings/rates.csv:2:4: The hourly rate")
    assert events(company, "tables-wrong", "tables-right") == ["tables-wrong", "tables-right"]
    assert rows(company.store_url, "SELECT state FROM outbox") == [("ready",)]
    assert rows(company.store_url, "SELECT kind FROM event WHERE kind LIKE 'tables-%' ORDER BY id") == [
        ("tables-wrong",),
        ("tables-right",),
    ]


def test_old_tables_go_on_drafting_while_nothing_is_approved(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: is_drafted(company, 21_000))
        company.table("rates", WRONG)
        wait_until(company, lambda: "tables-wrong" in events(company, "tables-wrong"))
        company.inbox(timesheet(entry(1, "3", "Hydro", day=str(LAST_DAY))))
        wait_until(company, lambda: is_drafted(company, 25_200))  # 3 h at 84.00
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_a_reload_reads_the_tables_and_says_what_only_a_start_reads(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: is_drafted(company, 21_000))
        company.table("rates", TABLES["rates"])  # as it was: other times, the same rows
        process.send_signal(signal.SIGHUP)
        wait_until(company, lambda: len(events(company, "reloaded")) == 1)
        assert events(company, "restart-needed", "tables-read") == []

        path = company.folder / "config.toml"
        path.write_text(path.read_text(encoding="utf-8").replace("Net 30", "Net 15"), encoding="utf-8")
        process.send_signal(signal.SIGHUP)
        wait_until(company, lambda: len(events(company, "reloaded")) == 2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    [told] = [row for row in log_of(company) if row["event"] == "restart-needed"]
    assert told["changed"] == [str(path)]
