"""One `syncd run` a file: on SQLite a second daemon is refused, on PostgreSQL the leases keep several apart."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from syncd.store.database import Store
from syncd.store.holders import shown


class AlreadyRunningError(Exception):
    """Another `syncd run` works on this database."""

    def __init__(self, holder: str) -> None:
        super().__init__(f"{shown(holder) or 'Another process'} already runs on this database.")
        self.holder = shown(holder)


def lock_path(store: Store) -> Path | None:
    """The file that a daemon holds, with its name in it; None on PostgreSQL, where several may run."""
    return None if store.path is None else store.path.with_name(store.path.name + ".lock")


@contextmanager
def run_lock(store: Store, holder: str) -> Iterator[None]:
    """Hold the file `syncd.db.lock` beside an SQLite database; the kernel lets go of it when the process ends."""
    path = lock_path(store)
    if path is None:
        yield
        return
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunningError(os.read(descriptor, 4096).decode(errors="replace").strip()) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, holder.encode())
        # The file is left behind: removing it would let two processes lock two files of one name.
        yield
    finally:
        os.close(descriptor)
