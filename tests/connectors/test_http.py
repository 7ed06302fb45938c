"""The client that every tool is read with."""

from __future__ import annotations

import gzip
import logging
import socket
from collections.abc import Iterator
from threading import Thread

import httpx
import msgspec
import pytest
import respx

from connectors.http import (
    AddressError,
    Patience,
    ReadError,
    RefusedError,
    SecretHeader,
    UnavailableError,
    UnreadableError,
    build_client,
    read_json,
)
from connectors.redaction import quiet_libraries, redact
from tests.support.clock import FakeClock

URL = "https://tool.example/list"
NUMBERS = msgspec.json.Decoder(list[int])


@pytest.fixture
def client() -> Iterator[httpx.Client]:
    with build_client(base_url="https://tool.example", allowed_hosts=frozenset({"tool.example"})) as client:
        yield client


@pytest.fixture
def server() -> Iterator[respx.MockRouter]:
    with respx.mock as router:
        yield router


def read(client: httpx.Client, clock: FakeClock, path: str = "/list", **more: object) -> list[int]:
    patience = more.get("patience", Patience())
    assert isinstance(patience, Patience)
    return read_json(client, path, {"limit": 5}, clock=clock, decoder=NUMBERS, patience=patience)


def test_an_answer_is_decoded(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    server.get(URL, params={"limit": 5}).respond(json=[1, 2])

    assert read(client, clock) == [1, 2]


def test_a_compressed_answer_is_decoded(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    server.get(URL).respond(content=gzip.compress(b"[3]"), headers={"content-encoding": "gzip"})

    assert read(client, clock) == [3]


def test_waits_grow_until_the_fifth_attempt(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    route = server.get(URL).respond(500)

    with pytest.raises(UnavailableError, match=r"GET https://tool\.example/list answered 500"):
        read(client, clock)
    assert (clock.slept, route.call_count) == ([1.0, 2.0, 4.0, 8.0], 5)


def test_a_wait_longer_than_the_patience_ends_it_at_once(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock
) -> None:
    server.get(URL).respond(429, headers={"Retry-After": "3600"})

    with pytest.raises(UnavailableError, match="asks to wait 3600 s") as caught:
        read(client, clock)
    assert (clock.slept, caught.value.retry_after_seconds) == ([], 3600.0)


def test_all_waits_together_stay_within_the_patience(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock
) -> None:
    server.get(URL).respond(503, headers={"Retry-After": "50"})

    with pytest.raises(UnavailableError):
        read(client, clock, patience=Patience(total_seconds=120))
    assert clock.slept == [50.0, 50.0]


def test_slow_answers_use_up_the_patience_too(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    def slowly(_: httpx.Request) -> httpx.Response:
        clock.advance(80)
        return httpx.Response(504)

    route = server.get(URL).mock(side_effect=slowly)
    with pytest.raises(UnavailableError):
        read(client, clock)
    assert route.call_count == 3


@pytest.mark.parametrize("text", ["-5", "1e3", "soon", "", "Mon, 99 Nov 2026"])
def test_an_unreadable_retry_after_is_as_none(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock, text: str
) -> None:
    server.get(URL).side_effect = [httpx.Response(429, headers={"Retry-After": text}), httpx.Response(200, json=[])]

    assert read(client, clock) == []
    assert clock.slept == [10.0]


def test_a_date_that_has_passed_asks_for_no_wait(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock
) -> None:
    passed = {"Retry-After": "Mon, 02 Nov 2026 08:00:00 GMT"}
    server.get(URL).side_effect = [httpx.Response(503, headers=passed), httpx.Response(200, json=[])]

    assert read(client, clock) == []
    assert clock.slept == [0.0]


@pytest.mark.parametrize("error", [httpx.ReadTimeout("slow"), httpx.ConnectError("no"), httpx.RemoteProtocolError("?")])
def test_silence_is_tried_again(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock, error: Exception
) -> None:
    server.get(URL).side_effect = [error, httpx.Response(200, json=[7])]

    assert read(client, clock) == [7]


def test_lasting_silence_has_status_0(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    server.get(URL).side_effect = httpx.ReadTimeout("slow")

    with pytest.raises(UnavailableError, match="did not answer in time") as caught:
        read(client, clock)
    assert caught.value.status == 0


def test_json_that_stays_cut_short_is_unreadable(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock
) -> None:
    server.get(URL).respond(content=b"[1, 2")

    with pytest.raises(UnreadableError):
        read(client, clock)


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (httpx.Response(401), "answered 401"),
        (httpx.Response(404, html="<p>no</p>"), "answered 404"),
        (httpx.Response(200, html="<html>Sign in</html>"), "a web page"),
        (httpx.Response(200, json={"other": 1}), "another shape"),
        (httpx.Response(302, headers={"Location": "https://other.example/login?x=1"}), "on to https://other.example,"),
    ],
    ids=["401", "404", "page", "shape", "redirect"],
)
def test_a_definite_answer_is_not_asked_for_again(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock, answer: httpx.Response, says: str
) -> None:
    route = server.get(URL).mock(return_value=answer)

    with pytest.raises(RefusedError, match=says):
        read(client, clock)
    assert (route.call_count, clock.slept) == (1, [])


def test_a_message_names_no_query(client: httpx.Client, server: respx.MockRouter, clock: FakeClock) -> None:
    server.get(URL).respond(404)

    with pytest.raises(ReadError) as caught:
        read_json(client, "/list", {"key": "s3cret"}, clock=clock, decoder=NUMBERS)
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://elsewhere.example/list", "not one of the hosts"),
        ("http://tool.example/list", "in clear"),
        ("http://127.0.0.1:9/list", "not one of the hosts"),
        ("https://tool.example.evil.example/list", "not one of the hosts"),
    ],
)
def test_a_host_that_was_not_named_is_refused(
    client: httpx.Client, server: respx.MockRouter, clock: FakeClock, address: str, says: str
) -> None:
    with pytest.raises(AddressError, match=says):
        read(client, clock, address)
    assert len(server.calls) == 0


def test_a_plain_host_must_be_named_as_such(server: respx.MockRouter, clock: FakeClock) -> None:
    server.get("http://intranet.example/list").respond(json=[])
    hosts = frozenset({"intranet.example"})
    with build_client(base_url="http://intranet.example", allowed_hosts=hosts, plain_hosts=hosts) as client:
        assert read(client, clock) == []


def test_before_request_runs_before_each_attempt(server: respx.MockRouter, clock: FakeClock) -> None:
    server.get(URL).side_effect = [httpx.Response(500), httpx.Response(200, json=[])]
    seen: list[int] = []
    hosts = frozenset({"tool.example"})
    with build_client(
        base_url="https://tool.example", allowed_hosts=hosts, before_request=lambda: seen.append(len(server.calls))
    ) as client:
        read(client, clock)

    assert seen == [0, 1]


def test_an_assertion_before_a_request_keeps_it_from_leaving(server: respx.MockRouter, clock: FakeClock) -> None:
    def a_transaction_is_open() -> None:
        raise AssertionError("open")

    with (
        build_client(allowed_hosts=frozenset({"tool.example"}), before_request=a_transaction_is_open) as client,
        pytest.raises(AssertionError, match="open"),
    ):
        read(client, clock, URL)
    assert len(server.calls) == 0


def test_a_secret_is_fetched_for_each_request_and_never_kept(server: respx.MockRouter, clock: FakeClock) -> None:
    route = server.get(URL).respond(json=[])
    secrets = iter(["first", "second"])
    auth = SecretHeader("X-Key", lambda: next(secrets))
    with build_client(allowed_hosts=frozenset({"tool.example"}), auth=auth) as client:
        read(client, clock, URL)
        read(client, clock, URL)

        assert [call.request.headers["X-Key"] for call in route.calls] == ["first", "second"]
        assert "X-Key" not in client.headers


def test_a_silent_server_is_given_up(clock: FakeClock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        hosts = frozenset({"127.0.0.1"})
        with (
            build_client(base_url=address, allowed_hosts=hosts, timeout_seconds=0.05) as client,
            pytest.raises(UnavailableError, match="did not answer in time"),
        ):
            read(client, clock, patience=Patience(attempts=1))


def test_a_server_that_drips_is_given_up() -> None:
    """Each byte comes within the timeout, the answer never ends."""
    clock = FakeClock()

    def drip(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(4096)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            try:
                while True:
                    connection.sendall(b"[")
                    clock.advance(60)
            except OSError:
                return

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=drip, args=(listener,))
        thread.start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        with (
            build_client(base_url=address, allowed_hosts=frozenset({"127.0.0.1"})) as client,
            pytest.raises(UnavailableError, match="did not answer in time"),
        ):
            read(client, clock, patience=Patience(attempts=1))
        thread.join()


def test_credentials_are_hidden_and_sentences_are_not() -> None:
    said = (
        "Authorization: Bearer abc123DEF456 and https://ann:pw1@tool.example/x?key=k9k9&code=c0de "
        '{"access_token": "eyJhbGciOi", "refresh_token":"RT1-22"} my-own-key; '
        'the token was refused, {"code": "6140"}'
    )
    hidden = redact(said, ["my-own-key"])

    for secret in ("abc123DEF456", "pw1", "k9k9", "c0de", "eyJhbGciOi", "RT1-22", "my-own-key"):
        assert secret not in hidden
    assert hidden.endswith('the token was refused, {"code": "6140"}')


def test_libraries_that_log_tokens_are_quiet() -> None:
    logging.getLogger("requests_oauthlib").setLevel(logging.DEBUG)
    quiet_libraries()

    names = ("httpx", "httpcore.http11", "requests_oauthlib.oauth2_session")
    assert [logging.getLogger(name).isEnabledFor(logging.INFO) for name in names] == [False, False, False]
