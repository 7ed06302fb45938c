"""The keys of a `[sources.NAME]` block of kind `redmine`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


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
