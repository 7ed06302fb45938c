"""Entries become revisions, and each second pulled stands somewhere from the same moment on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from connectors.source import Record, Span
from mappings.work import Task, WorkItem
from mappings.world import Entry
from syncd.store import schema, work
from syncd.store.database import Store
from syncd.store.work import Changes
from tests.support.clock import FakeClock
from tests.support.sources import entry

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def pull(store: Store, *items: WorkItem | Task, deleted: Sequence[str] = (), since: date | None = None) -> Changes:
    records = [Record(item.id, f"<{item.id}>", item) for item in items]
    records += [Record(key, "<gone>", deleted=True) for key in deleted]
    with store.write() as connection:
        return work.upsert_records(connection, "boreal", "tracker", records, NOW, since)


def standing(store: Store) -> list[tuple[object, ...]]:
    table = schema.standing.c
    query = select(table.entry, table.seconds, table.client, table.worked_on, table.state, table.code)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(query.order_by(table.entry, table.position))]


def loaded(store: Store) -> list[Entry]:
    with store.read() as connection:
        return list(work.load_entries(connection, "boreal"))


def revisions(store: Store) -> list[tuple[object, ...]]:
    table = schema.work_revision.c
    query = select(table.entry, table.revision, table.raw, table.deleted).order_by(table.entry, table.revision)
    with store.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def rows(store: Store) -> dict[str, int]:
    with store.read() as connection:
        return {
            name: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for name, table in schema.metadata.tables.items()
        }


def test_new_entries_are_kept_whole(store: Store) -> None:
    whole = WorkItem(
        "tracker",
        "7",
        date(2026, 10, 31),
        5_400,
        person="Zoé",
        client="Hydro-Québec",
        project="Barrage",
        task="12",
        service="Consultation",
        started_at=datetime(2026, 10, 31, 13, 30, tzinfo=UTC),
        ended_at=datetime(2026, 10, 31, 15, tzinfo=UTC),
        billable=False,
        sign_off="approved",
        signed_off_on=date(2026, 11, 1),
        purchase_order="PO-1",
        source_rate=Decimal("70.50"),
        source_currency="CAD",
        notes="Réunion ☕ \0 =1+1",
    )
    assert pull(store, whole, entry(8)) == Changes(new=2)
    assert loaded(store) == [Entry(whole, 1), Entry(entry(8), 1)]
    assert revisions(store) == [("7", 1, "<7>", False), ("8", 1, "<8>", False)]


def test_every_new_second_waits_for_a_draft(store: Store) -> None:
    pull(store, entry(1, 3_600), entry(2, -600, day=5, client="Acme"), entry(3, 0))
    assert standing(store) == [
        ("1", 3_600, "Hydro", date(2026, 10, 2), "waiting", "pulled"),
        ("2", -600, "Acme", date(2026, 10, 5), "waiting", "pulled"),
    ]


def test_the_same_again_writes_nothing(store: Store) -> None:
    task = Task("tracker", "12", "Fix the dam")
    pull(store, entry(1), entry(2), task)
    before = rows(store)
    with store.write() as connection:
        records = [Record(item.id, "received again", item) for item in (entry(1), entry(2), task)]
        changes = work.upsert_records(connection, "boreal", "tracker", records, NOW)
    assert changes == Changes(unchanged=2)
    assert rows(store) == before
    assert [raw for _, _, raw, _ in revisions(store)] == ["<1>", "<2>"]


def test_a_changed_entry_gets_a_revision_and_its_difference_stands(store: Store) -> None:
    pull(store, entry(1, 14_400))
    assert pull(store, entry(1, 12_960)) == Changes(changed=1)
    assert loaded(store) == [Entry(entry(1, 12_960), 2)]
    assert [row[:2] for row in standing(store)] == [("1", 14_400), ("1", -1_440)]


def test_a_change_of_client_alone_moves_no_seconds(store: Store) -> None:
    pull(store, entry(1))
    assert pull(store, entry(1, client="Acme")) == Changes(changed=1)
    assert loaded(store) == [Entry(entry(1, client="Acme"), 2)]
    assert [row[:3] for row in standing(store)] == [("1", 3_600, "Hydro")]


def test_what_a_draft_recorded_is_added_to_and_not_replaced(store: Store) -> None:
    pull(store, entry(1))
    with store.write() as connection:
        connection.execute(schema.standing.update().values(code="drafted", position=4))
    pull(store, entry(1, 3_000))
    assert [(row[1], row[5]) for row in standing(store)] == [(3_600, "drafted"), (-600, "pulled")]


def test_a_deleted_entry_keeps_its_last_state_and_takes_its_seconds_back(store: Store) -> None:
    pull(store, entry(1), entry(2))
    assert pull(store, deleted=["1"]) == Changes(deleted=1)
    assert loaded(store) == [Entry(entry(1), 2, deleted=True), Entry(entry(2), 1)]
    assert revisions(store)[1] == ("1", 2, "<gone>", True)
    assert [row[:3] for row in standing(store)][:2] == [("1", 3_600, "Hydro"), ("1", -3_600, "Hydro")]


def test_a_deletion_told_twice_or_of_something_unknown_is_nothing(store: Store) -> None:
    pull(store, entry(1))
    pull(store, deleted=["1"])
    before = rows(store)
    assert pull(store, deleted=["1", "99"]) == Changes(unchanged=2)
    assert rows(store) == before


def test_an_entry_that_comes_back_is_a_new_revision(store: Store) -> None:
    pull(store, entry(1))
    pull(store, deleted=["1"])
    assert pull(store, entry(1)) == Changes(changed=1)
    assert loaded(store) == [Entry(entry(1), 3)]
    assert [row[1] for row in standing(store)] == [3_600, -3_600, 3_600]


def test_vanished_entries_are_deletions_without_a_record(store: Store) -> None:
    pull(store, entry(1), entry(2))
    with store.write() as connection:
        work.mark_vanished(connection, "boreal", "tracker", ["2"], NOW)
    assert revisions(store)[-1] == ("2", 2, "", True)
    assert loaded(store)[1] == Entry(entry(2), 2, deleted=True)


def test_the_last_of_two_records_with_one_key_counts(store: Store) -> None:
    assert pull(store, entry(1, 60), entry(1, 120)) == Changes(new=1)
    assert loaded(store) == [Entry(entry(1, 120), 1)]


def test_work_before_go_live_is_not_looked_at(store: Store) -> None:
    go_live = date(2026, 10, 5)
    assert pull(store, entry(1, day=4), entry(2, day=5), since=go_live) == Changes(new=1, before_start=1)
    assert loaded(store) == [Entry(entry(2, day=5), 1)]


def test_work_moved_to_before_go_live_is_followed(store: Store) -> None:
    go_live = date(2026, 10, 5)
    pull(store, entry(1, day=5), since=go_live)
    assert pull(store, entry(1, day=4), since=go_live) == Changes(changed=1)
    assert loaded(store) == [Entry(entry(1, day=4), 2)]


def test_tasks_are_kept_by_their_latest_state(store: Store) -> None:
    first, done = Task("tracker", "12", "Fix the dam"), Task("tracker", "12", "Fix the dam", done=True)
    assert pull(store, first, Task("tracker", "13")) == Changes(tasks=2)
    assert pull(store, done, Task("tracker", "13")) == Changes(tasks=1)
    with store.read() as connection:
        keys = [("tracker", "12"), ("tracker", "13"), ("tracker", "14")]
        assert work.load_tasks(connection, "boreal", keys) == {done.key: done, keys[1]: Task("tracker", "13")}


def test_a_task_and_an_entry_may_have_the_same_number(store: Store) -> None:
    pull(store, Task("tracker", "1"), entry(1))
    pull(store, deleted=["1"])
    with store.read() as connection:
        assert list(work.load_tasks(connection, "boreal", [("tracker", "1")])) == [("tracker", "1")]
    assert [found.deleted for found in loaded(store)] == [True]


def test_companies_and_sources_do_not_meet(store: Store) -> None:
    pull(store, entry(1))
    with store.write() as connection:
        other = replace(entry(1, 60), source="other")
        work.upsert_records(connection, "boreal", "other", [Record("1", "", other)], NOW)
        work.upsert_records(connection, "acme", "tracker", [Record("1", "", entry(1, 120))], NOW)
        work.mark_vanished(connection, "boreal", "other", ["1"], NOW)
    assert [(found.work.source, found.work.seconds, found.deleted) for found in loaded(store)] == [
        ("other", 60, True),
        ("tracker", 3_600, False),
    ]


def test_live_entries_are_those_of_the_span(store: Store) -> None:
    pull(store, *(entry(day, day=day) for day in range(1, 9)))
    pull(store, deleted=["5"])
    with store.read() as connection:
        span = Span(date(2026, 10, 3), date(2026, 10, 6))
        assert sorted(work.live_entries(connection, "boreal", "tracker", span)) == ["3", "4", "6"]


def test_more_records_than_a_query_has_room_for(store: Store) -> None:
    many = [entry(number) for number in range(2_500)]
    assert pull(store, *many) == Changes(new=2_500)
    edited = [replace(item, seconds=60) if number % 2 else item for number, item in enumerate(many)]
    assert pull(store, *edited) == Changes(changed=1_250, unchanged=1_250)
    assert pull(store, deleted=[item.id for item in many]) == Changes(deleted=2_500)
    with store.read() as connection:
        total = connection.execute(select(func.sum(schema.standing.c.seconds))).scalar_one()
    assert total == 0


@pytest.mark.parametrize("seed", range(5))
def test_what_stands_is_always_what_is_live(store: Store, clock: FakeClock, seed: int) -> None:
    import random

    dice = random.Random(seed)
    live: dict[str, int] = {}
    for _ in range(15):
        edits = [entry(dice.randrange(8), dice.randrange(-600, 7_200)) for _ in range(dice.randrange(4))]
        gone = {str(dice.randrange(8)) for _ in range(dice.randrange(3))} - {item.id for item in edits}
        pull(store, *edits, deleted=sorted(gone))
        live |= {item.id: item.seconds for item in edits}
        live = {key: seconds for key, seconds in live.items() if key not in gone}
    sums: dict[str, int] = {}
    for row in standing(store):
        sums[str(row[0])] = sums.get(str(row[0]), 0) + int(str(row[1]))
    assert {key: total for key, total in sums.items() if total} == {k: v for k, v in live.items() if v}
    assert {found.work.id: found.work.seconds for found in loaded(store) if not found.deleted} == live


def test_a_time_entry_is_kept_as_before_there_were_priced_items(store: Store) -> None:
    pull(store, WorkItem("tracker", "7", date(2026, 10, 31), 60, notes="x"))

    with store.read() as connection:
        item, content_hash = connection.execute(
            select(schema.work_revision.c.item, schema.work.c.content_hash).join_from(
                schema.work_revision, schema.work, schema.work.c.entry == schema.work_revision.c.entry
            )
        ).one()
    assert item == (
        '{"source":"tracker","id":"7","worked_on":"2026-10-31","seconds":60,"person":"","client":"","project":"",'
        '"task":"","service":"","started_at":null,"ended_at":null,"billable":true,"sign_off":"unknown",'
        '"signed_off_on":null,"purchase_order":"","source_rate":null,"source_currency":"","notes":"x"}'
    )
    assert content_hash == "a55e6e84b99b69c614f4f6a0b95381b6"


def test_a_priced_item_is_kept_whole(store: Store) -> None:
    whole = WorkItem(
        "tracker",
        "8",
        date(2026, 10, 31),
        0,
        kind="expense",
        quantity=Decimal("2.5"),
        amount=Decimal("19.99"),
        rebate_percent=Decimal(10),
        tax_code="Exempt",
    )
    pull(store, whole)

    assert loaded(store) == [Entry(whole, 1)]


def test_the_quantity_of_a_priced_item_stands_as_seconds_do(store: Store) -> None:
    item = WorkItem("tracker", "8", date(2026, 10, 31), 0, kind="product", quantity=Decimal(3), amount=Decimal(40))

    pull(store, item)
    pull(store, replace(item, quantity=Decimal("1.5")))
    assert quantities(store) == ([150_000], [300_000, -150_000])
    pull(store, replace(item, quantity=Decimal("1.5"), amount=Decimal(45)))
    assert quantities(store) == ([150_000], [300_000, -150_000])
    pull(store, deleted=["8"])
    assert quantities(store) == ([150_000], [300_000, -150_000, -150_000])
    pull(store, item)
    assert quantities(store) == ([300_000], [300_000, -150_000, -150_000, 300_000])


def quantities(store: Store) -> tuple[list[int], list[int]]:
    """What the work and the standing rows hold of the priced items."""
    work, standing = schema.work.c, schema.standing.c
    with store.read() as connection:
        pulled = connection.execute(select(work.scaled_quantity)).scalars().all()
        stands = connection.execute(select(standing.scaled_quantity).order_by(standing.position)).scalars().all()
    return list(pulled), list(stands)
