"""The one way to the database: consistent reads, one writer at a time, and no remote call while one writes."""

from __future__ import annotations

import errno
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError

from syncd.clock import Clock
from syncd.store import errors

BUSY_TIMEOUT_SECONDS = 30
"""How long a writer waits for another one on SQLite: longer than the longest page takes to be stored."""
LOCK_TIMEOUT_SECONDS = 60
MORE_CONNECTIONS = 35
"""Beyond the five that are kept: a writer that waits for its turn holds one, and so do many companies' threads.

PostgreSQL admits a hundred in all unless it is told otherwise: enough for two such processes.
"""
IDLE_IN_TRANSACTION_SECONDS = 120
"""PostgreSQL ends the transaction of a process that was stopped in the middle of one, so that others can go on."""
WRITE_LOCK = 0x73796E6364
""" "syncd" in ASCII: the advisory lock that makes writers take turns on PostgreSQL."""

_READING, _READING_MUCH, _WRITING, _NOTING = "reading", "reading much", "writing", "noting"
_PRAGMAS = {
    _READING: ("query_only = ON",),
    # As much of the file as SQLite may map: its pages are then read where they are, instead of being copied.
    _READING_MUCH: ("query_only = ON", "mmap_size = 2147418112"),
    _WRITING: ("query_only = OFF", "synchronous = FULL"),
    _NOTING: ("query_only = OFF", "synchronous = NORMAL"),
}
"""What a connection to SQLite is told before a transaction of each kind."""


class Store:
    """A database of one or more companies. `read()` and `write()` are the only ways to a connection."""

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        if self.is_sqlite:
            self._reader = engine
        else:
            self._reader = engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        self._local = threading.local()

    @property
    def is_sqlite(self) -> bool:
        return self.engine.dialect.name == "sqlite"

    @property
    def path(self) -> Path | None:
        """The file of an SQLite database, else None."""
        return Path(self.engine.url.database or "") if self.is_sqlite else None

    @property
    def name(self) -> str:
        """The database as its owner knows it: the file, or the address without its password."""
        return display_name(self.engine.url)

    @contextmanager
    def read(self, *, much: bool = False) -> Iterator[Connection]:
        """One consistent snapshot; a write through it is refused by the database.

        `much`: a short command will read most of what there is; what it maps counts as its memory until it ends.
        """
        with self._reader.connect() as connection, connection.begin():
            if self.is_sqlite:
                _begin_sqlite(connection, _READING_MUCH if much else _READING, self.name)
            yield connection

    @contextmanager
    def write(self, *, durable: bool = True) -> Iterator[Connection]:
        """One transaction, committed at the end and undone by an exception. Writers take turns, on PostgreSQL too.

        Taking turns makes "look, then write" safe without retries, and the same on both databases. What is not
        `durable` may be gone after a power failure, unless something durable was written since. It is for who does
        what now, which ends with the machine, and for what is read again by itself; on PostgreSQL all is durable.
        """
        assert not self._write_is_open, "a write transaction inside another one would wait for itself"
        self._local.writing = True
        try:
            with self.engine.connect() as connection, connection.begin():
                if self.is_sqlite:
                    _begin_sqlite(connection, _WRITING if durable else _NOTING, self.name)
                else:
                    connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITE_LOCK})")
                yield connection
        finally:
            self._local.writing = False

    def assert_no_write_open(self) -> None:
        """Every HTTP client calls this first: a remote call inside a write would stop all others while it lasts."""
        assert not self._write_is_open, "a remote call inside an open write transaction"

    @property
    def _write_is_open(self) -> bool:
        return bool(getattr(self._local, "writing", False))

    def backup(self, path: Path) -> None:
        """Copy an SQLite database while it is in use, to a file that appears only once it is whole and sound.

        The copy knows when it was made, and holds no lease: put back, it first reads what QuickBooks has.
        """
        if self.path is None:
            raise errors.StoreError(
                "syncd backs up SQLite databases only.", "Use `pg_dump`, which copies a PostgreSQL database in use."
            )
        part, instant = path.with_name(path.name + ".part"), self.clock.now().isoformat()
        _create_private(part)
        try:
            with closing(sqlite3.connect(self.path)) as source, closing(sqlite3.connect(part)) as target:
                source.backup(target)
                _prepare_copy(target, instant)
                # A backup is one file: without this it would want a -wal beside it.
                target.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            part.unlink(missing_ok=True)
            raise errors.refusal(error, str(path)) or error from error
        except errors.StoreError:
            part.unlink(missing_ok=True)
            raise
        part.replace(path)

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()


def _prepare_copy(copy: sqlite3.Connection, made_at: str) -> None:
    """Check a copy, and take out what belongs to the processes that use the original."""
    found = [row[0] for row in copy.execute("PRAGMA integrity_check").fetchall()]
    if found != ["ok"]:
        raise errors.StoreError(
            f"The copy is not sound: {found[0]}.", "The database itself is damaged: keep older copies."
        )
    copy.execute("DELETE FROM lease")
    copy.execute("DELETE FROM request_turn")
    copy.execute("UPDATE connection SET paused_until = NULL")
    copy.execute(
        "INSERT INTO watermark (company, name, value) SELECT company, 'copied-at', ? FROM connection"
        " WHERE true ON CONFLICT (company, name) DO UPDATE SET value = excluded.value",
        (made_at,),
    )
    copy.commit()


