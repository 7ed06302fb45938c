"""Redmine keeps what every source promises, also when its server fails."""

from __future__ import annotations

from tests.connectors.contract import HttpSourceContract


class TestRedmine(HttpSourceContract):
    """The world is the fixture of this folder."""
