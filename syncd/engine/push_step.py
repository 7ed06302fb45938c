"""One row of the outbox, one step: look if there is doubt, claim, send, and record what came of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from connectors.quickbooks.errors import QuickBooksError, RefusedError, ThrottledError, UnauthorisedError
from connectors.quickbooks.marker import find_marker
from connectors.quickbooks.values import UnexpectedAnswerError, text_of
from connectors.quickbooks.wire import Json, parse_json, write_json
from mappings.problems import Problem
from syncd.config import Config
from syncd.engine import outbox
from syncd.engine.outbox import Answer
from syncd.engine.push_look import Seen, look, look_at_number
from syncd.engine.push_report import Result
from syncd.engine.push_run import SEND_SECONDS, Run, Task
from syncd.engine.quickbooks import QuickBooksFailure, TooLateError, is_companys, problem_of
from syncd.store import schema

DEPARTURE_SECONDS = 10
"""How long after its recorded moment a request may leave; the quarantine's margin covers it."""
_DUPLICATE_NUMBER = "6140"


def step(run: Run, task: Task) -> None:
    """Take one due row as far as it goes now."""
    if task.row.operation == "send" and not _may_be_mailed(run, task):
        return
    if task.row.state == "unknown" and not _absent(run, task):
        return
    claimed = _claim(run, task)
    if claimed is not None:
        _send(run, claimed)


def _absent(run: Run, task: Task) -> bool:
    """Look for what may have been done; True when it surely was not, so that it may be sent again."""
    try:
        seen = look(run.opened.client, task)
    except QuickBooksFailure as error:
        # A failed look says nothing: the row stays in doubt.
        problem = problem_of(error)
        with run.store.write() as connection:
            answer = _answer("failed", error)
            outbox.record_look(connection, task.row, run.lease_now(), answer, run.clock.now(), problem=problem)
        if is_companys(error):
            run.halt(error)
        return False
    return _settled(run, task, seen)


def _settled(run: Run, task: Task, seen: Seen) -> bool:
    """Record what a look has shown; True when the document is absent."""
    if seen.quickbooks_id:
        record_done(run, task, seen.quickbooks_id, Answer("found", detail=seen.what), seen.emailed)
        return False
    if seen.problem is not None:
        record_refusal(run, task, Answer("look", detail=seen.what), seen.problem)
        return False
    with run.store.write() as connection:
        answer = Answer("absent", detail=seen.what)
        return outbox.record_look(connection, task.row, run.lease_now(), answer, run.clock.now())


def _claim(run: Run, task: Task) -> Task | None:
    """Commit the attempt; None when another process was first."""
    lease = run.lease()
    with run.store.write() as connection:
        row = outbox.claim(connection, task.row, lease, run.clock.now())
    return None if row is None else task.moved(row)


def _send(run: Run, task: Task) -> None:
    """Let the request leave once, and record its result."""
    claimed_at = task.row.last_sent_at
    assert claimed_at is not None, "a claim records its moment"
    latest = min(
        run.lease_now().expires_at - timedelta(seconds=SEND_SECONDS),
        claimed_at + timedelta(seconds=DEPARTURE_SECONDS),
    )
    with run.opened.gate.sending(latest) as left_at:
        try:
            answer = _request(run, task)
        except QuickBooksFailure as error:
            _failed(run, task, error, left_at() or claimed_at)
            return
    done = Answer("done", http_status=200, intuit_tid=run.opened.client.answered_tid)
    record_done(run, task, text_of(answer, "Id"), done, _was_emailed(answer))


def _request(run: Run, task: Task) -> Json:
    """The one write of this attempt; raises QuickBooksFailure."""
    client, row = run.opened.client, task.row
    payload = parse_json(row.payload)
    if row.operation == "send":
        return client.send(task.entity, payload["Id"], row.request_id, payload["sendTo"])
    answer = client.create(task.entity, row.payload, row.request_id)
    if find_marker(text_of(answer, "PrivateNote")) != find_marker(payload["PrivateNote"]):
        raise UnexpectedAnswerError("QuickBooks answered with another document than the one that was sent.")
    return answer


def _failed(run: Run, task: Task, error: Exception, left_at: datetime) -> None:
    """Record a failure as what it is: doubt, a refusal of the document, or a hindrance that is not its fault."""
    if isinstance(error, QuickBooksError) and not error.certain:
        record_doubt(run, task, error, left_at + run.quarantine)
    elif isinstance(error, RefusedError):
        _refused(run, task, error)
    else:
        _hindered(run, task, error)


def _hindered(run: Run, task: Task, error: Exception) -> None:
    """Nothing was done, and the document is not at fault: it goes back, and the company may have to wait."""
    problem = problem_of(error)
    not_before = None
    if isinstance(error, ThrottledError):
        seconds = error.retry_after_seconds
        seconds = run.opened.throttle_seconds if seconds is None else seconds
        not_before = run.clock.now() + timedelta(seconds=seconds)
    with run.store.write() as connection:
        lease, now = run.lease_now(), run.clock.now()
        outbox.record_not_sent(connection, task.row, lease, _answer("not-sent", error), problem, not_before, now)
    if isinstance(error, TooLateError):
        return
    if isinstance(error, UnauthorisedError) and error.refresh_may_help and not run.unauthorised(task):
        return  # The session has told the token's source; the next round has another one.
    run.halt(error)


