"""Pulls the time of transactions, and the tickets that they were made on, from one Request Tracker.

RT tells of changes by transactions, which are only ever added: their ids are the cursor. But what a transaction's time
means hangs on its ticket (queue, custom fields, requestors, the ticket that it was merged into), and that changes
without new time. So a pull takes every transaction behind the cursor, of whatever type, as a sign that its ticket may
have changed, and yields all time of those tickets again. No clock is involved, unlike in a search by LastUpdated,
which moreover leaves out deleted tickets and those that were merged.

Its class is B, changes without deletions. A ticket whose status becomes deleted is told: its work is deleted, and it
comes back when the ticket does. But what the shredder removes leaves no trace; only a reading of everything since
go-live, which the engine asks for once a day, can miss it. Absence alone is no proof: a user who lost a right sees
less, and is not told so. RT counts all records of a list only for a superuser, so only where it counted as many as it
gave does the reading claim to be complete. For any other user nothing is ever concluded from absence: work on a ticket
that was moved out of their sight stays as it was last seen.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

import msgspec

from connectors.http import ReadError
from connectors.pages import alive, in_pages
from connectors.request_tracker.answers import Touch
from connectors.request_tracker.client import RequestTrackerClient, Tickets, open_client
from connectors.request_tracker.health import look
from connectors.request_tracker.lists import Rows, id_of
from connectors.request_tracker.notes import note_of
from connectors.request_tracker.records import Meaning
from connectors.request_tracker.settings import RequestTrackerSettings
from connectors.source import Cursor, Health, Incremental, Page, Record, SourceError, Span, Window
from connectors.tool_source import ToolSource
from mappings.problems import Problem
from mappings.work import WorkItem

OVERLAP = timedelta(minutes=10)
"""A transaction gets its id when it begins to be written and is seen when that ends: later ids may be seen first."""
SLACK = timedelta(days=2)
"""A day in a search is one on the clock of the token's user, whatever that is."""


class RequestTrackerSource(ToolSource[RequestTrackerSettings]):
    """A Request Tracker: what changed since the cursor, or everything since go-live."""

    incremental: Incremental = Incremental.CHANGES
    settings_type: ClassVar[type[RequestTrackerSettings]] = RequestTrackerSettings

    def check(self) -> Health:
        """Ask who the token's user is and what they may see."""
        problems = [problem for _, problem in self._settings.wrong_values()]
        if problems:
            return Health("The settings cannot be used.", tuple(problems))
        try:
            with self._client() as client:
                return look(client, self._settings, self._secret())
        except SourceError as error:
            return Health(error.what, (_why(error, self._settings),))

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        """Yield tickets and their time: of all tickets that changed since the cursor, or of the whole window."""
        for _, problem in self._settings.wrong_values():
            raise SourceError(problem.what, problem.fix)
        last = cursor.get("transaction")
        with self._client() as client:
            if window.full or not isinstance(last, int):
                yield from self._everything(client, cursor, window.span)
            else:
                yield from self._changes(client, cursor, last)

    def _everything(self, client: RequestTrackerClient, cursor: Cursor, span: Span) -> Iterator[Page]:
        """All time of the span. What changes meanwhile comes with the next pull, whose cursor is taken before."""
        touches = client.newest_touches()
        resume = self._settled(touches, int(touches[0].id) - 1 if touches else 0)
        rows: Rows = yield from alive(client.time_since(str(span.first - SLACK)), cursor)
        tickets = yield from alive(client.tickets({_ticket_of(raw) for raw in rows.raws} - {0}), cursor)
        records = yield from self._records(client, rows.raws, tickets, cursor)
        inside = [each for each in records if not isinstance(each.item, WorkItem) or each.item.worked_on in span]
        yield from in_pages(inside, cursor, {"transaction": resume}, span if rows.whole else None)

    def _changes(self, client: RequestTrackerClient, cursor: Cursor, last: int) -> Iterator[Page]:
        """All time, of whatever day, on the tickets that have a transaction behind the cursor."""
        touches = yield from alive(client.touches(last), cursor)
        tickets = yield from alive(client.tickets({int(touch.object_id) for touch in touches}), cursor)
        yield from alive(client.add_merged(tickets), cursor)
        raws = yield from alive(client.time_on(tickets.effective), cursor)
        records = yield from self._records(client, raws, tickets, cursor)
        yield from in_pages(records, cursor, {"transaction": self._settled(touches, last)}, None)

    def _records(
        self, client: RequestTrackerClient, raws: Sequence[bytes], tickets: Tickets, cursor: Cursor
    ) -> Generator[Page, None, list[Record]]:
        """The work of these transactions, behind the tickets that it was done on."""
        texts = yield from alive(client.texts(id_of(raw, "transactions") for raw in raws), cursor)
        settings = self._settings
        meaning = Meaning(self.name, self._timezone, settings.client_from, settings.service_from, tickets)
        work = [meaning.work(raw, note_of(texts.get(id_of(raw, "transactions"), ()))) for raw in raws]
        _assert_time(work)
        numbers = {tickets.effective[number] for raw in raws if (number := _ticket_of(raw))}
        return [*(meaning.task(number) for number in sorted(numbers & tickets.rows.keys())), *work]

    def _settled(self, touches: Sequence[Touch], last: int) -> int:
        """The id to go on from: before the first transaction that is so new that an earlier one may yet appear."""
        limit: datetime = self._clock.now() - OVERLAP
        for touch in touches:
            if touch.created > limit:
                break
            last = int(touch.id)
        return last

    def _client(self) -> RequestTrackerClient:
        return open_client(self._settings, clock=self._clock, secret=self._secret, before_request=self._before_request)


def _ticket_of(raw: bytes) -> int:
    """The number of the ticket that a transaction was made on; 0 if that cannot be read, which is told later."""
    try:
        return int(msgspec.json.decode(raw)["ObjectId"])
    except (msgspec.MsgspecError, KeyError, ValueError, TypeError):
        return 0


def _assert_time(work: Sequence[Record]) -> None:
    """A server that does not know a filter gives what was not asked for: then nothing of it can be relied upon."""
    for record in work:
        if isinstance(record.item, WorkItem) and record.item.seconds == 0:
            what = f"The server ignored the filter on TimeTaken: transaction {record.key} took no time."
            raise SourceError(what, "Check that url leads to an RT 5 itself, and what stands between.")


def _why(error: SourceError, settings: RequestTrackerSettings) -> Problem:
    """The problem behind a failed check, with what an RT administrator does about it."""
    status = error.status if isinstance(error, ReadError) else 0
    if status == 401:
        fix = (
            f"Check the token behind {settings.token}: in RT, Admin › Users, its user, Auth Tokens; the user must be "
            "enabled, and an Apache before RT must hand on the Authorization header (docs/sources.md)."
        )
        return Problem("token-refused", error.what, fix)
    if status == 403:
        fix = "Give the token's user the rights SeeQueue, ShowTicket, ShowTicketComments and SeeCustomField in RT."
        return Problem("permission-missing", error.what, fix)
    if status == 404:
        fix = "Write the address of RT's own root in url, without /REST/2.0, and check that it is RT 5."
        return Problem("address-wrong", error.what, fix)
    return Problem("source-unreachable", error.what, error.fix)
