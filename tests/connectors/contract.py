"""What every source of work must do, whatever tool it reads: one class that each source's tests inherit.

A `World` is the tool as people use it. The tests change the world, pull, and look at what came; they know nothing of
the tool's own API. `HttpSourceContract` adds what a server can do wrong, for tools with a stand-in that can do it.
"""

from __future__ import annotations

import json
import logging
from datetime import date
from decimal import Decimal
from typing import Protocol

import pytest
import structlog

from connectors.source import Page, Record, Source, SourceError, Span, Window
from connectors.stand_ins import Fault
from mappings.work import Task, WorkItem

OCTOBER = Span(date(2026, 10, 1), date(2026, 10, 31))
WINDOW = Window(OCTOBER)


class World(Protocol):
    """The tool with its time entries; keys are those of the records that a pull yields."""

    @property
    def slept(self) -> list[float]:
        """The pauses that the source asked its clock for."""
        ...

    def source(self) -> Source: ...

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str: ...

    def change_hours(self, key: str, hours: Decimal) -> None: ...

    def move(self, key: str, day: date) -> None: ...

    def delete(self, key: str) -> None: ...


class BreakableWorld(World, Protocol):
    """A world in which one record can be spoilt."""

    def spoil(self, key: str) -> None: ...


class FaultyWorld(BreakableWorld, Protocol):
    """A world behind a server that can be told to fail."""

    @property
    def secret(self) -> str: ...

    @property
    def requests(self) -> int: ...

    def fail_next(self, *faults: Fault) -> None:
        """The next requests fail so, one each; after them the server is well again."""
        ...


def pulled(world: World, window: Window = WINDOW) -> list[Page]:
    return list(world.source().pull({}, window))


def records(pages: list[Page]) -> list[Record]:
    return [record for page in pages for record in page.records]


def work(pages: list[Page]) -> dict[str, WorkItem]:
    """The time entries by key; a key that comes twice fails the test."""
    items = [record.item for record in records(pages) if isinstance(record.item, WorkItem)]
    assert len({item.id for item in items}) == len(items)
    return {item.id: item for item in items}


def complete(pages: list[Page], day: date) -> bool:
    """Whether the pull says that it saw everything of that day."""
    return any(page.complete is not None and day in page.complete for page in pages)


class SourceContract:
    """Inherit it, and give a fixture `world`."""

    def test_a_healthy_source_says_so(self, world: World) -> None:
        world.add(date(2026, 10, 5), Decimal(1))

        health = world.source().check()

        assert health.says
        assert [problem for problem in health.problems if not problem.warning] == []

    def test_each_entry_comes_once_to_the_last_of_251(self, world: World) -> None:
        keys = {world.add(date(2026, 10, 1 + number % 31), Decimal(1), notes=f"n{number}") for number in range(251)}

        pages = pulled(world)

        assert work(pages).keys() == keys
        assert {item.notes for item in work(pages).values()} == {f"n{number}" for number in range(251)}
        assert complete(pages, date(2026, 10, 31))

    def test_an_entry_arrives_with_its_day_seconds_and_source(self, world: World) -> None:
        key = world.add(date(2026, 10, 31), Decimal("7.75"), notes="Réunion, planification; fin")

        item = work(pulled(world))[key]

        assert (item.worked_on, item.seconds, item.notes) == (date(2026, 10, 31), 27_900, "Réunion, planification; fin")
        assert item.source == world.source().name

    def test_a_record_keeps_what_the_tool_said(self, world: World) -> None:
        world.add(date(2026, 10, 5), Decimal(1), notes="seen by explain")

        raws = [record.raw for record in records(pulled(world)) if isinstance(record.item, WorkItem)]

        assert [isinstance(json.loads(raw), dict) and "seen by explain" in raw for raw in raws] == [True]

    def test_pulling_twice_yields_the_same(self, world: World) -> None:
        for day in (1, 2, 2, 30):
            world.add(date(2026, 10, day), Decimal(2))

        assert records(pulled(world)) == records(pulled(world))

    def test_the_cursor_of_a_pull_is_json_and_leads_on(self, world: World) -> None:
        world.add(date(2026, 10, 5), Decimal(1))
        cursor = json.loads(json.dumps(dict(pulled(world)[-1].cursor)))
        later = world.add(date(2026, 10, 6), Decimal(2))

        pages = list(world.source().pull(cursor, WINDOW))

        assert later in work(pages)

    def test_tasks_come_before_the_work_on_them(self, world: World) -> None:
        world.add(date(2026, 10, 5), Decimal(1))

        are_tasks = [isinstance(record.item, Task) for record in records(pulled(world))]

        assert are_tasks == sorted(are_tasks, reverse=True)

    def test_an_edited_entry_keeps_its_key(self, world: World) -> None:
        key = world.add(date(2026, 10, 5), Decimal(1))
        before = work(pulled(world))[key].seconds
        world.change_hours(key, Decimal("1.5"))

        assert (before, work(pulled(world))[key].seconds) == (3600, 5400)

    def test_an_entry_moved_to_another_day_keeps_its_key(self, world: World) -> None:
        key = world.add(date(2026, 10, 5), Decimal(1))
        world.add(date(2026, 10, 20), Decimal(1))
        world.move(key, date(2026, 10, 19))

        assert work(pulled(world))[key].worked_on == date(2026, 10, 19)

    def test_a_deleted_entry_is_missing_from_a_complete_span(self, world: World) -> None:
        world.add(date(2026, 10, 4), Decimal(1))
        key = world.add(date(2026, 10, 5), Decimal(1))
        world.add(date(2026, 10, 6), Decimal(1))
        world.delete(key)

        pages = pulled(world)

        assert len(work(pages)) == 2
        assert key not in work(pages)
        assert complete(pages, date(2026, 10, 5))

    def test_completeness_is_only_said_once_everything_was_seen(self, world: World) -> None:
        for number in range(130):
            world.add(date(2026, 10, 1 + number % 31), Decimal(1))

        pages = pulled(world)
        first_complete = next(number for number, page in enumerate(pages) if page.complete)

        assert len(work(pages[: first_complete + 1])) == 130


