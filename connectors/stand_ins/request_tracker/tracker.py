"""A small Request Tracker 5 on loopback: tickets, and the transactions that hold their time, as its people make them.

Written from the behaviour of the real 5.0.3. What a reader has to know of it, and can try here: time lives in
transactions, which are only ever added; a smaller TimeWorked is a transaction of negative minutes; a merge writes none
on the minutes: the merged ticket's number leads to the other one, its transactions keep the old number.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from connectors.stand_ins.server import Answer, Asked, StandIn

TOKEN = "1-14-5d0f7a9e3b1c4862"  # noqa: S105 - opens nothing but a stand-in
UNSET = datetime(1970, 1, 1, tzinfo=UTC)
"""What the tool says of a moment that never was: a date, not nothing."""
NONE: Mapping[str, str] = {}
FIRST_TRANSACTION = 40
"""A new installation has made some of its own."""


@dataclass
class Queue:
    id: int
    name: str
    description: str = ""
    disabled: bool = False


@dataclass
class User:
    id: int
    name: str
    """The login; for somebody who wrote an e-mail, the address."""
    email: str = ""
    real_name: str = ""
    token: str = ""
    superuser: bool = False
    """Sees everything, and alone is told how long a list of transactions is."""
    queues: set[int] = field(default_factory=set)
    """The queues whose tickets they may see otherwise, by number."""
    sees_comments: bool = False


@dataclass
class Ticket:
    id: int
    queue: Queue
    subject: str
    creator: User
    created: datetime
    effective_id: int
    status: str = "new"
    requestors: list[User] = field(default_factory=list)
    owner: str = "Nobody"
    time_worked: int = 0
    time_estimated: int = 0
    started: datetime = UNSET
    resolved: datetime = UNSET
    due: datetime = UNSET
    told: datetime = UNSET
    last_updated: datetime = UNSET
    last_updated_by: str = "root"
    custom_fields: dict[str, list[str]] = field(default_factory=dict)
    member_of: int = 0


@dataclass(frozen=True)
class Transaction:
    """One change. Only ever added: nothing changes or removes it."""

    id: int
    ticket_id: int
    type: str
    creator: User
    created: datetime
    time_taken: int = 0
    field_name: str = ""
    old: str = ""
    new: str = ""
    data: str = ""
    custom_fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Attachment:
    """A message's text, or a file with it."""

    id: int
    transaction_id: int
    creator: User
    created: datetime
    content: bytes
    subject: str = ""
    filename: str = ""
    content_type: str = "text/plain"


