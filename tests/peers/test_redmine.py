"""The Redmine source against a real Redmine: the contract, and the facts about the server that the source rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from connectors.redmine import RedmineSettings, RedmineSource
from connectors.source import Page, Span, Window
from mappings.work import Task
from tests.connectors.contract import WINDOW, SourceContract, complete, pulled, records, work
from tests.peers.redmine import RedmineServer, set_rest_enabled
from tests.support.clock import FakeClock

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

OCTOBER_5 = date(2026, 10, 5)


@dataclass
class PeerWorld:
    """A real server as a world of the contract suite."""

    server: RedmineServer
    project_id: int
    issue_id: int
    key: str = ""
    clock: FakeClock = field(default_factory=FakeClock)

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    def source(self, before_request: Callable[[], None] = lambda: None, **settings: Any) -> RedmineSource:
        return RedmineSource(
            "helpdesk",
            RedmineSettings(**{"url": self.server.url, "token": "env:REDMINE_KEY", **settings}),
            timezone=ZoneInfo("America/Toronto"),
            clock=self.clock,
            secret=lambda: self.key or self.server.key,
            before_request=before_request,
        )

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        return str(self.server.create_entry(day, str(hours), comments=notes, issue_id=self.issue_id))

    def change_hours(self, key: str, hours: Decimal) -> None:
        self.server.change_entry(int(key), hours=str(hours))

    def move(self, key: str, day: date) -> None:
        self.server.change_entry(int(key), spent_on=str(day))

    def delete(self, key: str) -> None:
        self.server.delete_entry(int(key))


@pytest.fixture(scope="module")
def acme(redmine_server: RedmineServer) -> tuple[int, int]:
    """A project and an issue in it."""
    project = redmine_server.create_project("Acme", customer="Acme inc.")
    return project, redmine_server.create_issue(project, "Printer down")


@pytest.fixture
def world(redmine_server: RedmineServer, acme: tuple[int, int]) -> PeerWorld:
    redmine_server.empty()
    return PeerWorld(redmine_server, *acme)


class TestRealRedmine(SourceContract):
    """The contract, against the real server."""


def test_three_times_twenty_minutes_arrive_as_three_times_0_33_hours(world: PeerWorld) -> None:
    for _ in range(3):
        world.server.create_entry(OCTOBER_5, "0:20", issue_id=world.issue_id)

    assert [item.seconds for item in work(pulled(world)).values()] == [1188, 1188, 1188]


def test_101_entries_of_one_day_are_read_to_the_last(world: PeerWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal("0.5")) for _ in range(101)}

    assert work(pulled(world)).keys() == keys


def test_a_row_deleted_between_two_pages_costs_no_other(world: PeerWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal("0.5")) for _ in range(120)]
    requests = []

    def delete_before_second_page() -> None:
        requests.append(1)
        if len(requests) == 2:
            world.delete(keys[3])

    pages: list[Page] = list(world.source(delete_before_second_page).pull({}, WINDOW))

    assert work(pages).keys() == set(keys) - {keys[3]}
    assert complete(pages, OCTOBER_5)


def test_an_entry_moved_to_another_project_keeps_its_key(world: PeerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    other = world.server.create_project("Boreal")
    before = work(pulled(world))[key].client
    world.server.change_entry(int(key), project_id=other, issue_id="")

    assert (before, work(pulled(world))[key].client) == ("Acme", "Boreal")


def test_a_renamed_project_renames_its_work_although_no_entry_was_touched(world: PeerWorld) -> None:
    project = world.server.create_project("Zonda")
    key = str(world.server.create_entry(OCTOBER_5, "1", project_id=project))
    touched = world.server.http.get(f"time_entries/{key}.json").json()["time_entry"]["updated_on"]
    before = work(pulled(world))[key].client
    world.server.change_project(project, name="Zonda Canada")

    assert (before, work(pulled(world))[key].client) == ("Zonda", "Zonda Canada")
    assert world.server.http.get(f"time_entries/{key}.json").json()["time_entry"]["updated_on"] == touched


def test_work_of_a_closed_project_keeps_its_client(world: PeerWorld) -> None:
    project = world.server.create_project("Bora")
    key = str(world.server.create_entry(OCTOBER_5, "1", project_id=project))
    world.server.set_project_status(project, "close")

    assert work(list(world.source(client_from="top-project").pull({}, WINDOW)))[key].client == "Bora"


def test_an_archived_project_deletes_nothing(world: PeerWorld) -> None:
    project = world.server.create_project("Foehn")
    key, other = str(world.server.create_entry(OCTOBER_5, "1", project_id=project)), world.add(OCTOBER_5, Decimal(1))
    first = pulled(world)
    world.server.set_project_status(project, "archive")
    archived = list(world.source().pull(first[-1].cursor, WINDOW))
    world.server.set_project_status(project, "unarchive")
    back = list(world.source().pull(archived[-1].cursor, WINDOW))

    assert (set(work(first)), set(work(archived)), set(work(back))) == ({key, other}, {other}, {key, other})
    assert [complete(pages, OCTOBER_5) for pages in (first, archived, back)] == [True, False, True]
    assert [record.problem.code for record in records(archived) if record.problem] == ["project-hidden"]


def test_a_project_that_was_deleted_took_its_work_along(world: PeerWorld) -> None:
    project = world.server.create_project("Harmattan")
    world.server.create_entry(OCTOBER_5, "1", project_id=project)
    first = pulled(world)
    assert world.server.http.delete(f"projects/{project}.json").status_code == 204
    pages = list(world.source().pull(first[-1].cursor, WINDOW))

    assert (work(pages), complete(pages, OCTOBER_5)) == ({}, True)


def test_an_unknown_sort_key_is_dropped_without_a_word(world: PeerWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(2)]
    world.change_hours(keys[0], Decimal(2))
    answer = world.server.http.get("time_entries.json", params={"sort": "updated_on:desc"}).json()

    assert [str(entry["id"]) for entry in answer["time_entries"]] == keys


def test_the_server_still_ignores_a_filter_on_changes(world: PeerWorld) -> None:
    """Why the window is read again each time: a day when this fails is the day to use the filter."""
    world.add(OCTOBER_5, Decimal(1))
    answer = world.server.http.get("time_entries.json", params={"updated_on": ">=2100-01-01"})

    assert (answer.status_code, answer.json()["total_count"]) == (200, 1)


def test_the_server_caps_a_page_at_100(world: PeerWorld) -> None:
    for _ in range(101):
        world.add(OCTOBER_5, Decimal("0.5"))
    answer = world.server.http.get("time_entries.json", params={"limit": 500}).json()

    assert (len(answer["time_entries"]), answer["total_count"], answer["limit"]) == (100, 101, 100)


def test_entries_outside_the_window_stay_there(world: PeerWorld) -> None:
    world.add(date(2026, 9, 30), Decimal(1))
    kept = world.add(date(2026, 10, 31), Decimal(1))

    assert list(work(pulled(world))) == [kept]


def test_an_issue_becomes_a_task_that_is_done_when_closed(world: PeerWorld) -> None:
    parent = world.server.create_issue(world.project_id, "New printer")
    child = world.server.create_issue(world.project_id, "Unpack it", parent_id=parent)
    world.server.create_entry(OCTOBER_5, "1", issue_id=child)
    world.server.close_issue(child)
    today = datetime.now(UTC).astimezone(ZoneInfo("America/Toronto")).date()

    tasks = [record.item for record in records(pulled(world)) if isinstance(record.item, Task)]

    expected = Task("helpdesk", str(child), "Unpack it", "Acme", "Acme", str(parent), "Closed", True, today)
    assert tasks == [expected]


def test_a_custom_field_of_the_project_plays_the_client(world: PeerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    pages = list(world.source(client_from="custom-field:Customer").pull({}, WINDOW))

    assert work(pages)[key].client == "Acme inc."


def test_the_topmost_project_plays_the_client(world: PeerWorld) -> None:
    site = world.server.create_project("Site", parent_id=world.project_id)
    key = str(world.server.create_entry(OCTOBER_5, "1", project_id=site))
    pages = list(world.source(client_from="top-project").pull({}, WINDOW))

    assert (work(pages)[key].client, work(pages)[key].project, work(pages)[key].task) == ("Acme", "Site", "")


def test_a_custom_field_of_the_entry_says_whether_it_is_billed(world: PeerWorld) -> None:
    number = world.server.custom_field("TimeEntryCustomField", "Chargeable")
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(3)]
    for key, value in zip(keys, ("1", "0"), strict=False):
        world.server.change_entry(int(key), custom_fields=[{"id": number, "value": value}])
    found = work(list(world.source(billable_from="custom-field:Chargeable").pull({}, WINDOW)))

    assert [found[key].billable for key in keys] == [True, False, True]


def test_marking_an_entry_as_invoiced_does_not_change_what_is_billed(world: PeerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    before = work(pulled(world))[key]
    number = world.server.custom_field("TimeEntryCustomField", "Invoice")
    world.server.change_entry(int(key), custom_fields=[{"id": number, "value": "AB-2026-0001"}])

    assert work(pulled(world))[key] == before


def test_a_wrong_key_is_told_with_its_fix(world: PeerWorld) -> None:
    world.key = "f" * 40

    problems = world.source().check().problems

    assert [problem.code for problem in problems] == ["token-refused"]
    assert "env:REDMINE_KEY" in problems[0].fix


def test_a_server_without_its_rest_api_is_told_with_its_fix(world: PeerWorld) -> None:
    set_rest_enabled(False)
    try:
        # The server looks at its settings anew with each request.
        problems = world.source().check().problems
    finally:
        set_rest_enabled(True)

    assert ["Enable REST web service" in problem.fix for problem in problems] == [True]


def test_a_wrong_address_is_told_with_its_fix(world: PeerWorld) -> None:
    problems = world.source(url=f"{world.server.url}/elsewhere").check().problems

    assert [(problem.code, bool(problem.fix)) for problem in problems] == [("address-wrong", True)]


def test_a_window_of_one_day_is_read(world: PeerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    world.add(date(2026, 10, 6), Decimal(1))
    pages = list(world.source().pull({}, Window(Span(OCTOBER_5, OCTOBER_5))))

    assert list(work(pages)) == [key]


def test_the_server_speaks_no_other_zone_than_utc_for_instants(world: PeerWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    answer: httpx.Response = world.server.http.get(f"time_entries/{key}.json")

    assert answer.json()["time_entry"]["created_on"].endswith("Z")
