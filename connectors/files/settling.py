"""Reads files whole, although somebody may still be writing them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import structlog

from connectors.ports import Clock

QUIET_SECONDS = 2.0
_log = structlog.get_logger("connectors.files")

Stamp = tuple[int, int]


def read_settled(paths: Mapping[str, Path], clock: Clock) -> dict[str, bytes | OSError | None]:
    """The content of each file; None for one that is still being written, the error for one that cannot be read.

    A file counts as whole when it was last changed `QUIET_SECONDS` ago or more. Younger ones are waited for, once and
    together; one that changed during the wait, or while it was read, is left for the next pull.
    """
    before = {name: _stamp(path) for name, path in paths.items()}
    if any(_is_young(stamp, clock) for stamp in before.values()):
        clock.sleep(QUIET_SECONDS)
    contents: dict[str, bytes | OSError | None] = {}
    for name, path in paths.items():
        try:
            content = path.read_bytes()
        except OSError as error:
            contents[name] = error
            continue
        stamp = _stamp(path)
        contents[name] = content if stamp == before[name] and len(content) == stamp[1] else None
        if contents[name] is None:
            _log.warning("file-still-written", file=name)
    return contents


def _stamp(path: Path) -> Stamp:
    """When the file was last changed, in nanoseconds, and its size; zeros when it is gone."""
    try:
        status = os.stat(path)
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size)


def _is_young(stamp: Stamp, clock: Clock) -> bool:
    """Also when the file comes from the future, as on a share whose server's clock is ahead of ours."""
    return clock.now().timestamp() - stamp[0] / 1e9 < QUIET_SECONDS
