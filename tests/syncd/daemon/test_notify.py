"""systemd's notify socket, as sd_notify(3) describes it: here a socket that we listen on ourselves."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from syncd.daemon.notify import Notifier


@contextmanager
def listening(address: str) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as channel:
        channel.bind("\0" + address[1:] if address.startswith("@") else address)
        channel.settimeout(5)
        yield channel


@pytest.mark.parametrize("kind", ["file", "abstract"])
def test_each_thing_is_one_datagram_of_lines(kind: str, tmp_path: Path) -> None:
    address = str(tmp_path / "notify") if kind == "file" else f"@syncd-test-{os.getpid()}"
    notifier = Notifier.of({"NOTIFY_SOCKET": address, "WATCHDOG_USEC": "120000000"})
    with listening(address) as channel:
        notifier.ready()
        notifier.reloading(12.5)
        notifier.status("Serving Atelier;\nall is well")
        notifier.alive()
        notifier.stopping()
        told = [channel.recv(4096).decode() for _ in range(5)]

    assert told == [
        "READY=1",
        "RELOADING=1\nMONOTONIC_USEC=12500000",
        "STATUS=Serving Atelier; all is well",
        "WATCHDOG=1",
        "STOPPING=1",
    ]


def test_without_a_socket_nothing_is_sent_and_a_dead_one_stops_nobody(tmp_path: Path) -> None:
    Notifier.of({}).ready()
    Notifier(str(tmp_path / "nobody")).ready()
    Notifier("vsock:2:1234").ready()


@pytest.mark.parametrize(
    ("environ", "seconds"),
    [
        ({}, None),
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": str(os.getpid())}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "1"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "soon"}, None),
    ],
)
def test_the_watchdog_is_the_one_that_is_meant_for_this_process(environ: dict[str, str], seconds: float | None) -> None:
    assert Notifier.of(environ).watchdog_seconds == seconds
