"""A stand-in Redmine for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.connectors.redmine.stand_in import StandInRedmine, running
from tests.connectors.redmine.world import RedmineWorld


@pytest.fixture
def world() -> Iterator[RedmineWorld]:
    with running(StandInRedmine()) as server:
        yield RedmineWorld(server)
