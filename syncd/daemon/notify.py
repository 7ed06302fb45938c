"""What systemd is told, over its notify socket: that we are ready, reload, stop, how we are, and that we live.

The protocol is sd_notify(3): one datagram of lines NAME=VALUE to the UNIX socket in NOTIFY_SOCKET, where a leading @
stands for Linux' abstract namespace. Without that variable nobody listens, and nothing is sent.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Self

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Notifier:
    """A way to the service manager. `watchdog_seconds`: how often it wants to hear that we live; None: never."""

    address: str = ""
    watchdog_seconds: float | None = None

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> Self:
        """As the environment says; a watchdog that was meant for another process is none of ours."""
        usec, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        wanted = usec.isdecimal() and int(usec) > 0 and pid in ("", str(os.getpid()))
        return cls(environ.get("NOTIFY_SOCKET", ""), int(usec) / _MICROSECONDS if wanted else None)

    def ready(self) -> None:
        """Started, or reloaded."""
        self._tell("READY=1")

    def reloading(self, monotonic_seconds: float) -> None:
        """Reading the tables again; the moment lets systemd tell this reload from an earlier one."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={int(monotonic_seconds * _MICROSECONDS)}")

    def stopping(self) -> None:
        """Finishing what is under way."""
        self._tell("STOPPING=1")

    def alive(self) -> None:
        """What the watchdog waits for."""
        if self.watchdog_seconds is not None:
            self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """A line for `systemctl status`."""
        self._tell(f"STATUS={' '.join(text.split())}")

    def _tell(self, *lines: str) -> None:
        if not self.address.startswith(("/", "@")):
            return
        address = "\0" + self.address[1:] if self.address.startswith("@") else self.address
        # A service manager that does not listen is no reason to end.
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as channel:
            channel.settimeout(1)
            channel.sendto("\n".join(lines).encode(), address)
