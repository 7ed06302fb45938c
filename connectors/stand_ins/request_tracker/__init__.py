"""Request Tracker 5 on loopback, for tests and the demo."""

from connectors.stand_ins.request_tracker.tracker import RequestTracker

__all__ = ["RequestTracker"]
