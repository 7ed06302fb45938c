"""The stand-in's answers to GET: lists that a query finds, and single records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from connectors.stand_ins.request_tracker.answers import error, record_answer, reference, shown, url_of
from connectors.stand_ins.request_tracker.fields import (
    TICKET_SEARCH,
    TRANSACTION_SEARCH,
    Fields,
    attachment_fields,
    getter,
    queue_fields,
    ticket_fields,
    transaction_fields,
    user_fields,
)
from connectors.stand_ins.request_tracker.pages import page
from connectors.stand_ins.request_tracker.search import Search
from connectors.stand_ins.request_tracker.tracker import Ticket, Transaction
from connectors.stand_ins.request_tracker.view import View
from connectors.stand_ins.server import Answer, Json, NotKnownError


def version(_: View) -> Answer:
    """Which version it is: a request that needs no right."""
    return record_answer({"Version": "5.0.3", "Plugins": []})


def transactions(view: View) -> Answer:
    """The transactions that a query finds.

    Only a superuser is told how many there are. What another user may not see is left out before the list is cut into
    pages when the query is about tickets alone, and else afterwards, as hidden comments always are: pages have holes.
    """
    search = _search(view, TRANSACTION_SEARCH)
    if search is None:
        return page(view, "transaction", [], counted=view.user.superuser)
    made = view.tracker.transactions
    if "ObjectType" in search.named:
        made = [each for each in made if view.sees(view.holder(each).queue)]
    found = _found(view, search, TRANSACTION_SEARCH, (_transaction_fields(view, each) for each in made))
    hidden = {each.id for each in made if not view.sees_transaction(each)}
    return page(view, "transaction", found, hidden=hidden, counted=view.user.superuser)


def history(view: View, number: str) -> Answer:
    """All transactions of a ticket and of those that were merged into it."""
    found = view.tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    numbers = {each.id for each in view.tracker.tickets if found.id in (each.id, each.effective_id)}
    made = [each for each in view.tracker.transactions if each.ticket_id in numbers and view.sees_transaction(each)]
    fields = [_transaction_fields(view, each) for each in made]
    return page(view, "transaction", fields, counted=view.user.superuser)


def tickets(view: View) -> Answer:
    """The tickets that a query finds: no deleted ones, and merged ones only where it names EffectiveId."""
    search = _search(view, TICKET_SEARCH)
    if search is None:
        return page(view, "ticket", [])
    kept = [ticket for ticket in view.tracker.tickets if ticket.status != "deleted" and view.sees(ticket.queue)]
    if "EffectiveId" not in search.named:
        kept = [ticket for ticket in kept if ticket.effective_id == ticket.id]
    found = ({**ticket_fields(view.tracker, ticket), **_custom_fields(view, ticket)} for ticket in kept)
    return page(view, "ticket", _found(view, search, TICKET_SEARCH, found))


def queues(view: View) -> Answer:
    """All queues in use."""
    found = [queue_fields(queue) for queue in view.tracker.queues if not queue.disabled and view.sees(queue)]
    return page(view, "queue", sorted(found, key=lambda fields: str(fields["Name"])))


def queried_queues(view: View) -> Answer:
    """None, without a query."""
    if "query" in view.query:
        raise NotKnownError("queries of queues")
    return page(view, "queue", [])


def ticket(view: View, number: str) -> Answer:
    """A ticket, a deleted one too; under a merged one's number the one that it went into."""
    found = view.tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    if not view.sees(found.queue):
        return error(403, "Forbidden")
    fields = {**ticket_fields(view.tracker, found), **_custom_fields(view, found)}
    links: list[Json] = [
        {"ref": name, "_url": f"{url_of(view.asked, 'ticket', found.id)}/{name}"}
        for name in ("history", "correspond", "comment")
    ]
    effective = {"EffectiveId": reference(view.asked, "ticket", found.effective_id)}
    return _record(view, "ticket", {**fields, **effective}, links)


