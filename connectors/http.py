"""HTTP for every tool: one way to build a client, and one way to read with it.

Reads are retried here, since reading twice harms nothing. Writes are not: their next attempt is decided by the
outbox, which must remember each of them. Errors:

    SourceError
    ├── AddressError          a host that is not allowed, or one that would be spoken to in clear
    └── ReadError             the tool did not give what was asked; `status` is its answer, 0 when there was none
        ├── RefusedError      a definite no (401, 404 …), a redirect, another shape: asking again changes nothing
        ├── UnavailableError  silence, 429 or 5xx until the patience was used up
        └── UnreadableError   an answer that was cut short, each time
"""

from __future__ import annotations

import ipaddress
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import cache
from typing import TypeVar

import httpx
import msgspec
import structlog
import tenacity

from connectors.ports import Clock
from connectors.redaction import quiet_libraries
from connectors.source import SourceError

T = TypeVar("T")
Params = Mapping[str, str | int]
Client = httpx.Client
"""What `build_client` makes, by the name under which the engine hands it around."""

RETRIED_STATUSES = frozenset({408, 425, 429, 500, 502, 503, 504, 520, 521, 522, 523, 524})
_log = structlog.get_logger("connectors.http")


class AddressError(SourceError):
    """The address is not one that this client may speak to."""


class ReadError(SourceError):
    """The tool did not give what was asked. `status` is 0 when no answer came."""

    def __init__(self, what: str, fix: str = "", *, status: int = 0, retry_after_seconds: float | None = None) -> None:
        super().__init__(what, fix)
        self.status = status
        self.retry_after_seconds = retry_after_seconds


class RefusedError(ReadError):
    """A definite answer that asking again would not change."""


class UnavailableError(ReadError):
    """No answer, or one that asks to come back later."""


class UnreadableError(ReadError):
    """An answer that is cut short."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long a read is tried. `throttle_seconds` is the silence after a 429 that names none.

    After `total_seconds`, waits included, no further attempt begins.
    """

    attempts: int = 5
    total_seconds: float = 240.0
    first_wait_seconds: float = 1.0
    throttle_seconds: float = 10.0


PATIENCE = Patience()
ANSWER_SECONDS = 90.0
"""The longest that one answer to a read may take to arrive whole."""


class SecretHeader(httpx.Auth):
    """Puts a secret into a header of each request at the last moment; it is never part of the client's own state."""

    def __init__(self, header: str, secret: Callable[[], str]) -> None:
        self._header = header
        self._secret = secret

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]  # a generator, typed by httpx
        request.headers[self._header] = self._secret()
        yield request


