"""The HTTP client for a tool whose address is a setting: Redmine, Request Tracker."""

from __future__ import annotations

from collections.abc import Callable

import httpx

from connectors.http import SecretHeader, build_client, is_loopback
from connectors.source import SourceError


def open_server(
    root: str,
    *,
    below: str,
    secret: SecretHeader,
    called: str,
    example: str,
    plain_http: bool,
    before_request: Callable[[], None],
) -> httpx.Client:
    """A client for what lies `below` the tool's own root; raises SourceError when that address cannot be used.

    `called` and `example` are what a person knows the secret and such an address by.
    """
    try:
        url = httpx.URL(root)
    except httpx.InvalidURL as error:
        raise SourceError("The url is not an address.", f"Write it as {example}.") from error
    if url.scheme not in ("http", "https") or not url.host or url.userinfo or url.query:
        raise SourceError("The url is not the address of a server.", f"Write it as {example}.")
    if url.scheme == "http" and not plain_http and not is_loopback(url.host):
        what = f"The {called} would travel to {url.host} in clear."
        raise SourceError(what, "Write https:// in url, or set plain_http = true if that network is trusted.")
    hosts = frozenset({url.host})
    return build_client(
        base_url=root.rstrip("/") + below,
        headers={"Accept": "application/json"},
        allowed_hosts=hosts,
        plain_hosts=hosts if plain_http else frozenset(),
        auth=secret,
        before_request=before_request,
    )
