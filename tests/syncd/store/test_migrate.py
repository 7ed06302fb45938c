"""The migrations make what the schema says, and refuse what a newer syncd has made."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Connection, MetaData, Table, insert, select, text

from syncd.store import migrate, schema
from syncd.store.database import Store, connect, open_store
from syncd.store.errors import StoreTooNewError
from tests.support.clock import FakeClock

LATEST = migrate.known_revisions()[-1]
TOMORROW = f"{int(LATEST) + 1:04}"
SECOND = f'''
"""A column more."""
import sqlalchemy as sa
from alembic import op

revision = "{TOMORROW}"
down_revision = "{LATEST}"

def upgrade() -> None:
    op.add_column("watermark", sa.Column("note", sa.Text(), server_default="", nullable=False))
'''

CATALOGUE = """
SELECT table_name, column_name, data_type, character_maximum_length, is_nullable, column_default, is_identity
FROM information_schema.columns WHERE table_schema = 'public';

SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace;

SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public';

SELECT objoid::regclass::text, objsubid, description FROM pg_description WHERE classoid = 'pg_class'::regclass
AND objoid IN (SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace)
"""


def definition(connection: Connection) -> set[tuple[object, ...]]:
    """All that the database itself knows of its tables."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        # The order of columns and constraints inside a table means nothing, nor do the ends of lines.
        found = [
            (name, *sorted(part.strip() for part in re.split("[,()\n]", sql) if part.strip())) for name, sql in rows
        ]
    else:
        found = [tuple(row) for query in CATALOGUE.split(";") for row in connection.execute(text(query))]
    return {row for row in found if "alembic_version" not in str(row)}


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'empty.db'}"
    url: str = request.getfixturevalue("empty_postgres_url")
    return url


