"""Fixtures that every test may use: both databases, and a clock that stands still.

`store` and `store_url` run a test twice, on SQLite and on PostgreSQL; `sqlite_store`, `sqlite_url` and `postgres_url`
once. Each test has a database of its own, with the schema in place and no rows.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from syncd.store.database import Store, open_store
from tests.support.clock import FakeClock
from tests.support.postgres import TEMPLATE, PostgresServer, running_postgres


@pytest.fixture
def clock() -> FakeClock:
    """Monday, 2 November 2026, 09:00 UTC."""
    return FakeClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """One server a session, never skipped; its template has the schema, so that a test's database is only copied."""
    with running_postgres() as server:
        empty = server.create()
        open_store(server.url(empty), FakeClock()).close()
        server.rename(empty, TEMPLATE)
        yield server


@pytest.fixture
def empty_postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """A database without the schema."""
    name = postgres_server.create()
    yield postgres_server.url(name)
    postgres_server.drop(name)


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    name = postgres_server.lend()
    yield postgres_server.url(name)
    postgres_server.take_back(name)


@pytest.fixture(scope="session")
def _sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "syncd.db"
    open_store(f"sqlite:///{path}", FakeClock()).close()
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, _sqlite_template: Path) -> str:
    path = tmp_path / "syncd.db"
    shutil.copyfile(_sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def sqlite_store(sqlite_url: str, clock: FakeClock) -> Iterator[Store]:
    store = open_store(sqlite_url, clock)
    yield store
    store.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest) -> str:
    """The address of a fresh database, on both: for tests that start syncd as a process."""
    name = "sqlite_url" if request.param == "sqlite" else "postgres_url"
    url: str = request.getfixturevalue(name)
    return url


@pytest.fixture
def store(store_url: str, clock: FakeClock) -> Iterator[Store]:
    """A fresh store, on both databases."""
    store = open_store(store_url, clock)
    yield store
    store.close()
