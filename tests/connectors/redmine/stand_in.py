"""A small Redmine on loopback: its REST API for reading, with the traps of the real one, and faults on demand.

What it knows of Redmine is written from the real server's behaviour, not from the client under test: the limit is
capped at 100, unknown filters and sort keys are ignored, issues are only the open ones unless asked, hours come with
two decimals though they are kept exactly.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.connectors.contract import Fault

Answer = dict[str, Any]


@dataclass
class StandInRedmine:
    """The server's data and switches; `url` once it runs."""

    key: str = "5f0c77d0a9e14b6c8a3e2d1b4c6f8091aabbccdd"
    url: str = ""
    entries: list[Answer] = field(default_factory=list)
    issues: list[Answer] = field(default_factory=list)
    projects: list[Answer] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    rest_enabled: bool = True
    ignores_filters: bool = False
    page_cap: int = 100
    after_request: Callable[[], object] | None = None
    """Runs after each answer: how a list moves while it is read."""
    _last_id: int = 0

    def add_project(self, name: str, parent: Answer | None = None, **custom: str) -> Answer:
        project: Answer = {"id": self._new_id(), "name": name, "status": 1, "custom_fields": _fields(custom)}
        if parent:
            project["parent"] = {"id": parent["id"], "name": parent["name"]}
        self.projects.append(project)
        return project

    def add_issue(self, project: Answer, subject: str, *, closed_on: str | None = None, parent: int = 0) -> Answer:
        status = {"id": 5, "name": "Closed"} if closed_on else {"id": 1, "name": "New"}
        issue: Answer = {"id": self._new_id(), "project": _reference(project), "subject": subject}
        issue |= {"status": {**status, "is_closed": bool(closed_on)}, "closed_on": closed_on}
        if parent:
            issue["parent"] = {"id": parent}
        self.issues.append(issue)
        return issue

    def add_entry(
        self, project: Answer, day: date, hours: Decimal, *, issue: Answer | None = None, notes: str = "", **custom: str
    ) -> Answer:
        number = self._new_id()
        created = (datetime(2026, 10, 1, tzinfo=UTC) + timedelta(minutes=number // 3)).strftime("%Y-%m-%dT%H:%M:%SZ")
        entry: Answer = {"id": number, "project": _reference(project)}
        if issue:
            entry["issue"] = {"id": issue["id"]}
        entry |= {"user": {"id": 5, "name": "Tess Tremblay"}, "activity": {"id": 9, "name": "Development"}}
        entry |= {"hours": hours, "comments": notes, "spent_on": str(day), "created_on": created, "updated_on": created}
        entry["custom_fields"] = _fields(custom)
        self.entries.append(entry)
        return entry

    def _new_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def answer(self, path: str, query: dict[str, str], key: str | None) -> tuple[int, Answer | None]:
        """Status and body of a GET."""
        if not self.rest_enabled:
            return 403, None
        if key != self.key:
            return 401, None
        if path == "/users/current.json":
            return 200, {"user": {"id": 1, "login": "syncd", "admin": True, "api_key": self.key}}
        lists = {"/time_entries.json": self._entries, "/issues.json": self._issues, "/projects.json": self._projects}
        if path not in lists:
            return 404, None
        return 200, self._page(path[1:-5], lists[path](query), query)

    def _entries(self, query: dict[str, str]) -> list[Answer]:
        found = self.entries
        if not self.ignores_filters:
            first, last = query.get("from", "0000"), query.get("to", "9999")
            found = [entry for entry in found if first <= str(entry["spent_on"]) <= last]
        if query.get("sort") == "created_on":
            return sorted(found, key=lambda entry: (entry["created_on"], entry["id"]))
        return sorted(found, key=lambda entry: (entry["spent_on"], entry["id"]), reverse=True)

    def _issues(self, query: dict[str, str]) -> list[Answer]:
        found = self.issues
        if query.get("status_id") != "*":
            found = [issue for issue in found if not issue["status"]["is_closed"]]
        if "issue_id" in query and not self.ignores_filters:
            wanted = {int(number) for number in query["issue_id"].split(",")}
            found = [issue for issue in found if issue["id"] in wanted]
        return sorted(found, key=lambda issue: int(issue["id"]), reverse=query.get("sort") != "id")

    def _projects(self, query: dict[str, str]) -> list[Answer]:
        return self.projects

    def _page(self, member: str, found: list[Answer], query: dict[str, str]) -> Answer:
        limit = min(int(query.get("limit", "25")) or 25, self.page_cap)
        offset = int(query.get("offset", "0"))
        return {member: found[offset : offset + limit], "total_count": len(found), "offset": offset, "limit": limit}


@contextmanager
def running(stand_in: StandInRedmine) -> Iterator[StandInRedmine]:
    """Serve it on a free port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            split = urlsplit(self.path)
            stand_in.requests.append(self.path)
            fault = stand_in.faults.pop(0) if stand_in.faults else Fault()
            query = {name: values[-1] for name, values in parse_qs(split.query).items()}
            status, answer = stand_in.answer(split.path, query, self.headers.get("X-Redmine-API-Key"))
            body = json.dumps(answer, default=_two_decimals).encode() if answer is not None else b""
            if fault.status:
                _send(self, fault.status, fault.headers, fault.body)
            elif fault.cut_after_bytes >= 0:
                _cut(self, fault, body)
            else:
                _send(self, status, {"Content-Type": "application/json; charset=utf-8"}, body)
            if stand_in.after_request:
                stand_in.after_request()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    stand_in.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield stand_in
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _send(handler: BaseHTTPRequestHandler, status: int, headers: dict[str, str], body: bytes) -> None:
    handler.send_response(status)
    for name, value in {**headers, "Content-Length": str(len(body))}.items():
        handler.send_header(name, value)
    handler.end_headers()
    handler.wfile.write(body)


def _cut(handler: BaseHTTPRequestHandler, fault: Fault, body: bytes) -> None:
    """Hang up in the middle: of the body, or before anything was said."""
    handler.close_connection = True
    if fault.cut_after_bytes == 0:
        return
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    if fault.says_length:
        handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body[: fault.cut_after_bytes])


def _two_decimals(hours: object) -> float:
    assert isinstance(hours, Decimal)
    return float(round(hours, 2))


def _reference(record: Answer) -> Answer:
    return {"id": record["id"], "name": record["name"]}


def _fields(custom: dict[str, str]) -> list[Answer]:
    return [{"id": number, "name": name, "value": value} for number, (name, value) in enumerate(custom.items(), 1)]
