"""The keys of a `[sources.NAME]` block of kind `redmine`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mappings.problems import Problem

CUSTOM_FIELD = "custom-field:"


@dataclass(frozen=True, slots=True, kw_only=True)
class RedmineSettings:
    """A Redmine server, read over its REST API with the key of a user who sees everybody's time entries."""

    kind: str = "redmine"
    url: str
    """The address of Redmine's own root, such as `https://redmine.example` or `https://example.com/redmine`."""
    token: str
    """Where the API key is kept: `env:NAME`, `file:PATH` or `credential:NAME`."""
    since: date | None = None
    """Go-live: work before this day is never looked at."""
    client_from: str = "project"
    """What plays the client: `project`, `top-project`, or `custom-field:NAME` of the time entry or its project."""
    billable_from: str = ""
    """`custom-field:NAME` of the time entry, of format boolean; empty: all work is billable, Redmine has no flag."""
    plain_http: bool = False
    """Allow http:// to a server that is not this machine; the API key then travels in clear."""

    def wrong_values(self) -> Iterator[tuple[str, Problem]]:
        """What is wrong with the values by themselves, each with its key."""
        custom = f'"{CUSTOM_FIELD}NAME"'
        if self.client_from not in ("project", "top-project") and not _names_field(self.client_from):
            what = f"client_from cannot be {self.client_from!r}."
            yield "client_from", Problem("client-from-unknown", what, f'Write "project", "top-project" or {custom}.')
        if self.billable_from and not _names_field(self.billable_from):
            what = f"billable_from cannot be {self.billable_from!r}."
            yield "billable_from", Problem("billable-from-unknown", what, f"Write {custom}, or leave it out.")


def _names_field(value: str) -> bool:
    return value.startswith(CUSTOM_FIELD) and value != CUSTOM_FIELD
