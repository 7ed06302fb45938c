"""Request Tracker as a source of work, over its REST 2.0 API."""

from connectors.request_tracker.settings import RequestTrackerSettings
from connectors.request_tracker.source import RequestTrackerSource

__all__ = ["RequestTrackerSettings", "RequestTrackerSource"]