def is_loopback(host: str) -> bool:
    """Whether the host is this machine, so that plain http leaves nothing on a wire."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def build_client(
    *,
    base_url: str = "",
    headers: Mapping[str, str] | None = None,
    timeout_seconds: float = 60.0,
    connect_seconds: float = 5.0,
    allowed_hosts: frozenset[str],
    plain_hosts: frozenset[str] = frozenset(),
    auth: httpx.Auth | None = None,
    before_request: Callable[[], None] | None = None,
    transport: httpx.BaseTransport | None = None,
) -> httpx.Client:
    """A client that speaks to `allowed_hosts` alone, follows no redirect and gives up on a silent server.

    Only https, except for this machine and for `plain_hosts`. `before_request` runs before each request leaves.
    """
    quiet_libraries()
    allowed = {host.lower() for host in allowed_hosts}
    plain = {host.lower() for host in plain_hosts}

    def guard(request: httpx.Request) -> None:
        host = request.url.host.lower()
        if host not in allowed:
            raise AddressError(f"{host} is not one of the hosts that this connection may speak to.")
        if request.url.scheme != "https" and host not in plain and not is_loopback(host):
            raise AddressError(f"{host} would be spoken to in clear, secrets included.", "Write https:// in its url.")
        if before_request is not None:
            before_request()

    return httpx.Client(
        base_url=base_url,
        headers=dict(headers or {}),
        timeout=httpx.Timeout(timeout_seconds, connect=connect_seconds),
        follow_redirects=False,
        auth=auth,
        event_hooks={"request": [guard]},
        transport=transport,
        verify=_certificates(),
        # A proxy of the environment never stands between two processes of one machine.
        mounts={"all://localhost": None, "all://127.0.0.1": None, "all://[::1]": None},
    )


@cache
def _certificates() -> ssl.SSLContext:
    """Whom to trust, read once a process: a client is built for each look at a tool, and this was nearly all of it."""
    return httpx.create_ssl_context()


def read_json(
    client: httpx.Client,
    path: str,
    params: Params | None = None,
    *,
    clock: Clock,
    decoder: msgspec.json.Decoder[T],
    patience: Patience = PATIENCE,
) -> T:
    """GET `path` and decode it, again and again within `patience`; raise ReadError, AddressError otherwise."""
    return retrying(lambda: _read_once(client, path, params, clock, decoder), clock=clock, patience=patience)


def retrying(read: Callable[[], T], *, clock: Clock, patience: Patience = PATIENCE) -> T:
    """Call `read`, which raises UnavailableError or UnreadableError for what may pass, until patience ends.

    For reads alone. A wait that the tool asks for and that exceeds what is left of the patience ends it at once.
    """
    started = clock.monotonic()

    def wait(state: tenacity.RetryCallState) -> float:
        error = state.outcome.exception() if state.outcome else None
        asked = error.retry_after_seconds if isinstance(error, ReadError) else None
        if asked is not None:
            return asked
        grown = patience.first_wait_seconds * 2.0 ** (state.attempt_number - 1)
        throttled = isinstance(error, ReadError) and error.status == httpx.codes.TOO_MANY_REQUESTS
        return float(max(grown, patience.throttle_seconds)) if throttled else float(grown)

    def stop(state: tenacity.RetryCallState) -> bool:
        spent_seconds = clock.monotonic() - started
        return state.attempt_number >= patience.attempts or spent_seconds + wait(state) > patience.total_seconds

    retries = tenacity.Retrying(
        retry=tenacity.retry_if_exception_type((UnavailableError, UnreadableError)),
        stop=stop,
        wait=wait,
        sleep=clock.sleep,
        before_sleep=_log_retry,
        reraise=True,
    )
    return retries(read)


def _log_retry(state: tenacity.RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    _log.warning(
        "read-retried",
        attempt=state.attempt_number,
        wait_seconds=state.upcoming_sleep,
        status=error.status if isinstance(error, ReadError) else 0,
        why=str(error),
    )


def _read_once(
    client: httpx.Client, path: str, params: Params | None, clock: Clock, decoder: msgspec.json.Decoder[T]
) -> T:
    request = client.build_request("GET", path, params=dict(params or {}))
    where = place_of(request)
    try:
        response = send_whole(client, request, clock=clock, limit_seconds=ANSWER_SECONDS)
    except httpx.TimeoutException as error:
        raise UnavailableError(f"{where} did not answer in time.", "Check that it is up and reachable.") from error
    except httpx.TransportError as error:
        reason = type(error).__name__
        raise UnavailableError(f"{where} cannot be reached ({reason}).", "Check its url and that it is up.") from error
    raise_for_answer(response, clock)
    try:
        return decoder.decode(response.content)
    except msgspec.ValidationError as error:
        raise RefusedError(f"{where} answered with another shape: {error}.", status=response.status_code) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        if response.content.lstrip()[:1] == b"<":
            fix = "Check that its url is the address of the server's own root, and that its API is enabled."
            raise RefusedError(f"{where} answered with a web page, not with JSON.", fix, status=200) from error
        raise UnreadableError(f"{where} answered with JSON that is cut short.", status=response.status_code) from error


def send_whole(
    client: httpx.Client, request: httpx.Request, *, clock: Clock, limit_seconds: float = 300.0
) -> httpx.Response:
    """Send and read to the end; raise httpx.ReadTimeout once that took `limit_seconds`, as a server that drips can.

    The client's own timeout counts from byte to byte.
    """
    deadline = clock.monotonic() + limit_seconds
    chunks: list[bytes] = []
    with_body = client.send(request, stream=True)
    try:
        for chunk in with_body.iter_bytes():
            chunks.append(chunk)
            if clock.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer took too long to arrive", request=request)
    finally:
        with_body.close()
    # The body is decompressed by now, which its headers must not say again.
    headers = [(name, value) for name, value in with_body.headers.multi_items() if name != "content-encoding"]
    return httpx.Response(with_body.status_code, headers=headers, content=b"".join(chunks), request=request)


def raise_for_answer(response: httpx.Response, clock: Clock) -> None:
    """Raise UnavailableError for what may pass (429, 5xx), RefusedError for a redirect or another 4xx."""
    status = response.status_code
    if 200 <= status < 300:
        return
    where = place_of(response.request)
    if status in RETRIED_STATUSES or status >= 500:
        wait_seconds = retry_after_seconds(response, clock)
        asked = f" and asks to wait {wait_seconds:.0f} s" if wait_seconds is not None else ""
        raise UnavailableError(f"{where} answered {status}{asked}.", status=status, retry_after_seconds=wait_seconds)
    if 300 <= status < 400:
        target = httpx.URL(response.headers.get("location", ""))
        to = f"{target.scheme}://{target.host}" if target.host else target.path
        raise RefusedError(
            f"{where} sends us on to {to}, which is not followed.", f"Write {to} as its url.", status=status
        )
    fixes = {401: "Check its token.", 403: "Check what its token's user may see.", 404: "Check its url."}
    raise RefusedError(f"{where} answered {status}.", fixes.get(status, ""), status=status)


def retry_after_seconds(response: httpx.Response, clock: Clock) -> float | None:
    """What the Retry-After header asks for, in seconds from now (RFC 9110 §10.2.3); None when it cannot be read."""
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return float(text)
    try:
        when = parsedate_to_datetime(text)
    except ValueError:
        return None
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    return max(0.0, (when - clock.now()).total_seconds())


def place_of(request: httpx.Request) -> str:
    """The method and address of a request, without its query, which may hold a secret or a client's name."""
    url = request.url
    port = f":{url.port}" if url.port else ""
    return f"{request.method} {url.scheme}://{url.host}{port}{url.path}"
