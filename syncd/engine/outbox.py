"""The outbox's rows: every change of state is a compare-and-set, written together with its attempt and event.

The states and their arrows stand beside the column in the schema. Nothing here speaks to QuickBooks: `push` does, and
calls these functions before and after, each inside a transaction of its own.
"""

from __future__ import annotations

import hashlib
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import Connection, insert, or_, select, update

from mappings.problems import Problem
from syncd.engine.content import encode
from syncd.engine.world import UNSENT
from syncd.store import schema
from syncd.store.changes import mark_document_clients
from syncd.store.events import append_event
from syncd.store.leases import Lease, check

_NAMESPACE = uuid.UUID("6f0c5d6e-6f55-4f5c-9c39-5b5f3a9c2a17")
"""Fixed for good: another one would give documents that were sent other request ids."""

_ARROWS = {
    ("ready", "sending"),
    ("unknown", "sending"),
    ("sending", "done"),
    ("sending", "unknown"),
    ("sending", "ready"),
    ("sending", "refused"),
    ("unknown", "unknown"),  # a look that failed, or waits
    ("unknown", "done"),
    ("unknown", "refused"),  # a look that found two: only a person can tell which one stays
    ("ready", "withdrawn"),  # an e-mail of what was voided before it left; an application planned anew
    ("refused", "withdrawn"),  # an application that is planned anew
    ("refused", "done"),  # a look before a retry that found it
    ("ready", "done"),  # what was read of QuickBooks shows it: this database is older
    ("withdrawn", "done"),  # so, and it had been withdrawn here before that was read
    ("ready", "ready"),  # its number is that of a document that was adopted: another one, before anything was sent
    ("refused", "ready"),
}


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One operation on one document, as it stood when it was read."""

    id: int
    company: str
    realm: str
    operation: str
    document_id: str
    generation: int
    request_id: str
    payload: str
    payload_hash: str
    state: str
    doubted: bool
    not_before: datetime | None
    last_sent_at: datetime | None
    lease_token: int | None
    problem: str | None

    @property
    def problem_value(self) -> Problem | None:
        return msgspec.json.decode(self.problem, type=Problem) if self.problem else None


_COLUMNS = [schema.outbox.c[name] for name in OutboxRow.__dataclass_fields__]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back from one request, for the record: never its body, which may hold a client's data."""

    outcome: str
    http_status: int | None = None
    intuit_tid: str = ""
    detail: str = ""


def request_id_of(realm: str, operation: str, document_id: str, generation: int) -> str:
    """The id under which QuickBooks knows a request: the same for each attempt, so that a repeat is recognised."""
    return str(uuid.uuid5(_NAMESPACE, "|".join((realm, operation, document_id, str(generation)))))


def payload_hash_of(payload: str) -> str:
    """SHA-256 of the text that is sent."""
    return hashlib.sha256(payload.encode()).hexdigest()


def enqueue(
    connection: Connection,
    *,
    company: str,
    realm: str,
    operation: str,
    document_id: str,
    payload: str,
    now: datetime,
    generation: int = 1,
) -> int:
    """Record the intent of one operation: a `ready` row, of the first generation unless told; gives back its id."""
    added = connection.execute(
        insert(schema.outbox)
        .values(
            company=company,
            realm=realm,
            operation=operation,
            document_id=document_id,
            generation=generation,
            request_id=request_id_of(realm, operation, document_id, generation),
            payload=payload,
            payload_hash=payload_hash_of(payload),
            state="ready",
            doubted=False,
            changed_at=now,
        )
        .returning(schema.outbox.c.id)
    )
    return int(added.scalar_one())


