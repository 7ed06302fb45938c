"""Redmine as a source of work, over its REST API."""
