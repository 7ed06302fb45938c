"""The stand-in's answers to POST and PUT: what other tools and scripts do with tickets."""

from __future__ import annotations

import json

from connectors.stand_ins.request_tracker.answers import error, reference, url_of
from connectors.stand_ins.request_tracker.search import SearchError
from connectors.stand_ins.request_tracker.tracker import Queue, RequestTracker, Ticket
from connectors.stand_ins.server import Answer, Asked, Json, NotKnownError


def open_queue(tracker: RequestTracker, asked: Asked) -> Answer:
    """A new queue."""
    said = _written(asked, {"Name", "Description"})
    return _made(asked, "queue", tracker.add_queue(said["Name"], said.get("Description", "")).id)


def open_ticket(tracker: RequestTracker, asked: Asked) -> Answer:
    """A new ticket; a queue that is missing is 400, one that does not exist 403."""
    said = _written(asked, {"Queue", "Subject", "Requestor", "TimeWorked", "Content", "ContentType"})
    if not said.get("Queue"):
        return error(400, "Could not create ticket. Queue not set")
    queue = _queue(tracker, said["Queue"])
    if queue is None:
        return error(403, f"No permission to create tickets in the queue '{said['Queue']}'")
    made = tracker.open_ticket(
        queue,
        said.get("Subject", ""),
        requestor=said.get("Requestor", ""),
        minutes=int(said.get("TimeWorked", 0)),
        text=said.get("Content", ""),
    )
    return _made(asked, "ticket", made.id)


def change_ticket(tracker: RequestTracker, asked: Asked, number: str) -> Answer:
    """What happened, in a list; also what was refused is only said there, with 200."""
    found = tracker.ticket(int(number))
    if found is None:
        return error(404, "Resource does not exist; use POST to create")
    said = _written(asked, {"Subject", "TimeWorked", "Status", "Queue", "MergeInto", "CustomFields"})
    results = []
    for name, value in said.items():
        if name == "CustomFields":
            for field, text in value.items():
                tracker.set_custom_field(found, field, text)
                results.append(f"{field} {text} added")
        elif name == "MergeInto":
            results.append(_merge(tracker, found, int(value)))
        else:
            results.append(_set(tracker, found, name, str(value)))
    return Answer(200, results)


def say(tracker: RequestTracker, asked: Asked, number: str, kind: str) -> Answer:
    """A comment or an answer on a ticket, with its minutes."""
    found = tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    said = _written(asked, {"Content", "ContentType", "TimeTaken", "Subject"})
    if said.get("Content") and not said.get("ContentType"):
        return error(400, "ContentType is a required field for application/json")
    act, result = {
        "comment": (tracker.comment, "Comments added"),
        "correspond": (tracker.reply, "Correspondence added"),
    }[kind]
    made = act(found, said.get("Content", ""), minutes=int(said.get("TimeTaken", 0)))
    return Answer(201, [result], headers={"Location": url_of(asked, "transaction", made.id)})


def _merge(tracker: RequestTracker, ticket: Ticket, number: int) -> str:
    into = tracker.ticket(number)
    if into is None:
        return "New ticket doesn't exist"
    if into is ticket:
        return "Can't merge a ticket into itself"
    tracker.merge(ticket, into)
    return "Merge Successful"


def _set(tracker: RequestTracker, ticket: Ticket, name: str, value: str) -> str:
    if name == "Queue":
        queue = _queue(tracker, value)
        if queue is None:
            return "That queue does not exist"
        tracker.move(ticket, queue)
    elif name == "TimeWorked":
        tracker.set_time_worked(ticket, int(value))
    elif name == "Status":
        tracker.set_status(ticket, value)
    else:
        tracker.rename(ticket, value)
    return f"Ticket {ticket.id}: {name} changed to '{value}'"


def _written(asked: Asked, known: set[str]) -> Json:
    """The JSON object that was sent; raises for what the stand-in would have to ignore."""
    try:
        said = json.loads(asked.body)
    except ValueError as wrong:
        raise SearchError(f"JSON parse error: {wrong}") from wrong
    if not isinstance(said, dict):
        raise SearchError("JSON object must be a HASH")
    if unknown := said.keys() - known:
        raise NotKnownError(", ".join(sorted(unknown)))
    return said


def _queue(tracker: RequestTracker, said: object) -> Queue | None:
    return next((each for each in tracker.queues if str(said) in (str(each.id), each.name)), None)


def _made(asked: Asked, kind: str, number: int) -> Answer:
    return Answer(201, reference(asked, kind, number), headers={"Location": url_of(asked, kind, number)})
