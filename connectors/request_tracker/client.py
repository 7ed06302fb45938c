"""RT's REST 2.0, as far as reading time goes. Checked against 5.0.3, the code and the running server.

What a client must know beyond lists: a search for tickets leaves out merged ones (unless `EffectiveId` is asked for),
deleted ones (whatever is asked for), and reminders and approvals (unless their type is named). An attachment's content
is base64 when it is asked for alone, and text in a list. A transaction that does not exist is answered with 500.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Self

import httpx
import msgspec

from connectors.http import (
    Patience,
    RefusedError,
    SecretHeader,
    UnavailableError,
    read_json,
)
from connectors.ports import Clock
from connectors.request_tracker.answers import Attachment, OneTicket, Touch, User, Version
from connectors.request_tracker.lists import ListReader, Query, Reading, Rows, id_of
from connectors.request_tracker.settings import CUSTOM_FIELD, RequestTrackerSettings
from connectors.source import SourceError
from connectors.tool_server import open_server

IDS_AT_ONCE = 50
"""So many ids are named in one request: about a thousand characters of its address."""
QUICK = Patience(attempts=2)
"""For looking which of several records it is that the server cannot give."""
_ON_TICKETS = "ObjectType = 'RT::Ticket'"
_WITH_TIME = f"{_ON_TICKETS} AND TimeTaken != 0"
_EVERY_TYPE = "(Type = 'ticket' OR Type = 'reminder' OR Type = 'approval')"
_TRANSACTION = "Type,TimeTaken,Created,Creator,ObjectId,ObjectType"
_TICKET = "EffectiveId,Subject,Status,Queue,Resolved,Requestor,CustomFields"
_NAMES = (("Queue", "Name"), ("Requestor", "EmailAddress"))
_ATTACHMENT = "TransactionId,ContentType,Content,ContentLength,Filename"

_ONE_TICKET = msgspec.json.Decoder(OneTicket)
_USER = msgspec.json.Decoder(User)
_VERSION = msgspec.json.Decoder(Version)
_TOUCH = msgspec.json.Decoder(Touch)
_ATTACHED = msgspec.json.Decoder(Attachment)
_OBJECT = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass
class Tickets:
    """Tickets by their numbers, and where the merged ones went."""

    rows: dict[int, bytes] = field(default_factory=dict)
    """Each ticket that a search gives, merged ones too."""
    effective: dict[int, int] = field(default_factory=dict)
    """From a ticket's number to that of the one it now is part of: itself, or what it was merged into."""
    deleted: set[int] = field(default_factory=set)
    """Numbers of tickets, or of what was merged into them, whose status is deleted."""
    inactive: set[int] = field(default_factory=set)
    """Those among `rows` whose status ends a ticket in the lifecycle of their queue."""


