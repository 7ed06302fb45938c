"""Tests of the Redmine source, against a stand-in on loopback."""
