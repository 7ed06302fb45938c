"""Every statement that commands send to the database is about one company's rows, or says by key which row it means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event

from syncd.commands.group import invoke
from syncd.store import schema
from tests.e2e.company import DECEMBER, NOVEMBER, Company, entry, timesheet

TABLES = sorted(name for name, table in schema.metadata.tables.items() if "company" in table.columns)
KEYS = ("id", "document_id", "outbox_id")
"""Unique in the whole database, or pointing to such a row, whose company is the one that was read with it."""
OF_ALL = {
    "SELECT max(event.at) AS max_1 FROM event": "the machine's clock is one for all",
    "SELECT min(document.approved_at) AS min_1 FROM document": "a backup is of all companies",
}


@contextmanager
def statements() -> Iterator[set[str]]:
    """Each statement that is sent within, with its blanks made one."""
    seen: set[str] = set()

    def note(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        seen.add(" ".join(statement.split()))

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def unbound(statement: str) -> list[str]:
    """The tables of a statement for which it names neither company nor key."""
    if not re.match(r"(SELECT|UPDATE|DELETE|WITH)\b", statement):
        return []
    named = rf"({'|'.join(TABLES)})\b(?: AS (\w+))?(?!\.)"
    tables = re.findall(rf"(?:FROM|JOIN|UPDATE) {named}", statement)
    for listed in re.findall(r"FROM ([^()]*?)(?: WHERE| ORDER| GROUP|\)|$)", statement):
        tables += re.findall(rf", {named}", listed)
    columns = "|".join(("company", *KEYS))
    found = []
    for table, alias in tables:
        name = alias or table
        prefix = f"(?:{name}\\.)" + ("?" if len(tables) == 1 else "")
        bound = re.search(rf"(?<![\w.]){prefix}(?:{columns})\)? (?:=|IN)", statement)
        if not bound and not re.search(rf"= {name}\.(?:{columns})\b", statement):
            found.append(name)
    return found


def test_a_statement_without_the_company_is_found() -> None:
    joined = "SELECT work.entry FROM work JOIN standing ON standing.entry = work.entry WHERE work.company = ?"

    assert unbound("SELECT work.entry FROM work WHERE work.source = ?") == ["work"]
    assert unbound(joined) == ["standing"]
    assert unbound(f"{joined} AND standing.company = work.company") == []
    assert unbound("SELECT work.entry FROM work, draft WHERE work.company = ?") == ["draft"]
    assert unbound("UPDATE draft SET state = ? WHERE draft.client = ?") == ["draft"]


@pytest.mark.timeout(400)
@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_each_statement_names_the_company_or_a_key(company: Company, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in company.env.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(company.folder)

    with statements() as seen:
        for words in walk(company):
            assert invoke(words) == 0, words

    assert {re.split(r"\W", statement)[0] for statement in seen} >= {"SELECT", "INSERT", "UPDATE", "DELETE"}
    assert {statement: unbound(statement) for statement in seen if unbound(statement) and statement not in OF_ALL} == {}


def walk(company: Company) -> Iterator[list[str]]:
    """Nearly every command, from hours to a voided invoice that is released."""
    company.inbox(timesheet(entry(1, "2.5", "Hydro"), entry(2, "1", "Nord"), entry(3, "1", "Unknown")))
    yield ["pull", *NOVEMBER]
    yield ["preview", *NOVEMBER]
    yield ["approve", "--all", *NOVEMBER]
    yield ["push", *NOVEMBER]
    company.emulator("/emulator/pay", {"doc_number": "AB-2026-0001", "amount": "50.00"})
    company.emulator("/emulator/void", {"doc_number": "AB-2026-0002"})
    company.inbox(timesheet(entry(1, "2", "Hydro"), entry(2, "1", "Nord")))
    yield ["pull", "--full", *NOVEMBER]
    yield ["reconcile", *NOVEMBER]
    yield ["status", *NOVEMBER]
    yield ["status", "--client", "Hydro-Québec", "--period", "2026-10", *NOVEMBER]
    yield ["show", "AB-2026-0001", *NOVEMBER]
    yield ["explain", "AB-2026-0001", *NOVEMBER]
    yield ["explain", "timesheets/1", *NOVEMBER]
    yield ["release", "AB-2026-0002"]
    yield ["run", "--once", *DECEMBER]
    yield ["doctor"]
