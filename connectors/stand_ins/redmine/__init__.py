"""Redmine 5 on loopback, for tests and the demo."""

from connectors.stand_ins.redmine.tracker import Redmine

__all__ = ["Redmine"]
