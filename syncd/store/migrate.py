"""Brings a database's schema up to date in one transaction, with a copy of the file before each migration."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, insert, inspect, text

from syncd.store import schema
from syncd.store.database import Store
from syncd.store.errors import StoreTooNewError

MIGRATIONS = Path(__file__).parent / "migrations"


def known_revisions() -> list[str]:
    """The migrations that this syncd brings, oldest first: 0001, 0002 …"""
    return sorted(path.name.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def migrate(store: Store) -> None:
    """Apply what is missing. A database that a newer syncd has changed is refused."""
    with store.read() as connection:
        if not _missing(store, connection):
            return
    with store.write() as connection:
        # Another process may have been faster: what is missing is asked again under the write lock.
        empty = current_revision(connection) is None
        for revision in _missing(store, connection):
            _apply(store, connection, revision, copy_first=not empty)


def _missing(store: Store, connection: Connection) -> list[str]:
    current = current_revision(connection)
    known = known_revisions()
    if current is not None and current not in known:
        raise StoreTooNewError(
            f"The database {store.name} has schema {current}; this syncd knows schemas up to {known[-1]}.",
            "Run the newer syncd that was here before, or put back the backup made before it was installed.",
        )
    return [revision for revision in known if current is None or revision > current]


def current_revision(connection: Connection) -> str | None:
    """The last migration that was applied; None for an empty database."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()


def _apply(store: Store, connection: Connection, revision: str, *, copy_first: bool) -> None:
    """One migration inside the caller's transaction. A database that was empty just now has nothing to copy or tell."""
    # Imported here because a database is up to date nearly always, and Alembic takes half a second to load.
    from alembic import command
    from alembic.config import Config

    before = current_revision(connection)
    backup = None
    if copy_first and store.path is not None:
        backup = store.path.with_name(f"{store.path.name}.before-{revision}")
        store.backup(backup)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)
    if copy_first:
        detail = {"from": before, "to": revision, "backup": str(backup) if backup else None}
        connection.execute(insert(schema.event).values(**_event(store, detail)))


def _event(store: Store, detail: dict[str, str | None]) -> dict[str, object]:
    import json

    return {
        "company": "",  # The schema is every company's.
        "at": store.clock.now(),
        "kind": "schema-migrated",
        "subject": "database",
        "detail": json.dumps(detail),
    }
