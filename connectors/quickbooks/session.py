"""python-quickbooks over our own HTTP client: its addresses, minorversion and requestid, our transport and errors.

The library's transport has no timeout, its errors lose the status, and its model objects send defaults that nobody
asked for. So its session is replaced by one that raises typed errors, and what is posted is written here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx
import structlog
from quickbooks import QuickBooks

from connectors.http import AddressError, send_whole
from connectors.ports import Clock
from connectors.quickbooks.answers import body_or_error, intuit_tid
from connectors.quickbooks.errors import AmbiguousError, NotSentError, ThrottledError, UnauthorisedError
from connectors.quickbooks.limits import Limiter, SilenceError
from connectors.quickbooks.ports import AccessSource
from connectors.quickbooks.wire import Json

MINOR_VERSION = 75
"""The only one that QuickBooks serves since August 2025."""
ANSWER_LIMIT_SECONDS = 130.0
"""QuickBooks cuts a request after 120 s; an answer that drips longer is given up, in doubt."""

READABLE = frozenset({"cdc", "companyinfo", "creditmemo", "exchangerate", "invoice", "payment", "preferences", "query"})
"""Lists (customers, items …) are read by query."""
WRITABLE = frozenset(
    {
        ("invoice", "create"),
        ("invoice", "send"),
        ("invoice", "void"),
        ("creditmemo", "create"),
        ("creditmemo", "send"),
        ("payment", "create"),
    }
)
"""All that syncd ever writes. A payment is one of 0, which applies a credit memo to an invoice."""

_log = structlog.get_logger("connectors.quickbooks")


class NotAllowedError(Exception):
    """A request that syncd must never make was about to be made: a defect."""


class _Transport:
    """All that python-quickbooks needs of a session: a token, asked for anew each time, and a way to send."""

    def __init__(self, access_token: Callable[[], str], send: Callable[..., httpx.Response]) -> None:
        self._access_token = access_token
        self._send = send

    @property
    def access_token(self) -> str:
        return self._access_token()

    def request(self, method: str, url: str, headers: Any, params: Any, data: Any) -> httpx.Response:
        return self._send(method, url, headers, params or {}, data if isinstance(data, str) else None)


class Session:
    """Sends one company's requests: allow-list, limiter, timeouts, and an error for every way to fail.

    A token is asked for each request, so that a renewed one is used at once; a rejected one is told to its source.
    May be used by several threads.
    """

    def __init__(
        self,
        *,
        base_url: str,
        realm: str,
        http: httpx.Client,
        limiter: Limiter,
        clock: Clock,
        tokens: AccessSource,
    ) -> None:
        assert realm.isdecimal(), "a realm is a number"
        self.realm = realm
        self._base_url = base_url.rstrip("/")
        self._http = http
        self._limiter = limiter
        self._clock = clock
        self._tokens = tokens
        self._of_thread = threading.local()

    @property
    def answered_tid(self) -> str:
        """The intuit_tid of the last answer that this thread has had; "" where Intuit gave none."""
        return str(getattr(self._of_thread, "answered_tid", ""))

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Json:
        """Read `path` below the company's own address; raises QuickBooksError."""
        company = self._company()
        return self._object(company.get(self._url(company, path), params=dict(params or {})))

    def post(self, path: str, body: str, request_id: str, params: Mapping[str, str]) -> Json:
        """Post JSON text under its request id; raises QuickBooksError."""
        assert 0 < len(request_id) <= 50, "a request id has 1 to 50 characters"
        company = self._company()
        answer = company.post(self._url(company, path), body, params=dict(params), request_id=request_id)
        return self._object(answer)

    def post_empty(self, path: str, request_id: str, params: Mapping[str, str]) -> Json:
        """Post no body at all, as sending by e-mail wants it; raises QuickBooksError."""
        assert 0 < len(request_id) <= 50, "a request id has 1 to 50 characters"
        company = self._company()
        answer = company.post(
            self._url(company, path),
            content_type="application/octet-stream",
            params=dict(params),
            request_id=request_id,
        )
        return self._object(answer)

    def _send(
        self, method: str, url: str, headers: Mapping[str, str], params: Mapping[str, str], body: str | None
    ) -> httpx.Response:
        """Let one request out and read its answer to the end; raises unless it is a good one."""
        where = self._check_allowed(method, url, params)
        request = self._http.build_request(method, url, headers=dict(headers), params=dict(params), content=body)
        try:
            self._limiter.acquire()
        except SilenceError as error:
            what = "QuickBooks has asked for silence after too many requests"
            raise ThrottledError(what, retry_after_seconds=error.seconds, where=where) from error
        started = self._clock.monotonic()
        self._of_thread.answered_tid = ""
        try:
            response = send_whole(self._http, request, clock=self._clock, limit_seconds=ANSWER_LIMIT_SECONDS)
        except AddressError as error:
            raise NotSentError(error.what, where=where) from error
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol) as error:
            raise NotSentError(f"QuickBooks cannot be reached ({type(error).__name__})", where=where) from error
        except (httpx.HTTPError, httpx.StreamError) as error:
            what = f"QuickBooks did not answer {where} to the end ({type(error).__name__})"
            raise AmbiguousError(what, where=where) from error
        self._of_thread.answered_tid = intuit_tid(response)
        # A day on which nothing happens reads some dozens of times: that is no news.
        tell = _log.debug if method == "GET" and response.is_success else _log.info
        tell(
            "quickbooks-request",
            realm=self.realm,
            request=where,
            status=response.status_code,
            intuit_tid=intuit_tid(response),
            milliseconds=round((self._clock.monotonic() - started) * 1000),
        )
        try:
            body_or_error(response, self._clock)
        except ThrottledError as error:
            self._limiter.throttled(error.retry_after_seconds)
            raise
        except UnauthorisedError as error:
            if error.refresh_may_help:
                self._tokens.reject(headers["Authorization"].removeprefix("Bearer "))
            raise
        return response

    def _company(self) -> QuickBooks:
        """This thread's own client of the library, which is not made for several."""
        company: QuickBooks | None = getattr(self._of_thread, "company", None)
        if company is None:
            # No auth_client: with one the library refreshes tokens by itself and keeps them in memory only.
            company = QuickBooks(company_id=self.realm, minorversion=MINOR_VERSION, use_decimal=True)
            company.api_url_v3 = company.sandbox_api_url_v3 = f"{self._base_url}/v3"
            company.session = _Transport(self._tokens.current, self._send)
            self._of_thread.company = company
        return company

    def _url(self, company: QuickBooks, path: str) -> str:
        return f"{company.api_url}/company/{company.company_id}/{path}"

    def _object(self, answer: Any) -> Json:
        assert isinstance(answer, dict)
        return answer

    def _check_allowed(self, method: str, url: str, params: Mapping[str, str]) -> str:
        """The method and path, once they are of this company and among what syncd may do."""
        root = f"{self._base_url}/v3/company/{self.realm}/"
        steps = url.removeprefix(root).split("/")
        entity, last = steps[0], steps[-1]
        operation = params.get("operation") or ("send" if last == "send" else "create")
        allowed = entity in READABLE if method == "GET" else (entity, operation) in WRITABLE
        # Plain words and numbers only: no step may lead out of the company's own address.
        plain = all(step.isascii() and step.isalnum() for step in steps)
        if not plain or not allowed or method not in ("GET", "POST"):
            raise NotAllowedError(f"{method} {urlsplit(url).path} ({operation}) is not among what syncd may do")
        return f"{method} {urlsplit(url).path}" + (f" ({operation})" if method == "POST" else "")
