"""A killed daemon, lost answers and refusals: always one invoice and one e-mail, whatever happened on the way."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from syncd.clock import SystemClock
from syncd.engine.marks import set_mark
from syncd.store.database import open_store
from syncd.store.schema import instant_text
from tests.e2e.company import NAME, NOVEMBER, Company, entry, timesheet
from tests.e2e.conftest import MakeCompany
from tests.e2e.dump import execute, rows

pytestmark = pytest.mark.timeout(300)  # a busy machine of two cores

QUICK = "quarantine_seconds = 1\nthrottle_seconds = 1"
LAST_DAY = date.today().replace(day=1) - timedelta(days=1)  # noqa: DTZ011 - the daemon lives on the real day
IN_DOUBT = (
    {"kind": "gateway-timeout"},
    {"kind": "lost-answer"},
    {"kind": "truncated"},
    {"kind": "html", "status": 502, "when": "after"},
    {"kind": "server-error", "when": "after"},
    {"kind": "html", "status": 503, "when": "before"},
    {"kind": "server-error", "when": "before"},
    {"kind": "dropped"},
)
ARRIVED = 5
"""How many of these leave an invoice in the books without syncd knowing."""
REFUSALS = tuple({"kind": "throttle", "shape": shape} for shape in ("json", "gateway", "xml", "html", "403"))


@pytest.fixture
def company(make_company: MakeCompany) -> Company:
    """QuickBooks e-mails each invoice; doubt is looked into after a second."""
    return make_company(send_by="quickbooks", quickbooks=QUICK, since="2020-01-01")


@pytest.fixture(params=["", "ignore-requestid"])
def requestid(request: pytest.FixtureRequest, company: Company) -> None:
    """Once with QuickBooks' own guard against doubles, once without: it must not be what we rest on."""
    if request.param:
        company.emulator("/emulator/faults", {"kind": request.param, "times": None})


def give_clients(company: Company, count: int) -> list[str]:
    """So many clients with an hour each, pulled and approved."""
    names = [f"Client {number}" for number in range(1, count + 1)]
    customers = [{"name": name, "email": f"ap@client{number}.example"} for number, name in enumerate(names)]
    company.emulator("/emulator/seed", {"customers": customers})
    company.table("clients", "source_client,quickbooks_customer\n" + "".join(f"{name},=\n" for name in names))
    company.inbox(timesheet(*(entry(number, "1", name) for number, name in enumerate(names))))
    company.run("pull", *NOVEMBER)
    company.run("approve", "--all", *NOVEMBER)
    return names


def push_until_settled(company: Company, pushes: int) -> None:
    """Push until nothing is left to do, as the daemon does."""
    for _ in range(pushes):
        company.run("push", code=None)
        if not open_operations(company):
            return
        time.sleep(1.1)
    raise AssertionError(open_operations(company))


def open_operations(company: Company) -> list[Any]:
    return rows(company.store_url, "SELECT operation, state, problem FROM outbox WHERE state <> 'done'")


def customers_of(invoices: Sequence[Any]) -> list[str]:
    return sorted(row["CustomerRef"]["name"] for row in invoices)


@pytest.mark.usefixtures("requestid")
def test_answers_that_never_came_leave_one_invoice_and_one_email_each(company: Company) -> None:
    names = give_clients(company, len(IN_DOUBT))
    for position, fault in enumerate(IN_DOUBT):
        # A switch does not count the request that an earlier one of its kind has spoilt.
        alike = sum(1 for earlier in IN_DOUBT[:position] if earlier["kind"] == fault["kind"])
        more = {"entity": "invoice", "operation": "create", "skip": position - alike}
        company.emulator("/emulator/faults", fault | more)
    push_until_settled(company, 12)

    assert customers_of(company.books("Invoice")) == names
    assert sorted(mail["address"] for mail in company.emulator("/emulator/mail")["mail"]) == [
        f"ap@client{number}.example" for number in range(len(names))
    ]
    # Those that had arrived were adopted and not sent again; the others needed a second request.
    creates = [row for row in company.requests() if row["operation"] == "create"]
    assert len(creates) == ARRIVED + 2 * (len(names) - ARRIVED)
    adopted = rows(company.store_url, "SELECT count(*) FROM attempt WHERE phase = 'look' AND outcome = 'found'")
    assert adopted == [(ARRIVED,)]
    company.run("reconcile", *NOVEMBER)
    assert company.status()["proofs_hold"]


