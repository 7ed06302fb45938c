"""Reads any list of RT's REST 2.0 to its last row, by ids and not by the numbers of pages.

What a reader must know (5.0.3, `RT::REST2::Resource::Collection`): a page has 100 rows at most, whatever is asked
for. Rows that the token's user may not see are taken out of a page after it was cut, so that a page may be short, or
empty, although more follow. `total`, `pages` and `next_page` are null unless the user may see every record of that
sort, and `pages` is a float when there is nothing. Rows are only added at the end, since ids grow.
"""

from __future__ import annotations

import json
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec

from connectors.http import PATIENCE, Patience, RefusedError, read_json
from connectors.ports import Clock
from connectors.request_tracker.answers import Identified, Listing
from connectors.source import SourceError

PAGE_ROWS = 100
EMPTY_PAGES_MAX = 1_000
"""So many pages in a row of which every row is hidden: rather a server that ignores the number of the page."""
_LISTING = msgspec.json.Decoder(Listing)
_IDENTIFIED = msgspec.json.Decoder(Identified)


@dataclass(frozen=True, slots=True)
class Rows:
    """A list read to its end, in the order of the ids. `whole`: the server counted as many rows as it gave."""

    raws: tuple[bytes, ...]
    whole: bool


Reading = Generator[None, None, Rows]
"""A list being read: it yields after each answer, so that a long reading shows that it lives, and returns the rows."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked for: a text in RT's SQL, or conditions in JSON, and the fields that each row shall have."""

    path: str
    where: str | list[dict[str, Any]]
    fields: str
    subfields: tuple[tuple[str, str], ...] = ()

    def after(self, last_id: int) -> dict[str, str | int]:
        """The parameters that ask for the rows behind that id."""
        if isinstance(self.where, str):
            query = f"({self.where}) AND id > {last_id}"
        else:
            query = json.dumps([*self.where, {"field": "id", "operator": ">", "value": str(last_id)}])
        shown = {f"fields[{name}]": fields for name, fields in self.subfields}
        return {"query": query, "fields": self.fields, **shown, "orderby": "id", "per_page": PAGE_ROWS}


@dataclass(frozen=True, slots=True)
class ListReader:
    """Reads lists over one connection."""

    http: httpx.Client
    clock: Clock
    patience: Patience = PATIENCE

    def read(self, query: Query, after: int = 0) -> Reading:
        """Every row behind `after` that the user may see."""
        raws: list[bytes] = []
        last_id, page_number, whole = after, 1, True
        while True:
            listing, page = self.page(query, last_id, page_number)
            yield
            ids = [id_of(raw, query.path) for raw in page]
            _assert_behind(ids, last_id, query.path)
            raws += page
            limit = int(listing.per_page or PAGE_ROWS)
            rows_left = -1 if listing.total is None else int(listing.total) - (page_number - 1) * limit
            whole = whole and len(page) == min(rows_left, limit)
            if len(page) < limit and not self._goes_on(query, ids[-1] if ids else last_id, rows_left, limit):
                return Rows(tuple(raws), whole)
            # After an empty page that is not the last one, only the number of the page leads on.
            page_number = 1 if ids else page_number + 1
            last_id = ids[-1] if ids else last_id
            if page_number > EMPTY_PAGES_MAX:
                raise SourceError(f"{query.path} gives empty pages without end.", "Check that url leads to an RT 5.")

    def page(
        self, query: Query, after: int, page_number: int = 1, *, backwards: bool = False
    ) -> tuple[Listing, list[bytes]]:
        """One page of the rows behind an id, the newest first if `backwards`."""
        asked = query.after(after) | {"page": page_number}
        if backwards:
            asked["order"] = "DESC"
        listing = read_json(self.http, query.path, asked, clock=self.clock, decoder=_LISTING, patience=self.patience)
        if listing.items is msgspec.UNSET:
            raise RefusedError(f"{query.path} answered without its items.", "Check that url leads to an RT 5.")
        return listing, [bytes(raw) for raw in listing.items]

    def _goes_on(self, query: Query, last_id: int, rows_left: int, limit: int) -> bool:
        """Whether more follows a short page. Where the server does not count, look at the other end of the list."""
        if rows_left >= 0:
            return rows_left > limit
        return bool(self.page(query, last_id, backwards=True)[1])


def id_of(raw: bytes, path: str) -> int:
    """The id of a list's row, whether it is given as text or as a number."""
    try:
        return int(_IDENTIFIED.decode(raw).id)
    except (msgspec.MsgspecError, ValueError) as error:
        raise RefusedError(f"{path} holds a record without an id.", "Check that url leads to an RT 5.") from error


def _assert_behind(ids: list[int], last_id: int, path: str) -> None:
    """A server that ignores the filter or the order cannot be read to an end that means anything."""
    for before, number in zip([last_id, *ids], ids, strict=False):
        if number <= before:
            what = f"{path} gave {number} after {before}, although only later ids were asked for, in their order."
            raise SourceError(what, "Check that url leads to an RT 5 itself, and what stands between.")
