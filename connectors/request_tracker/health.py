"""What `syncd doctor` says of a Request Tracker: who the token's user is, what they see, and what they do not."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from connectors.pages import result_of
from connectors.request_tracker.answers import Ticket, Transaction
from connectors.request_tracker.client import RequestTrackerClient, Tickets
from connectors.request_tracker.lists import PAGE_ROWS
from connectors.request_tracker.settings import CUSTOM_FIELD, RequestTrackerSettings
from connectors.source import Health
from mappings.problems import Problem

_TRANSACTION = msgspec.json.Decoder(Transaction)
_TICKET = msgspec.json.Decoder(Ticket)
_FIELD_FIX = "Check the name, apply the field to the queues, or give the token's user the right SeeCustomField."


def look(client: RequestTrackerClient, settings: RequestTrackerSettings, token: str) -> Health:
    """Read the last hundred time transactions and their tickets as a pull would; raises SourceError."""
    version = client.version()
    raws, total = client.newest_time()
    user = _user(client, token)
    made = [_TRANSACTION.decode(raw) for raw in raws]
    tickets = result_of(client.tickets({int(each.object_id) for each in made}))
    count = f"{total}" if total is not None else f"{len(raws)}" + (" or more" if len(raws) == PAGE_ROWS else "")
    says = f"RT {version}. {user}. Time transactions: {count}."
    if total is None:
        says += " Its user is no superuser, so that work which the shredder removes in RT will stay here."
    return Health(says, tuple(_doubts(settings, made, tickets)))


def _user(client: RequestTrackerClient, token: str) -> str:
    """Whose token it is: its second part is the number of its user."""
    parts = token.split("-")
    if len(parts) < 3 or not parts[1].isdecimal():
        return "The token does not tell whose it is"
    return f"The token is {client.user_name(int(parts[1]))}'s"


def _doubts(settings: RequestTrackerSettings, made: list[Transaction], tickets: Tickets) -> Iterator[Problem]:
    """What would make the pull wrong although every request succeeds."""
    if not made:
        what = "The token's user sees no transaction that took time."
        fix = "If there are some, give that user the rights SeeQueue, ShowTicket and ShowTicketComments in RT."
        yield Problem("no-time-seen", what, fix, warning=True)
    seen = [_TICKET.decode(raw) for raw in tickets.rows.values()]
    hidden = sorted({str(ticket.queue.id) for ticket in seen if not ticket.queue.name})
    if hidden:
        what = f"The token's user may not see the names of these queues: {', '.join(hidden)}."
        yield Problem("queue-hidden", what, "Give that user the right SeeQueue for them in RT.")
    fields = [*(each.custom_fields for each in seen), *(each.custom_fields for each in made)]
    names = {each.name for some in fields if isinstance(some, list) for each in some}
    for key in ("client_from", "service_from"):
        setting = getattr(settings, key)
        name = setting.removeprefix(CUSTOM_FIELD)
        if setting.startswith(CUSTOM_FIELD) and made and name not in names:
            what = f"None of the last tickets with time has a custom field {name}, which {key} names."
            yield Problem(key.replace("_from", "-field-missing"), what, _FIELD_FIX)
