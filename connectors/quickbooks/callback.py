"""Wait on loopback for the browser that comes back from the consent: one call is answered well, all others are not.

Behind a proxy the whole internet can call it for ten minutes. So it takes few connections at once, a request of limited
size within limited time, one path, and only under the names that it is reached by; and it goes on waiting whatever
else arrives, until a call carries this attempt's own state.
"""

from __future__ import annotations

import os
import re
import selectors
import socket
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self
from urllib.parse import parse_qs

from connectors.ports import Clock

REQUEST_BYTES = 16 * 1024
"""Request line and headers together: Intuit's answer takes some hundred bytes, a browser's headers a few thousand."""
REQUEST_SECONDS = 10.0
CONNECTIONS = 16
"""Held at once; the oldest gives way, so that idle ones cannot keep the browser out."""
_NAME = re.compile(r"[\w.\[\]:-]{1,100}", re.ASCII)
_SAFE_HEADERS = (
    "Content-Type: text/plain; charset=utf-8",
    "Cache-Control: no-store",
    "Content-Security-Policy: default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy: no-referrer",
    "X-Content-Type-Options: nosniff",
    "Connection: close",
)
_REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
_REASONS |= {431: "Request Header Fields Too Large"}


@dataclass(eq=False, slots=True)
class _Call:
    """A connection and what it has sent so far."""

    socket: socket.socket
    ends_at: float
    received: bytearray = field(default_factory=bytearray)


@dataclass(frozen=True, slots=True)
class _Answer:
    """What a call is told; `address` is what it asked for, if it is the one that is waited for."""

    status: int
    page: str
    address: str = ""
    ignored: str = ""
    """Why a call that looked like an answer was not taken, for the person who waits."""


class PortTakenError(Exception):
    """The browser cannot come back: its port on this machine is another program's."""

    def __init__(self, port: int, why: str) -> None:
        self.what = f"Port {port} of this machine cannot be opened: {why.lower()}."
        self.fix = (
            "If another `syncd connect` is waiting, end it; or set redirect_port in [quickbooks] to a free port "
            "(and let the proxy, or the app's redirect address, name it too)."
        )
        super().__init__(self.what)


class CallbackListener:
    """A port of this machine (0: any free one), open from now until `close`. Raises PortTakenError."""

    def __init__(self, port: int, path: str, names: Collection[str] = ()) -> None:
        self._path = path
        self._calls: dict[socket.socket, _Call] = {}
        self._selector = selectors.DefaultSelector()
        try:
            self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        except OSError as error:
            self._selector.close()
            raise PortTakenError(port, os.strerror(error.errno or 0)) from error
        self._socket.setblocking(False)
        self._selector.register(self._socket, selectors.EVENT_READ)
        self.port: int = self._socket.getsockname()[1]
        own = (f"127.0.0.1:{self.port}", f"localhost:{self.port}")
        self._names = {name.lower() for name in (*names, *own)}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the port back."""
        for call in tuple(self._calls.values()):
            self._hang_up(call)
        self._selector.close()
        self._socket.close()

    def wait(
        self, clock: Clock, seconds: float, *, belongs: Callable[[str], bool], ignored: Callable[[str], None]
    ) -> str:
        """The address of the first call that `belongs` to this attempt; then the port is closed. Or TimeoutError.

        The address is untrusted until `ConnectAttempt.finish` has read it. `ignored` is told, in a sentence, of calls
        that looked like an answer and were not taken.
        """
        ends_at = clock.monotonic() + seconds
        while (left := ends_at - clock.monotonic()) > 0:
            for key, _ in self._selector.select(min(left, 1.0)):
                if key.fileobj is self._socket:
                    self._accept(clock.monotonic() + REQUEST_SECONDS)
                    continue
                # Of what was ready at once, one may have given way to another meanwhile.
                call = self._calls.get(key.fileobj)  # type: ignore[call-overload]
                answer = self._take(call, belongs) if call is not None else None
                if answer is not None and answer.ignored:
                    ignored(answer.ignored)
                if answer is not None and answer.address:
                    self.close()
                    return answer.address
            for call in [call for call in self._calls.values() if call.ends_at < clock.monotonic()]:
                self._hang_up(call)
        raise TimeoutError(f"no browser came back within {seconds:.0f} seconds")

    def _accept(self, ends_at: float) -> None:
        with suppress(OSError):
            accepted, _ = self._socket.accept()
            accepted.setblocking(False)
            if len(self._calls) == CONNECTIONS:
                self._hang_up(next(iter(self._calls.values())))
            self._calls[accepted] = _Call(accepted, ends_at)
            self._selector.register(accepted, selectors.EVENT_READ)

    def _hang_up(self, call: _Call) -> None:
        self._selector.unregister(call.socket)
        del self._calls[call.socket]
        call.socket.close()

    def _take(self, call: _Call, belongs: Callable[[str], bool]) -> _Answer | None:
        """Read what has come; an answer, once the request's head is whole or it is clear that it never will be."""
        try:
            data = call.socket.recv(REQUEST_BYTES)
        except OSError:
            data = b""
        call.received += data
        whole = b"\r\n\r\n" in call.received
        if data and not whole and len(call.received) < REQUEST_BYTES:
            return None
        answer = None
        if whole or data:
            too_long = len(call.received) >= REQUEST_BYTES
            answer = _Answer(431, "Too long.") if too_long else self._answer(bytes(call.received), belongs)
            with suppress(OSError):
                # A page of two lines goes into the connection's buffer at once.
                call.socket.send(_written(answer))
                call.socket.shutdown(socket.SHUT_WR)
        self._hang_up(call)
        return answer

    def _answer(self, received: bytes, belongs: Callable[[str], bool]) -> _Answer:
        head, _, _ = received.partition(b"\r\n\r\n")
        first, *headers = head.decode("latin-1").split("\r\n")
        words = first.split(" ")
        names = [
            value.strip() for name, _, value in (line.partition(":") for line in headers) if name.lower() == "host"
        ]
        if len(words) != 3 or not words[1].startswith("/") or len(names) != 1:
            return _Answer(400, "This is not a request that is understood here.")
        method, target, _ = words
        path, _, asked = target.partition("?")
        query = parse_qs(asked) if path == self._path else {}
        is_answer = "state" in query and ("code" in query or "error" in query)
        if names[0].lower() not in self._names:
            name = names[0] if _NAME.fullmatch(names[0]) else "another name"
            said = f"Refused a call under the name {name}: let the proxy pass on the Host that the browser asked for."
            return _Answer(403, "Nothing is here under this name.", ignored=said if is_answer else "")
        if not is_answer:
            return _Answer(404, "Nothing is here.")
        if method != "GET":
            return _Answer(405, "Only GET is understood here.")
        address = f"http://127.0.0.1:{self.port}{target}"
        if not belongs(address):
            said = "Ignored a call that does not belong to this attempt to connect. Still waiting."
            return _Answer(400, "This is not the answer that syncd waits for.", ignored=said)
        return _Answer(200, "syncd has the answer. You can close this window and go back to it.", address)


def _written(answer: _Answer) -> bytes:
    page = f"{answer.page}\n".encode()
    lines = [f"HTTP/1.1 {answer.status} {_REASONS[answer.status]}", *_SAFE_HEADERS, f"Content-Length: {len(page)}"]
    return "\r\n".join([*lines, "", ""]).encode("ascii") + page
