"""The real daemon is asked to end in the middle of a long pull, stands still for a while, or loses its database."""

from __future__ import annotations

import json
import signal
import time
from typing import Any

import pytest

from tests.e2e.company import NAME, Company
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import rows
from tests.e2e.test_crashes import daemon, wait_until

pytestmark = pytest.mark.timeout(180)

ENTRIES = 100_000
"""Several transactions of a file: enough that a stop falls between two."""


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    return sqlite_url


def big_file(company: Company) -> None:
    lines = ["id,date,hours,person,client,service"]
    lines += [f"{number},2026-10-{number % 28 + 1:02},1,Marie,Hydro,consulting" for number in range(ENTRIES)]
    company.inbox("\n".join(lines) + "\n")


def stored(company: Company) -> int:
    return int(rows(company.store_url, "SELECT count(*) FROM work")[0][0])


def log_of(company: Company) -> list[dict[str, Any]]:
    text = (company.folder / "daemon.log").read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]


def test_a_pull_ends_between_two_pages_and_goes_on_at_the_next_start(make_company: MakeCompany) -> None:
    company = make_company(since="2020-01-01")
    big_file(company)
    with daemon(company) as process:
        wait_until(company, lambda: stored(company) > 0)
        process.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        assert process.wait(30) == 0
        seconds = time.monotonic() - asked

    some = stored(company)
    assert 0 < some < ENTRIES
    assert seconds < 15  # a page, not the file
    assert [row["event"] for row in log_of(company)][-1] == "stopped"
    state = rows(company.store_url, "SELECT last_complete_at, down_since FROM source_state")
    assert state == [(None, None)]
    report = company.report("pull")
    assert report["sources"][0]["new"] == ENTRIES - some
    assert report["company"] == NAME