def transaction(view: View, number: str) -> Answer:
    """A transaction, with links to what was written with it. One that does not exist is an error of the server."""
    made = next((each for each in view.tracker.transactions if each.id == int(number)), None)
    if made is None:
        return error(500, "Internal Server Error")
    if not view.sees_transaction(made):
        return error(403, "Forbidden")
    links: list[Json] = [
        {"ref": "attachment", "_url": url_of(view.asked, "attachment", each.id)}
        for each in view.tracker.attachments
        if each.transaction_id == made.id
    ]
    kept = ("id", "Type", "TimeTaken", "Created", "Creator", "Field", "OldValue", "NewValue", "Data", "CustomFields")
    found = _transaction_fields(view, made)
    fields = {name: found[name] for name in kept if found[name] != ""}
    fields["Object"] = reference(view.asked, "ticket", made.ticket_id)
    return _record(view, "transaction", fields, links)


def attachment(view: View, number: str) -> Answer:
    """A text or file, in base64. One that does not exist is an error of the server."""
    made = next((each for each in view.tracker.attachments if each.id == int(number)), None)
    if made is None:
        return error(500, "Internal Server Error")
    holder = next(each for each in view.tracker.transactions if each.id == made.transaction_id)
    if not view.sees_transaction(holder):
        return error(403, "Forbidden")
    of = reference(view.asked, "transaction", made.transaction_id)
    return _record(view, "attachment", {**attachment_fields(made), "TransactionId": of})


def queue(view: View, name: str) -> Answer:
    """A queue, by number or name."""
    found = next((each for each in view.tracker.queues if name in (str(each.id), each.name)), None)
    if found is None:
        return error(404, "Not Found")
    return _record(view, "queue", queue_fields(found)) if view.sees(found) else error(403, "Forbidden")


def user(view: View, name: str) -> Answer:
    """A user, by number or login."""
    found = next((each for each in view.tracker.users if name in (str(each.id), each.name)), None)
    return error(404, "Not Found") if found is None else _record(view, "user", user_fields(found))


def _search(view: View, kinds: Mapping[str, str]) -> Search | None:
    query = view.query.get("query", "")
    return Search(query, kinds) if query.strip() else None


def _found(view: View, search: Search, kinds: Mapping[str, str], records: Iterable[Fields]) -> list[Fields]:
    """The records that match, in the order that was asked for."""
    order = view.query.get("orderby", "id")
    if order not in kinds:
        raise NotKnownError(f"orderby={order}")
    found = [fields for fields in records if search.matches(getter(fields))]
    descending = view.query.get("order", "").upper() == "DESC"
    return sorted(found, key=lambda fields: getter(fields)(order), reverse=descending)


def _record(view: View, kind: str, fields: Fields, links: Iterable[Json] = ()) -> Answer:
    """One record, whole; its own id is an integer here."""
    number = int(fields["id"])
    record = {name: shown(view.asked, view.query, name, value) for name, value in fields.items()}
    own = {**reference(view.asked, kind, number), "ref": "self", "id": number}
    return record_answer({**record, "id": number, "_hyperlinks": [own, *links]})


def _transaction_fields(view: View, made: Transaction) -> Fields:
    fields = transaction_fields(view.tracker, made)
    first = len(view.tracker.custom_fields) + 1
    values = {name: [value] for name, value in made.custom_fields.items() if value}
    return {**fields, "CustomFields": _listed(view, view.tracker.transaction_fields, values, first)}


def _custom_fields(view: View, ticket: Ticket) -> Fields:
    return {"CustomFields": _listed(view, view.tracker.custom_fields, ticket.custom_fields, 1)}


def _listed(view: View, names: Iterable[str], values: Mapping[str, list[str]], first: int) -> Any:
    """All custom fields of a kind, with what the record has in each; nothing when there are none."""
    return [
        {**reference(view.asked, "customfield", number), "name": name, "values": list(values.get(name, []))}
        for number, name in enumerate(names, start=first)
    ] or ""
