"""Request Tracker keeps what every source promises, also when its server fails."""

from __future__ import annotations

from tests.connectors.contract import HttpSourceContract


class TestRequestTracker(HttpSourceContract):
    """The world is the fixture of this folder."""
