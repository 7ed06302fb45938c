"""Redmine's REST API, as far as reading goes. Checked against 5.0.4 and its documentation (redmine.org, Rest api).

What a client must know: `limit` is capped at 100 without a word; a filter or sort key that the server does not know
is ignored without a word; there is no filter on when an entry was changed; a page past the end is empty.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Self

import httpx
import msgspec

from connectors.http import Params, RefusedError, SecretHeader, read_json
from connectors.ports import Clock
from connectors.redmine.settings import RedmineSettings
from connectors.source import SourceError, Span
from connectors.tool_server import open_server

PAGE_LIMIT = 100
PASSES = 3
"""How often a list that changes under the reader is begun again before it is taken as it is, incomplete."""


class Named(msgspec.Struct, frozen=True):
    """A reference to a project, person or activity."""

    id: int
    name: str


class Reference(msgspec.Struct, frozen=True):
    """A reference to an issue, project or entry by its number alone."""

    id: int


class CustomField(msgspec.Struct, frozen=True):
    """One of the fields that an administrator added; `value` is a list where several may be chosen."""

    name: str
    value: str | list[str] | None = None


class TimeEntry(msgspec.Struct, frozen=True):
    """A time entry. `hours` were rounded to two decimals by the server, which keeps more: 20 minutes are 0.33."""

    id: int
    project: Named
    user: Named
    activity: Named
    hours: Decimal
    spent_on: date
    issue: Reference | None = None
    comments: str | None = None
    custom_fields: list[CustomField] = []


class Status(msgspec.Struct, frozen=True):
    """An issue's state; servers before 5.0 do not say whether it is a closed one."""

    name: str
    is_closed: bool | None = None


class Issue(msgspec.Struct, frozen=True):
    """An issue, of any tracker."""

    id: int
    project: Named
    subject: str
    status: Status
    parent: Reference | None = None
    closed_on: datetime | None = None


class Project(msgspec.Struct, frozen=True):
    """A project; `parent` only where the key's user may see it."""

    id: int
    name: str
    parent: Named | None = None
    custom_fields: list[CustomField] = []


class Listing(msgspec.Struct, frozen=True):
    """One page of any list. The records stay raw: one that is malformed must not cost the others."""

    total_count: int
    time_entries: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    issues: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET
    projects: list[msgspec.Raw] | msgspec.UnsetType = msgspec.UNSET


class CurrentUser(msgspec.Struct, frozen=True):
    """Whose key it is."""

    login: str
    admin: bool = False


class CurrentUserAnswer(msgspec.Struct, frozen=True):
    user: CurrentUser


_LISTING = msgspec.json.Decoder(Listing)
_REFERENCE = msgspec.json.Decoder(Reference)
_CURRENT_USER = msgspec.json.Decoder(CurrentUserAnswer)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list read to its end; `steady` False when it changed under the reader each time."""

    raws: tuple[bytes, ...]
    steady: bool


Reading = Generator[None, None, Rows]
"""A list being read: it yields after each answer, so that a long reading shows that it lives, and returns the rows."""


class RedmineClient:
    """Reads lists to their last row. Use it as a context manager; one belongs to one pull."""

    def __init__(self, http: httpx.Client, clock: Clock) -> None:
        self._http = http
        self._clock = clock

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def current_user(self) -> CurrentUser:
        """Whose key it is; refused with 401 when the key is wrong, or the REST API is switched off."""
        return read_json(self._http, "users/current.json", clock=self._clock, decoder=_CURRENT_USER).user

    def time_entries(self, span: Span) -> Reading:
        """Every entry worked in `span`, in the order of their creation, the only one that edits do not change."""
        return self._all("time_entries", {"from": str(span.first), "to": str(span.last), "sort": "created_on"})

    def count_time_entries(self) -> int:
        """How many entries the key's user may see at all."""
        return self._page("time_entries", {"limit": 1}, 0)[1]

    def issues(self, ids: Sequence[int]) -> Reading:
        """The issues of these numbers, closed ones too; those that the key's user may not see are missing."""
        raws: list[bytes] = []
        for first in range(0, len(ids), PAGE_LIMIT):
            wanted = ids[first : first + PAGE_LIMIT]
            asked = ",".join(map(str, wanted))
            rows = yield from self._all("issues", {"issue_id": asked, "status_id": "*", "sort": "id"})
            if not {_id_of(raw, "issues") for raw in rows.raws} <= set(wanted):
                what = "The server ignored the filter on issue numbers."
                raise SourceError(what, "Check that url leads to a Redmine itself, and what stands between.")
            raws += rows.raws
        return Rows(tuple(raws), True)

    def projects(self) -> Reading:
        """Every project that the key's user may see. Without the filter, closed ones are missing, whose work is not."""
        return self._all("projects", {"status": "1|5"})

    def shows_time_of(self, project: int) -> bool | None:
        """Whether the key's user may see a project's time entries; None if there is no such project any more."""
        try:
            read_json(
                self._http, f"projects/{project}/time_entries.json", {"limit": 1}, clock=self._clock, decoder=_LISTING
            )
        except RefusedError as error:
            if error.status in (403, 404):
                return None if error.status == 404 else False
            raise
        return True

    def _all(self, member: str, params: Params) -> Reading:
        """Read a list to its last row, and begin again while it moves."""
        rows = Rows((), False)
        for _ in range(PASSES):
            rows = yield from self._pass(member, params)
            if rows.steady:
                break
        return rows

    def _pass(self, member: str, params: Params) -> Reading:
        """Read to the end once, and tell whether the list stood still, or only grew at its end.

        Rows that are deleted or added meanwhile shift the others over the edges of the pages. So each page begins
        with the last row of the one before, and must.
        """
        found: dict[int, bytes] = {}
        offset, steady, last_id = 0, True, None
        while True:
            page, total = self._page(member, params, offset)
            yield
            ids = [_id_of(raw, member) for raw in page]
            steady = steady and (last_id is None or ids[:1] == [last_id])
            found.update(zip(ids, page, strict=True))
            if offset + len(page) >= total or len(page) < 2:
                return Rows(tuple(found.values()), steady and len(found) == total)
            offset, last_id = offset + len(page) - 1, ids[-1]

    def _page(self, member: str, params: Params, offset: int) -> tuple[list[bytes], int]:
        asked = {"limit": PAGE_LIMIT, **params, "offset": offset}
        listing = read_json(self._http, f"{member}.json", asked, clock=self._clock, decoder=_LISTING)
        records = getattr(listing, member)
        if records is msgspec.UNSET:
            raise RefusedError(f"{member}.json answered without its {member}.", "Check that url leads to a Redmine.")
        return [bytes(raw) for raw in records], listing.total_count


def open_client(
    settings: RedmineSettings, *, clock: Clock, secret: Callable[[], str], before_request: Callable[[], None]
) -> RedmineClient:
    """A client for the server of `settings`; raises SourceError when its url cannot be used."""
    http = open_server(
        settings.url,
        below="/",
        secret=SecretHeader("X-Redmine-API-Key", secret),
        called="key",
        example="https://redmine.example",
        plain_http=settings.plain_http,
        before_request=before_request,
    )
    return RedmineClient(http, clock)


def _id_of(raw: bytes, member: str) -> int:
    try:
        return _REFERENCE.decode(raw).id
    except msgspec.MsgspecError as error:
        raise RefusedError(
            f"{member}.json holds a record without an id.", "Check that url leads to a Redmine."
        ) from error
