"""A stand-in Redmine for each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.stand_ins import Redmine, running
from tests.connectors.redmine.world import RedmineWorld


@pytest.fixture
def world() -> Iterator[RedmineWorld]:
    with running(Redmine()) as server:
        yield RedmineWorld(server)
