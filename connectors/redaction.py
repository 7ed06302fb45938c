"""Keeps secrets out of logs and messages."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

HIDDEN = "[hidden]"

_PATTERNS = (
    # A digit tells a credential from a sentence about one.
    re.compile(r"(?i)\b((?:basic|bearer|token)\s+)(?=\S*\d)[a-z0-9+/_.~=-]{8,}"),
    re.compile(
        r"(?i)(\"?\b(?:access_token|refresh_token|id_token|client_secret|api[_-]?key|x-redmine-api-key|password|"
        r"authorization)\"?\s*[=:]\s*\"?)[^\s\"'&,;}]{4,}"
    ),
    re.compile(r"(?i)([?&](?:code|key|state)=)[^\s&\"']+"),
    re.compile(r"(?i)(\bhttps?://)[^\s/@]+@"),
)


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """Replace every one of `secrets`, and whatever looks like a credential, by a fixed mark."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    for pattern in _PATTERNS:
        text = pattern.sub(rf"\g<1>{HIDDEN}", text)
    return text


def quiet_libraries() -> None:
    """Pin the loggers of libraries that write requests, addresses or tokens below WARNING.

    requests_oauthlib logs whole token answers at DEBUG, httpx each address with its query at INFO.
    """
    for name in ("httpx", "httpcore", "requests_oauthlib", "oauthlib", "urllib3", "intuitlib", "quickbooks"):
        logging.getLogger(name).setLevel(logging.WARNING)
