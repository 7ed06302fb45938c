"""Several companies of one config.toml: one database, and nothing of one reaches another."""

from __future__ import annotations

import json
import random
import re
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, Connection, MetaData, Table, create_engine, select, text

from connectors.emulator import realm_ids
from tests.e2e.company import CUSTOMERS, NOVEMBER, Companies, Company, Syncd, emulator_process, entry, timesheet
from tests.e2e.dump import HEARTBEAT, driver_url, execute, rows

TWENTY = 20
A_SECOND, A_MINUTE = 10, 500
"""QuickBooks' limits of requests a company, which the emulator enforces."""
NAMES = ("Atelier Boréal inc.", "Acme inc.")
BOTH = [(name,) for name in sorted(NAMES)]
RATES = {NAMES[0]: "84.00", NAMES[1]: "120.50"}


@contextmanager
def companies_on_one_emulator(folder: Path, names: list[str], store_url: str) -> Iterator[Companies]:
    """Companies in one file, each connected to a realm of its own on one emulator."""
    realms = realm_ids("ca", len(names))
    with emulator_process("--companies", str(len(names))) as url:
        group = Companies(folder, url, dict(zip(names, realms, strict=True)), store_url)
        for company in group.each.values():
            company.emulator("/emulator/seed", {"customers": CUSTOMERS})
        group.connect_all()
        yield group


@pytest.fixture
def pair(tmp_path: Path, store_url: str) -> Iterator[Companies]:
    """Two companies whose sources, clients, entries and numbers are called the same, with other rates."""
    with companies_on_one_emulator(tmp_path, list(NAMES), store_url) as group:
        for name, company in group.each.items():
            prepare(company, name)
        yield group


def prepare(company: Company, name: str) -> None:
    company.table("rates", f"client,person,service,rate,from,until\n,,Consultation,{RATES[name]},,\n")
    company.inbox(timesheet(entry(1, "2.5", "Hydro", notes=name), entry(2, "1", "Nord", notes=name)))


# --- The same as if each were alone ---------------------------------------------------------------------------------


def journey(typed: Syncd, companies: list[Company]) -> None:
    """From hours to a part-paid invoice, an edited entry and its adjustment; each push sends one document a company.

    Documents that are sent beside each other would get QuickBooks' ids in any order.
    """
    typed.run("pull", *NOVEMBER)
    typed.run("approve", "--all", *NOVEMBER)
    for client in ("Hydro-Québec", "Nord Ltd"):
        typed.run("push", "--client", client, *NOVEMBER)
    for company in companies:
        company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "50.00"})
        company.inbox(timesheet(entry(1, "2", "Hydro", notes="mended"), entry(2, "1", "Nord", notes="n")))
    typed.run("pull", *NOVEMBER)
    typed.run("approve", "--all", "--period", "2026-10", *NOVEMBER)
    typed.run("push", *NOVEMBER)
    typed.run("reconcile", *NOVEMBER)


@pytest.mark.timeout(400)
def test_each_company_is_billed_as_if_it_were_alone(pair: Companies, tmp_path_factory: pytest.TempPathFactory) -> None:
    journey(pair, list(pair.each.values()))
    together = {name: (books_of(company), rows_of(url_of(pair), name)) for name, company in pair.each.items()}

    for name, company in pair.each.items():
        folder = tmp_path_factory.mktemp("alone")
        with emulator_process("--companies", "2") as url:
            alone = Company(folder, url, name=name, realm=company.realm)
            alone.control = f"{url}/realm/{alone.realm}"
            alone.emulator("/emulator/seed", {"customers": CUSTOMERS})
            prepare(alone, name)
            alone.connect(realm=alone.realm)
            journey(alone, [alone])

            books, rows = together[name]
            assert books_of(alone) == books
            found = rows_of(url_of(alone), name)
        assert {table for table, some in found.items() if some} >= {"work", "ledger", "outbox", "remote_document"}
        assert {table: rows[table] for table in found} == found
    amounts = [[row["TotalAmt"] for row in books["Invoice"]] for books, _ in together.values()]
    assert amounts[0] != amounts[1]


