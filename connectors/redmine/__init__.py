"""Redmine as a source of work, over its REST API."""

from connectors.redmine.settings import RedmineSettings
from connectors.redmine.source import RedmineSource

__all__ = ["RedmineSettings", "RedmineSource"]
