"""Reads of one company: queries to their last row, single objects, and what changed since (CDC)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.http import Patience, UnavailableError, retrying
from connectors.ports import Clock
from connectors.quickbooks.errors import (
    AmbiguousError,
    NotSentError,
    QuickBooksError,
    ThrottledError,
    UnauthorisedError,
)
from connectors.quickbooks.session import Session
from connectors.quickbooks.values import UnexpectedAnswerError, instant_of, text_of
from connectors.quickbooks.wire import Json

PAGE_ROWS = 1000
CDC_DAYS = 30
CDC_ROWS = 1000
_RESTARTS = 3


class TooLongAgoError(Exception):
    """CDC reaches back 30 days; before that everything must be read again."""


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since an instant. `truncated` entities may have changed further: they must be read whole."""

    objects: Mapping[str, tuple[Json, ...]]
    deleted: Mapping[str, tuple[Json, ...]]
    """Stubs with Id, and MetaData.LastUpdatedTime where given."""
    server_time: datetime
    """QuickBooks' own time of the answer: the next watermark, less an overlap."""
    truncated: frozenset[str] = frozenset()


def quoted(value: str) -> str:
    """A value as the query language wants it: 'O\\'Reilly'."""
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


class Reader:
    """Reads with patience: silence and 5xx are asked again, a 429 is waited out, a rejected token is renewed once."""

    def __init__(self, session: Session, clock: Clock, patience: Patience) -> None:
        self._session = session
        self._clock = clock
        self._patience = patience

    def get(self, entity: str, object_id: str) -> Json:
        """One object by its id; raises RefusedError 610 where it was deleted or never was."""
        assert object_id.isdecimal(), object_id
        body = self.read(f"{entity.lower()}/{object_id}")
        return member(body, entity)

    def query(self, entity: str, where: str = "", order: str = "Id") -> list[Json]:
        """All rows, to the last; `where` without the word WHERE, its values `quoted`.

        Pages overlap by one row. When that row is another one than before, rows were taken away meanwhile and one may
        have slipped through between the pages: everything is read again.
        """
        for _ in range(_RESTARTS):
            rows = self._pages(entity, where, order)
            if rows is not None:
                return rows
        raise QuickBooksError(f"the list of {entity} changed each time while it was read")

    def _pages(self, entity: str, where: str, order: str) -> list[Json] | None:
        rows: dict[str, Json] = {}
        start, last = 1, ""
        while True:
            page = self._page(entity, where, order, start)
            ids = [text_of(row, "Id") for row in page]
            if last and ids[:1] != [last]:
                return None
            rows |= zip(ids, page, strict=True)
            if len(page) < PAGE_ROWS:
                return list(rows.values())
            start, last = start + PAGE_ROWS - 1, ids[-1]

    def _page(self, entity: str, where: str, order: str, start: int) -> list[Json]:
        condition = ["WHERE", where] if where else []
        words = ["SELECT * FROM", entity, *condition, "ORDERBY", order]
        words += ["STARTPOSITION", str(start), "MAXRESULTS", str(PAGE_ROWS)]
        answer = member(self.read("query", {"query": " ".join(words)}), "QueryResponse")
        return objects(answer.get(entity, []))

    def changes(self, entities: Iterable[str], since: datetime) -> Changes:
        """What of `entities` changed since an instant (CDC); raises TooLongAgoError beyond 30 days."""
        assert since.tzinfo is not None
        if self._clock.now() - since > timedelta(days=CDC_DAYS):
            raise TooLongAgoError(f"QuickBooks tells changes of {CDC_DAYS} days, not since {since.isoformat()}")
        asked = tuple(entities)
        moment = since.astimezone(UTC).isoformat(timespec="seconds")
        body = self.read("cdc", {"entities": ",".join(asked), "changedSince": moment})
        return _changes(body, asked)

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """GET below the company's address, patiently; raises QuickBooksError, and what getting a token raises."""

        def attempt() -> Json:
            try:
                return self._get_authorised(path, params)
            except (ThrottledError, NotSentError, AmbiguousError) as error:
                raise UnavailableError(
                    error.what, status=error.status, retry_after_seconds=error.retry_after_seconds
                ) from error

        try:
            return retrying(attempt, clock=self._clock, patience=self._patience)
        except UnavailableError as error:
            if isinstance(error.__cause__, QuickBooksError):
                raise error.__cause__ from None
            raise

    def _get_authorised(self, path: str, params: Mapping[str, str] | None) -> Json:
        try:
            return self._session.get(path, params)
        except UnauthorisedError as error:
            if not error.refresh_may_help:
                raise
        # The session has told the rejected token to its source, which gives another one now.
        return self._session.get(path, params)


def member(body: Json, name: str) -> Json:
    """The object under `name`; raises UnexpectedAnswerError where it is missing."""
    value = body.get(name)
    if not isinstance(value, dict):
        raise UnexpectedAnswerError(f"QuickBooks' answer holds no {name}")
    return value


def objects(value: Any) -> list[Json]:
    """A list of objects, as a query's rows are; raises UnexpectedAnswerError for anything else."""
    if not isinstance(value, list) or not all(isinstance(row, dict) and row.get("Id") for row in value):
        raise UnexpectedAnswerError("QuickBooks' answer holds rows that are no objects")
    return value


def _changes(body: Json, asked: tuple[str, ...]) -> Changes:
    """Take a CDC answer apart: by member name, since an entity without changes may lack its element."""
    found: dict[str, list[Json]] = {entity: [] for entity in asked}
    for response in body.get("CDCResponse") or []:
        for part in response.get("QueryResponse") or []:
            if "Fault" in part:
                raise UnexpectedAnswerError(f"QuickBooks could not tell all changes: {part['Fault']}")
            for entity in asked:
                found[entity] += objects(part.get(entity, []))
    server_time = instant_of(body, "time")
    if "CDCResponse" not in body or server_time is None:
        raise UnexpectedAnswerError("QuickBooks' answer holds no changes")
    # Whether the 1000 are counted for each entity or over all of them is not documented: the smaller is supposed.
    full = sum(map(len, found.values())) >= CDC_ROWS
    return Changes(
        {entity: tuple(row for row in rows if row.get("status") != "Deleted") for entity, rows in found.items()},
        {entity: tuple(row for row in rows if row.get("status") == "Deleted") for entity, rows in found.items()},
        server_time,
        frozenset(asked) if full else frozenset(),
    )
