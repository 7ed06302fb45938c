"""Lists of a server made up for one test: rows that exist, and what the asking user sees and is told of them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import httpx

from connectors.http import build_client
from connectors.request_tracker.client import RequestTrackerClient
from connectors.request_tracker.lists import ListReader
from tests.support.clock import FakeClock

Row = dict[str, Any]


@dataclass
class Shelf:
    """Answers lists as RT does: cut into pages first, then rid of the rows that are hidden."""

    rows: dict[str, list[Row]]
    """By the path of the list, in the order of their ids."""
    hidden: set[int] = field(default_factory=set)
    counts: bool = True
    page_cap: int = 100
    other: Callable[[httpx.Request], httpx.Response | None] = lambda _: None
    """Answers before the lists do, where it answers."""
    asked: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        path = request.url.path.strip("/")
        self.asked.append(path)
        if (special := self.other(request)) is not None:
            return special
        if path not in self.rows:
            return httpx.Response(404, json={"message": "Not Found"})
        query = dict(request.url.params)
        found = [row for row in self.rows[path] if int(row["id"]) > _after(query["query"])]
        found = found[::-1] if query.get("order") == "DESC" else found
        per_page = min(int(query["per_page"]), self.page_cap)
        first = (int(query["page"]) - 1) * per_page
        items = [row for row in found[first : first + per_page] if int(row["id"]) not in self.hidden]
        total = len(found) if self.counts else None
        pages = None if total is None else -(-total // per_page) or 0.0
        listing = {"items": items, "count": len(items), "total": total, "pages": pages, "per_page": per_page}
        return httpx.Response(200, json=listing)

    @property
    def http(self) -> httpx.Client:
        return build_client(
            base_url="http://127.0.0.1/",
            allowed_hosts=frozenset({"127.0.0.1"}),
            transport=httpx.MockTransport(self.answer),
        )

    @property
    def lists(self) -> ListReader:
        return ListReader(self.http, FakeClock())

    @property
    def client(self) -> RequestTrackerClient:
        return RequestTrackerClient(self.http, FakeClock())


def numbered(ids: Iterable[int]) -> list[Row]:
    """Rows with nothing but their ids, as text, as lists give them."""
    return [{"id": str(number)} for number in ids]


def _after(query: str) -> int:
    """The id behind which rows are asked for, in either language."""
    if query.startswith("["):
        return next(int(each["value"]) for each in json.loads(query) if each["field"] == "id")
    return int(re.search(r"AND id > (\d+)$", query)[1])  # type: ignore[index]  # each query of ours ends so
