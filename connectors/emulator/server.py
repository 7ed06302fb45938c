"""Serving an emulator: in this process until it is told to stop, or in a thread for tests and the demo."""

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from connectors.emulator.app import create_app
from connectors.emulator.emulator import DEFAULT_PORT, Emulator
from connectors.emulator.realms import create_realms_app

HOST = "127.0.0.1"
# How long a stopping server lets open answers go out.
SHUTDOWN_SECONDS = 0.3


class _WithTransport:
    """Gives the application its connection, so that it can be dropped; remembers the open ones."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self.transports: set[Any] = set()
        self.loop: asyncio.AbstractEventLoop | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # uvicorn's send is a method of the request's cycle, which knows its connection.
        transport = getattr(getattr(send, "__self__", None), "transport", None)
        scope["emulator.transport"] = transport
        self.loop = asyncio.get_running_loop()
        self.transports = {known for known in self.transports if not known.is_closing()} | {transport}
        await self.app(scope, receive, send)

    def abort(self) -> None:
        """Cut every connection that is still open; called from another thread."""
        for transport in self.transports:
            # The loop may have ended by itself meanwhile.
            with contextlib.suppress(RuntimeError):
                assert self.loop is not None
                self.loop.call_soon_threadsafe(transport.abort)


class _Server(uvicorn.Server):
    """Ends on SIGTERM and SIGINT and returns, so that the caller can close the books."""

    stopping: Callable[[], None]

    async def main_loop(self) -> None:
        """Look five times as often as uvicorn does whether to stop: tests start and stop many servers."""
        counter = 0
        while not await self.on_tick(counter):
            counter += 1
            await asyncio.sleep(0.02)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Take the two signals for as long as the server runs, in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop, and let delayed answers stop waiting."""
        self.stopping()
        self.should_exit = True


def _server(app: _WithTransport, stopping: Callable[[], None]) -> _Server:
    config = uvicorn.Config(
        app,
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
    server = _Server(config)
    server.stopping = stopping
    return server


def listen(port: int = DEFAULT_PORT) -> socket.socket:
    """Return a socket on loopback; port 0 takes a free one."""
    # With the protocol named, asyncio switches off Nagle's algorithm, which would cost 40 ms an answer.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((HOST, port))
        listener.listen(128)
    except OSError:
        listener.close()
        raise
    return listener


def application(emulators: Sequence[Emulator]) -> tuple[ASGIApp, Callable[[], None]]:
    """Return the application of one company or several, and what ends their waits."""

    def stop_waiting() -> None:
        for emulator in emulators:
            emulator.stop_waiting()

    return create_app(emulators[0]) if len(emulators) == 1 else create_realms_app(emulators), stop_waiting


def serve(*emulators: Emulator, port: int = DEFAULT_PORT, ready: Callable[[str], None] | None = None) -> None:
    """Serve until SIGTERM or SIGINT; `ready` is told the base URL. Raises OSError when the port is taken."""
    listener = listen(port)
    if ready is not None:
        ready(f"http://{HOST}:{listener.getsockname()[1]}")
    app, stop_waiting = application(emulators)
    server = _server(_WithTransport(app), stop_waiting)
    try:
        server.run(sockets=[listener])
    finally:
        listener.close()


@contextlib.contextmanager
def running(*emulators: Emulator, port: int = 0) -> Iterator[str]:
    """Serve in a thread and yield the base URL; stops within a second."""
    for emulator in emulators:
        emulator.closing = False
    app, stop_waiting = application(emulators)
    with in_thread(app, stop_waiting, port) as base_url:
        yield base_url


@contextlib.contextmanager
def in_thread(app: ASGIApp, stopping: Callable[[], None], port: int = 0) -> Iterator[str]:
    """Serve an application in a thread and yield its base URL; `stopping` is called when the server is to end."""
    listener = listen(port)
    tracked = _WithTransport(app)
    server = _server(tracked, stopping)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, name="quickbooks-emulator")
    thread.start()
    try:
        # The listener queues connections from now on: there is nothing to wait for.
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        stopping()
        server.should_exit = True
        thread.join(SHUTDOWN_SECONDS)
        if thread.is_alive():
            tracked.abort()
            thread.join()
