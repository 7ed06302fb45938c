"""The consent of a person: where to send the browser, and what comes back in its address."""

from __future__ import annotations

import hmac
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

import httpx

from connectors.ports import Clock
from connectors.quickbooks.oauth import OAuth

STATE_LIVES_SECONDS = 600.0


class CallbackError(Exception):
    """The address that came back does not carry a consent; the message says why, for a person."""


@dataclass(frozen=True, slots=True)
class Callback:
    """What Intuit sends back: a code for tokens, and the company's realm."""

    code: str = field(repr=False)
    realm: str


def parse_callback(address: str, expected_state: str) -> Callback:
    """Read the address that the browser ended on; raises CallbackError."""
    query = parse_qs(urlsplit(address.strip()).query)

    def one(name: str) -> str:
        values = query.get(name, [])
        return values[0] if len(values) == 1 else ""

    if not query:
        raise CallbackError("That address carries no answer: paste all of it, from https:// (or http://) to its end.")
    if not hmac.compare_digest(one("state").encode(), expected_state.encode()):
        raise CallbackError("That address belongs to another attempt to connect: open the new address and try again.")
    if "error" in query:
        raise CallbackError("QuickBooks was not connected: the consent was refused.")
    code, realm = one("code"), one("realmId")
    if not code or not (realm.isascii() and realm.isdecimal()):
        raise CallbackError("That address lacks the code or the company: paste all of it, to its end.")
    return Callback(code, realm)


class ConnectAttempt:
    """One try to connect: its own unguessable state, good for one answer within ten minutes."""

    def __init__(self, oauth: OAuth, clock: Clock) -> None:
        self._clock = clock
        self._ends_at = clock.monotonic() + STATE_LIVES_SECONDS
        self._used = False
        self.state = secrets.token_urlsafe(32)
        self.url = oauth.authorize_url(self.state)

    def finish(self, address: str) -> Callback:
        """The consent in the address that came back; raises CallbackError, also for a second answer or a late one."""
        if self._used:
            raise CallbackError("This attempt to connect has had its answer: begin a new one.")
        if self._clock.monotonic() > self._ends_at:
            raise CallbackError("This attempt to connect is older than ten minutes: begin a new one.")
        callback = parse_callback(address, self.state)
        self._used = True
        return callback


def agree_at_once(http: httpx.Client, url: str) -> str:
    """The address that a consent leads to, from a server that asks nobody, as an emulator; raises CallbackError."""
    answer = http.get(url)
    address = answer.headers.get("location", "")
    if not answer.is_redirect or not address:
        raise CallbackError(f"The server at {httpx.URL(url).host} did not agree by itself: {answer.status_code}.")
    return str(address)


def await_callback(port: int, timeout_seconds: float, *, ready: Callable[[int], None] | None = None) -> str:
    """Wait on 127.0.0.1 for the browser to come back, and return the address it asked for.

    Raises TimeoutError, and OSError for a port that is taken. `ready` is told the port once it listens (0: any).
    The address is untrusted until `ConnectAttempt.finish` has read it.
    """
    arrived = threading.Event()
    addresses: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        timeout = 10

        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            ours = "state" in query and ("code" in query or "error" in query)
            page = "You can close this window and go back to syncd." if ours else "Nothing is here."
            self.send_response(200 if ours else 404)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())
            if ours:
                addresses.append(f"http://127.0.0.1{self.path}")
                arrived.set()

        def log_message(self, *_: object) -> None:
            """Say nothing: the address holds the code."""

    with HTTPServer(("127.0.0.1", port), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            if ready is not None:
                ready(server.server_port)
            if not arrived.wait(timeout_seconds):
                raise TimeoutError(f"no browser came back within {timeout_seconds:.0f} seconds")
        finally:
            server.shutdown()
            thread.join()
    return addresses[0]
