"""The bench runs, on few entries: what it measures is right, however long it takes."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bench import p1_load, p6_edit, p11_rules, raw_load
from bench.__main__ import MODULES, main
from bench.books import write_books
from bench.goals import Row, table
from bench.measure import in_child, peak_rss_mb
from bench.p4_drafts import run
from syncd.clock import SystemClock
from syncd.reports.status import report_status
from syncd.reports.take import take_snapshot
from syncd.reports.values import Selection
from syncd.store.database import open_store
from tests.e2e.company import NAME

ENTRIES = 300


def test_both_ways_of_loading_leave_the_same_rows(store_url: str, tmp_path: Path) -> None:
    loaded = p1_load.pull(store_url, ENTRIES, p1_load.CHANGES)
    assert [(each.new, each.changed) for each in loaded] == [(ENTRIES, 0), (0, 0), (0, 3)]
    assert loaded[0].rows == loaded[1].rows
    assert len(raw_load.sqlite(tmp_path / "raw.db", ENTRIES, p1_load.CHANGES)) == 3
    assert contents(f"sqlite:///{tmp_path}/raw.db") == contents(store_url)


def test_the_yardstick_on_postgresql_leaves_the_same_rows_too(postgres_url: str, sqlite_url: str) -> None:
    raw_load.postgres(postgres_url, ENTRIES, p1_load.CHANGES)
    p1_load.pull(sqlite_url, ENTRIES, p1_load.CHANGES)
    assert contents(postgres_url) == contents(sqlite_url)


def contents(url: str) -> list[tuple[object, ...]]:
    """The latest state of each entry, and how many revisions of it there are."""
    store = open_store(url, SystemClock())
    query = """
        SELECT w.entry, w.revision, w.content_hash, w.seconds, w.client, w.task, count(*), max(r.item), max(r.raw)
        FROM work AS w JOIN work_revision AS r ON r.entry = w.entry GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1
    """
    with store.read() as connection:
        rows = [tuple(row) for row in connection.exec_driver_sql(query)]
    store.close()
    return rows


def test_drafting_is_measured_over_documents_that_can_be_approved(tmp_path: Path) -> None:
    found = run(tmp_path / "drafts", ENTRIES, 2)
    assert found.documents == 20  # two clients, ten months
    assert found.tick_requests == 1


def test_polars_and_the_rules_agree_on_each_total(tmp_path: Path) -> None:
    p11_rules.fill(tmp_path / "rules", 10 * ENTRIES, 6)
    ours, theirs = p11_rules.by_rules(tmp_path / "rules").totals, p11_rules.by_polars(tmp_path / "rules").totals
    assert len(ours) == 60  # six clients, ten months
    p11_rules.assert_alike(ours, theirs)
    client, month = next(iter(ours))
    with pytest.raises(AssertionError, match="1 totals differ"):
        p11_rules.assert_alike(ours | {(client, month): ours[client, month] + 1}, theirs)


def test_an_edit_is_drafted_each_time_that_it_is_measured(tmp_path: Path) -> None:
    found = p6_edit.run(tmp_path / "edits", 3)
    assert 0 < found.raw < found.wall
    store = open_store(f"sqlite:///{tmp_path}/edits/syncd.db", SystemClock())
    with store.read() as connection:
        versions = connection.exec_driver_sql("SELECT count(*) FROM draft_version").scalar_one()
    store.close()
    assert versions == 3 + 3 + p6_edit.EDITS  # one a client, and one an edit, the first three of which warm up


def test_the_made_up_books_hold_all_three_proofs(sqlite_url: str) -> None:
    write_books(sqlite_url, 50)
    store = open_store(sqlite_url, SystemClock())
    with store.read() as connection:
        snapshot = take_snapshot(
            connection,
            NAME,
            currency="CAD",
            environment="emulator",
            now=datetime(2026, 11, 3, tzinfo=UTC),
            today=date(2026, 11, 3),
            selection=Selection(),
        )
    store.close()
    report = report_status(snapshot)
    assert report.proofs_hold
    assert (report.hours.entries, sum(row.documents for row in snapshot.documents)) == (250, 50)


def test_a_child_has_its_own_memory() -> None:
    held = bytearray(64 << 20)
    held[:: 1 << 12] = b"x" * (len(held) >> 12)
    assert in_child(peak_rss_mb) < peak_rss_mb()


def test_every_goal_has_its_module_and_unknown_ones_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert sorted(MODULES) == sorted(f"p{number}" for number in range(1, 12))
    with pytest.raises(SystemExit):
        main(["p12"])
    assert "no such goal: p12" in capsys.readouterr().err


def test_only_a_promised_goal_that_is_too_far_from_its_yardstick_is_off() -> None:
    far = Row("P1", "load", "1 s", "raw 1 s", "9 s", False, ratio=9.0, ratio_most=1.5)
    assert far.off
    assert not Row("P4", "rate", "1 s", "raw 1 s", "9 s", False, required=False, ratio=9.0, ratio_most=1.5).off
    assert not Row("P9", "help", "1 s", "bare", "9 s", False).off
    assert "9.00 (≤ 1.50)  no" in table([far])
