"""What the stand-in Redmine answers over REST: the shapes and traps of 5.0.4.

A limit is cut to 100 and nonsense taken for 25; a page past the end is empty; a filter or sort key that the server
does not know is dropped without a word; a refusal is a status and an empty body.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from connectors.stand_ins.redmine import reading, writing
from connectors.stand_ins.redmine.tracker import Redmine, User
from connectors.stand_ins.redmine.view import NOTHING, View
from connectors.stand_ins.server import Answer, Asked

Method = Callable[..., Answer]
_ROUTES: tuple[tuple[str, dict[str, Method]], ...] = (
    (r"/time_entries\.json", {"GET": reading.time_entries, "POST": writing.add_entry}),
    (
        r"/time_entries/(\d+)\.json",
        {"GET": reading.time_entry, "PUT": writing.change_entry, "DELETE": writing.delete_entry},
    ),
    (r"/projects/([\w-]+)/time_entries\.json", {"GET": reading.project_time_entries}),
    (r"/issues\.json", {"GET": reading.issues, "POST": writing.add_issue}),
    (r"/issues/(\d+)\.json", {"GET": reading.issue, "PUT": writing.change_issue, "DELETE": writing.delete_issue}),
    (r"/projects\.json", {"GET": reading.projects, "POST": writing.add_project}),
    (r"/projects/([\w-]+)\.json", {"GET": reading.project, "PUT": writing.change_project}),
    (r"/projects/([\w-]+)/(archive|unarchive|close|reopen)\.json", {"PUT": writing.set_project_status}),
    (r"/users/current\.json", {"GET": reading.current_user}),
    (r"/enumerations/time_entry_activities\.json", {"GET": reading.activities}),
    (r"/issue_statuses\.json", {"GET": reading.statuses}),
)
_NO_SUCH_PAGE = (
    b"<!DOCTYPE html>\n<html>\n<head><title>Redmine 404 error</title></head>\n<body>Page not found</body>\n</html>\n"
)


def answer(redmine: Redmine, asked: Asked) -> Answer:
    """The answer to one request, whoever asks."""
    for pattern, methods in _ROUTES:
        match = re.fullmatch(pattern, asked.path)
        if match is not None and asked.method in methods:
            if not redmine.rest_enabled:
                return NOTHING[403]
            user = _user(redmine, asked)
            if user is None:
                realm = {"WWW-Authenticate": 'Basic realm="Redmine API"'}
                return Answer(401, headers=realm, content_type="application/json")
            return methods[asked.method](View(redmine, asked, user), *match.groups())
    return Answer(404, content=_NO_SUCH_PAGE, content_type="text/html; charset=utf-8")


def _user(redmine: Redmine, asked: Asked) -> User | None:
    key = asked.headers.get("x-redmine-api-key") or asked.query.get("key", "")
    return next((user for user in redmine.users if user.key and user.key == key), None)
