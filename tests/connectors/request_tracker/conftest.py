"""A stand-in Request Tracker for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.stand_ins import RequestTracker, running
from tests.connectors.request_tracker.world import RequestTrackerWorld


@pytest.fixture
def world() -> Iterator[RequestTrackerWorld]:
    with running(RequestTracker()) as server:
        yield RequestTrackerWorld(server)
