"""Many rows at once: all of them are written, however many there are, and nothing beside them."""

from __future__ import annotations

import psycopg
import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from syncd.store import schema
from syncd.store.bulk import ROWS_AT_ONCE, insert_many, update_many, upsert_many
from syncd.store.database import Store

KEYS, ALL = ("company", "source", "client"), ("company", "source", "client", "change")


def stored(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {row.client: row.change for row in connection.execute(select(schema.client_change))}


@pytest.mark.parametrize("count", [1, 7, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1_023])
def test_each_row_is_written(store: Store, count: int) -> None:
    names = [f"Client {number} «ö»" for number in range(count)]
    with store.write() as connection:
        rows = [("boreal", "tracker", name, number) for number, name in enumerate(names)]
        insert_many(connection, schema.client_change, ALL, rows)
        insert_many(connection, schema.client_change, ALL, [("other", "tracker", "Hydro", 1)])
    assert stored(store) == {**dict(zip(names, range(count), strict=True)), "Hydro": 1}
    with store.write() as connection:
        again = [("boreal", "tracker", name, number + 5) for number, name in enumerate(names)]
        upsert_many(connection, schema.client_change, KEYS, ("change",), [*again, ("boreal", "", "new", 9)])
    assert stored(store) == {**dict(zip(names, range(5, count + 5), strict=True)), "Hydro": 1, "new": 9}
    with store.write() as connection:
        moved = [(number, "boreal", "tracker", name) for number, name in enumerate(names)]
        update_many(connection, schema.client_change, ("change",), KEYS, moved)
    assert stored(store) == {**dict(zip(names, range(count), strict=True)), "Hydro": 1, "new": 9}


def test_no_rows_are_no_statement(store: Store) -> None:
    with store.write() as connection:
        insert_many(connection, schema.client_change, ALL, [])
        upsert_many(connection, schema.client_change, KEYS, ("change",), [])
        update_many(connection, schema.client_change, ("change",), KEYS, [])
    assert stored(store) == {}


def add(store: Store, rows: list[tuple[str | int, ...]]) -> None:
    with store.write() as connection:
        insert_many(connection, schema.client_change, ALL, [("boreal", "tracker", "before", 1)])
        insert_many(connection, schema.client_change, ALL, rows)


def test_a_row_that_is_there_already_undoes_all(store: Store) -> None:
    rows: list[tuple[str | int, ...]] = [("boreal", "tracker", name, 1) for name in ("a", "b", "a")]
    with pytest.raises((IntegrityError, psycopg.IntegrityError)):
        add(store, rows)
    assert stored(store) == {}