@pytest.mark.usefixtures("requestid")
def test_too_many_requests_in_every_shape_cost_no_invoice_and_double_none(company: Company) -> None:
    names = give_clients(company, len(REFUSALS))
    for fault in REFUSALS:
        company.emulator("/emulator/faults", fault | {"entity": "invoice", "operation": "create"})
    push_until_settled(company, 12)

    assert customers_of(company.books("Invoice")) == names
    assert len(company.emulator("/emulator/mail")["mail"]) == len(names)
    creates = [row["status"] for row in company.requests() if row["operation"] == "create"]
    assert sorted(creates) == [200] * 5 + [403] + [429] * 4


@pytest.mark.parametrize("kind", ["lost-answer", "gateway-timeout", "dropped"])
def test_an_email_in_doubt_leaves_once(company: Company, kind: str) -> None:
    give_clients(company, 1)
    company.emulator("/emulator/faults", {"kind": kind, "entity": "invoice", "operation": "send"})
    push_until_settled(company, 6)

    assert [mail["address"] for mail in company.emulator("/emulator/mail")["mail"]] == ["ap@client0.example"]


@contextmanager
def daemon(company: Company) -> Iterator[subprocess.Popen[str]]:
    """The real `syncd run`, its log in a file; killed at the end if nobody has ended it."""
    with (company.folder / "daemon.log").open("a", encoding="utf-8") as log:
        words = [sys.executable, "-m", "syncd", "run"]
        process = subprocess.Popen(words, env=company.env, cwd=company.folder, stderr=log, stdout=log, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)


def wait_until(company: Company, true: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, (company.folder / "daemon.log").read_text(encoding="utf-8")[-4000:]
        time.sleep(0.05)


def was_off_since_yesterday(company: Company) -> None:
    """A daemon that has pushed two days ago: the hour of a push has passed since, so it pushes when it starts."""
    store = open_store(company.store_url, SystemClock())
    with store.write() as connection:
        set_mark(connection, NAME, "pushed", datetime.now(UTC) - timedelta(days=2))
    store.close()


@pytest.mark.usefixtures("requestid")
def test_a_daemon_killed_between_the_commit_and_the_answer_leaves_one_invoice(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.5", "Hydro", day=str(LAST_DAY))))
    company.run("pull")
    company.run("approve", "--all")
    was_off_since_yesterday(company)
    slow = {"kind": "delay", "seconds": 60, "when": "after", "entity": "invoice", "operation": "create"}
    company.emulator("/emulator/faults", slow)

    with daemon(company) as process:
        wait_until(company, lambda: bool(company.writes("invoice")))
        process.send_signal(signal.SIGKILL)
        assert process.wait(20) == -signal.SIGKILL
    assert [row["status"] for row in company.writes("invoice")] == [None]
    assert rows(company.store_url, "SELECT state FROM outbox WHERE operation = 'create'") == [("sending",)]
    # On SQLite the dead one's lease is free at once; on PostgreSQL it may be of another machine, and has to end first.
    soon = instant_text(datetime.now(UTC) + timedelta(seconds=8))
    execute(company.store_url, "UPDATE lease SET expires_at = :soon", soon=soon)

    with daemon(company) as process:
        wait_until(company, lambda: bool(company.emulator("/emulator/mail")["mail"]))
        wait_until(company, lambda: not open_operations(company))
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert [row["operation"] for row in company.writes()] == ["create", "send"]
    assert len(company.books("Invoice")) == len(company.emulator("/emulator/mail")["mail"]) == 1
    looked = rows(company.store_url, "SELECT phase, outcome FROM attempt ORDER BY id")
    assert ("look", "found") in looked
    company.run("reconcile")
    assert set(company.proofs("--client", "Hydro-Québec").values()) == {"0.00"}


def test_a_daemon_started_right_after_connecting_drafts_and_commands_bill_beside_it(company: Company) -> None:
    company.inbox(timesheet(entry(1, "2.5", "Hydro", day=str(LAST_DAY))))

    with daemon(company) as process:
        wait_until(company, lambda: "drafted" in (company.folder / "daemon.log").read_text(encoding="utf-8"))
        wait_until(company, lambda: {need["code"] for need in company.report("status")["needs"]} == {"to-approve"})

        # Commands work beside the living daemon: what is shown is what is approved, and then sent.
        [shown] = company.report("preview")["documents"]
        company.run("preview", "--out", "plan.json")
        [approved] = company.report("approve", "plan.json")["approved"]
        assert shown["subtotal"] == approved["subtotal"] == "210.00"  # 2.5 h at 84.00
        company.run("push")
        assert process.poll() is None
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0
    assert customers_of(company.books("Invoice")) == ["Hydro-Québec"]