class RequestTracker(StandIn):
    """The server, its data, and what its people do. Minutes are whole and may be negative only as a correction.

    `at` is when it happened; without it, `now()`. `by` is who did it, by login.
    """

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        super().__init__(now)
        self.token = TOKEN
        """The administrator's."""
        self.root = User(14, "root", "root@localhost", "Enoch Root", TOKEN, superuser=True)
        self.users: list[User] = [User(1, "RT_System"), User(6, "Nobody"), self.root]
        self.queues: list[Queue] = [Queue(1, "General", "The default queue")]
        self.custom_fields: list[str] = []
        self.transaction_fields: list[str] = []
        self.tickets: list[Ticket] = []
        self.transactions: list[Transaction] = []
        self.attachments: list[Attachment] = []
        self._next_transaction = FIRST_TRANSACTION

    def answer(self, asked: Asked) -> Answer:
        from connectors.stand_ins.request_tracker.api import answer

        return answer(self, asked)

    def user(self, name: str) -> User:
        """The user of that login or address, made when there is none, as for the sender of a first e-mail."""
        known = next((user for user in self.users if name in (user.name, str(user.id))), None)
        return known or self.add_user(name, email=name if "@" in name else "")

    def add_user(self, name: str, *, email: str = "", real_name: str = "", token: str = "") -> User:
        """Without any right; who has a token is asked by it."""
        with self.lock:
            self.users.append(User(max(user.id for user in self.users) + 1, name, email, real_name, token))
            return self.users[-1]

    def add_queue(self, name: str, description: str = "") -> Queue:
        with self.lock:
            # Number 2 is the installation's own, for approvals, and hidden.
            self.queues.append(Queue(max(2, max(queue.id for queue in self.queues)) + 1, name, description))
            return self.queues[-1]

    def add_custom_field(self, name: str) -> None:
        """A field of text that every ticket has from then on."""
        with self.lock:
            self.custom_fields.append(name)
            for ticket in self.tickets:
                ticket.custom_fields[name] = []

    def add_transaction_field(self, name: str) -> None:
        """A field of text that every transaction of a ticket has."""
        with self.lock:
            self.transaction_fields.append(name)

    def ticket(self, number: int) -> Ticket | None:
        """The ticket that a number leads to: of a merged one, the one it was merged into."""
        found = next((ticket for ticket in self.tickets if ticket.id == number), None)
        if found is None or found.effective_id == found.id:
            return found
        return self.ticket(found.effective_id)

    def open_ticket(
        self,
        queue: Queue,
        subject: str,
        *,
        requestor: str = "",
        minutes: int = 0,
        text: str = "",
        by: str = "root",
        at: datetime | None = None,
        custom: Mapping[str, str] = NONE,
    ) -> Ticket:
        """A new ticket; the minutes worked until then are its first transaction's."""
        with self.lock:
            moment, number = at or self.now(), len(self.tickets) + 1
            ticket = Ticket(number, queue, subject, self.user(by), moment, number, time_worked=minutes)
            ticket.requestors = [self.user(requestor)] if requestor else []
            given = {name: [custom[name]] if custom.get(name) else [] for name in self.custom_fields}
            ticket.custom_fields = given
            self.tickets.append(ticket)
            created = self._record(ticket, "Create", by, moment, minutes)
            self._attach(created, text, subject=subject)
            return ticket

    def comment(
        self,
        ticket: Ticket,
        text: str = "",
        *,
        minutes: int = 0,
        by: str = "root",
        at: datetime | None = None,
        content_type: str = "text/plain",
        custom: Mapping[str, str] = NONE,
    ) -> Transaction:
        """A note among colleagues, with the minutes that it took; `custom` are fields of the transaction."""
        with self.lock:
            moment = at or self.now()
            said = self._say(ticket, "Comment", minutes, by, moment, custom)
            self._attach(said, text, content_type=content_type)
            return said

    def reply(
        self,
        ticket: Ticket,
        text: str = "",
        *,
        minutes: int = 0,
        by: str = "root",
        at: datetime | None = None,
        content_type: str = "text/plain",
        custom: Mapping[str, str] = NONE,
    ) -> Transaction:
        """An answer to whoever asked. The first one opens a new ticket, in a transaction of its own."""
        with self.lock:
            moment = at or self.now()
            said = self._say(ticket, "Correspond", minutes, by, moment, custom)
            self._attach(said, text, content_type=content_type)
            ticket.told = moment
            if ticket.status == "new":
                self.set_status(ticket, "open", by="RT_System", at=moment)
            return said

    def rewrite(self, transaction: Transaction, **members: object) -> Transaction:
        """Change a transaction past the server, which itself never does: its minutes, or when it was made."""
        with self.lock:
            changed = replace(transaction, **members)  # type: ignore[arg-type]  # the caller names dataclass fields
            self.transactions[self.transactions.index(transaction)] = changed
            return changed

    def shred(self, transaction: Transaction) -> None:
        """Remove a transaction for good, as rt-shredder does: without a trace."""
        with self.lock:
            self.transactions.remove(transaction)

    def set_time_worked(
        self, ticket: Ticket, minutes: int, *, by: str = "root", at: datetime | None = None
    ) -> Transaction | None:
        """Type another total: the transaction holds the difference, negative when it went down. None for no change."""
        with self.lock:
            before = ticket.time_worked
            if minutes == before:
                return None
            ticket.time_worked = minutes
            moment = at or self.now()
            return self._record(ticket, "Set", by, moment, minutes - before, "TimeWorked", str(before), str(minutes))

    def set_status(self, ticket: Ticket, status: str, *, by: str = "root", at: datetime | None = None) -> None:
        """new, open, stalled, resolved, rejected or deleted."""
        with self.lock:
            before, moment = ticket.status, at or self.now()
            ticket.status = status
            if before == "new" and ticket.started == UNSET:
                ticket.started = moment
            if status in ("resolved", "rejected", "deleted"):
                ticket.resolved = moment
            self._record(ticket, "Status", by, moment, 0, "Status", before, status)

    def rename(self, ticket: Ticket, subject: str, *, by: str = "root", at: datetime | None = None) -> None:
        with self.lock:
            before, ticket.subject = ticket.subject, subject
            self._record(ticket, "Set", by, at or self.now(), 0, "Subject", before, subject)

    def move(self, ticket: Ticket, queue: Queue, *, by: str = "root", at: datetime | None = None) -> None:
        """Into another queue; the time that was spent before goes along."""
        with self.lock:
            before, ticket.queue = ticket.queue, queue
            self._record(ticket, "Set", by, at or self.now(), 0, "Queue", str(before.id), str(queue.id))

    def set_custom_field(
        self, ticket: Ticket, name: str, value: str, *, by: str = "root", at: datetime | None = None
    ) -> None:
        with self.lock:
            before = (ticket.custom_fields[name] or [""])[0]
            ticket.custom_fields[name] = [value] if value else []
            number = self.custom_fields.index(name) + 1
            self._record(ticket, "CustomField", by, at or self.now(), 0, str(number), before, value)

    def touch(self, ticket: Ticket, *, by: str = "root", at: datetime | None = None) -> None:
        """Leave the trace of a change that is no field of the ticket itself, as another requestor."""
        with self.lock:
            self._record(ticket, "AddWatcher", by, at or self.now(), 0, "Requestor")

    def merge(self, ticket: Ticket, into: Ticket, *, by: str = "root", at: datetime | None = None) -> None:
        """Make one ticket of two: the sums go over, the transactions stay under the number they were made with."""
        with self.lock:
            for other in self.tickets:
                if other.effective_id == ticket.id:
                    other.effective_id = into.id
            into.time_worked += ticket.time_worked
            into.time_estimated += ticket.time_estimated
            into.requestors += [user for user in ticket.requestors if user not in into.requestors]
            moment = at or self.now()
            self._record(ticket, "AddLink", by, moment, 0, "MergedInto", "", f"fsck.com-rt://rt.test/ticket/{into.id}")
            into.last_updated = moment

    def _say(
        self, ticket: Ticket, kind: str, minutes: int, by: str, moment: datetime, custom: Mapping[str, str]
    ) -> Transaction:
        ticket.time_worked += minutes
        said = self._record(ticket, kind, by, moment, minutes, data="No Subject")
        self.transactions[-1] = replace(said, custom_fields=dict(custom))
        return self.transactions[-1]

    def _attach(
        self, transaction: Transaction, text: str, *, subject: str = "", content_type: str = "text/plain"
    ) -> None:
        """Keep the text, if there is one."""
        if text:
            number = len(self.attachments) + 1
            made = Attachment(number, transaction.id, transaction.creator, transaction.created, text.encode(), subject)
            self.attachments.append(replace(made, content_type=content_type))

    def _record(
        self,
        ticket: Ticket,
        kind: str,
        by: str,
        moment: datetime,
        minutes: int = 0,
        name: str = "",
        old: str = "",
        new: str = "",
        data: str = "",
    ) -> Transaction:
        number = self._next_transaction
        self._next_transaction += 1
        made = Transaction(number, ticket.id, kind, self.user(by), moment, minutes, name, old, new, data)
        self.transactions.append(made)
        ticket.last_updated, ticket.last_updated_by = moment, by
        return made
