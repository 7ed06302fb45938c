"""The client of intuit-oauth, sending over our own HTTP client and believing only whole answers."""

from __future__ import annotations

import json
from typing import Any

import httpx
from intuitlib.client import AuthClient

from connectors.http import AddressError, send_whole
from connectors.ports import Clock
from connectors.quickbooks.answers import intuit_tid
from connectors.quickbooks.oauth import OAuthUnavailableError

_ANSWER_LIMIT_SECONDS = 60.0
_ENDPOINTS = {
    "authorization_endpoint",
    "token_endpoint",
    "revocation_endpoint",
    "issuer",
    "jwks_uri",
    "userinfo_endpoint",
}


class IntuitClient(AuthClient):  # type: ignore[misc]  # the library is untyped
    """The library's client, sending through httpx: our timeouts, host list and tests see each of its requests."""

    def __init__(self, http: httpx.Client, clock: Clock, documents: dict[str, httpx.Response], *names: str) -> None:
        self._http = http
        self._clock = clock
        self._documents = documents
        self.last_answer: dict[str, Any] = {}
        super().__init__(*names)

    def request(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        """Send as the library wants it; a document once read (discovery) is not read again."""
        if method == "GET" and url in self._documents:
            return self._documents[url]
        answer = self._checked(method, self._answer(method, url, **kwargs))
        if method == "GET" and answer.status_code == 200:
            self._documents[url] = answer
        return answer

    def _answer(self, method: str, url: str, **kwargs: Any) -> httpx.Response:
        headers = dict(kwargs.get("headers") or {"Accept": "application/json"})
        if method == "POST":
            # Adds x_refresh_token_hard_expires_in to the answer (versions after 1.2.6 of the library do the same).
            headers["x-include-refresh-token-hard-expires-in"] = "true"
        try:
            request = self._http.build_request(method, url, headers=headers, content=kwargs.get("data"))
            return send_whole(self._http, request, clock=self._clock, limit_seconds=_ANSWER_LIMIT_SECONDS)
        except AddressError as error:
            raise OAuthUnavailableError(error.what) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise OAuthUnavailableError(f"Intuit cannot be reached ({type(error).__name__}).") from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            raise OAuthUnavailableError(
                f"Intuit did not answer to the end ({type(error).__name__}).", certain=method == "GET"
            ) from error

    def _checked(self, method: str, answer: httpx.Response) -> httpx.Response:
        """A JSON answer, checked; without an id_token, whose keys the library would fetch past our client."""
        if answer.status_code != 200:
            return answer
        try:
            body = json.loads(answer.content)
        except ValueError:
            body = None
        wanted = _ENDPOINTS if method == "GET" else {"access_token", "refresh_token"}
        if not isinstance(body, dict) or not wanted <= body.keys():
            raise OAuthUnavailableError(
                "Intuit answered with something that cannot be used.", certain=method == "GET", status=200
            )
        self.last_answer = {key: value for key, value in body.items() if key != "id_token"}
        return httpx.Response(200, headers={"intuit_tid": intuit_tid(answer)}, json=self.last_answer)
