"""One request's view of the data: who asks, and what they may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from connectors.stand_ins.request_tracker.tracker import Queue, RequestTracker, Ticket, Transaction, User
from connectors.stand_ins.server import Asked


@dataclass(frozen=True, slots=True)
class View:
    """What one user may see of a Request Tracker."""

    tracker: RequestTracker
    asked: Asked
    user: User

    @property
    def query(self) -> Mapping[str, str]:
        """The parameters, of the address or of a form that was posted."""
        if "form" in self.asked.headers.get("content-type", ""):
            return {**self.asked.query, **dict(parse_qsl(self.asked.body.decode(), keep_blank_values=True))}
        return self.asked.query

    def sees(self, queue: Queue) -> bool:
        """Whether the tickets of a queue are there for this user."""
        return self.user.superuser or queue.id in self.user.queues

    def sees_transaction(self, made: Transaction) -> bool:
        """Comments are for colleagues, whose right is one of its own."""
        if made.type == "Comment" and not (self.user.superuser or self.user.sees_comments):
            return False
        return self.sees(self.holder(made).queue)

    def holder(self, made: Transaction) -> Ticket:
        """The ticket that a transaction was made on, merged since or not."""
        return next(ticket for ticket in self.tracker.tickets if ticket.id == made.ticket_id)
