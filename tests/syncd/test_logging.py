"""No secret reaches a log, whichever library writes it."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from syncd.logging import LONGEST_TEXT, configure

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N"
REFRESH = "AB11700000000abcdefghijklmnopqrstuvwxyz"


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    configure(terminal=False)
    yield stream
    root.handlers[:] = before
    root.setLevel(level)
    structlog.reset_defaults()


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_values_under_the_names_of_secrets_are_hidden(written: io.StringIO) -> None:
    structlog.get_logger().info("x", access_token="t0ken", headers={"Authorization": "Basic abc"}, number="AB-1")

    assert lines(written)[0]["access_token"] == "[hidden]"
    assert lines(written)[0]["headers"] == {"Authorization": "[hidden]"}
    assert lines(written)[0]["number"] == "AB-1"


@pytest.mark.parametrize("text", [JWT, REFRESH, f"Bearer {JWT}", f"refresh_token={REFRESH}"])
def test_tokens_are_hidden_wherever_they_stand(written: io.StringIO, text: str) -> None:
    structlog.get_logger().warning(f"got {text} back", rows=[{"note": text}])
    logging.getLogger("some.library").warning("got %s back", text)

    assert len(lines(written)) == 2
    assert JWT not in written.getvalue()
    assert REFRESH not in written.getvalue()


def test_a_traceback_is_logged_without_its_secret(written: io.StringIO) -> None:
    try:
        raise ValueError(f"bad token {JWT}")
    except ValueError:
        structlog.get_logger().exception("failed")

    assert "ValueError" in str(lines(written)[0]["exception"])
    assert JWT not in written.getvalue()


def test_what_is_too_long_is_cut(written: io.StringIO) -> None:
    structlog.get_logger().info("x", body="a b " * LONGEST_TEXT)

    assert len(str(lines(written)[0]["body"])) < LONGEST_TEXT + 50


@pytest.mark.parametrize("name", ["httpx", "requests_oauthlib"])
def test_libraries_that_write_addresses_and_tokens_are_quiet(written: io.StringIO, name: str) -> None:
    logging.getLogger(name).info("POST https://example/?code=abc")
    logging.getLogger(name).debug("token is %s", REFRESH)

    assert written.getvalue() == ""


def test_the_unattended_daemon_does_not_tell_of_each_retry(capsys: pytest.CaptureFixture[str]) -> None:
    """It says once what is down; a person who waits for a command is told that it is tried again."""
    try:
        for unattended in (True, False):
            configure(terminal=False, unattended=unattended)
            structlog.get_logger("connectors.http").warning("read-retried", unattended=unattended)
    finally:
        structlog.reset_defaults()

    assert [json.loads(line)["unattended"] for line in capsys.readouterr().err.splitlines()] == [False]


def test_the_scheduler_leaves_it_to_the_daemon_to_tell_once(written: io.StringIO) -> None:
    """A job that outlasts ten of its moments would have ten lines of the scheduler's beside the one of ours."""
    logging.getLogger("apscheduler.scheduler").warning("Execution of job %s skipped: still running", "pull")
    logging.getLogger("apscheduler.executors.default").error("Job %s raised an exception", "pull")

    assert [line["level"] for line in lines(written)] == ["error"]
