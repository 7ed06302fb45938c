"""What a store promises to the steps, on both databases, and how it says what is wrong."""

from __future__ import annotations

import sqlite3
import stat
import threading
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError

from syncd.store import errors, schema
from syncd.store.database import Store, connect, open_store
from tests.support.clock import FakeClock
from tests.support.postgres import PostgresServer


def watermark(name: str) -> dict[str, str]:
    return {"company": "boreal", "name": name, "value": "1"}


def count(store: Store) -> int:
    with store.read() as connection:
        return connection.execute(select(func.count()).select_from(schema.watermark)).scalar_one()


def test_a_write_is_kept(store: Store) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    assert count(store) == 1


def test_an_exception_undoes_the_whole_write(store: Store) -> None:
    def stop_halfway() -> None:
        with store.write() as connection:
            connection.execute(insert(schema.watermark).values(**watermark("a")))
            raise RuntimeError("halfway")

    with pytest.raises(RuntimeError, match="halfway"):
        stop_halfway()
    assert count(store) == 0


def test_a_read_sees_one_snapshot_while_others_write(store: Store) -> None:
    counting = select(func.count()).select_from(schema.watermark)
    with store.read() as reader:
        assert reader.execute(counting).scalar_one() == 0
        with store.write() as writer:
            writer.execute(insert(schema.watermark).values(**watermark("a")))
        assert reader.execute(counting).scalar_one() == 0
    assert count(store) == 1


def test_a_reader_cannot_write(store: Store) -> None:
    with pytest.raises((DBAPIError, errors.StoreReadOnlyError)), store.read() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    assert count(store) == 0
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("b")))
    assert count(store) == 1


def test_writers_take_turns_so_that_looking_before_writing_is_safe(store: Store) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("sum") | {"value": "0"}))

    def add_ten() -> None:
        for _ in range(10):
            with store.write() as connection:
                seen = connection.execute(select(schema.watermark.c.value)).scalar_one()
                connection.execute(schema.watermark.update().values(value=str(int(seen) + 1)))

    threads = [threading.Thread(target=add_ten) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as connection:
        assert connection.execute(select(schema.watermark.c.value)).scalar_one() == "40"


def test_a_remote_call_inside_a_write_is_a_bug(store: Store) -> None:
    store.assert_no_write_open()
    with store.read():
        store.assert_no_write_open()
    with store.write(), pytest.raises(AssertionError, match="remote call"):
        store.assert_no_write_open()
    store.assert_no_write_open()


def test_another_thread_may_call_out_while_this_one_writes(store: Store) -> None:
    failures: list[BaseException] = []

    def call() -> None:
        try:
            store.assert_no_write_open()
        except AssertionError as error:
            failures.append(error)

    with store.write():
        thread = threading.Thread(target=call)
        thread.start()
        thread.join()
    assert failures == []


def test_a_write_inside_a_write_is_a_bug(store: Store) -> None:
    with store.write(), pytest.raises(AssertionError, match="inside another"), store.write():
        pass
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    assert count(store) == 1


def test_foreign_keys_are_enforced(store: Store) -> None:
    row = {"company": "boreal", "document_id": "none", "fee": "x", "due": "2026-10", "amount_minor": 1, "detail": "{}"}
    with pytest.raises(IntegrityError), store.write() as connection:
        connection.execute(insert(schema.fee_ledger).values(**row))


def test_an_error_shows_no_values(store: Store) -> None:
    row = watermark("a") | {"value": "secret-token"}
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**row))
    with pytest.raises(IntegrityError) as caught, store.write() as connection:
        connection.execute(insert(schema.watermark).values(**row))
    assert "secret-token" not in str(caught.value)


def test_an_instant_keeps_its_moment(store: Store, clock: FakeClock) -> None:
    with store.write() as connection:
        connection.execute(
            insert(schema.lease).values(company="b", name="push", holder="x", token=1, expires_at=clock.now())
        )
    with store.read() as connection:
        assert connection.execute(select(schema.lease.c.expires_at)).scalar_one() == clock.now()
        stored = connection.execute(text("SELECT expires_at FROM lease")).scalar_one()
    assert stored == "2026-11-02T09:00:00.000000Z"


def test_sqlite_is_set_for_safety(sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 30_000}


def test_only_what_need_not_last_is_written_without_waiting_for_the_disk(sqlite_store: Store) -> None:
    def waits(*, durable: bool) -> bool:
        with sqlite_store.write(durable=durable) as connection:
            # 2 is FULL: each commit is on the disk before it returns. 1 is NORMAL.
            return bool(connection.execute(text("PRAGMA synchronous")).scalar_one() == 2)

    assert [waits(durable=each) for each in (True, False, True, False)] == [True, False, True, False]
    count(sqlite_store)
    assert waits(durable=True)


def test_a_reader_of_much_sees_the_same_and_cannot_write(store: Store) -> None:
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    with store.read(much=True) as connection:
        assert connection.execute(select(schema.watermark.c.name)).scalars().all() == ["a"]
        with pytest.raises(errors.StoreReadOnlyError):
            connection.execute(insert(schema.watermark).values(**watermark("b")))


