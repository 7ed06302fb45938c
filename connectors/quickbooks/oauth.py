"""Intuit's OAuth 2 through intuit-oauth, over our own HTTP client: consent address, code and refresh for tokens.

OAuthError
├── InvalidGrantError      the code or refresh token is not accepted (any more)
├── InvalidClientError     client id or secret are wrong
└── OAuthUnavailableError  no answer, or none that can be used; `certain`: the tokens cannot have been rotated
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import httpx
import structlog

from connectors.ports import Clock
from connectors.quickbooks.answers import intuit_tid
from connectors.quickbooks.ports import Tokens

if TYPE_CHECKING:
    from intuitlib.exceptions import AuthClientError

    from connectors.quickbooks.intuit_client import IntuitClient

_log = structlog.get_logger("connectors.quickbooks")


class OAuthError(Exception):
    """Intuit gave no tokens. The message is for a person and holds no secret."""

    def __init__(self, what: str, *, certain: bool = True, status: int = 0, tid: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.certain = certain
        self.status = status
        self.intuit_tid = tid


class InvalidGrantError(OAuthError):
    """The authorisation code or the refresh token is used up, expired, revoked, or was replaced by a newer one."""


class InvalidClientError(OAuthError):
    """Intuit does not know this client id and secret."""


class OAuthUnavailableError(OAuthError):
    """Intuit could not be asked. Not `certain`: it may have replaced the refresh token and the answer was lost."""


class OAuth:
    """One app's way to tokens. Reads the discovery document when first needed, then remembers it."""

    def __init__(
        self,
        *,
        client_id: str,
        client_secret: str,
        redirect_uri: str,
        discovery_url: str,
        http: httpx.Client,
        clock: Clock,
    ) -> None:
        self._names = (client_id, client_secret, redirect_uri, discovery_url)
        self._http = http
        self._clock = clock
        self._documents: dict[str, httpx.Response] = {}

    def authorize_url(self, state: str) -> str:
        """The address at which a person consents; `state` comes back with the answer."""
        from intuitlib.enums import Scopes

        client = self._client()
        url: str = client.get_authorization_url([Scopes.ACCOUNTING], state)
        return url

    def exchange(self, code: str) -> Tokens:
        """Tokens for the code of a callback; a code works once. Raises OAuthError."""
        return self._tokens("get_bearer_token", code)

    def refresh(self, refresh_token: str) -> Tokens:
        """New tokens; the refresh token may be another one from now on. Raises OAuthError."""
        return self._tokens("refresh", refresh_token)

    def _tokens(self, call: str, secret: str) -> Tokens:
        from intuitlib.exceptions import AuthClientError

        client = self._client()
        asked_at = self._clock.now()
        try:
            getattr(client, call)(secret)
        except AuthClientError as error:
            raise _error_of(error) from None
        tokens = _tokens_of(client.last_answer, asked_at)
        # A refresh is due each hour, and no news.
        tell = _log.debug if call == "refresh" else _log.info
        tell("quickbooks-tokens", call=call, access_expires_at=tokens.access_expires_at.isoformat())
        return tokens

    def _client(self) -> IntuitClient:
        """A new client of the library each time: it keeps tokens in itself, and is not made for several threads."""
        # Tokens are asked for once an hour at most: what never asks need not load the library, nor hold its 9 MB.
        from intuitlib.exceptions import AuthClientError

        from connectors.quickbooks.intuit_client import IntuitClient

        try:
            return IntuitClient(self._http, self._clock, self._documents, *self._names)
        except AuthClientError as error:
            raise OAuthUnavailableError(
                f"Intuit's discovery document cannot be read: {error.status_code}.", status=error.status_code
            ) from None


def _tokens_of(answer: dict[str, Any], asked_at: datetime) -> Tokens:
    """Tokens as answered; their lives count from before the question, and a missing one never loses the tokens."""

    def end(name: str, default_seconds: int) -> datetime:
        return asked_at + timedelta(seconds=_whole(answer.get(name), default_seconds))

    hard = "x_refresh_token_hard_expires_in"
    return Tokens(
        access=str(answer["access_token"]),
        refresh=str(answer["refresh_token"]),
        access_expires_at=end("expires_in", 3600),
        refresh_expires_at=end("x_refresh_token_expires_in", 100 * 86_400),
        refresh_hard_expires_at=end(hard, 0) if _whole(answer.get(hard), 0) else None,
    )


def _whole(value: object, default: int) -> int:
    text = str(value)
    return int(text) if text.isdecimal() else default


def _error_of(error: AuthClientError) -> OAuthError:
    """The typed error of a token endpoint's answer (RFC 6749 §5.2); the body is not repeated, it may hold secrets."""
    try:
        body = json.loads(error.content)
        name = str(body.get("error", "")) if isinstance(body, dict) else ""
    except ValueError:
        name = ""
    status, tid = error.status_code, intuit_tid(error.response)
    if name == "invalid_grant":
        return InvalidGrantError("Intuit does not accept this code or refresh token.", status=status, tid=tid)
    if name == "invalid_client" or status == 401:
        return InvalidClientError("Intuit does not accept the client id and secret.", status=status, tid=tid)
    # 429 and other 4xx come before any rotation; after a 5xx nobody knows.
    certain = 400 <= status < 500 and status != 408
    what = f"Intuit's token endpoint answered {status}" + (f" ({name})." if name.isidentifier() else ".")
    return OAuthUnavailableError(what, certain=certain, status=status, tid=tid)
