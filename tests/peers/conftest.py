"""Real servers, started once a session."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.e2e.conftest import _starter_ends, make_company  # noqa: F401 - the company of the end-to-end tests
from tests.peers.redmine import RedmineServer, running_redmine
from tests.peers.request_tracker import RequestTrackerServer, running_request_tracker

CLIENTS = ("Aquilon", "Mistral", "Zéphyr")
"""Whose hours the walks bill."""


@pytest.fixture(scope="session")
def redmine_server() -> Iterator[RedmineServer]:
    with running_redmine() as server:
        yield server


@pytest.fixture(scope="session")
def projects(redmine_server: RedmineServer) -> list[int]:
    """A project for each of CLIENTS: a server takes each name once."""
    return [redmine_server.create_project(name) for name in CLIENTS]


@pytest.fixture(scope="session")
def request_tracker_server() -> Iterator[RequestTrackerServer]:
    with running_request_tracker() as server:
        yield server