def url_of(typed: Companies | Company) -> str:
    return typed.store_url or f"sqlite:///{typed.folder}/syncd.db"


def books_of(company: Company) -> dict[str, list[Any]]:
    """What QuickBooks has of a company, without the moments at which it happened."""
    entities = ("Invoice", "CreditMemo", "Payment", "Customer")
    found = {entity: json.loads(timeless(json.dumps(company.books(entity), default=str))) for entity in entities}
    return {entity: sorted(rows, key=lambda row: int(row["Id"])) for entity, rows in found.items()}


_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[.\d]*(?:Z|[+-]\d\d:\d\d)")
_AT_RANDOM = {"tokens", "intuit_tid", "holder"}


def timeless(value: str) -> str:
    return _INSTANT.sub("(moment)", value)


def rows_of(url: str, company: str) -> dict[str, list[tuple[Any, ...]]]:
    """A company's rows by table, without moments, and without the numbers that all companies' rows are counted by."""
    engine = create_engine(driver_url(url))
    try:
        metadata = MetaData()
        with engine.connect() as connection:
            metadata.reflect(connection)
            return {
                table.name: _rows(connection, table, company)
                for table in metadata.sorted_tables
                if "company" in table.columns and HEARTBEAT.get(table.name, "") is not None
            }
    finally:
        engine.dispose()


def _rows(connection: Connection, table: Table, company: str) -> list[tuple[Any, ...]]:
    kept: list[Column[Any]] = [
        column
        for column in table.columns
        if column.name not in _AT_RANDOM
        and column.name != HEARTBEAT.get(table.name)
        and not (column.name in ("id", "outbox_id") and column.type.python_type is int)
    ]
    found = connection.execute(select(*kept).where(table.c.company == company))
    return sorted(
        (tuple(timeless(value) if isinstance(value, str) else value for value in row) for row in found), key=repr
    )


# --- Whatever is typed ----------------------------------------------------------------------------------------------


@pytest.mark.timeout(400)
def test_whatever_is_typed_of_one_company_leaves_the_other_as_it_was(pair: Companies) -> None:
    chance = random.Random(20261121)
    for step in range(11):
        # First each is billed once; then anything may come.
        name, other = chance.sample(NAMES, 2) if step >= 6 else NAMES if step % 2 else NAMES[::-1]
        before = rows_of(url_of(pair), other)

        words = act(chance, pair.each[name], step)
        pair.run(*words, "--company", name, *NOVEMBER, code=None)

        assert rows_of(url_of(pair), other) == before, words
        assert strays(url_of(pair)) == []
    assert all(rows_of(url_of(pair), name)["ledger"] for name in NAMES)


