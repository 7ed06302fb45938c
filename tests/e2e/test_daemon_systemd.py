"""The real daemon under a service manager: what it tells, and when it no longer says that it lives."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.e2e.company import Company, entry, timesheet
from tests.e2e.conftest import MakeCompany

pytestmark = pytest.mark.timeout(120)

HANGING = """\
[sources.tracker]
kind = "redmine"
url = "http://127.0.0.1:{port}"
token = "env:TRACKER_KEY"
since = 2020-01-01
"""
SOON_SILENT = "import syncd.daemon.watch as watch; watch.SILENCE_SECONDS = 3.0; "
"""A job that is silent for three seconds hangs, instead of ten minutes."""
RUN = "import sys; sys.argv = ['syncd', 'run']; from syncd.__main__ import main; main()"


@pytest.fixture
def store_url(sqlite_url: str) -> str:
    return sqlite_url


class Manager:
    """The service manager's end of the socket."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.channel.bind("\0" + address[1:])
        self.told: list[tuple[float, str]] = []

    def listen(self, seconds: float) -> list[str]:
        """What it was told within so many seconds."""
        before, deadline = len(self.told), time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self._hear(left)
        return [line for _, line in self.told[before:]]

    def wait_for(self, text: str, seconds: float = 40) -> None:
        """Wait until something that begins so is told, from now on."""
        before, deadline = len(self.told), time.monotonic() + seconds
        while not any(line.startswith(text) for _, line in self.told[before:]):
            assert time.monotonic() < deadline, (text, self.told)
            self._hear(1)

    def _hear(self, seconds: float) -> None:
        self.channel.settimeout(max(seconds, 0.01))
        try:
            self.told.append((time.monotonic(), self.channel.recv(4096).decode()))
        except TimeoutError:
            return


@pytest.fixture
def manager() -> Iterator[Manager]:
    manager = Manager(f"@syncd-{os.getpid()}-{time.monotonic_ns()}")
    yield manager
    manager.channel.close()


@contextmanager
def unit(
    company: Company, manager: Manager, watchdog_seconds: float, before: str = ""
) -> Iterator[subprocess.Popen[str]]:
    """`syncd run` as a unit of type notify starts it."""
    env = company.env | {"NOTIFY_SOCKET": manager.address, "TRACKER_KEY": "k"}
    env["WATCHDOG_USEC"] = str(int(watchdog_seconds * 1e6))
    with (company.folder / "daemon.log").open("w", encoding="utf-8") as log:
        words = [sys.executable, "-c", before + RUN]
        process = subprocess.Popen(words, env=env, cwd=company.folder, stderr=log, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait(20)


def test_a_unit_is_told_of_its_whole_life(make_company: MakeCompany, manager: Manager) -> None:
    company = make_company(since="2020-01-01")
    company.inbox(timesheet(entry(1, "2.5", "Hydro")))
    with unit(company, manager, watchdog_seconds=3) as process:
        manager.wait_for("READY=1")
        manager.wait_for("STATUS=Serving Atelier Boréal inc.; all is well")
        fed = manager.listen(4)
        process.send_signal(signal.SIGHUP)
        manager.wait_for("RELOADING=1\nMONOTONIC_USEC=")
        manager.wait_for("READY=1")
        process.send_signal(signal.SIGTERM)
        manager.wait_for("STOPPING=1")
        assert process.wait(30) == 0

    # A watchdog of three seconds is fed each second.
    assert 3 <= fed.count("WATCHDOG=1") <= 6
    reloads = [float(line.rpartition("=")[2]) / 1e6 for _, line in manager.told if line.startswith("RELOADING")]
    assert reloads == [pytest.approx(time.monotonic(), abs=60)]


def test_a_source_that_hangs_stops_the_feeding(make_company: MakeCompany, manager: Manager) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        company = make_company(sources=HANGING.format(port=silent.getsockname()[1]))
        with unit(company, manager, watchdog_seconds=1.5, before=SOON_SILENT) as process:
            manager.wait_for("READY=1")
            assert "WATCHDOG=1" in manager.listen(2)
            time_until_silent(manager)
            assert "WATCHDOG=1" not in manager.listen(4)
            assert process.poll() is None
            process.kill()
    log = (company.folder / "daemon.log").read_text(encoding="utf-8")
    assert log.count('"hung"') == 1
    assert "Atelier Boréal inc./pull:tracker" in log


def time_until_silent(manager: Manager) -> None:
    """Let the time pass in which the hanging job may still be thought to be at work."""
    manager.listen(4)
