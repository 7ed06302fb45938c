"""The keys of a `[sources.NAME]` block of kind `request-tracker`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from mappings.problems import Problem

CUSTOM_FIELD = "custom-field:"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTrackerSettings:
    """A Request Tracker 5, read over REST 2.0 with the token of a user who sees everybody's tickets and comments."""

    kind: str = "request-tracker"
    url: str
    """The address of RT's own root, such as `https://rt.example` or `https://example.com/rt`."""
    token: str
    """Where the authentication token is kept: `env:NAME`, `file:PATH` or `credential:NAME`."""
    since: date | None = None
    """Go-live: work before this day is never looked at."""
    client_from: str = "queue"
    """What plays the client: `queue`, `requestor-domain` (after the @), or `custom-field:NAME` of the ticket."""
    service_from: str = "queue"
    """What plays the service: `queue`, or `custom-field:NAME` of the transaction or, where blank, of its ticket."""
    plain_http: bool = False
    """Allow http:// to a server that is not this machine; the token then travels in clear."""

    def wrong_values(self) -> Iterator[tuple[str, Problem]]:
        """What is wrong with the values by themselves, each with its key."""
        if self.client_from not in ("queue", "requestor-domain") and not _names_field(self.client_from):
            what = f"client_from cannot be {self.client_from!r}."
            fix = f'Write "queue", "requestor-domain" or "{CUSTOM_FIELD}NAME".'
            yield "client_from", Problem("client-from-unknown", what, fix)
        if self.service_from != "queue" and not _names_field(self.service_from):
            what = f"service_from cannot be {self.service_from!r}."
            yield "service_from", Problem("service-from-unknown", what, f'Write "queue" or "{CUSTOM_FIELD}NAME".')


def _names_field(value: str) -> bool:
    return value.startswith(CUSTOM_FIELD) and value != CUSTOM_FIELD
