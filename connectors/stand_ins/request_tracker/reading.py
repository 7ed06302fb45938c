"""The stand-in's answers to GET: lists, a page at a time, and single records."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlencode

from connectors.stand_ins.request_tracker.answers import error, reference, shown, url_of
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
from connectors.stand_ins.request_tracker.search import Search
from connectors.stand_ins.request_tracker.tracker import RequestTracker, Ticket
from connectors.stand_ins.server import Answer, Asked, Json, NotKnownError

PER_PAGE, MOST_PER_PAGE = 20, 100


def version(_: RequestTracker, __: Asked) -> Answer:
    """Which version it is: a request that needs no right."""
    return Answer(200, {"Version": "5.0.3", "Plugins": []})


def transactions(tracker: RequestTracker, asked: Asked) -> Answer:
    """The transactions that a query finds."""
    found = (transaction_fields(tracker, made) for made in tracker.transactions)
    return _found(tracker, asked, "transaction", found, TRANSACTION_SEARCH)


def history(tracker: RequestTracker, asked: Asked, number: str) -> Answer:
    """All transactions of a ticket and of those that were merged into it."""
    found = tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    numbers = {each.id for each in tracker.tickets if found.id in (each.id, each.effective_id)}
    made = [transaction_fields(tracker, each) for each in tracker.transactions if each.ticket_id in numbers]
    return _page(tracker, asked, "transaction", made)


def tickets(tracker: RequestTracker, asked: Asked) -> Answer:
    """The tickets that a query finds. Merged ones are left out, unless it names EffectiveId."""
    search = _search(asked, TICKET_SEARCH)
    merged_too = search is not None and "EffectiveId" in search.named
    kept = [ticket for ticket in tracker.tickets if merged_too or ticket.effective_id == ticket.id]
    found = ({**ticket_fields(tracker, ticket), **_custom_fields(tracker, asked, ticket)} for ticket in kept)
    return _found(tracker, asked, "ticket", found, TICKET_SEARCH)


def queues(tracker: RequestTracker, asked: Asked) -> Answer:
    """All queues in use, by name."""
    found = sorted((queue for queue in tracker.queues if not queue.disabled), key=lambda queue: queue.name)
    return _page(tracker, asked, "queue", [queue_fields(queue) for queue in found])


def ticket(tracker: RequestTracker, asked: Asked, number: str) -> Answer:
    """A ticket; under a merged one's number the one that it went into."""
    found = tracker.ticket(int(number))
    if found is None:
        return error(404, "Not Found")
    fields = {**ticket_fields(tracker, found), **_custom_fields(tracker, asked, found)}
    links: list[Json] = [
        {"ref": name, "_url": f"{url_of(asked, 'ticket', found.id)}/{name}"}
        for name in ("history", "correspond", "comment")
    ]
    effective = {"EffectiveId": reference(asked, "ticket", found.effective_id)}
    return _record(asked, "ticket", {**fields, **effective}, links)


def transaction(tracker: RequestTracker, asked: Asked, number: str) -> Answer:
    """A transaction, with links to what was written with it."""
    made = next((each for each in tracker.transactions if each.id == int(number)), None)
    if made is None:
        return error(404, "Not Found")
    links: list[Json] = [
        {"ref": "attachment", "_url": url_of(asked, "attachment", each.id)}
        for each in tracker.attachments
        if each.transaction_id == made.id
    ]
    kept = ("id", "Type", "TimeTaken", "Created", "Creator", "Field", "OldValue", "NewValue", "Data")
    fields = {name: value for name, value in transaction_fields(tracker, made).items() if name in kept and value != ""}
    fields["Object"] = reference(asked, "ticket", made.ticket_id)
    return _record(asked, "transaction", fields, links)


def attachment(tracker: RequestTracker, asked: Asked, number: str) -> Answer:
    """A text or file, in base64."""
    made = next((each for each in tracker.attachments if each.id == int(number)), None)
    if made is None:
        return error(404, "Not Found")
    of = reference(asked, "transaction", made.transaction_id)
    return _record(asked, "attachment", {**attachment_fields(made), "TransactionId": of})