def read_row(connection: Connection, company: str, document_id: str, operation: str) -> OutboxRow | None:
    """The row of an operation that can still act on a document."""
    outbox = schema.outbox.c
    query = (
        select(*_COLUMNS)
        .where(outbox.company == company, outbox.document_id == document_id, outbox.operation == operation)
        .where(outbox.state != "withdrawn")
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else OutboxRow(*row)


def refused_application(connection: Connection, company: str, credit_id: str) -> OutboxRow | None:
    """The application of a credit memo that QuickBooks refused, if there is one."""
    outbox = schema.outbox.c
    query = (
        select(*_COLUMNS)
        .where(outbox.company == company, outbox.document_id == credit_id)
        .where(outbox.operation == "apply", outbox.state == "refused")
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else OutboxRow(*row)


def open_rows(connection: Connection, company: str) -> list[OutboxRow]:
    """Every row that is not at its end, oldest first: due, waiting or in doubt."""
    outbox = schema.outbox.c
    query = select(*_COLUMNS).where(outbox.company == company, schema.UNDER_WAY).order_by(outbox.id)
    return [OutboxRow(*row) for row in connection.execute(query)]


def due_rows(connection: Connection, company: str, now: datetime) -> list[OutboxRow]:
    """Rows on which something can be done now, oldest first."""
    return [
        row
        for row in open_rows(connection, company)
        if row.state != "sending" and (row.not_before is None or row.not_before <= now)
    ]


def doubt_orphans(connection: Connection, lease: Lease, quarantine_seconds: float, now: datetime) -> int:
    """Put every row found in `sending` in doubt: who held it is gone, and its request may still be carried out.

    Called once the push lease is taken, so no row can be in `sending` by right. Gives back how many there were.
    """
    check(connection, lease)
    orphans = [row for row in open_rows(connection, lease.company) if row.state == "sending"]
    for row in orphans:
        assert row.last_sent_at is not None, "a claim records when it was made"
        not_before = row.last_sent_at + timedelta(seconds=quarantine_seconds)
        moved = _move(connection, row, "unknown", now, doubted=True, not_before=not_before)
        assert moved, "the row was read in this transaction"
        _attempt(connection, row, "result", now, Answer("lost", detail="found in sending at take-over"))
        append_event(connection, row.company, "in-doubt", row.document_id, {"operation": row.operation}, now)
    return len(orphans)


def claim(connection: Connection, row: OutboxRow, lease: Lease, now: datetime) -> OutboxRow | None:
    """Take a row for sending and record the attempt; None when it has moved since it was read.

    Committed before anything leaves: the intent always stands before the effect.
    """
    check(connection, lease)
    _assert_same_payload(connection, row)
    sent = {"last_sent_at": now, "lease_token": lease.token, "not_before": None, "problem": None}
    if not _move(connection, row, "sending", now, **sent):
        return None
    _attempt(connection, row, "sending", now, Answer("", detail=row.payload_hash))
    claimed = connection.execute(select(*_COLUMNS).where(schema.outbox.c.id == row.id)).one()
    return OutboxRow(*claimed)


def record_done(
    connection: Connection, row: OutboxRow, lease: Lease, quickbooks_id: str, answer: Answer, now: datetime
) -> bool:
    """QuickBooks has it: by its answer, or because a look found it. False when the row has moved meanwhile."""
    check(connection, lease)
    if not _move(connection, row, "done", now, not_before=None, problem=None):
        return False
    _attempt(connection, row, "look" if answer.outcome == "found" else "result", now, answer)
    if row.operation == "create":
        document = schema.document.c
        linked = connection.execute(
            update(schema.document)
            .where(document.id == row.document_id)
            .where(or_(document.quickbooks_id.is_(None), document.quickbooks_id == quickbooks_id))
            .values(quickbooks_id=quickbooks_id)
        )
        assert linked.rowcount == 1, "one document of ours is one document in QuickBooks"
    if row.operation == "apply":
        applied = connection.execute(
            update(schema.application)
            .where(schema.application.c.outbox_id == row.id)
            .values(quickbooks_id=quickbooks_id)
        )
        assert applied.rowcount == 1, "an application is planned before it is sent"
    kind = _event_kind(row.operation, answer.outcome)
    append_event(connection, row.company, kind, row.document_id, {"quickbooks_id": quickbooks_id}, now)
    return True


def _event_kind(operation: str, outcome: str) -> str:
    if operation == "send":
        return "e-mailed"
    if operation == "apply":
        return "applied"
    return "adopted" if outcome == "found" else "sent"


def record_doubt(
    connection: Connection, row: OutboxRow, lease: Lease, answer: Answer, not_before: datetime, now: datetime
) -> bool:
    """The request may have been carried out: nothing is sent again before a look, and no look before `not_before`."""
    check(connection, lease)
    problem = Problem("in-doubt", answer.detail, "syncd looks by itself whether QuickBooks has it.", warning=True)
    if not _move(connection, row, "unknown", now, doubted=True, not_before=not_before, problem=encode(problem)):
        return False
    _attempt(connection, row, "result", now, answer)
    append_event(connection, row.company, "in-doubt", row.document_id, {"operation": row.operation}, now)
    return True


def record_not_sent(
    connection: Connection,
    row: OutboxRow,
    lease: Lease,
    answer: Answer,
    problem: Problem | None,
    not_before: datetime | None,
    now: datetime,
) -> bool:
    """A definite refusal that is not the document's fault: it waits. Doubt from an earlier attempt stays doubt."""
    check(connection, lease)
    state = "unknown" if row.doubted else "ready"
    values = {"not_before": not_before, "problem": None if problem is None else encode(problem)}
    if not _move(connection, row, state, now, **values):
        return False
    _attempt(connection, row, "result", now, answer)
    return True


def record_refused(
    connection: Connection,
    row: OutboxRow,
    lease: Lease,
    answer: Answer,
    problem: Problem,
    now: datetime,
    *,
    exists: bool = False,
) -> bool:
    """QuickBooks does not take it as it is: a person has to act; the other documents go on.

    `exists`: it is there already, in a form that a person must look at; so it must never be withdrawn and made anew.
    """
    check(connection, lease)
    doubted = row.doubted or exists
    if not _move(connection, row, "refused", now, doubted=doubted, not_before=None, problem=encode(problem)):
        return False
    _attempt(connection, row, "result", now, answer)
    append_event(connection, row.company, "refused", row.document_id, {"code": problem.code}, now)
    return True


def record_look(
    connection: Connection,
    row: OutboxRow,
    lease: Lease,
    answer: Answer,
    now: datetime,
    *,
    problem: Problem | None = None,
    not_before: datetime | None = None,
) -> bool:
    """A look that found nothing, or that failed: neither moves the row; a failed one says why it still waits."""
    check(connection, lease)
    if row.state == "unknown" and not _move(
        connection, row, "unknown", now, not_before=not_before, problem=None if problem is None else encode(problem)
    ):
        return False
    _attempt(connection, row, "look", now, answer)
    return True


def withdraw_email(connection: Connection, row: OutboxRow, lease: Lease, because: str, now: datetime) -> bool:
    """Nothing is mailed any more: the document was voided or deleted before its e-mail had left."""
    check(connection, lease)
    assert row.operation == "send", "a document is withdrawn by drafting it anew"
    moved = _move(connection, row, "withdrawn", now, not_before=None, problem=None)
    if moved:
        append_event(connection, row.company, "e-mail-withdrawn", row.document_id, {"because": because}, now)
    return moved


def withdraw_application(connection: Connection, row: OutboxRow, lease: Lease, because: str, now: datetime) -> bool:
    """Plan an application anew that was surely never carried out: with the balances that QuickBooks has then."""
    check(connection, lease)
    assert row.operation == "apply", "only what rests on balances of a moment is planned anew"
    if not _move(connection, row, "withdrawn", now, not_before=None, problem=None, doubted=False):
        return False
    table = schema.application
    connection.execute(update(table).where(table.c.outbox_id == row.id).values(ended_at=now))
    append_event(connection, row.company, "application-withdrawn", row.document_id, {"because": because}, now)
    return True


def renew(connection: Connection, row: OutboxRow, lease: Lease, payload: str, now: datetime) -> bool:
    """`syncd retry`: a refused row becomes ready again, under a new request id, since its payload may differ now."""
    check(connection, lease)
    generation = row.generation + 1
    moved = _move(
        connection,
        row,
        "ready",
        now,
        generation=generation,
        request_id=request_id_of(row.realm, row.operation, row.document_id, generation),
        payload=payload,
        payload_hash=payload_hash_of(payload),
        not_before=None,
        problem=None,
        # Doubt has been cleared by a look before this is called; the new request id was never sent.
        doubted=False,
    )
    if moved:
        append_event(connection, row.company, "retried", row.document_id, {"generation": generation}, now)
    return moved


def _move(connection: Connection, row: OutboxRow, state: str, now: datetime, **values: Any) -> bool:
    """Compare-and-set: only from the state, request id and lease in which the row was read."""
    assert (row.state, state) in _ARROWS, f"no arrow from {row.state} to {state}"
    outbox = schema.outbox.c
    same_token = outbox.lease_token.is_(None) if row.lease_token is None else outbox.lease_token == row.lease_token
    moved = connection.execute(
        update(schema.outbox)
        .where(outbox.id == row.id, outbox.state == row.state, outbox.request_id == row.request_id, same_token)
        .values(state=state, changed_at=now, **values)
    )
    if moved.rowcount != 1:
        return False
    after = (state, bool(values.get("doubted", row.doubted)))
    if row.operation == "create" and (
        state == "done" or "payload" in values or _bound(*after) != _bound(row.state, row.doubted)
    ):
        mark_document_clients(connection, row.company, schema.document.c.id == row.document_id)
    return True


def _bound(state: str, doubted: bool) -> bool:
    """Whether what is drafted next counts the document as sent."""
    return doubted or state not in UNSENT


def _attempt(connection: Connection, row: OutboxRow, phase: str, now: datetime, answer: Answer) -> None:
    connection.execute(
        insert(schema.attempt).values(
            company=row.company,
            outbox_id=row.id,
            request_id=row.request_id,
            phase=phase,
            at=now,
            outcome=answer.outcome,
            http_status=answer.http_status,
            intuit_tid=answer.intuit_tid or None,
            detail=answer.detail[:2000],
        )
    )


def _assert_same_payload(connection: Connection, row: OutboxRow) -> None:
    """One request id is one payload, for good: QuickBooks would answer the second with the first one's document."""
    expected = request_id_of(row.realm, row.operation, row.document_id, row.generation)
    assert row.request_id == expected, "a request id is made of realm, operation, document and generation"
    assert row.payload_hash == payload_hash_of(row.payload), "the payload is not the one that was recorded"
    attempt = schema.attempt.c
    others = connection.execute(
        select(attempt.id)
        .where(attempt.outbox_id == row.id, attempt.request_id == row.request_id, attempt.phase == "sending")
        .where(attempt.detail != row.payload_hash)
        .limit(1)
    ).first()
    assert others is None, "this request id was sent with another payload"
