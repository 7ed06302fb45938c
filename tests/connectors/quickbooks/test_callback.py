"""The listener for the consent: takes the one answer that belongs to it, whatever else the internet sends meanwhile."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import httpx
import pytest

from connectors.quickbooks import callback
from connectors.quickbooks.callback import CONNECTIONS, REQUEST_BYTES, CallbackListener, PortTakenError
from connectors.quickbooks.consent import carries_state
from syncd.clock import SystemClock

STATE = "st4te"
GOOD = f"/callback?code=c0de&state={STATE}&realmId=46208"


@dataclass
class Waiting:
    """A listener that waits in a thread of its own, and what it says."""

    port: int
    addresses: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)

    def get(self, target: str, **headers: str) -> httpx.Response:
        return httpx.get(f"http://127.0.0.1:{self.port}{target}", headers=headers)

    def raw(self, data: bytes) -> bytes:
        """What a client gets that speaks for itself."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=5) as client:
            received = b""
            # Of what is too long the rest is not read: the connection may end before it is sent.
            with suppress(ConnectionError):
                client.sendall(data)
                while piece := client.recv(4096):
                    received += piece
            return received


@contextmanager
def waiting(*names: str) -> Iterator[Waiting]:
    with CallbackListener(0, "/callback", names) as listener:
        made = Waiting(listener.port)

        def run() -> None:
            belongs = partial(carries_state, state=STATE)
            made.addresses.append(listener.wait(SystemClock(), 10, belongs=belongs, ignored=made.ignored.append))

        thread = threading.Thread(target=run)
        thread.start()
        yield made
        thread.join(0.3)
        if thread.is_alive():
            made.get(GOOD)
        thread.join(10)
        assert not thread.is_alive()


def until(condition: Callable[[], Any]) -> None:
    deadline = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_the_answer_is_taken_and_nothing_of_it_is_shown() -> None:
    with waiting() as listener:
        page = listener.get(GOOD)
        until(lambda: listener.addresses)

    assert listener.addresses == [f"http://127.0.0.1:{listener.port}{GOOD}"]
    assert page.text == "syncd has the answer. You can close this window and go back to it.\n"
    assert (page.headers["cache-control"], page.headers["referrer-policy"]) == ("no-store", "no-referrer")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert listener.ignored == []


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/favicon.ico", 404),
        ("/", 404),
        ("/callback", 404),
        (f"/callback/?code=c&state={STATE}&realmId=1", 404),
        (f"/other?code=c&state={STATE}&realmId=1", 404),
        ("/callback?utm_source=probe", 404),
    ],
)
def test_all_that_is_no_answer_is_not_found_and_not_told(target: str, status: int) -> None:
    with waiting() as listener:
        assert listener.get(target).status_code == status
        assert listener.get(GOOD).status_code == 200

    assert listener.ignored == []


@pytest.mark.parametrize("state", ["", "other", f"{STATE}&state={STATE}", STATE.upper()])
def test_a_forged_answer_is_told_and_waited_past(state: str) -> None:
    with waiting() as listener:
        forged = listener.get(f"/callback?code=evil&state={state}&realmId=666")
        assert listener.get(GOOD).status_code == 200

    assert forged.status_code == (400 if state else 404)
    assert "evil" not in forged.text
    assert listener.ignored == (
        ["Ignored a call that does not belong to this attempt to connect. Still waiting."] if state else []
    )
    assert listener.addresses[0].endswith(GOOD)


def test_a_refused_consent_is_an_answer_too() -> None:
    with waiting() as listener:
        listener.get(f"/callback?error=access_denied&state={STATE}")
        until(lambda: listener.addresses)

    assert "error=access_denied" in listener.addresses[0]


def test_after_the_answer_the_port_is_closed() -> None:
    with waiting() as listener:
        listener.get(GOOD)
        until(lambda: listener.addresses)
        with pytest.raises(httpx.ConnectError):
            listener.get(GOOD)


@pytest.mark.parametrize("name", ["billing.example", "Billing.Example:8443", "localhost:{port}", "127.0.0.1:{port}"])
def test_the_names_of_the_proxy_and_of_this_machine_are_known(name: str) -> None:
    with waiting("billing.example", "billing.example:8443") as listener:
        assert listener.get(GOOD, host=name.format(port=listener.port)).status_code == 200