def queue(tracker: RequestTracker, asked: Asked, name: str) -> Answer:
    """A queue, by number or name."""
    found = next((each for each in tracker.queues if name in (str(each.id), each.name)), None)
    return error(404, "Not Found") if found is None else _record(asked, "queue", queue_fields(found))


def user(tracker: RequestTracker, asked: Asked, name: str) -> Answer:
    """A user, by number or login."""
    found = next((each for each in tracker.users if name in (str(each.id), each.name)), None)
    return error(404, "Not Found") if found is None else _record(asked, "user", user_fields(found))


def _query(asked: Asked) -> Mapping[str, str]:
    """The parameters, of the address or of a form that was posted."""
    if asked.method == "POST":
        return {**asked.query, **dict(parse_qsl(asked.body.decode(), keep_blank_values=True))}
    return asked.query


def _search(asked: Asked, kinds: Mapping[str, str]) -> Search | None:
    query = _query(asked).get("query", "").strip()
    return Search(query, kinds) if query else None


def _found(
    tracker: RequestTracker, asked: Asked, kind: str, records: Iterable[Fields], kinds: Mapping[str, str]
) -> Answer:
    search, query = _search(asked, kinds), _query(asked)
    if search is None:
        return _page(tracker, asked, kind, [])
    order = query.get("orderby", "id")
    if order not in kinds:
        raise NotKnownError(f"orderby={order}")
    by: Callable[[Fields], Any] = lambda fields: getter(fields)(order)  # noqa: E731 - named for the line's sake
    found = [fields for fields in records if search.matches(getter(fields))]
    return _page(tracker, asked, kind, sorted(found, key=by, reverse=query.get("order", "").upper() == "DESC"))


def _page(tracker: RequestTracker, asked: Asked, kind: str, found: Sequence[Fields]) -> Answer:
    query = _query(asked)
    per_page = min(_whole(query.get("per_page"), PER_PAGE), MOST_PER_PAGE)
    page, pages = _whole(query.get("page"), 1), math.ceil(len(found) / per_page)
    items = [_item(asked, kind, fields) for fields in found[(page - 1) * per_page : page * per_page]]
    listing: Json = {"count": len(items), "per_page": per_page, "page": page, "items": items}
    if not tracker.sees_all:
        return Answer(200, {**listing, "total": None, "pages": None})
    listing |= {"total": len(found), "pages": pages or 0.0}
    if page < pages:
        listing["next_page"] = _page_url(asked, page + 1)
    if pages and page > 1:
        listing["prev_page"] = _page_url(asked, min(page - 1, pages))
    return Answer(200, listing)


def _page_url(asked: Asked, page: int) -> str:
    rest = {name: value for name, value in asked.query.items() if name != "page"}
    return f"{asked.base_url}{asked.path}?{urlencode({**rest, 'page': page})}"


def _item(asked: Asked, kind: str, fields: Fields) -> Json:
    """An id, and the fields that were asked for; one that does not exist is an empty string."""
    query = _query(asked)
    item = reference(asked, kind, fields["id"])
    for name in filter(None, query.get("fields", "").split(",")):
        item[name] = shown(asked, query, name, fields.get(name, ""))
    return item


def _record(asked: Asked, kind: str, fields: Fields, links: Sequence[Json] = ()) -> Answer:
    """One record, whole; its own id is an integer here."""
    number = int(fields["id"])
    record = {name: shown(asked, asked.query, name, value) for name, value in fields.items()}
    own = {**reference(asked, kind, number), "ref": "self", "id": number}
    return Answer(200, {**record, "id": number, "_hyperlinks": [own, *links]})


def _custom_fields(tracker: RequestTracker, asked: Asked, ticket: Ticket) -> Json:
    """All of them, with what the ticket has in each."""
    found = [
        {**reference(asked, "customfield", number), "name": name, "values": list(ticket.custom_fields[name])}
        for number, name in enumerate(tracker.custom_fields, start=1)
    ]
    return {"CustomFields": found}


def _whole(text: str | None, otherwise: int) -> int:
    """A positive number, or what the tool takes instead of what is none."""
    return int(text) if text and text.isdecimal() and int(text) else otherwise