@pytest.fixture
def second_migration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A syncd of tomorrow, which brings one migration more. Ask for it last: a store opened before is of today."""
    folder = tmp_path / "migrations"
    for path in migrate.MIGRATIONS.rglob("*.py"):
        copy = folder / path.relative_to(migrate.MIGRATIONS)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(path.read_text())
    (folder / "versions" / f"{TOMORROW}_more.py").write_text(SECOND)
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", folder)
        yield


def test_the_migrations_make_exactly_the_schema(store: Store, empty_url: str) -> None:
    if empty_url.startswith("sqlite") != store.is_sqlite:
        return
    engine = connect(empty_url)
    with Store(engine, store.clock).write() as connection:
        schema.metadata.create_all(connection)
        expected = definition(connection)
    engine.dispose()
    with store.read() as connection:
        assert definition(connection) == expected
    assert len(expected) > len(schema.metadata.tables)


def test_an_empty_database_gets_the_latest_schema(empty_url: str, clock: FakeClock) -> None:
    store = open_store(empty_url, clock)
    with store.read() as connection:
        assert migrate.current_revision(connection) == migrate.known_revisions()[-1]
        assert connection.execute(select(schema.event)).all() == []
    store.close()


def test_opening_again_changes_nothing(store: Store, store_url: str, clock: FakeClock) -> None:
    with store.read() as connection:
        before = definition(connection)
    again = open_store(store_url, clock)
    with again.read() as connection:
        assert definition(connection) == before
        assert connection.execute(select(schema.event)).all() == []
    again.close()


def test_a_newer_schema_is_refused_by_name(store: Store, store_url: str, clock: FakeClock) -> None:
    with store.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreTooNewError) as caught:
        open_store(store_url, clock)
    assert caught.value.what == (
        f"The database {store.name} has schema 9999; this syncd knows schemas up to {migrate.known_revisions()[-1]}."
    )
    assert "newer syncd" in caught.value.fix


def test_a_migration_keeps_the_rows_and_is_an_event(
    store: Store, store_url: str, clock: FakeClock, second_migration: None
) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(company="boreal", name="payments", value="x"))
    newer = open_store(store_url, clock)
    with newer.read() as connection:
        assert tuple(connection.execute(text("SELECT name, note FROM watermark")).one()) == ("payments", "")
        event = connection.execute(select(schema.event)).one()
    newer.close()
    backup = f"{store.path}.before-{TOMORROW}" if store.path else None
    assert (event.kind, event.subject, event.at) == ("schema-migrated", "database", clock.now())
    assert json.loads(event.detail) == {"from": LATEST, "to": TOMORROW, "backup": backup}


def test_a_backup_is_made_before_a_migration(
    sqlite_store: Store, sqlite_url: str, clock: FakeClock, second_migration: None
) -> None:
    with sqlite_store.write() as connection:
        connection.execute(insert(schema.watermark).values(company="boreal", name="payments", value="x"))
    open_store(sqlite_url, clock).close()
    with closing(sqlite3.connect(f"{sqlite_store.path}.before-{TOMORROW}")) as backup:
        assert backup.execute("SELECT * FROM watermark").fetchall() == [("boreal", "payments", "x")]
        assert backup.execute("SELECT version_num FROM alembic_version").fetchall() == [(LATEST,)]


def test_a_migration_that_fails_leaves_the_database_as_it_was(
    store: Store, store_url: str, clock: FakeClock, second_migration: None
) -> None:
    broken = migrate.MIGRATIONS / "versions" / f"{TOMORROW}_more.py"
    broken.write_text(SECOND + '    op.drop_table("nowhere")\n')
    with pytest.raises(Exception, match="nowhere"):
        open_store(store_url, clock)
    with store.read() as connection:
        assert migrate.current_revision(connection) == LATEST
        assert "note" not in str(definition(connection))


def test_many_may_open_an_empty_database_at_once(empty_url: str, clock: FakeClock) -> None:
    with ThreadPoolExecutor(6) as threads:
        stores = list(threads.map(lambda _: open_store(empty_url, clock), range(6)))
    with stores[0].read() as connection:
        assert migrate.current_revision(connection) == migrate.known_revisions()[-1]
    for store in stores:
        store.close()


def test_ledger_rows_of_before_say_which_retainer_they_draw(
    empty_url: str, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "migrations"
    for path in migrate.MIGRATIONS.rglob("*.py"):
        if not path.name.startswith("0003"):
            (folder / path.relative_to(migrate.MIGRATIONS)).parent.mkdir(parents=True, exist_ok=True)
            (folder / path.relative_to(migrate.MIGRATIONS)).write_text(path.read_text())
    with monkeypatch.context() as patch:
        patch.setattr(migrate, "MIGRATIONS", folder)
        store = open_store(empty_url, clock)
    with store.write() as connection:
        for table, values in (
            ("document", {"id": "D", "kind": "invoice", "sequence": 1}),
            ("ledger", {"document_id": "D", "effect": "covered", "billed_seconds": 60, "entry": "1", "position": 1,
                        "detail": json.dumps({"retainer": "retainer|Hydro|||Support", "retainer_period": "2026-10"})}),
            ("ledger", {"document_id": "D", "effect": "invoiced", "billed_seconds": 90, "entry": "2", "position": 2,
                        "detail": json.dumps({"retainer": "", "retainer_period": ""})}),
        ):  # fmt: skip
            old = Table(table, MetaData(), autoload_with=connection)
            connection.execute(insert(old).values({**_anything(old), **values}))
    store.close()
    newer = open_store(empty_url, clock)
    with newer.read() as connection:
        rows = connection.execute(
            text("SELECT entry, retainer, retainer_period, drawn_seconds FROM ledger ORDER BY entry")
        ).all()
    newer.close()
    assert [tuple(row) for row in rows] == [
        ("1", "retainer|Hydro|||Support", "2026-10", 60),
        ("2", None, None, None),
    ]


def _anything(table: Table) -> dict[str, object]:
    """A value for each column that must have one."""
    values: dict[type, object] = {str: "x", int: 1, date: date(2026, 10, 31), bool: False}
    needed = [each for each in table.columns if not each.nullable and each.server_default is None and each.name != "id"]
    return {each.name: values[each.type.python_type] for each in needed}
