"""Full batches are recorded by another thread while the source is read on: nothing else is different."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from connectors.source import Cursor, Page, Window
from syncd.engine import pull_recorder
from syncd.store import leases, schema
from syncd.store.database import Store
from syncd.store.leases import LeaseLostError
from syncd.store.work import Changes
from tests.support.sources import ToolSource
from tests.syncd.engine.test_pull import Unkeepable, live, pull, state, tool_with

ENTRIES = range(1, 21)


@pytest.fixture(autouse=True)
def recorded_by(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Two entries fill a batch. Gives the names of the threads that record; none of them may be left over."""
    monkeypatch.setattr(pull_recorder, "RECORDS_AT_ONCE", 2)
    names: list[str] = []
    record = pull_recorder.PullRecorder._record

    def recorded(self: pull_recorder.PullRecorder, pages: list[Page]) -> None:
        names.append(threading.current_thread().name)
        record(self, pages)

    monkeypatch.setattr(pull_recorder.PullRecorder, "_record", recorded)
    yield names
    assert not [each for each in threading.enumerate() if each.name.startswith("record")]


def test_every_batch_is_stored_behind_the_reading(store: Store, recorded_by: list[str]) -> None:
    source = ToolSource(tool_with(*ENTRIES))
    assert pull(store, source).changes == Changes(new=len(ENTRIES))
    assert sorted(live(store), key=int) == [str(number) for number in ENTRIES]
    assert len(recorded_by) == len(ENTRIES) / 2
    assert all(name.startswith("record") for name in recorded_by)
    source.tool.delete(3)
    report = pull(store, source)
    assert (report.changes, report.vanished) == (Changes(unchanged=len(ENTRIES) - 1), 1)


def test_a_batch_that_cannot_be_stored_ends_the_pull(store: Store, recorded_by: list[str]) -> None:
    with pytest.raises(TypeError, match="JSON"):
        pull(store, Unkeepable(tool_with(*ENTRIES)))
    assert len(recorded_by) == 1
    assert live(store) == {}
    assert pull(store, ToolSource(tool_with(*ENTRIES))).changes.new == len(ENTRIES)


def test_what_was_read_before_the_source_failed_stays(store: Store) -> None:
    source = ToolSource(tool_with(*ENTRIES), fails_after=4)
    report = pull(store, source)
    assert report.error == "The tracker does not answer."
    assert report.changes == Changes(new=8)
    assert sorted(live(store), key=int) == [str(number) for number in range(1, 9)]
    assert state(store).down_since == store.clock.now()
    source.fails_after = None
    assert pull(store, source).changes == Changes(new=12, unchanged=8)


class Taken(ToolSource):
    """Somebody else takes the lease while this is read."""

    store: Store

    def pull(self, cursor: Cursor, window: Window) -> Iterator[Page]:
        for number, page in enumerate(super().pull(cursor, window)):
            if number == 5:
                with self.store.write() as connection:
                    row = connection.execute(select(schema.lease.c.expires_at)).scalar_one()
                    leases.acquire(connection, "boreal", "pull:tracker", "somebody else", 60, row)
            yield page


def test_a_lease_that_was_lost_records_nothing_more(store: Store) -> None:
    source = Taken(tool_with(*ENTRIES))
    source.store = store
    with pytest.raises(LeaseLostError):
        pull(store, source)
    stored = len(live(store))
    assert stored in (8, 10)  # The fifth batch is recorded while the lease is taken: before or after that.
    with store.read() as connection:
        assert connection.execute(select(func.count()).select_from(schema.standing)).scalar_one() == stored
