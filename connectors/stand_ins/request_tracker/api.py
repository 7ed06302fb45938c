"""What the stand-in Request Tracker answers over REST 2: the shapes and traps of 5.0.3.

In lists an id is a string, in a single record an integer; a list gives nothing but ids unless `fields` asks for more;
a page holds 100 at most; the number of pages of an empty list is 0.0; a list without a query is empty.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.stand_ins.request_tracker import reading, texts, writing
from connectors.stand_ins.request_tracker.answers import ROOT, error
from connectors.stand_ins.request_tracker.search import SearchError
from connectors.stand_ins.request_tracker.tracker import RequestTracker, User
from connectors.stand_ins.request_tracker.view import View
from connectors.stand_ins.server import Answer, Asked

Method = Callable[..., Answer]
_ROUTES: tuple[tuple[str, dict[str, Method]], ...] = (
    (r"/rt", {"GET": reading.version}),
    (r"/transactions", {"GET": reading.transactions}),
    (r"/tickets", {"GET": reading.tickets, "POST": reading.tickets}),
    (r"/queues", {"GET": reading.queried_queues}),
    (r"/queues/all", {"GET": reading.queues}),
    (r"/ticket", {"POST": writing.open_ticket}),
    (r"/ticket/(\d+)", {"GET": reading.ticket, "PUT": writing.change_ticket}),
    (r"/ticket/(\d+)/history", {"GET": reading.history}),
    (r"/ticket/(\d+)/(comment|correspond)", {"POST": writing.say}),
    (r"/transaction/(\d+)", {"GET": reading.transaction}),
    (r"/attachments", {"GET": texts.attachments}),
    (r"/attachment/(\d+)", {"GET": reading.attachment}),
    (r"/queue", {"POST": writing.open_queue}),
    (r"/queue/([^/]+)", {"GET": reading.queue}),
    (r"/user", {"POST": writing.add_user}),
    (r"/user/([^/]+)", {"GET": reading.user}),
)


def answer(tracker: RequestTracker, asked: Asked) -> Answer:
    """The answer to one request, whoever asks."""
    path = asked.path.removeprefix(ROOT).rstrip("/")
    if path == asked.path:
        return error(404, "Not Found")
    user = _user(tracker, asked)
    if user is None:
        return error(401, "Unauthorized")
    for pattern, methods in _ROUTES:
        match = re.fullmatch(pattern, path)
        if match is not None:
            if asked.method not in methods:
                return error(405, "Method Not Allowed")
            try:
                return methods[asked.method](View(tracker, asked, user), *match.groups())
            except SearchError as wrong:
                return error(400, str(wrong))
    return error(404, "Not Found")


def _user(tracker: RequestTracker, asked: Asked) -> User | None:
    word, _, secret = asked.headers.get("authorization", "").partition(" ")
    token = secret if word.lower() == "token" else asked.query.get("token")
    return next((user for user in tracker.users if user.token and user.token == token), None)
