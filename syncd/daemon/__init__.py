"""`syncd run`: what is due, when it is due, for months and with nobody watching."""

from syncd.daemon.service import Daemon

__all__ = ["Daemon"]