def test_only_the_owner_can_read_the_files(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "syncd.db"
    path.touch(mode=0o644)
    store = open_store(f"sqlite:///{path}", clock)
    with store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    store.backup(tmp_path / "copy.db")
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in tmp_path.iterdir()}
    store.close()
    assert modes == dict.fromkeys(("syncd.db", "syncd.db-wal", "syncd.db-shm", "copy.db"), 0o600)


def test_a_backup_is_whole_while_somebody_writes(sqlite_store: Store, tmp_path: Path, clock: FakeClock) -> None:
    with sqlite_store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("kept")))
    with sqlite_store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("not yet")))
        sqlite_store.backup(tmp_path / "copy.db")
    assert [file.name for file in tmp_path.glob("copy*")] == ["copy.db"]
    copy = open_store(f"sqlite:///{tmp_path / 'copy.db'}", clock)
    with copy.read() as connection:
        assert connection.execute(select(schema.watermark.c.name)).scalars().all() == ["kept"]
    copy.close()


def test_a_postgresql_backup_names_the_tool_for_it(postgres_url: str, tmp_path: Path, clock: FakeClock) -> None:
    store = open_store(postgres_url, clock)
    with pytest.raises(errors.StoreError, match="pg_dump"):
        store.backup(tmp_path / "copy")
    store.close()


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("mysql://host/syncd", "syncd keeps no data in mysql."),
        ("syncd.db", "The database's address cannot be read."),
        ("sqlite://", "An SQLite database needs a plain file that several processes can open."),
        ("sqlite:///:memory:", "An SQLite database needs a plain file that several processes can open."),
        ("sqlite:///x.db?mode=ro", "An SQLite database needs a plain file that several processes can open."),
    ],
)
def test_an_address_that_is_none_of_ours_is_refused(url: str, what: str) -> None:
    with pytest.raises(errors.StoreAddressError) as caught:
        connect(url)
    assert caught.value.what == what
    assert caught.value.fix == "Write [store] url as sqlite:///path/to/syncd.db or postgresql://user@host/database."


def test_a_missing_folder_is_named(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(errors.StoreUnreachableError) as caught:
        open_store(f"sqlite:///{tmp_path}/nowhere/syncd.db", clock)
    assert caught.value.what == f"The database {tmp_path}/nowhere/syncd.db cannot be opened: No such file or directory."


def test_a_file_that_is_no_database_is_named(tmp_path: Path, clock: FakeClock) -> None:
    path = tmp_path / "syncd.db"
    path.write_text("client,hours\n" * 200)
    with pytest.raises(errors.StoreDamagedError, match="is not an SQLite database"):
        open_store(f"sqlite:///{path}", clock)


def test_a_full_disk_undoes_the_write_and_is_named(sqlite_store: Store) -> None:
    rows = [watermark(f"{number:0500}") for number in range(2_000)]
    with sqlite_store.read() as connection:
        # SQLite says the same for a full disk and for a database that may not grow.
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(errors.StoreFullError, match="no room left"), sqlite_store.write() as connection:
        connection.execute(insert(schema.watermark), rows)
    sqlite_store.close()
    assert count(sqlite_store) == 0
    with sqlite_store.read() as connection:
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_a_locked_database_is_named(sqlite_store: Store) -> None:
    assert sqlite_store.path is not None
    other = sqlite3.connect(sqlite_store.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with sqlite_store.read() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 10")
    with pytest.raises(errors.StoreLockedError, match="locked by another process"), sqlite_store.write():
        pass
    other.close()
    with sqlite_store.write() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))


def test_a_server_that_is_not_there_is_named(tmp_path: Path, clock: FakeClock) -> None:
    with pytest.raises(errors.StoreUnreachableError) as caught:
        open_store(f"postgresql://syncd:hunter2@/books?host={tmp_path}", clock)
    assert "cannot be reached" in caught.value.what
    assert "hunter2" not in str(caught.value)


def test_a_missing_postgresql_database_is_named(postgres_server: PostgresServer, clock: FakeClock) -> None:
    with pytest.raises(
        errors.StoreUnreachableError, match=r"There is no database .*nowhere.*createdb|cannot be reached"
    ):
        open_store(postgres_server.url("nowhere"), clock)


def test_a_writer_that_waits_too_long_on_postgresql_is_told_so(postgres_url: str, clock: FakeClock) -> None:
    store = open_store(postgres_url, clock)
    other = connect(postgres_url)
    with other.connect() as holder:
        holder.exec_driver_sql(f"SELECT pg_advisory_lock({0x73796E6364})")
        with store.engine.connect() as connection:
            connection.exec_driver_sql("SET lock_timeout = '50ms'")
            with pytest.raises(errors.StoreLockedError, match="more than a minute"):
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({0x73796E6364})")
    other.dispose()
    store.close()


def test_a_server_that_takes_no_writes_is_named(postgres_url: str, clock: FakeClock) -> None:
    store = open_store(postgres_url, clock)
    with pytest.raises(errors.StoreReadOnlyError, match="takes no writes"), store.read() as connection:
        connection.execute(insert(schema.watermark).values(**watermark("a")))
    store.close()
