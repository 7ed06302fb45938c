"""Tests against real servers, installed from Debian's packages; marked `peer`."""