def open_store(url: str, clock: Clock) -> Store:
    """Open `sqlite:///PATH` or `postgresql://…`, bring its schema up to date, and return it.

    Raises a StoreError that says what is wrong with the database and what to do.
    """
    from syncd.store.migrate import migrate

    store = Store(connect(url), clock)
    try:
        migrate(store)
    except BaseException:
        store.close()
        raise
    return store


def connect(url: str) -> Engine:
    """An engine with this project's settings, the schema as it is."""
    try:
        address = make_url(url)
    except ArgumentError:
        raise _unusable("The database's address cannot be read.") from None
    if address.drivername == "sqlite":
        return _sqlite(address)
    if address.drivername == "postgresql":
        return _postgresql(address)
    raise _unusable(f"syncd keeps no data in {address.drivername}.")


def display_name(url: URL) -> str:
    """A database's name for messages and logs, without its password."""
    if url.get_backend_name() == "sqlite":
        return url.database or ""
    return url.set(drivername="postgresql").render_as_string(hide_password=True)


def _unusable(what: str) -> errors.StoreAddressError:
    return errors.StoreAddressError(
        what, "Write [store] url as sqlite:///path/to/syncd.db or postgresql://user@host/database."
    )


def _sqlite(address: URL) -> Engine:
    if not address.database or address.database == ":memory:" or address.query:
        raise _unusable("An SQLite database needs a plain file that several processes can open.")
    path = Path(address.database)
    try:
        _create_private(path)
    except OSError as error:
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            raise errors.StoreReadOnlyError(
                f"The database {path} cannot be written: {error.strerror}.",
                "Give the user that runs syncd write permission on the file and on its folder.",
            ) from error
        raise errors.StoreUnreachableError(
            f"The database {path} cannot be opened: {error.strerror}.",
            "Check that its folder exists and that the user that runs syncd may write there.",
        ) from error
    engine = create_engine(
        address, hide_parameters=True, max_overflow=MORE_CONNECTIONS, connect_args={"timeout": BUSY_TIMEOUT_SECONDS}
    )
    event.listen(engine, "connect", _prepare_sqlite)
    return _with_typed_errors(engine, str(path))


def _create_private(path: Path) -> None:
    """Only its owner may read the file: it holds clients' names and encrypted tokens. SQLite gives -wal the same."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if os.fstat(descriptor).st_mode & 0o077:
            os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _prepare_sqlite(connection: DBAPIConnection, _record: object) -> None:
    # The driver must not begin transactions by itself; `_begin_sqlite` does, and says of which kind.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        # Of a new file alone. Measured: a first pull takes a tenth less time than with pages of 4 KB.
        "page_size = 8192",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "temp_store = MEMORY",
        # 64 MB of pages, and a checkpoint each 64 MB: measured, both halve the time of a first pull.
        "cache_size = -65536",
        "wal_autocheckpoint = 8000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection, mode: str, name: str) -> None:
    """Begin on the driver's own connection: by way of SQLAlchemy this took half of the time of a small transaction.

    Nor by an event of the engine, because one that has any looks for more of them at every statement.
    """
    # A read that turned into a write would fail at once, whatever the busy timeout: a writer begins as one, and a
    # reader cannot become one.
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)
    try:
        if connection.info.get("mode") != mode:
            for pragma in _PRAGMAS[mode]:
                driver.execute(f"PRAGMA {pragma}")
            connection.info["mode"] = mode
        driver.execute("BEGIN IMMEDIATE" if mode in (_WRITING, _NOTING) else "BEGIN")
    except sqlite3.Error as error:
        raise errors.refusal(error, name) or error from error


def _postgresql(address: URL) -> Engine:
    try:
        import psycopg  # noqa: F401
    except ImportError:
        raise errors.StoreAddressError(
            "PostgreSQL needs a driver that is not installed.", "Install syncd with its extra: syncd[postgres]."
        ) from None
    options = f"-c lock_timeout={LOCK_TIMEOUT_SECONDS}s -c idle_in_transaction_session_timeout="
    engine = create_engine(
        address.set(drivername="postgresql+psycopg"),
        hide_parameters=True,
        # The server may have been restarted between two steps; a step then finds a fresh connection.
        pool_pre_ping=True,
        max_overflow=MORE_CONNECTIONS,
        connect_args={
            "connect_timeout": 10,
            "application_name": "syncd",
            "options": f"{options}{IDLE_IN_TRANSACTION_SECONDS}s",
        },
    )
    return _with_typed_errors(engine, display_name(address))


def _with_typed_errors(engine: Engine, name: str) -> Engine:
    @event.listens_for(engine, "handle_error")
    def translate(context: ExceptionContext) -> None:
        refusal = errors.refusal(context.original_exception, name)
        if refusal is not None:
            raise refusal from context.original_exception

    return engine
