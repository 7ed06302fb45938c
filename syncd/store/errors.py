"""What can be wrong with the database itself, each as a sentence and its fix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable


class StoreError(Exception):
    """The database cannot be used as it is."""

    def __init__(self, what: str, fix: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix


class StoreAddressError(StoreError):
    """`[store] url` does not name a database that syncd can use."""


class StoreUnreachableError(StoreError):
    """The file cannot be opened, or the server does not answer or does not let us in."""


class StoreLockedError(StoreError):
    """Another process holds the database's write lock for longer than we wait."""


class StoreReadOnlyError(StoreError):
    """The file, its folder or the server takes no writes."""


class StoreFullError(StoreError):
    """The disk has no room left."""


class StoreDamagedError(StoreError):
    """The file is no database, or a damaged one."""


class StoreTooNewError(StoreError):
    """A newer syncd has already changed the schema."""


Refusal = Callable[[str], StoreError]

_SQLITE: dict[int, Refusal] = {
    sqlite3.SQLITE_BUSY: lambda name: StoreLockedError(
        f"The database {name} is locked by another process.",
        "Wait for it, or see who holds the file with `fuser`; nothing was written.",
    ),
    sqlite3.SQLITE_READONLY: lambda name: StoreReadOnlyError(
        f"The database {name} cannot be written.",
        "Give the user that runs syncd write permission on the file and on its folder.",
    ),
    sqlite3.SQLITE_FULL: lambda name: StoreFullError(
        f"There is no room left on the disk of the database {name}.",
        "Free some space; the last step was undone and runs again by itself.",
    ),
    sqlite3.SQLITE_IOERR: lambda name: StoreUnreachableError(
        f"The disk of the database {name} gave an error.", "Look at the system log (`dmesg`) before going on."
    ),
    sqlite3.SQLITE_CANTOPEN: lambda name: StoreUnreachableError(
        f"The database {name} cannot be opened.",
        "Check that its folder exists and that the user that runs syncd may write there.",
    ),
    sqlite3.SQLITE_CORRUPT: lambda name: StoreDamagedError(
        f"The database {name} is damaged.",
        "Stop syncd, keep a copy of the file, and put the latest backup in its place.",
    ),
    sqlite3.SQLITE_NOTADB: lambda name: StoreDamagedError(
        f"{name} is not an SQLite database.", "Correct [store] url, or put the latest backup in its place."
    ),
}
_SQLITE[sqlite3.SQLITE_LOCKED] = _SQLITE[sqlite3.SQLITE_BUSY]

_POSTGRESQL: dict[str, Refusal] = {
    "55P03": lambda name: StoreLockedError(
        f"Another process has been writing to {name} for more than a minute.",
        "See who in `pg_stat_activity`; nothing was written.",
    ),
    "25006": lambda name: StoreReadOnlyError(
        f"The server of {name} takes no writes.", "Point [store] url at the primary, not at a standby."
    ),
    "42501": lambda name: StoreReadOnlyError(
        f"The database {name} does not let this user write.", "Make this user the owner of the database."
    ),
    "53100": lambda name: StoreFullError(
        f"There is no room left on the disk of {name}.",
        "Free some space; the last step was undone and runs again by itself.",
    ),
    "3D000": lambda name: StoreUnreachableError(
        f"There is no database {name}.", "Create it with `createdb`, or correct [store] url."
    ),
    "28": lambda name: StoreUnreachableError(
        f"The server refuses to log us in to {name}.", "Check the user and the password of [store] url."
    ),
    "53": lambda name: StoreUnreachableError(
        f"The server of {name} has no connection left for us.", "Raise its `max_connections`, or stop other clients."
    ),
    "57P": lambda name: StoreUnreachableError(
        f"The server of {name} is being shut down or started.", "It is tried again at the next step."
    ),
}


def refusal(error: BaseException, name: str) -> StoreError | None:
    """Our error for one of the driver's, or None when it tells of a bug rather than of the database's state.

    `name` is the database as its owner knows it, without a password.
    """
    if isinstance(error, sqlite3.Error):
        # The low byte is the primary code; the others say where in SQLite it arose.
        found = _SQLITE.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
        return found(name) if found else None
    if not hasattr(error, "sqlstate"):
        return None
    state = error.sqlstate
    if state is None and type(error).__name__ == "OperationalError":
        # psycopg has no state to tell when there was nobody to tell it.
        return StoreUnreachableError(
            f"The database {name} cannot be reached: {str(error).strip().splitlines()[0]}.",
            "Check that the server runs and that [store] url is right.",
        )
    matches = [key for key in _POSTGRESQL if (state or "").startswith(key)]
    return _POSTGRESQL[max(matches, key=len)](name) if matches else None