class RequestTrackerClient:
    """Reads time transactions and what gives them their meaning. Use it as a context manager, one for each pull."""

    def __init__(self, http: httpx.Client, clock: Clock, *, custom_fields: bool = False) -> None:
        self._http = http
        self._clock = clock
        self._lists = ListReader(http, clock)
        # Those of transactions cost RT more time than all else of them.
        self._transaction = f"{_TRANSACTION},CustomFields" if custom_fields else _TRANSACTION

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def version(self) -> str:
        """What the server calls itself, "5.0.3"."""
        return read_json(self._http, "rt", clock=self._clock, decoder=_VERSION).version

    def user_name(self, number: int) -> str:
        """The name of a user; everybody may see their own."""
        return read_json(self._http, f"user/{number}", clock=self._clock, decoder=_USER).name

    def newest_touches(self) -> list[Touch]:
        """The last hundred transactions of tickets at most, of every type, the newest last."""
        _, raws = self._lists.page(Query("transactions", _ON_TICKETS, "Created,ObjectId"), 0, backwards=True)
        return [_read_touch(raw) for raw in reversed(raws)]

    def newest_time(self) -> tuple[list[bytes], int | None]:
        """The last hundred time transactions at most, and how many there are, if the server says so."""
        listing, raws = self._lists.page(Query("transactions", _WITH_TIME, self._transaction), 0, backwards=True)
        return raws, None if listing.total is None else int(listing.total)

    def touches(self, after: int) -> Generator[None, None, list[Touch]]:
        """Every transaction of a ticket behind that id, except records of sent mail: a sign that the ticket changed."""
        where = f"{_ON_TICKETS} AND Type != 'EmailRecord' AND Type != 'CommentEmailRecord'"
        rows = yield from self._lists.read(Query("transactions", where, "Created,ObjectId"), after)
        return [_read_touch(raw) for raw in rows.raws]

    def time_since(self, day: str) -> Reading:
        """Every time transaction made since that day, on the clock of the token's user."""
        return self._lists.read(Query("transactions", f"{_WITH_TIME} AND Created > '{day}'", self._transaction))

    def time_on(self, tickets: Iterable[int]) -> Generator[None, None, list[bytes]]:
        """Every time transaction that was made on these tickets, not on what was merged into them."""
        raws: list[bytes] = []
        for some in _some(tickets):
            where = f"{_WITH_TIME} AND ({_any('ObjectId', some)})"
            raws += (yield from self._lists.read(Query("transactions", where, self._transaction))).raws
        return sorted(raws, key=lambda raw: id_of(raw, "transactions"))

    def tickets(self, numbers: Iterable[int]) -> Generator[None, None, Tickets]:
        """These tickets, and those that they were merged into."""
        found = Tickets()
        wanted = set(numbers)
        while wanted:
            yield from self._find(found, wanted)
            wanted = {number for number in found.effective.values() if number not in found.effective}
        for some in _some(number for number, raw in found.rows.items() if _was_resolved(raw)):
            where = f"({_any('id', some)}) AND EffectiveId > 0 AND {_EVERY_TYPE} AND Status = '__Inactive__'"
            rows = yield from self._lists.read(Query("tickets", where, "Status"))
            found.inactive |= {id_of(raw, "tickets") for raw in rows.raws}
        return found

    def _find(self, found: Tickets, wanted: set[int]) -> Generator[None, None, None]:
        for some in _some(wanted):
            where = f"({_any('id', some)}) AND EffectiveId > 0 AND {_EVERY_TYPE}"
            rows = yield from self._lists.read(Query("tickets", where, _TICKET, _NAMES))
            _assert_asked(rows, some, "tickets")
            for raw in rows.raws:
                number = id_of(raw, "tickets")
                found.rows[number] = raw
                found.effective[number] = _effective_id(raw)
        for number in sorted(wanted - found.rows.keys()):
            self._find_alone(found, number)
            yield

    def _find_alone(self, found: Tickets, number: int) -> None:
        """A ticket that no search gives: deleted, or merged into one that is; otherwise it stays without an answer."""
        found.effective[number] = number
        try:
            ticket = read_json(self._http, f"ticket/{number}", clock=self._clock, decoder=_ONE_TICKET)
        except RefusedError as error:
            if error.status not in (403, 404):
                raise
            return
        found.effective[number] = int(ticket.id)
        if ticket.status == "deleted":
            found.effective[int(ticket.id)] = int(ticket.id)
            found.deleted |= {number, int(ticket.id)}

    def add_merged(self, found: Tickets) -> Generator[None, None, None]:
        """Add what was merged into these tickets to their `effective` numbers."""
        for some in _some(set(found.effective.values())):
            where = f"({_any('EffectiveId', some)}) AND {_EVERY_TYPE}"
            rows = yield from self._lists.read(Query("tickets", where, "EffectiveId"))
            found.effective |= {id_of(raw, "tickets"): _effective_id(raw) for raw in rows.raws}

    def texts(self, transactions: Iterable[int]) -> Generator[None, None, dict[int, list[Attachment]]]:
        """The texts of each of these transactions, in the order in which they were attached."""
        texts: dict[int, list[Attachment]] = {}
        for some in _some(transactions):
            for raw in (yield from self._attachments(some)).raws:
                try:
                    attachment = _ATTACHED.decode(raw)
                    texts.setdefault(int(attachment.transaction_id), []).append(attachment)
                except (msgspec.MsgspecError, ValueError):
                    continue  # A text that cannot be read costs the note, never the work.
        return texts

    def _attachments(self, transactions: Sequence[int], lists: ListReader | None = None) -> Reading:
        """The texts of these, halved where the server fails with one of them, until that one is left out."""
        where: list[dict[str, Any]] = [
            {"field": "TransactionId", "operator": "IN", "value": [str(number) for number in transactions]},
            {"field": "ContentType", "operator": "STARTSWITH", "value": "text/"},
        ]
        try:
            return (yield from (lists or self._lists).read(Query("attachments", where, _ATTACHMENT)))
        except UnavailableError as error:
            if error.status != httpx.codes.INTERNAL_SERVER_ERROR:
                raise
        # If the server as a whole does not answer well, this raises.
        self.version()
        if len(transactions) == 1:
            return Rows((), False)
        middle, quick = len(transactions) // 2, replace(self._lists, patience=QUICK)
        first = yield from self._attachments(transactions[:middle], quick)
        second = yield from self._attachments(transactions[middle:], quick)
        return Rows((*first.raws, *second.raws), False)


def open_client(
    settings: RequestTrackerSettings, *, clock: Clock, secret: Callable[[], str], before_request: Callable[[], None]
) -> RequestTrackerClient:
    """A client for the server of `settings`; raises SourceError when its url cannot be used."""
    http = open_server(
        settings.url,
        below="/REST/2.0/",
        secret=SecretHeader("Authorization", lambda: f"token {secret()}"),
        called="token",
        example="https://rt.example",
        plain_http=settings.plain_http,
        before_request=before_request,
    )
    return RequestTrackerClient(http, clock, custom_fields=settings.service_from.startswith(CUSTOM_FIELD))


def _some(numbers: Iterable[int]) -> Iterator[list[int]]:
    ordered = sorted(numbers)
    return (ordered[first : first + IDS_AT_ONCE] for first in range(0, len(ordered), IDS_AT_ONCE))


def _any(field_name: str, numbers: Iterable[int]) -> str:
    return " OR ".join(f"{field_name} = {number}" for number in numbers)


def _read_touch(raw: bytes) -> Touch:
    try:
        return _TOUCH.decode(raw)
    except msgspec.MsgspecError as error:
        raise RefusedError(
            f"transactions is not as documented: {error}.", "Check that url leads to an RT 5."
        ) from error


def _effective_id(raw: bytes) -> int:
    try:
        return int(msgspec.json.decode(_OBJECT.decode(raw)["EffectiveId"]))
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError) as error:
        raise RefusedError("tickets gave no EffectiveId.", "Check that url leads to an RT 5.") from error


def _was_resolved(raw: bytes) -> bool:
    """Whether a ticket was resolved, ever: the only ones that can be at their end."""
    return b"1970" not in bytes(_OBJECT.decode(raw).get("Resolved", b"1970"))


def _assert_asked(rows: Rows, asked: Sequence[int], path: str) -> None:
    if not {id_of(raw, path) for raw in rows.raws} <= set(asked):
        what = f"{path} gave others than those that were asked for: the server ignored the filter."
        raise SourceError(what, "Check that url leads to an RT 5 itself, and what stands between.")
