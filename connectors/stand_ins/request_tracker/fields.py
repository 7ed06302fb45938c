"""What the stand-in's records say, by the names of Request Tracker's own fields, and how each can be searched."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from connectors.stand_ins.request_tracker.tracker import (
    UNSET,
    Attachment,
    Queue,
    RequestTracker,
    Ticket,
    Transaction,
    User,
)

Fields = Mapping[str, Any]
"""Values as they are: int, str, datetime, a record or a list of records."""

TICKET_SEARCH = {
    **dict.fromkeys(("id", "EffectiveId", "TimeWorked", "TimeEstimated", "TimeLeft", "Priority"), "int"),
    **dict.fromkeys(("Status", "Queue", "Subject", "Owner", "Creator", "Type", "Requestor"), "text"),
    **dict.fromkeys(("Created", "LastUpdated", "Resolved", "Due", "Started", "Starts", "Told"), "date"),
}
TRANSACTION_SEARCH = {
    **dict.fromkeys(("id", "ObjectId", "TimeTaken", "TicketId"), "int"),
    **dict.fromkeys(("ObjectType", "Creator", "Type", "Field", "OldValue", "NewValue", "Data"), "text"),
    **dict.fromkeys(("TicketQueue", "TicketStatus", "TicketSubject"), "text"),
    "Created": "date",
}


def transaction_fields(tracker: RequestTracker, made: Transaction) -> Fields:
    """Of a transaction; those that begin with Ticket can be searched alone."""
    ticket = next(each for each in tracker.tickets if each.id == made.ticket_id)
    return {
        "id": made.id,
        "Type": made.type,
        "Field": made.field_name,
        "OldValue": made.old,
        "NewValue": made.new,
        "Data": made.data,
        "TimeTaken": made.time_taken,
        "Created": made.created,
        "Creator": made.creator,
        "ObjectType": "RT::Ticket",
        "ObjectId": made.ticket_id,
        "TicketId": made.ticket_id,
        "TicketQueue": ticket.queue,
        "TicketStatus": ticket.status,
        "TicketSubject": ticket.subject,
    }


def ticket_fields(tracker: RequestTracker, ticket: Ticket) -> Fields:
    """Of a ticket."""
    return {
        "id": ticket.id,
        "EffectiveId": ticket.effective_id,
        "Type": "ticket",
        "Subject": ticket.subject,
        "Status": ticket.status,
        "Queue": ticket.queue,
        "Owner": tracker.user(ticket.owner),
        "Creator": ticket.creator,
        "LastUpdatedBy": tracker.user(ticket.last_updated_by),
        "Requestor": list(ticket.requestors),
        "Cc": [],
        "AdminCc": [],
        "TimeWorked": ticket.time_worked,
        "TimeEstimated": ticket.time_estimated,
        "TimeLeft": 0,
        "Priority": 0,
        "InitialPriority": 0,
        "FinalPriority": 0,
        "Created": ticket.created,
        "LastUpdated": ticket.last_updated,
        "Starts": UNSET,
        "Started": ticket.started,
        "Due": ticket.due,
        "Told": ticket.told,
        "Resolved": ticket.resolved,
    }


def queue_fields(queue: Queue) -> Fields:
    """Of a queue."""
    return {"id": queue.id, "Name": queue.name, "Description": queue.description, "Disabled": int(queue.disabled)}


def user_fields(user: User) -> Fields:
    """Of a user."""
    return {"id": user.id, "Name": user.name, "EmailAddress": user.email, "RealName": user.real_name}


def attachment_fields(made: Attachment) -> Fields:
    """Of a message's text; its content is base64 wherever it goes out."""
    return {
        "id": made.id,
        "Subject": made.subject,
        "Filename": made.filename,
        "ContentType": made.content_type,
        "Creator": made.creator,
        "Created": made.created,
        "Content": made.content,
        "TransactionId": made.transaction_id,
    }


def getter(fields: Fields) -> Callable[[str], Any]:
    """What a search and a sort compare: of a person or queue the name, of several people all their names."""

    def get(name: str) -> Any:
        value = fields[name]
        if isinstance(value, User | Queue):
            return value.name
        if isinstance(value, list):
            return " ".join(user.name for user in value)
        return value

    return get
