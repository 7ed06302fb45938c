"""Several processes on one database: one of them pushes, and one that was paused too long records nothing."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from syncd.engine.push import push
from syncd.engine.push_report import PushReport
from syncd.engine.quickbooks import QuickBooks, open_quickbooks
from syncd.store.database import Store, open_store
from syncd.store.leases import LeaseHeldError, LeaseLostError
from tests.support.books import Desk


@pytest.fixture
def other_store(store_url: str, desk: Desk) -> Iterator[Store]:
    """The same database, through another process's connections."""
    store = open_store(store_url, desk.clock)
    yield store
    store.close()


@pytest.fixture
def other(desk: Desk, other_store: Store) -> Iterator[QuickBooks]:
    opened = open_quickbooks(other_store, desk.config, desk.clock, "other")
    yield opened
    opened.close()


def test_two_at_once_send_each_document_once(desk: Desk, other: QuickBooks, other_store: Store) -> None:
    for _ in range(12):
        desk.approve(["10.00"])
    reports: list[PushReport | LeaseHeldError] = []
    start = threading.Barrier(2)

    def run(store: Store, opened: QuickBooks, holder: str) -> None:
        start.wait()
        try:
            reports.append(push(store, desk.config, opened, clock=desk.clock, holder=holder, wait_seconds=5))
        except LeaseHeldError as error:
            reports.append(error)

    threads = [
        threading.Thread(target=run, args=(desk.store, desk.opened, "first")),
        threading.Thread(target=run, args=(other_store, other, "second")),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(reports) == 2
    assert sum(len(report.sent) for report in reports if isinstance(report, PushReport)) == 12
    assert len(desk.invoices()) == len(desk.creates()) == 12


def test_a_process_that_was_paused_while_sending_records_nothing(
    desk: Desk, other: QuickBooks, other_store: Store
) -> None:
    document_id = desk.approve()
    reports: list[PushReport] = []

    def pause(_request: object) -> None:
        """Stopped after its last check, until another process has taken over and finished."""
        if not reports:
            desk.clock.advance(400)
            reports.append(push(other_store, desk.config, other, clock=desk.clock, holder="other"))

    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [*hooks["request"], pause]}

    with pytest.raises(LeaseLostError):
        desk.push(holder="paused")

    assert [outcome.result for outcome in reports[0].outcomes] == ["sent"]
    assert len(desk.invoices()) == 1
    assert desk.document(document_id)["quickbooks_id"] == desk.invoices()[0]["Id"]
    assert len(desk.creates()) == 2  # the late one came in, and was known by its request id


def test_a_late_send_is_caught_by_its_number_where_request_ids_are_ignored(
    desk: Desk, other: QuickBooks, other_store: Store
) -> None:
    desk.approve()
    desk.emulator.fault("ignore-requestid", times=None)
    reports: list[PushReport] = []

    def pause(_request: object) -> None:
        if not reports:
            desk.clock.advance(400)
            reports.append(push(other_store, desk.config, other, clock=desk.clock, holder="other"))

    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [*hooks["request"], pause]}

    with pytest.raises(LeaseLostError):
        desk.push(holder="paused")

    assert len(desk.invoices()) == 1
    assert desk.states() == ["done"]


def test_a_process_paused_before_its_request_lets_nothing_leave(
    desk: Desk, other: QuickBooks, other_store: Store
) -> None:
    desk.approve()
    reports: list[PushReport] = []

    def pause(_request: object) -> None:
        if not reports:
            desk.clock.advance(400)
            reports.append(push(other_store, desk.config, other, clock=desk.clock, holder="other"))

    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [pause, *hooks["request"]]}

    with pytest.raises(LeaseLostError):
        desk.push(holder="paused")

    assert len(desk.creates()) == 1
    assert len(desk.invoices()) == 1


def test_stopping_begins_nothing_new_and_leaves_nothing_in_doubt(desk: Desk) -> None:
    for _ in range(8):
        desk.approve(["10.00"])
    stopping = threading.Event()
    desk.clock.stopping = stopping  # type: ignore[attr-defined]
    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "request": [*hooks["request"], lambda _: stopping.set()]}

    report = desk.push()

    assert len(report.sent) == len(desk.invoices()) <= 4
    assert len(report.waiting) == 8 - len(report.sent)
    assert set(desk.states()) == {"done", "ready"}
