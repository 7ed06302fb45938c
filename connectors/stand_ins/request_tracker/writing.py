"""The stand-in's answers to POST and PUT: what other tools and scripts do with tickets."""

from __future__ import annotations

import json

from connectors.stand_ins.request_tracker.answers import error, record_answer, reference, url_of
from connectors.stand_ins.request_tracker.search import SearchError
from connectors.stand_ins.request_tracker.tracker import Queue, RequestTracker, Ticket
from connectors.stand_ins.request_tracker.view import View
from connectors.stand_ins.server import Answer, Json, NotKnownError


def open_queue(view: View) -> Answer:
    """A new queue."""
    said = _written(view, {"Name", "Description"})
    return _made(view, "queue", view.tracker.add_queue(said["Name"], said.get("Description", "")).id)


def add_user(view: View) -> Answer:
    """A new user, named by the login."""
    said = _written(view, {"Name", "EmailAddress", "RealName"})
    made = view.tracker.add_user(said["Name"], email=said.get("EmailAddress", ""), real_name=said.get("RealName", ""))
    return _made(view, "user", made.name)


def open_ticket(view: View) -> Answer:
    """A new ticket; a queue that is missing is 400, one that does not exist 403."""
    known = {"Queue", "Subject", "Requestor", "TimeWorked", "Content", "ContentType", "CustomFields"}
    said = _written(view, known)
    if not said.get("Queue"):
        return error(400, "Could not create ticket. Queue not set")
    queue = _queue(view.tracker, said["Queue"])
    if queue is None:
        return error(403, f"No permission to create tickets in the queue '{said['Queue']}'")
    asked_by = said.get("Requestor") or []
    requestors = [asked_by] if isinstance(asked_by, str) else list(asked_by)
    made = view.tracker.open_ticket(
        queue,
        said.get("Subject", ""),
        requestor=requestors[0] if requestors else "",
        minutes=int(said.get("TimeWorked", 0)),
        text=said.get("Content", ""),
        custom=_known_fields(view.tracker.custom_fields, said.get("CustomFields") or {}),
    )
    made.requestors += [view.tracker.user(name) for name in requestors[1:]]
    return _made(view, "ticket", made.id)


def change_ticket(view: View, number: str) -> Answer:
    """What happened, in a list; also what was refused is only said there, with 200."""
    found = view.tracker.ticket(int(number))
    if found is None:
        return error(404, "Resource does not exist; use POST to create")
    said = _written(view, {"Subject", "TimeWorked", "Status", "Queue", "MergeInto", "CustomFields", "Requestor"})
    results: list[str] = []
    for name, value in said.items():
        if name == "CustomFields":
            for field, text in _known_fields(view.tracker.custom_fields, value).items():
                view.tracker.set_custom_field(found, field, text)
                results.append(f"{field} {text} added")
        elif name == "MergeInto":
            results.append(_merge(view.tracker, found, int(value)))
        elif name == "Requestor":
            found.requestors = [view.tracker.user(each) for each in ([value] if isinstance(value, str) else value)]
            view.tracker.touch(found)
        else:
            results += _set(view.tracker, found, name, str(value))
    return record_answer(results)


def say(view: View, number: str, kind: str) -> Answer:
    """A comment or an answer on a ticket, with its minutes."""
    found = view.tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    said = _written(view, {"Content", "ContentType", "TimeTaken", "Subject", "TxnCustomFields"})
    if said.get("Content") and not said.get("ContentType"):
        return error(400, "ContentType is a required field for application/json")
    act, result = {
        "comment": (view.tracker.comment, "Comments added"),
        "correspond": (view.tracker.reply, "Correspondence added"),
    }[kind]
    custom = _known_fields(view.tracker.transaction_fields, said.get("TxnCustomFields") or {})
    made = act(
        found,
        said.get("Content", ""),
        minutes=int(said.get("TimeTaken", 0)),
        content_type=said.get("ContentType", "text/plain"),
        custom=custom,
    )
    results = [result, "Custom fields updated"] if custom else [result]
    return record_answer(results, 201, {"Location": url_of(view.asked, "transaction", made.id)})


def _merge(tracker: RequestTracker, ticket: Ticket, number: int) -> str:
    into = tracker.ticket(number)
    if into is None:
        return "New ticket doesn't exist"
    if into is ticket:
        return "Can't merge a ticket into itself"
    tracker.merge(ticket, into)
    return "Merge Successful"


def _set(tracker: RequestTracker, ticket: Ticket, name: str, value: str) -> list[str]:
    """What the tool says of one change: a sentence, or nothing when nothing changes."""
    if name == "Queue":
        queue, before = _queue(tracker, value), ticket.queue.name
        if queue is None:
            return [f"Ticket {ticket.id}: Queue {value} does not exist"]
        tracker.move(ticket, queue)
        return [f"Ticket {ticket.id}: Queue changed from {before} to {queue.name}"]
    if name == "TimeWorked":
        made = tracker.set_time_worked(ticket, int(value))
        return [] if made is None else [f"Ticket {ticket.id}: {_worked(made.time_taken)}"]
    if name == "Status":
        before = ticket.status
        tracker.set_status(ticket, value)
        said = "Ticket deleted" if value == "deleted" else f"Status changed from '{before}' to '{value}'"
        return [f"Ticket {ticket.id}: {said}"]
    before = ticket.subject
    tracker.rename(ticket, value)
    return [f"Ticket {ticket.id}: Subject changed from '{before}' to '{value}'"]


def _worked(minutes: int) -> str:
    unit = "minute" if minutes == 1 else "minutes"
    return f"Worked {minutes} {unit}" if minutes > 0 else f"Adjusted time worked by {minutes} {unit}"


def _written(view: View, known: set[str]) -> Json:
    """The JSON object that was sent; raises for what the stand-in would have to ignore."""
    if not view.user.superuser:
        raise NotKnownError("what a user without every right may write")
    try:
        said = json.loads(view.asked.body)
    except ValueError as wrong:
        raise SearchError(f"JSON parse error: {wrong}") from wrong
    if not isinstance(said, dict):
        raise SearchError("JSON object must be a HASH")
    if unknown := said.keys() - known:
        raise NotKnownError(", ".join(sorted(unknown)))
    return said


def _known_fields(known: list[str], said: dict[str, str]) -> dict[str, str]:
    if unknown := said.keys() - set(known):
        raise NotKnownError(f"the custom field {', '.join(sorted(unknown))}")
    return said


def _queue(tracker: RequestTracker, said: object) -> Queue | None:
    return next((each for each in tracker.queues if str(said) in (str(each.id), each.name)), None)


def _made(view: View, kind: str, number: int | str) -> Answer:
    record = reference(view.asked, kind, number)
    return Answer(201, record, headers={"Location": record["_url"]})