def act(chance: random.Random, company: Company, step: int) -> list[str]:
    """A command to type; sometimes hours or a customer have changed before."""
    if chance.random() < 0.5:
        hours = f"{chance.randint(1, 16) / 4}"
        company.inbox(
            timesheet(entry(chance.randint(1, 3), hours, chance.choice(("Hydro", "Nord", "Sud")))), f"{step}.csv"
        )
    if step < 6:
        return [["pull"], ["approve", "--all"], ["push"]][step // 2]
    commands = [["pull"], ["preview"], ["approve", "--all"], ["push"], ["reconcile"], ["run", "--once"]]
    return chance.choice([*commands, ["approve", "Hydro-Québec", "--period", "2026-10"]])


def strays(url: str) -> list[str]:
    """Rows of one company that point to a row of another."""
    engine = create_engine(driver_url(url))
    try:
        metadata = MetaData()
        with engine.connect() as connection:
            metadata.reflect(connection)
            # A key that has the company among its columns cannot lead to another one.
            pointing = [
                (table.name, key.columns[0].name, key.elements[0].column)
                for table in metadata.sorted_tables
                for key in table.foreign_key_constraints
                if "company" not in key.columns
            ]
            assert {table for table, *_ in pointing} >= {"ledger", "fee_ledger", "outbox", "attempt", "drift"}
            return [
                f"{table}.{column} → {key}"
                for table, column, key in pointing
                if connection.execute(
                    text(
                        f"SELECT count(*) FROM {table} a JOIN {key.table.name} b ON a.{column} = b.{key.name} "  # noqa: S608
                        "WHERE a.company <> b.company"
                    )
                ).scalar_one()
            ]
    finally:
        engine.dispose()


def test_a_realm_is_the_books_of_one_company(pair: Companies) -> None:
    first, second = pair.each.values()
    execute(url_of(pair), "DELETE FROM connection WHERE company = :name", name=NAMES[1])

    refused = pair.connect("--company", NAMES[1], realm=first.realm, code=1)

    assert NAMES[0] in refused
    assert rows(url_of(pair), "SELECT company, realm FROM connection") == [(NAMES[0], first.realm)]
    pair.connect("--company", NAMES[1], realm=second.realm)


def test_one_daemon_serves_both(pair: Companies) -> None:
    daemon = pair.start("run")
    try:
        deadline = time.monotonic() + 60
        while (drafted := rows(url_of(pair), "SELECT DISTINCT company FROM draft ORDER BY company")) != BOTH:
            assert time.monotonic() < deadline, drafted
            time.sleep(0.2)
        daemon.signal(signal.SIGTERM)
        assert daemon.wait(60) == 0
    finally:
        daemon.close()


# --- At once --------------------------------------------------------------------------------------------------------


def instants(journal: list[dict[str, Any]]) -> list[datetime]:
    return [datetime.fromisoformat(row["time"]) for row in journal]


def most_within(times: list[datetime], seconds: float) -> int:
    """The most requests in any window of that length."""
    return max(sum(1 for other in times if 0 <= (other - start).total_seconds() < seconds) for start in times)


@pytest.mark.timeout(400)
def test_twenty_companies_push_at_once_each_at_its_own_pace(tmp_path: Path, postgres_url: str) -> None:
    clients = [f"Client {letter}" for letter in "ABCDEF"]
    names = [f"Company {number:02}" for number in range(1, TWENTY + 1)]
    with companies_on_one_emulator(tmp_path, names, postgres_url) as group:
        for number, company in enumerate(group.each.values(), start=1):
            company.emulator("/emulator/seed", {"customers": [{"name": name} for name in clients]})
            company.table("clients", "source,source_client,quickbooks_customer\n,*,=\n")
            company.table("rates", f"client,person,service,rate,from,until\n,,Consultation,{100 + number}.00,,\n")
            company.inbox(timesheet(*(entry(at, "1", client) for at, client in enumerate(clients))))
        group.run("pull", *NOVEMBER)
        group.run("approve", "--all", *NOVEMBER)
        before = {name: company.requests()[-1]["number"] for name, company in group.each.items()}

        report = group.report("push", *NOVEMBER)

        journals = {name: company.requests(before[name]) for name, company in group.each.items()}
    pushed = {row["company"]: [document["result"] for document in row["documents"]] for row in report["companies"]}
    assert pushed == dict.fromkeys(names, ["sent"] * len(clients))
    assert [row for journal in journals.values() for row in journal if row["status"] != 200] == []
    for number, (name, company) in enumerate(group.each.items(), start=1):
        writes = [row for row in journals[name] if row["committed"] and row["entity"] == "invoice"]
        assert [row["realm"] for row in writes] == [company.realm] * len(clients)
        assert {Decimal(str(json.loads(row["body"])["Line"][0]["Amount"])) for row in writes} == {Decimal(100 + number)}
        assert most_within(instants(journals[name]), 1) <= A_SECOND
        assert len(journals[name]) <= A_MINUTE
    spans = sorted((min(instants(journal)), max(instants(journal))) for journal in journals.values())
    assert [later for (_, end), (start, later) in pairwise(spans) if start >= end] == []
