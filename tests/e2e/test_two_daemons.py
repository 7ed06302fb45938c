"""Two daemons on one PostgreSQL, as after a fail-over that was none: together they bill as one."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.e2e.company import Company
from tests.e2e.conftest import MakeCompany
from tests.e2e.test_crashes import QUICK, customers_of, give_clients, open_operations, was_off_since_yesterday

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

CLIENTS = 6


@pytest.fixture(params=["postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """On SQLite the second daemon does not start."""
    url: str = request.getfixturevalue("postgres_url")
    return url


@contextmanager
def daemon(company: Company, log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The real `syncd run`, what it says in a file; killed at the end if nobody has ended it."""
    with log.open("wb") as stream:
        words = [sys.executable, "-m", "syncd", "run"]
        process = subprocess.Popen(words, env=company.env, cwd=company.folder, stderr=stream, stdout=stream)
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)


def wait_until_sent(company: Company, seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while len(company.emulator("/emulator/mail")["mail"]) < CLIENTS or open_operations(company):
        assert time.monotonic() < deadline, open_operations(company)
        time.sleep(0.2)


def test_two_daemons_send_each_invoice_and_each_email_once(make_company: MakeCompany) -> None:
    company = make_company(send_by="quickbooks", quickbooks=QUICK, since="2020-01-01")
    names = give_clients(company, CLIENTS)
    was_off_since_yesterday(company)
    logs = [company.folder / name for name in ("first.log", "second.log")]

    with daemon(company, logs[0]) as first, daemon(company, logs[1]) as second:
        wait_until_sent(company)
        # The later one has its whole first round behind it when it has drafted.
        deadline = time.monotonic() + 60
        while not all("drafted" in log.read_text(encoding="utf-8") for log in logs):
            assert time.monotonic() < deadline, [log.read_text(encoding="utf-8")[-2000:] for log in logs]
            time.sleep(0.2)
        for process in (first, second):
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
        assert [first.wait(60), second.wait(60)] == [0, 0]

    assert customers_of(company.books("Invoice")) == names
    assert len(company.emulator("/emulator/mail")["mail"]) == CLIENTS
    assert sorted(row["operation"] for row in company.writes()) == ["create"] * CLIENTS + ["send"] * CLIENTS
