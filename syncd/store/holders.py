"""Who holds a lease or a lock: a name for people, from which can also be told whether that process still lives."""

from __future__ import annotations

import os
import platform
import re
import sys
from functools import cache
from pathlib import Path

_PARTS = re.compile(r"(?P<command>.*) on (?P<host>.*), process (?P<pid>\d+)(?: \[(?P<started>\d+)\.(?P<space>\d+)\])?")


def this_process(command: str = "") -> str:
    """ "syncd run on finance01, process 4711 [8834412.4026531836]"; in brackets its start and its process namespace.

    Without a command: the program's name with its first argument, as it was started.
    """
    command = command or " ".join([Path(sys.argv[0]).name, *sys.argv[1:2]])
    return f"{command} on {platform.node()}, {_number(os.getpid())}"


@cache
def _number(pid: int) -> str:
    """This process by its number, start and namespace; looked up once, though every step names its process."""
    started, space = _started(pid), _namespace()
    return f"process {pid}" + (f" [{started}.{space}]" if started and space else "")


def shown(holder: str) -> str:
    """The holder as a message names it."""
    return holder.partition(" [")[0]


def is_dead(holder: str) -> bool:
    """True only if the process is surely gone: it ran on this machine, among processes that we can see."""
    found = _PARTS.fullmatch(holder)
    if found is None or not found["space"]:
        return False
    # Two containers may share a host name and a file, and each number its own processes.
    if found["host"] != platform.node() or found["space"] != _namespace():
        return False
    # The same number with another start is another process.
    return _started(int(found["pid"])) != found["started"]


def _started(pid: int) -> str:
    """Clock ticks from boot to the process's start, as Linux tells it; "" when there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    # The command's name stands in brackets and may itself hold brackets and spaces; start time is the 22nd field.
    return stat.rpartition(")")[2].split()[19]


def _namespace() -> str:
    try:
        return str(Path("/proc/self/ns/pid").stat().st_ino)
    except OSError:
        return ""
