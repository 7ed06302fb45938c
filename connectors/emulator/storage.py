"""Where the books are kept: nowhere (memory), or one SQLite file that is as new as the last answer."""

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from connectors.emulator.numbers import load_json, store_json


@dataclass(frozen=True)
class StoredRecord:
    """One entity as the file keeps it; `changed` is an ISO instant."""

    entity: str
    id: str
    data: dict[str, Any]
    changed: str
    deleted: bool


class Storage(Protocol):
    """Keeps what must outlive the process. `save` is atomic: all of a change or nothing."""

    def records(self) -> Iterator[StoredRecord]:
        """Yield every record, oldest change first."""

    def value(self, name: str) -> Any:
        """Return a named value, or None."""

    def save(self, records: Iterable[StoredRecord], values: dict[str, Any]) -> None:
        """Keep these records and named values."""

    def close(self) -> None:
        """Let go of the file."""


class MemoryStorage:
    """Keeps nothing: the books live as long as the process."""

    def records(self) -> Iterator[StoredRecord]:
        """Yield nothing."""
        return iter(())

    def value(self, name: str) -> Any:
        """Return None."""
        return None

    def save(self, records: Iterable[StoredRecord], values: dict[str, Any]) -> None:
        """Do nothing."""

    def close(self) -> None:
        """Do nothing."""


class FileStorage:
    """Keeps the books in a SQLite file; a change is written before its answer is sent."""

    def __init__(self, path: Path) -> None:
        # The lock of requests guards the connection, so that it may change threads.
        self._connection = sqlite3.connect(path, timeout=0.5, check_same_thread=False)
        try:
            self._open()
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise ValueError(f"the books file {path} cannot be used: {error}") from error

    def _open(self) -> None:
        # One emulator a file: the second one is refused instead of mixing two sets of ids.
        self._connection.executescript(
            """
            pragma locking_mode = exclusive;
            pragma journal_mode = wal;
            pragma synchronous = normal;
            create table if not exists record (
                entity text not null, id text not null, data text not null,
                changed text not null, deleted integer not null, primary key (entity, id)
            ) without rowid;
            create table if not exists value (name text primary key, data text not null) without rowid;
            begin immediate;
            commit;
            """
        )

    def records(self) -> Iterator[StoredRecord]:
        """Yield every record, oldest change first."""
        rows = self._connection.execute("select entity, id, data, changed, deleted from record order by changed, id")
        for entity, identity, data, changed, deleted in rows:
            yield StoredRecord(entity, identity, load_json(data), changed, bool(deleted))

    def value(self, name: str) -> Any:
        """Return a named value, or None."""
        row = self._connection.execute("select data from value where name = ?", (name,)).fetchone()
        return load_json(row[0]) if row else None

    def save(self, records: Iterable[StoredRecord], values: dict[str, Any]) -> None:
        """Write records and values in one transaction."""
        with self._connection:
            self._connection.executemany(
                "insert or replace into record values (?, ?, ?, ?, ?)",
                [(r.entity, r.id, store_json(r.data), r.changed, r.deleted) for r in records],
            )
            self._connection.executemany(
                "insert or replace into value values (?, ?)",
                [(name, store_json(value)) for name, value in values.items()],
            )

    def close(self) -> None:
        """Close the file; its journal is folded in."""
        self._connection.close()
