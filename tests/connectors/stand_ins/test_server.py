"""What the stand-ins share: serving, counting, failing on demand, and saying what they do not know."""

from __future__ import annotations

import json
import socket

import httpx
import pytest

from connectors.stand_ins import Fault, running
from connectors.stand_ins.server import FIRST_MOMENT, Answer, Asked, NotKnownError, StandIn


class Echo(StandIn):
    """Says what it was asked; knows nothing of /unknown."""

    def answer(self, asked: Asked) -> Answer:
        if asked.path == "/unknown":
            raise NotKnownError("that")
        return Answer(200, {"path": asked.path, "query": dict(asked.query), "body": asked.body.decode()})


def test_it_answers_counts_and_lets_its_data_change_while_it_is_read() -> None:
    looked: list[int] = []
    with running(Echo()) as echo:
        echo.after_request = lambda: looked.append(len(echo.requests))
        answer = httpx.post(f"{echo.url}/é?a=1&a=2&b=%C3%A9", content=b"x")

    assert answer.json() == {"path": "/é", "query": {"a": "2", "b": "é"}, "body": "x"}
    assert (echo.requests, looked) == (["/%C3%A9?a=1&a=2&b=%C3%A9"], [1])


def test_what_it_does_not_know_is_said_and_never_guessed() -> None:
    with running(Echo()) as echo:
        answer = httpx.get(f"{echo.url}/unknown")

    assert (answer.status_code, answer.json()) == (501, {"message": "This stand-in does not know that."})


def test_faults_come_once_each_and_in_their_order() -> None:
    with running(Echo()) as echo:
        echo.faults = [Fault(503, {"Retry-After": "7"}, b"slow"), Fault(), Fault(429)]
        answers = [httpx.get(f"{echo.url}/x") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [503, 200, 429, 200]
    assert (answers[0].headers["retry-after"], answers[0].content) == ("7", b"slow")


@pytest.mark.parametrize("fault", [Fault(cut_after_bytes=10), Fault(cut_after_bytes=0)])
def test_a_cut_answer_breaks_the_connection(fault: Fault) -> None:
    with running(Echo()) as echo:
        echo.faults = [fault]
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"{echo.url}/x")


def test_an_answer_that_did_not_say_its_length_is_cut_without_a_sign() -> None:
    with running(Echo()) as echo:
        echo.faults = [Fault(cut_after_bytes=10, says_length=False)]
        answer = httpx.get(f"{echo.url}/x")

    assert (answer.status_code, len(answer.content)) == (200, 10)
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_silent_server_is_waited_for_in_vain_and_still_stops() -> None:
    with running(Echo()) as echo:
        echo.faults = [Fault(silent=True)]
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(f"{echo.url}/x", timeout=0.2)


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(OSError, match="Address already in use"), running(Echo(), other.getsockname()[1]):
            pass


def test_its_own_clock_counts_looks_so_that_the_same_story_gives_the_same_data() -> None:
    echo, other = Echo(), Echo()

    assert [echo.now() for _ in range(3)] == [other.now() for _ in range(3)]
    assert echo.now() > FIRST_MOMENT