def _refused(run: Run, task: Task, error: RefusedError) -> None:
    """A definite no. For a number that is taken, look whose document has it: it may be this very one."""
    if _DUPLICATE_NUMBER not in error.codes:
        record_refusal(run, task, _answer("refused", error), _document_problem(task, error))
        return
    try:
        seen = look_at_number(run.opened.client, task, error)
    except QuickBooksFailure as failure:
        # Whether it is there cannot be told now: the next look will.
        record_doubt(run, task, failure, run.clock.now())
        if is_companys(failure):
            run.halt(failure)
        return
    if seen.quickbooks_id:
        record_done(run, task, seen.quickbooks_id, Answer("found", detail=seen.what), seen.emailed)
    else:
        assert seen.problem is not None, "a number that is taken is taken by somebody"
        record_refusal(run, task, _answer("refused", error), seen.problem, exists=seen.exists)


def _document_problem(task: Task, error: RefusedError) -> Problem:
    """A refusal as the person reads it who has to mend it."""
    said = "; ".join(str(fault) for fault in error.faults) or error.what
    code = error.codes[0] if error.codes else str(error.status)
    again = f"`syncd retry {task.name}`"
    fix = error.advice.replace("`syncd retry`", again)
    fix = fix if again in fix else f"{fix} Then type {again}.".strip()
    return Problem(f"quickbooks-{code}", f"QuickBooks refuses {task.name} ({task.document.client}): {said}.", fix)


def record_done(run: Run, task: Task, quickbooks_id: str, answer: Answer, emailed: bool) -> None:
    """Record that QuickBooks has it; with it, the intent to e-mail it, if that is wanted and was not done."""
    with run.store.write() as connection:
        lease, now = run.lease_now(), run.clock.now()
        if not outbox.record_done(connection, task.row, lease, quickbooks_id, answer, now):
            return
        if not emailed:
            enqueue_email(connection, run.config, task, quickbooks_id, now)
    found = answer.outcome == "found"
    run.note(task, _result(task.row.operation, found), quickbooks_id=quickbooks_id)


def _result(operation: str, found: bool) -> Result:
    if operation == "create":
        return "adopted" if found else "sent"
    return "e-mailed" if operation == "send" else "applied"


def enqueue_email(connection: Connection, config: Config, task: Task, quickbooks_id: str, now: datetime) -> None:
    """Record the intent to e-mail an invoice that has been created, if QuickBooks is to send it."""
    if task.row.operation != "create" or task.document.kind != "invoice" or config.quickbooks.send_by != "quickbooks":
        return
    address = text_of(parse_json(task.row.payload), "BillEmail", "Address")
    if not address:
        return
    outbox.enqueue(
        connection,
        company=task.row.company,
        realm=task.row.realm,
        operation="send",
        document_id=task.row.document_id,
        payload=write_json({"Id": quickbooks_id, "sendTo": address}),
        now=now,
    )


def record_doubt(run: Run, task: Task, error: Exception, not_before: datetime) -> None:
    """Record that only a look can tell what happened, and from when on it may look."""
    with run.store.write() as connection:
        lease, now = run.lease_now(), run.clock.now()
        if not outbox.record_doubt(connection, task.row, lease, _answer("unclear", error), not_before, now):
            return
    run.note(task, "unknown", not_before=not_before, problem=problem_of(error))


def record_refusal(run: Run, task: Task, answer: Answer, problem: Problem, *, exists: bool = False) -> None:
    """Record that a person must act; all other documents go on."""
    with run.store.write() as connection:
        lease, now = run.lease_now(), run.clock.now()
        if not outbox.record_refused(connection, task.row, lease, answer, problem, now, exists=exists):
            return
    run.note(task, "refused", problem=problem)


def _may_be_mailed(run: Run, task: Task) -> bool:
    """Nobody is mailed an invoice that was voided or deleted before its e-mail had left, nor one a second time."""
    table = schema.remote_document.c
    query = select(table.state, table.email_status).where(
        table.company == run.company, table.type == task.entity, table.id == task.document.quickbooks_id
    )
    with run.store.read() as connection:
        state, email = connection.execute(query).one_or_none() or ("live", "")
    if task.row.state == "ready" and state == "live" and email == "EmailSent":
        record_done(run, task, task.document.quickbooks_id, Answer("found", detail="EmailSent"), emailed=True)
        return False
    if state == "live" or task.row.state != "ready":
        return True
    with run.store.write() as connection:
        outbox.withdraw_email(connection, task.row, run.lease_now(), f"{state} in QuickBooks", run.clock.now())
    run.note(task, "withdrawn")
    return False


def _was_emailed(answer: Json) -> bool:
    return text_of(answer, "EmailStatus") == "EmailSent"


def _answer(outcome: str, error: Exception) -> Answer:
    """A failure for the record."""
    what = problem_of(error).what
    if not isinstance(error, QuickBooksError):
        return Answer(outcome, detail=what)
    return Answer(outcome, error.status or None, error.intuit_tid, what)
