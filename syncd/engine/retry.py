"""`syncd retry`: send a refused document again, once a person has mended what it was refused for."""

from __future__ import annotations

from sqlalchemy import Connection, or_, select, update

from connectors.quickbooks.wire import parse_json, write_json
from mappings.problems import Problem
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine import outbox
from syncd.engine.content import decode_document
from syncd.engine.numbers import next_number
from syncd.engine.outbox import Answer, OutboxRow
from syncd.engine.push_look import NUMBER_TAKEN, look
from syncd.engine.push_report import Outcome
from syncd.engine.push_run import LEASE_SECONDS, Task, outcome_of, tasks_of
from syncd.engine.push_step import enqueue_email
from syncd.engine.quickbooks import QuickBooks, QuickBooksFailure, problem_of
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.leases import Lease, held


def retry(
    store: Store,
    config: Config,
    opened: QuickBooks,
    name: str,
    *,
    clock: Clock,
    holder: str,
    wait_seconds: float = 0,
) -> tuple[Outcome, ...] | Problem:
    """Make what was refused of one document (its number or id) ready for the next push; raises LeaseHeldError.

    What was ever in doubt is looked for first: found, it is adopted instead. A credit memo that could not be applied is
    planned anew by the next push, with what is open then.
    """
    with held(store, opened.company, "push", holder, LEASE_SECONDS, clock, wait_seconds) as lease:
        with store.read() as connection:
            tasks = _refused(connection, opened.company, name)
        if not tasks:
            return _nothing_refused(store, opened.company, name)
        outcomes = []
        for task in tasks:
            renewed = _retry_one(store, config, opened, task, lease, clock)
            if isinstance(renewed, Problem):
                return renewed
            outcomes.append(renewed)
        return tuple(outcomes)


def _retry_one(
    store: Store, config: Config, opened: QuickBooks, task: Task, lease: Lease, clock: Clock
) -> Outcome | Problem:
    if task.row.doubted:
        try:
            seen = look(opened.client, task)
        except QuickBooksFailure as error:
            return problem_of(error)
        if seen.quickbooks_id:
            with store.write() as connection:
                answer = Answer("found", detail=seen.what)
                outbox.record_done(connection, task.row, lease, seen.quickbooks_id, answer, clock.now())
                if not seen.emailed:
                    enqueue_email(connection, config, task, seen.quickbooks_id, clock.now())
            return outcome_of(task, "adopted", quickbooks_id=seen.quickbooks_id)
        if seen.problem is not None and seen.problem.code != NUMBER_TAKEN:
            return seen.problem
    if task.row.operation == "apply":
        with store.write() as connection:
            outbox.withdraw_application(connection, task.row, lease, "retried", clock.now())
        return outcome_of(task, "withdrawn")
    with store.write() as connection:
        payload = _payload(connection, config, task.row)
        outbox.renew(connection, task.row, lease, payload, clock.now())
        task = _refreshed(connection, task)
    return outcome_of(task, "waiting")


def _refused(connection: Connection, company: str, name: str) -> list[Task]:
    """The refused operations of a document."""
    table = schema.document.c
    query = select(table.id).where(table.company == company, or_(table.id == name, table.number == name))
    ids = connection.execute(query).scalars().all()
    rows = [
        row
        for document_id in ids
        for operation in ("create", "send")
        if (row := outbox.read_row(connection, company, document_id, operation)) is not None
    ]
    rows += [
        row for document_id in ids if (row := outbox.refused_application(connection, company, document_id)) is not None
    ]
    return tasks_of(connection, [row for row in rows if row.state == "refused"])


def _refreshed(connection: Connection, task: Task) -> Task:
    row = outbox.read_row(connection, task.row.company, task.row.document_id, task.row.operation)
    assert row is not None, "it was renewed in this transaction"
    return tasks_of(connection, [row])[0]


def _payload(connection: Connection, config: Config, row: OutboxRow) -> str:
    """What is sent this time: the same, but for a number that is another document's."""
    problem = row.problem_value
    if row.operation != "create" or problem is None or problem.code != NUMBER_TAKEN:
        return row.payload
    table = schema.document.c
    content = connection.execute(select(table.content).where(table.id == row.document_id)).scalar_one()
    number = next_number(connection, config, decode_document(content))
    connection.execute(update(schema.document).where(table.id == row.document_id).values(number=number))
    payload: str = write_json(parse_json(row.payload) | {"DocNumber": number})
    return payload


def _nothing_refused(store: Store, company: str, name: str) -> Problem:
    table = schema.document.c
    with store.read() as connection:
        known = connection.execute(
            select(table.id).where(table.company == company, or_(table.id == name, table.number == name))
        ).first()
    if known is None:
        return Problem("unknown-document", f"There is no document {name}.", "Type `syncd status` for those there are.")
    return Problem("nothing-refused", f"QuickBooks has refused nothing of {name}.", f"Type `syncd show {name}`.")
