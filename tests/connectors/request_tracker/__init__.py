"""Tests of the Request Tracker source, against the stand-in and against single answers."""
