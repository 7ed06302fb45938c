"""The real daemon goes on when its database hangs up on it, and when it was stopped for a while and let go again."""

from __future__ import annotations

import signal
import time
from typing import Any

import pytest

from tests.e2e.company import Company, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import rows
from tests.e2e.test_crashes import LAST_DAY, QUICK, daemon, wait_until
from tests.e2e.test_daemon import log_of, pulls

pytestmark = pytest.mark.timeout(180)  # a busy machine of two cores

HANG_UP = (
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def store_url(postgres_url: str) -> str:
    return postgres_url


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    company = make_company(quickbooks=QUICK, since="2020-01-01", approval='\n[daemon]\npull_every = "1 second"')
    company.inbox(timesheet(entry(1, "2.5", "Hydro", day=str(LAST_DAY))))
    return company


def wait_for_pull(company: Company) -> None:
    before: Any = pulls(company)
    wait_until(company, lambda: pulls(company) != before)


def test_a_database_that_hangs_up_is_asked_again(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: bool(pulls(company)))
        for _ in range(5):
            assert rows(company.store_url, HANG_UP)[0][0] > 0
            wait_for_pull(company)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    told = [row["event"] for row in log_of(company)]
    assert told.count("database-down") == told.count("database-up") <= 5
    assert "job-failed" not in told


def test_a_daemon_that_stood_still_goes_on_where_it_was(company: Company) -> None:
    with daemon(company) as process:
        wait_until(company, lambda: bool(pulls(company)))
        process.send_signal(signal.SIGSTOP)
        time.sleep(4)
        process.send_signal(signal.SIGCONT)
        wait_for_pull(company)
        wait_for_pull(company)
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0

    assert {"job-failed", "job-missed"} & {row["event"] for row in log_of(company)} == set()
    assert rows(company.store_url, "SELECT count(*) FROM work_revision") == [(1,)]
