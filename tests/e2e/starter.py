"""Starts `syncd` quickly: each command is a process of its own, forked from one that has imported the modules.

Importing takes most of a short command's time, and the tests type hundreds of them. A fork shares the code alone:
configuration, database, network and exit code are the process' own. The daemon, and one test of the walk, start the
interpreter itself.
"""

from __future__ import annotations

import importlib
import json
import os
import pkgutil
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import IO

_ROOT = Path(__file__).resolve().parents[2]
_LONGEST_REQUEST = 1 << 18


class Process:
    """A started command. `stdout` and `stdin` are text; stderr goes where stdout goes unless it was asked apart."""

    def __init__(self, pid: int, status: IO[bytes], stdin: IO[str], stdout: IO[str], stderr: IO[str] | None) -> None:
        self.pid, self._status = pid, status
        self.stdin, self.stdout, self.stderr = stdin, stdout, stderr
        self.returncode: int | None = None

    def wait(self, timeout_seconds: float = 120) -> int:
        """The exit code (of a killed one: minus the signal), once the process has ended."""
        if self.returncode is None:
            os.set_blocking(self._status.fileno(), False)
            deadline = time.monotonic() + timeout_seconds
            while not (given := self._status.read(4)):
                if given == b"" or time.monotonic() > deadline:
                    self.signal(signal.SIGKILL)
                    raise TimeoutError(f"process {self.pid} has not ended after {timeout_seconds} s")
                time.sleep(0.005)
            self.returncode = struct.unpack("i", given)[0]
        return self.returncode

    def signal(self, number: int) -> None:
        """Send a signal to the command itself, unless it has ended."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def close(self) -> None:
        for stream in (self.stdin, self.stdout, self.stderr, self._status):
            if stream is not None and not stream.closed:
                stream.close()


class Starter:
    """The process that forks; one for each process of the test session."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        words = [sys.executable, "-m", "tests.e2e.starter", str(theirs.fileno())]
        self._process = subprocess.Popen(words, cwd=_ROOT, pass_fds=[theirs.fileno()])
        theirs.close()

    def start(self, words: Sequence[str], env: Mapping[str, str], cwd: Path, *, apart: bool = False) -> Process:
        """Start `syncd WORDS`; `apart`: stderr has a pipe of its own."""
        in_read, in_write = os.pipe()
        out_read, out_write = os.pipe()
        error_read, error_write = os.pipe() if apart else (None, os.dup(out_write))
        status_read, status_write = os.pipe()
        theirs = [in_read, out_write, error_write, status_write]
        request = json.dumps({"words": list(words), "env": dict(env), "cwd": str(cwd)}).encode()
        socket.send_fds(self._socket, [request], theirs)
        for descriptor in theirs:
            os.close(descriptor)
        status = os.fdopen(status_read, "rb", buffering=0)
        started = status.read(4)
        assert started, "the starter has ended"
        stderr = os.fdopen(error_read, encoding="utf-8") if error_read is not None else None
        return Process(
            struct.unpack("i", started)[0],
            status,
            os.fdopen(in_write, "w", encoding="utf-8"),
            os.fdopen(out_read, encoding="utf-8"),
            stderr,
        )

    def close(self) -> None:
        self._socket.close()
        self._process.wait(10)


def _serve(requests: socket.socket) -> None:
    _import_all()
    # Those who wait for a command are not waited for.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        request, descriptors, _flags, _address = socket.recv_fds(requests, _LONGEST_REQUEST, 4)
        if not request:
            return
        if os.fork() == 0:
            requests.close()
            _supervise(json.loads(request), descriptors)
        for descriptor in descriptors:
            os.close(descriptor)


def _import_all() -> None:
    for package in ("mappings", "connectors", "syncd"):
        module = importlib.import_module(package)
        for found in pkgutil.walk_packages(module.__path__, package + "."):
            if ".migrations" not in found.name and not found.name.endswith("__main__"):
                importlib.import_module(found.name)


def _supervise(request: dict[str, object], descriptors: list[int]) -> None:
    """Start the command, tell its number, wait, and tell how it ended."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    status = descriptors[3]
    child = os.fork()
    if child == 0:
        os.close(status)
        _become(request, descriptors[:3])
    for descriptor in descriptors[:3]:
        os.close(descriptor)
    os.write(status, struct.pack("i", child))
    _, ended = os.waitpid(child, 0)
    os.write(status, struct.pack("i", os.waitstatus_to_exitcode(ended)))
    os._exit(0)


def _become(request: dict[str, object], descriptors: list[int]) -> None:
    for number, descriptor in enumerate(descriptors):
        os.dup2(descriptor, number)
        os.close(descriptor)
    environment, words = request["env"], request["words"]
    assert isinstance(environment, dict)
    assert isinstance(words, list)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(str(request["cwd"]))
    sys.argv = ["syncd", *words]
    from syncd.commands.group import invoke

    code = 1
    try:
        code = invoke(words)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


if __name__ == "__main__":
    _serve(socket.socket(fileno=int(sys.argv[1])))
