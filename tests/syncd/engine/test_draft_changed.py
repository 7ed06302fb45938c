"""Drafting only what something concerns gives what drafting everything gives, row by row, whatever happened before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import event, select

from mappings.catalogue import Named
from mappings.work import Task, WorkItem
from syncd.engine.draft import DraftReport, choose_date, draft
from syncd.engine.due_drafts import read_drafted
from syncd.engine.reference import store_named
from syncd.store import schema
from syncd.store.changes import EVERYTHING
from syncd.store.database import Store, connect
from tests.support.histories import COMPANY, History

SEEDS, STEPS = 3, 30


def rows(store: Store) -> dict[str, list[Any]]:
    """Every row but for what says how far drafting has come."""
    left_out = {"watermark", "client_change", "lease"}
    with store.read() as connection:
        return {
            table.name: sorted(map(tuple, connection.execute(select(table))), key=repr)
            for table in schema.metadata.sorted_tables
            if table.name not in left_out
        }


def changed(history: History) -> DraftReport:
    """Draft what something concerns."""
    return draft(history.store, history.config, today=history.today, clock=history.clock, only_changed=True)


def whole(history: History, store: Store | None = None) -> DraftReport:
    """Draft everything."""
    return draft(store or history.store, history.config, today=history.today, clock=history.clock)


@contextmanager
def copy_of(store: Store, path: Path) -> Iterator[Store]:
    path.unlink(missing_ok=True)
    store.backup(path)
    copy = Store(connect(f"sqlite:///{path}"), store.clock)
    try:
        yield copy
    finally:
        copy.close()


@pytest.mark.parametrize("seed", range(SEEDS))
def test_what_changed_is_drafted_as_if_everything_were(sqlite_store: Store, tmp_path: Path, seed: int) -> None:
    """Each step is drafted twice: whole on a copy, and as the daemon does on the database that goes on."""
    history = History(sqlite_store, tmp_path, Random(seed))
    told = []
    for _ in range(STEPS):
        told.append(history.step())
        with copy_of(sqlite_store, tmp_path / "whole.db") as copy:
            whole(history, copy)
            expected = rows(copy)
        changed(history)
        found = rows(sqlite_store)
        assert [name for name in expected if found[name] != expected[name]] == [], told
        history.tick()


def test_drafting_everything_after_what_changed_changes_nothing(store: Store, tmp_path: Path) -> None:
    history = History(store, tmp_path, Random(11))
    for _ in range(20):
        history.step()
        changed(history)
    while changed(history).clients:
        pass
    before = rows(store)

    whole(history)

    assert rows(store) == before


@pytest.fixture
def quiet(store: Store, tmp_path: Path) -> History:
    """A company with drafts at rest: nothing has changed since they were made."""
    history = History(store, tmp_path, Random(1), today=date(2026, 11, 3))
    history.pull(
        *(item(number, client) for number, client in enumerate(("Alpha", "Beta One", "gamma", "Delta", "Alpha")))
    )
    whole(history)
    while changed(history).clients:
        pass
    return history


def item(number: int, client: str, **changes: Any) -> WorkItem:
    work = WorkItem("tracker", str(number), date(2026, 10, 5), 3600, "Marie", client, "Site", "1", "dev")
    return replace(work, **changes)


def drafted(report: DraftReport) -> set[str]:
    return {document.document.key.client for document in report.documents}


def test_a_tick_with_nothing_new_reads_two_rows_and_writes_none(quiet: History) -> None:
    statements: list[str] = []

    def count(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if statement.startswith(("SELECT", "INSERT", "UPDATE", "DELETE")):
            statements.append(statement)

    event.listen(quiet.store.engine, "before_cursor_execute", count)
    report = changed(quiet)
    event.remove(quiet.store.engine, "before_cursor_execute", count)

    assert (report.clients, report.documents) == (0, ())
    assert [statement.split()[0] for statement in statements] == ["SELECT", "SELECT"]


def test_an_edited_entry_is_its_clients_alone(quiet: History) -> None:
    quiet.pull(item(0, "Alpha", seconds=7200))

    assert drafted(changed(quiet)) == {"Alpha inc."}
    assert changed(quiet).clients == 0


def test_an_entry_that_moves_is_both_clients(quiet: History) -> None:
    quiet.pull(item(0, "gamma"))

    assert drafted(changed(quiet)) == {"Alpha inc.", "gamma"}


def test_a_retitled_task_is_of_the_clients_whose_work_names_it(quiet: History) -> None:
    quiet.pull(item(9, "gamma", task="2"))
    changed(quiet)
    quiet.pull(Task("tracker", "2", "Another title"))

    assert drafted(changed(quiet)) == {"gamma"}


def test_a_task_that_is_done_is_of_the_clients_whose_work_is_below_it(quiet: History) -> None:
    quiet.pull(item(8, "Epsilon", task="7"), item(9, "gamma", task="2"), Task("tracker", "7", parent="6"))
    changed(quiet)
    quiet.pull(Task("tracker", "6", done=True, done_on=date(2026, 10, 9)))

    (document,) = changed(quiet).documents

    assert (document.document.key.client, document.document.dated) == ("Epsilon", date(2026, 10, 9))


def test_a_task_that_goes_under_another_moves_the_work_below_it(quiet: History) -> None:
    done = [Task("tracker", number, done=True, done_on=date(2026, 10, 9)) for number in "67"]
    quiet.pull(item(8, "Zeta", task="8"), Task("tracker", "8", parent="7", done=True, done_on=date(2026, 10, 9)), *done)
    changed(quiet)
    quiet.pull(Task("tracker", "7", parent="6"))

    (document,) = changed(quiet).documents

    assert document.document.key.group == "tracker:6"


def test_a_milestone_is_of_the_client_whose_fee_waits_for_it(quiet: History) -> None:
    quiet.pull(Task("tracker", "44"))
    changed(quiet)
    quiet.pull(Task("tracker", "44", done=True, done_on=date(2026, 10, 9)))

    [item] = changed(quiet).documents

    assert [line.description for line in item.document.lines if line.kind == "fixed-fee"] == ["Launch"]


def test_tables_policies_and_the_business_date_concern_everybody(quiet: History) -> None:
    everybody = {"Alpha inc.", "Beta ltd", "gamma", "Delta"}
    quiet.more_rates = True
    quiet.config = quiet.write_config()
    assert drafted(changed(quiet)) == everybody
    quiet.policy = 1
    quiet.config = quiet.write_config()
    assert drafted(changed(quiet)) == everybody
    quiet.today += timedelta(days=1)
    assert drafted(changed(quiet)) == everybody
    assert changed(quiet).clients == 0


def test_a_run_over_one_period_makes_the_next_draft_look_at_everything(quiet: History) -> None:
    quiet.today = date(2026, 12, 2)
    changed(quiet)
    quiet.one_period()

    assert changed(quiet).clients > 3


def test_a_draft_that_fails_half_way_is_made_again(quiet: History, monkeypatch: pytest.MonkeyPatch) -> None:
    quiet.pull(item(0, "Alpha", seconds=7200))
    with monkeypatch.context() as patch:
        patch.setattr("syncd.engine.draft._Drafting._finish", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            changed(quiet)

    assert drafted(changed(quiet)) == {"Alpha inc."}


def test_a_document_that_the_policy_lets_through_is_looked_at_until_it_is_approved(quiet: History) -> None:
    """A process may die between the draft and its approval."""
    approval = replace(quiet.config.company.approval, auto_approve_up_to=Decimal(1000), hold_when=())
    quiet.config = replace(quiet.config, company=replace(quiet.config.company, approval=approval))
    changed(quiet)
    everybody = {"Alpha inc.", "Beta ltd", "gamma", "Delta"}
    assert drafted(changed(quiet)) == everybody

    quiet.tick()
    changed(quiet)

    assert changed(quiet).clients == 0


def concerned(history: History) -> set[tuple[str, str]]:
    """The clients (source, name) that something concerns since the last draft, which is then made."""
    with history.store.read() as connection:
        mark = read_drafted(connection, COMPANY)
        table = schema.client_change.c
        assert mark is not None
        query = select(table.source, table.client).where(table.change > mark.change)
        found = {(row.source, row.client) for row in connection.execute(query)}
    while changed(history).clients:
        pass
    return found


def test_whatever_happens_to_a_document_concerns_its_client(quiet: History) -> None:
    gamma = {("", "gamma")}
    quiet.approve(["gamma"])
    assert concerned(quiet) == gamma
    quiet.refuse()
    assert concerned(quiet) == gamma
    quiet.renew()
    quiet.post(1)
    assert concerned(quiet) == gamma
    quiet.void("voided")
    assert concerned(quiet) == gamma
    quiet.decide()
    assert concerned(quiet) == gamma


def test_a_date_that_a_person_chose_concerns_its_clients(quiet: History) -> None:
    choose_date(quiet.store, COMPANY, ["Delta"], quiet.today)

    assert concerned(quiet) == {("", "Delta")}


def test_a_customer_that_changes_in_quickbooks_concerns_everybody_and_its_balance_nobody(quiet: History) -> None:
    row = Named("customer", "1", "Alpha inc.", balance_minor=900)
    with quiet.store.write() as connection:
        store_named(connection, COMPANY, [row], quiet.clock.now(), balances=True)
    assert concerned(quiet) == set()
    with quiet.store.write() as connection:
        store_named(connection, COMPANY, [replace(row, active=False)], quiet.clock.now(), balances=True)
    assert concerned(quiet) == {EVERYTHING}


def test_clients_that_share_an_entry_in_flux_are_drafted_together(quiet: History) -> None:
    """An entry that was billed to one and is another's now: what is taken back from one is charged to the other."""
    quiet.approve(["gamma"])
    quiet.post(1)
    quiet.pull(item(2, "Delta"))
    while changed(quiet).clients:
        pass
    quiet.pull(item(20, "gamma", worked_on=date(2026, 11, 2)))

    assert changed(quiet).clients == 2
    before = rows(quiet.store)
    whole(quiet)
    assert rows(quiet.store) == before


def test_a_billed_entry_that_moved_and_was_settled_binds_nobody(quiet: History) -> None:
    quiet.approve(["gamma"])
    quiet.post(1)
    quiet.pull(item(2, "Delta"))
    quiet.today = date(2026, 12, 2)
    quiet.pull(item(20, "gamma", worked_on=date(2026, 11, 2)))
    quiet.approve(["gamma", "Delta"])
    quiet.post(1)
    while changed(quiet).clients:
        pass
    quiet.pull(item(21, "gamma", worked_on=date(2026, 12, 1)))

    assert changed(quiet).clients == 1
    before = rows(quiet.store)
    whole(quiet)
    assert rows(quiet.store) == before
