"""What RT's records mean: transactions that took time become work, tickets become tasks."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

import msgspec

from connectors.request_tracker.answers import CustomField, Ticket, Transaction
from connectors.request_tracker.client import Tickets
from connectors.request_tracker.lists import id_of
from connectors.request_tracker.settings import CUSTOM_FIELD
from connectors.source import Record
from mappings.problems import Problem
from mappings.work import Task, WorkItem

SECONDS_PER_MINUTE = 60
_NEVER = 1970
"""The year that RT gives for what did not happen."""

_FIELD_FIX = "apply the field to the queue, or give the token's user the right SeeCustomField."
_TRANSACTION = msgspec.json.Decoder(Transaction)
_TICKET = msgspec.json.Decoder(Ticket)


class MeaningError(Exception):
    """The record is well-formed, but does not say what the settings rest on."""

    def __init__(self, code: str, what: str, fix: str) -> None:
        super().__init__(what)
        self.problem = Problem(code, what, fix)


@dataclass(frozen=True, slots=True)
class Meaning:
    """Turns records into the shared vocabulary, as one source's settings say."""

    source: str
    zone: ZoneInfo
    client_from: str
    service_from: str
    tickets: Tickets

    def work(self, raw: bytes, note: str) -> Record:
        """A transaction as work of the day on which it was made, on the company's clock.

        Minutes become seconds; a correction downwards is work of its own with negative seconds. What was made on a
        ticket that was merged into another counts there. Work on a deleted ticket is deleted.
        """
        try:
            made = _TRANSACTION.decode(raw)
            number = self.tickets.effective.get(int(made.object_id), int(made.object_id))
            if number in self.tickets.deleted:
                return Record(str(made.id), _compact(transaction=raw), deleted=True)
            seen = self.tickets.rows.get(number)
            if seen is None:
                what = f"Its ticket {number} is not to be seen."
                raise MeaningError("ticket-missing", what, "Give the token's user the right ShowTicket for its queue.")
            ticket = _TICKET.decode(seen)
            item = WorkItem(
                source=self.source,
                id=str(made.id),
                worked_on=made.created.astimezone(self.zone).date(),
                seconds=int(made.time_taken) * SECONDS_PER_MINUTE,
                person=str(made.creator.id),
                client=self._client(ticket),
                project=_queue_name(ticket),
                task=str(number),
                service=self._service(made, ticket),
                notes=note,
            )
        except (msgspec.MsgspecError, ValueError, MeaningError) as error:
            return _bad_record("transaction", raw, error)
        return Record(item.id, _compact(transaction=raw, ticket=seen, notes=note), item)

    def task(self, number: int) -> Record:
        """A ticket as a task, done when its status ends it, on the company's day on which it was resolved."""
        raw = self.tickets.rows[number]
        try:
            ticket = _TICKET.decode(raw)
            done = number in self.tickets.inactive
            resolved = ticket.resolved.astimezone(self.zone).date() if ticket.resolved.year != _NEVER else None
            task = Task(
                source=self.source,
                id=str(number),
                title=ticket.subject,
                client=self._client_if_any(ticket),
                project=ticket.queue.name,
                state=ticket.status,
                done=done,
                done_on=resolved if done else None,
            )
        except (msgspec.MsgspecError, ValueError) as error:
            return _bad_record("ticket", raw, error)
        return Record(_task_key(task.id), _compact(ticket=raw), task)

    def _client(self, ticket: Ticket) -> str:
        if self.client_from == "queue":
            return _queue_name(ticket)
        if self.client_from == "requestor-domain":
            return _domain(ticket)
        name = self.client_from.removeprefix(CUSTOM_FIELD)
        found = _field(name, ticket.custom_fields)
        if found is None:
            what = f"Its ticket {ticket.id} has no custom field {name}."
            raise MeaningError("client-field-missing", what, f"Correct client_from, {_FIELD_FIX}")
        return found

    def _client_if_any(self, ticket: Ticket) -> str:
        """The client of a task. Why it has none is told with the work on it, each time that it matters."""
        try:
            return self._client(ticket)
        except MeaningError:
            return ""

    def _service(self, made: Transaction, ticket: Ticket) -> str:
        if self.service_from == "queue":
            return _queue_name(ticket)
        name = self.service_from.removeprefix(CUSTOM_FIELD)
        found = [_field(name, made.custom_fields), _field(name, ticket.custom_fields)]
        if found == [None, None]:
            what = f"Neither it nor its ticket {ticket.id} has a custom field {name}."
            raise MeaningError("service-field-missing", what, f"Correct service_from, {_FIELD_FIX}")
        return next(filter(None, found), "")


def _queue_name(ticket: Ticket) -> str:
    if not ticket.queue.name:
        what = f"The name of queue {ticket.queue.id}, of ticket {ticket.id}, is not to be seen."
        raise MeaningError("queue-hidden", what, "Give the token's user the right SeeQueue for it.")
    return ticket.queue.name


def _domain(ticket: Ticket) -> str:
    """What stands behind the @ of the requestors' addresses; "" when nobody requested it."""
    people = ticket.requestor if isinstance(ticket.requestor, list) else []
    addresses = [person.address or person.id for person in people]
    domains = sorted({address.rpartition("@")[2].lower() for address in addresses if "@" in address})
    if len(domains) > 1:
        what = f"Ticket {ticket.id} has requestors of several clients: {', '.join(domains)}."
        raise MeaningError("requestors-several", what, "Leave the requestors of one of them on the ticket in RT.")
    return domains[0] if domains else ""


def _field(name: str, fields: list[CustomField] | str) -> str | None:
    """The value of a custom field, None where there is no such field."""
    found = next((each for each in fields if isinstance(each, CustomField) and each.name == name), None)
    if found is None:
        return None
    values = [value for value in found.values if isinstance(value, str) and value]
    if len(values) > 1:
        what = f"The custom field {name} holds {len(values)} values."
        raise MeaningError("custom-field-several", what, "Choose one of them in RT.")
    return values[0] if values else ""


def _task_key(number: str) -> str:
    """Tickets and transactions are numbered apart; their records must not be taken for each other's."""
    return f"ticket:{number}"


def _compact(**parts: bytes | str | None) -> str:
    """What was received, in one JSON object. RT gives members and custom fields in another order each time."""
    read = {name: msgspec.json.decode(part) if isinstance(part, bytes) else part for name, part in parts.items()}
    for part in read.values():
        if isinstance(part, dict) and isinstance(part.get("CustomFields"), list):
            part["CustomFields"].sort(key=lambda each: str(each.get("id")) if isinstance(each, dict) else "")
    return msgspec.json.encode(read, order="sorted").decode()


def _bad_record(kind: str, raw: bytes, error: Exception) -> Record:
    key = str(id_of(raw, f"{kind}s"))
    if isinstance(error, MeaningError):
        found = error.problem
    else:
        fix = "Open it in RT and look; if nothing is odd about it, report it."
        found = Problem("record-malformed", f"Its form is not the documented one: {error}.", fix)
    what = f"RT's {kind} {key}: {found.what}"
    subject = f"{kind} {key}"
    return Record(
        key if kind == "transaction" else _task_key(key),
        _compact(**{kind: raw}),
        problem=Problem(found.code, what, found.fix, subject=subject),
    )