def test_another_name_is_refused_and_said_for_whoever_sets_up_the_proxy() -> None:
    with waiting("billing.example") as listener:
        assert listener.get(GOOD, host="rebound.example").status_code == 403
        assert listener.get("/favicon.ico", host="rebound.example").status_code == 403
        assert listener.get(GOOD, host="x'\x1b[31m").status_code == 403

    assert listener.ignored == [
        f"Refused a call under the name {name}: let the proxy pass on the Host that the browser asked for."
        for name in ("rebound.example", "another name")
    ]


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"GET " + GOOD.encode() + b" HTTP/1.1\r\n\r\n", b"400"),
        (b"GET " + GOOD.encode() + b" HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n", b"400"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\r\n\r\n", b"400"),
        (b"GET http://billing.example" + GOOD.encode() + b" HTTP/1.1\r\nHost: billing.example\r\n\r\n", b"400"),
        (b"POST " + GOOD.encode() + b" HTTP/1.1\r\nHost: billing.example\r\nContent-Length: 0\r\n\r\n", b"405"),
        (b"GET /" + b"x" * REQUEST_BYTES, b"431"),
        (b"GET / HTTP/1.1\r\nHost: billing.example\r\nX: " + b"x" * REQUEST_BYTES + b"\r\n\r\n", b"431"),
    ],
    ids=["no host", "two hosts", "TLS", "a proxy's form", "POST", "long line", "long header"],
)
def test_what_is_no_plain_request_is_refused_and_waited_past(data: bytes, status: bytes) -> None:
    with waiting("billing.example") as listener:
        answer = listener.raw(data)
        assert listener.get(GOOD).status_code == 200

    assert answer.split(b" ")[1] == status
    assert listener.ignored == []


def test_many_idle_callers_keep_nobody_out() -> None:
    with waiting() as listener:
        idle = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(3 * CONNECTIONS)]
        assert listener.get(GOOD).status_code == 200
        for client in idle:
            client.close()


def test_a_caller_that_gives_way_while_it_speaks_ends_nothing() -> None:
    def wait(listener: CallbackListener) -> None:
        with pytest.raises(TimeoutError):
            listener.wait(SystemClock(), 0.3, belongs=lambda _: True, ignored=print)

    with CallbackListener(0, "/callback") as listener:
        held = [socket.create_connection(("127.0.0.1", listener.port)) for _ in range(CONNECTIONS)]
        wait(listener)
        # Now the listener has a newcomer and something of the oldest caller to look at, in this order.
        newcomer = socket.create_connection(("127.0.0.1", listener.port))
        held[0].sendall(b"GET /callback HTTP/1.1\r\n")
        newcomer.sendall(b"GET / HTTP/1.1\r\nHost: localhost:%d\r\n\r\n" % listener.port)
        wait(listener)
        answered = newcomer.recv(100)
        for client in (*held, newcomer):
            client.close()

    assert answered.startswith(b"HTTP/1.1 404")


def test_a_caller_that_drips_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(callback, "REQUEST_SECONDS", 0.2)
    with waiting() as listener, socket.create_connection(("127.0.0.1", listener.port), timeout=5) as client:
        client.sendall(b"GET /callback")

        assert client.recv(100) == b""


def test_a_browser_that_never_comes_is_not_awaited_for_ever() -> None:
    with CallbackListener(0, "/callback") as listener, pytest.raises(TimeoutError, match="no browser"):
        listener.wait(SystemClock(), 0.05, belongs=lambda _: True, ignored=print)


def test_a_port_that_is_taken_is_told_with_what_to_do() -> None:
    with CallbackListener(0, "/callback") as first, pytest.raises(PortTakenError, match="in use") as told:
        CallbackListener(first.port, "/callback")

    assert "redirect_port" in told.value.fix


def test_only_this_machine_can_call() -> None:
    with CallbackListener(0, "/callback") as listener:
        assert listener._socket.getsockname()[0] == "127.0.0.1"