class BadRecordContract:
    """For worlds in which one record can be spoilt."""

    def test_a_bad_record_is_a_problem_and_the_others_go_on(self, world: BreakableWorld) -> None:
        good, bad = world.add(date(2026, 10, 5), Decimal(1)), world.add(date(2026, 10, 6), Decimal(2))
        last = world.add(date(2026, 10, 7), Decimal(3))
        world.spoil(bad)

        pages = pulled(world)

        assert work(pages).keys() == {good, last}
        problems = {record.key: record.problem for record in records(pages) if record.problem}
        assert list(problems) == [bad]
        assert all(problem.what and problem.fix for problem in problems.values())


class HttpSourceContract(SourceContract, BadRecordContract):
    """For tools behind HTTP: what a server may do, and what then must not be concluded."""

    @pytest.fixture(autouse=True)
    def _entries(self, request: pytest.FixtureRequest) -> None:
        """The tests of faults have one entry to find."""
        if "fault" in request.function.__name__:
            request.getfixturevalue("world").add(date(2026, 10, 5), Decimal(1))

    @pytest.mark.parametrize(
        ("fault", "waits"),
        [
            (Fault(429, {"Retry-After": "7"}, b"{}"), [7.0]),
            (Fault(429, {"Retry-After": "Mon, 02 Nov 2026 09:00:30 GMT"}), [30.0]),
            (Fault(429), [10.0]),
            (Fault(429, {"Content-Type": "text/html"}, b"<html>slow down</html>"), [10.0]),
            (Fault(503, {"Retry-After": "3"}), [3.0]),
            (Fault(500, {"Content-Type": "text/html"}, b"<html>oops</html>"), [1.0]),
            (Fault(502), [1.0]),
            (Fault(cut_after_bytes=10), [1.0]),
            (Fault(cut_after_bytes=10, says_length=False), [1.0]),
            (Fault(cut_after_bytes=0), [1.0]),
        ],
        ids=[
            "429-seconds",
            "429-date",
            "429-empty",
            "429-html",
            "503",
            "500-html",
            "502",
            "half",
            "half-unsaid",
            "gone",
        ],
    )
    def test_a_passing_fault_is_waited_out(self, world: FaultyWorld, fault: Fault, waits: list[float]) -> None:
        world.fail_next(fault)

        pages = pulled(world)

        assert len(work(pages)) == 1
        assert complete(pages, date(2026, 10, 5))
        assert world.slept == waits

    @pytest.mark.parametrize("fault", [Fault(500), Fault(429), Fault(cut_after_bytes=10), Fault(cut_after_bytes=0)])
    def test_a_lasting_fault_ends_the_pull_and_concludes_nothing(self, world: FaultyWorld, fault: Fault) -> None:
        world.fail_next(*[fault] * 50)
        before = world.requests

        with pytest.raises(SourceError) as caught:
            pulled(world)

        assert world.requests - before == 5
        assert sum(world.slept) <= 180
        assert world.secret not in f"{caught.value} {caught.value.fix}"

    @pytest.mark.parametrize("status", [401, 403, 404])
    def test_a_definite_no_faults_at_once_with_its_fix(self, world: FaultyWorld, status: int) -> None:
        world.fail_next(*[Fault(status, {"Content-Type": "text/html"}, b"<html>no</html>")] * 50)

        health = world.source().check()

        assert [bool(problem.fix) for problem in health.problems] == [True]
        assert world.slept == []

    def test_a_fault_after_the_first_page_leaves_nothing_complete(self, world: FaultyWorld) -> None:
        for _ in range(150):
            world.add(date(2026, 10, 6), Decimal(1))
        world.fail_next(Fault(cut_after_bytes=-1), *[Fault(500)] * 50)
        seen: list[Page] = []

        with pytest.raises(SourceError):
            seen.extend(world.source().pull({}, WINDOW))

        assert [page for page in seen if page.complete] == []

    def test_secrets_stay_out_of_logs(
        self, world: FaultyWorld, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
    ) -> None:
        with caplog.at_level(logging.DEBUG), structlog.testing.capture_logs() as events:
            world.fail_next(Fault(500), Fault(429))
            pulled(world)
            world.fail_next(Fault(401))
            world.source().check()
        said = f"{events} {caplog.text} {capfd.readouterr()}"

        assert [event["event"] for event in events] == ["read-retried", "read-retried"]
        assert world.secret not in said

    def test_entries_of_other_months_stay_out_of_the_window(self, world: World) -> None:
        world.add(date(2026, 9, 30), Decimal(1))
        kept = [world.add(date(2026, 10, 1), Decimal(1)), world.add(date(2026, 10, 31), Decimal(1))]
        world.add(date(2026, 11, 1), Decimal(1))

        assert sorted(work(pulled(world))) == sorted(kept)
