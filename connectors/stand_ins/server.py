"""What the stand-ins share: one object that answers requests on a port of this machine, counts them, and can fail.

A tool derives from `StandIn` and says what it answers; its people act on the object from any thread while it serves.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from connectors.stand_ins.faults import Fault

HOST = "127.0.0.1"
STOP_SECONDS = 0.3
"""How long a stopping server lets open answers go out."""
FIRST_MOMENT = datetime(2026, 10, 1, 12, tzinfo=UTC)

Json = dict[str, Any]
StandInType = TypeVar("StandInType", bound="StandIn")


def counting_clock() -> Callable[[], datetime]:
    """A clock that counts a second a look from a fixed moment, so that the same actions give the same data."""
    looks = 0

    def now() -> datetime:
        nonlocal looks
        looks += 1
        return FIRST_MOMENT + timedelta(seconds=looks)

    return now


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, as a tool looks at it. Of a parameter that is given twice the last counts, as in both tools."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    base_url: str
    target: str
    """Path and query as they were sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a body: `content` as it is, or `record` written as JSON."""

    status: int
    record: object = None
    content: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = "application/json; charset=utf-8"

    def body(self) -> bytes:
        """The bytes that go out."""
        return (
            self.content
            if self.record is None
            else json.dumps(self.record, ensure_ascii=False, separators=(",", ":")).encode()
        )


class NotKnownError(Exception):
    """Something that the real tool may do and this stand-in does not: said aloud with 501, never guessed."""


class StandIn(ABC):
    """A tool's server. `url` is set while it runs; `requests` are the paths and queries asked, oldest first."""

    def __init__(self, now: Callable[[], datetime] | None = None) -> None:
        self.url = ""
        self.requests: list[str] = []
        self.faults: list[Fault] = []
        self.after_request: Callable[[], object] | None = None
        """Runs after each answer: how data changes while it is read."""
        self.lock = threading.RLock()
        self.now = now or counting_clock()

    @abstractmethod
    def answer(self, asked: Asked) -> Answer:
        """What the tool says to one request."""

    def respond(self, asked: Asked) -> tuple[Answer, Fault]:
        """The right answer, and the fault that spoils it on its way."""
        with self.lock:
            self.requests.append(asked.target)
            fault = self.faults.pop(0) if self.faults else Fault()
            try:
                answer = self.answer(asked)
            except NotKnownError as error:
                answer = Answer(501, {"message": f"This stand-in does not know {error}."})
            if self.after_request:
                self.after_request()
            return answer, fault


class _Application:
    """The ASGI side. Remembers the open connections, so that a server that stops can cut them."""

    def __init__(self, stand_in: StandIn) -> None:
        self.stand_in = stand_in
        self.transports: set[Any] = set()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's send is a method of the request's cycle, which knows its connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        self.loop = asyncio.get_running_loop()
        self.transports = {known for known in self.transports if not known.is_closing()} | {transport}
        answer, fault = self.stand_in.respond(await _asked(Request(scope, receive)))
        if fault.silent:
            await _until_gone(receive)
        elif fault.status:
            await Response(fault.body, fault.status, fault.headers)(scope, receive, send)
        elif fault.cut_after_bytes >= 0:
            await _cut(answer, fault, transport, receive)
        else:
            headers = {**({"Content-Type": answer.content_type} if answer.content_type else {}), **answer.headers}
            await Response(answer.body(), answer.status, headers)(scope, receive, send)

    def abort(self) -> None:
        """Cut every connection that is still open; called from another thread."""
        for transport in self.transports:
            # The loop may have ended by itself meanwhile.
            with contextlib.suppress(RuntimeError):
                assert self.loop is not None
                self.loop.call_soon_threadsafe(transport.abort)


async def _asked(request: Request) -> Asked:
    query = request.scope["query_string"].decode()
    return Asked(
        request.method,
        request.scope["path"],
        dict(request.query_params.multi_items()),
        request.headers,
        await request.body(),
        f"{request.url.scheme}://{request.url.netloc}",
        request.scope["raw_path"].decode() + ("?" + query if query else ""),
    )


async def _cut(answer: Answer, fault: Fault, transport: Any, receive: Receive) -> None:
    """Hang up in the middle: of the body, or before anything was said. Past uvicorn, which would put it right."""
    body = answer.body()
    if fault.cut_after_bytes:
        length = f"Content-Length: {len(body)}\r\n" if fault.says_length else ""
        head = f"HTTP/1.1 200 OK\r\nContent-Type: {answer.content_type}\r\nConnection: close\r\n{length}\r\n"
        transport.write(head.encode() + body[: fault.cut_after_bytes])
    transport.close()
    await _until_gone(receive)


async def _until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


class _Server(uvicorn.Server):
    async def main_loop(self) -> None:
        """Look five times as often as uvicorn does whether to stop: tests start and stop many servers."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            await asyncio.sleep(0.02)


@contextlib.contextmanager
def running(stand_in: StandInType, port: int = 0) -> Iterator[StandInType]:
    """Serve it in a thread on 127.0.0.1; port 0 takes a free one. Raises OSError when the port is taken."""
    # With the protocol named, asyncio switches off Nagle's algorithm, which would cost 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with contextlib.closing(listener):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
        application = _Application(stand_in)
        server = _Server(_config(application))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name=type(stand_in).__name__)
        thread.start()
        stand_in.url = f"http://{HOST}:{listener.getsockname()[1]}"
        try:
            # The listener queues connections from now on: there is nothing to wait for.
            yield stand_in
        finally:
            server.should_exit = True
            thread.join(STOP_SECONDS)
            if thread.is_alive():
                application.abort()
                thread.join()


def _config(application: _Application) -> uvicorn.Config:
    return uvicorn.Config(
        application,
        http="h11",
        ws="none",
        loop="asyncio",
        lifespan="off",
        proxy_headers=False,
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
