"""Redmine's traps, one by one: what a plain reader gets wrong of it, and that the source does not.

The plain reader asks as most would: from the first page on, by a limit and an offset that grows by it, until a page is
empty, and it believes what it is given.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from connectors.source import Cursor, Page
from tests.connectors.contract import WINDOW, complete, pulled, records, work
from tests.connectors.redmine.world import RedmineWorld

OCTOBER_5, OCTOBER_6 = date(2026, 10, 5), date(2026, 10, 6)


def plainly_read(world: RedmineWorld, limit: int = 100, **query: str) -> list[dict[str, Any]]:
    """All entries, as a plain reader gets them."""
    rows: list[dict[str, Any]] = []
    with httpx.Client(base_url=world.server.url, headers={"X-Redmine-API-Key": world.server.key}) as http:
        while True:
            asked: dict[str, str | int] = {"limit": limit, "offset": len(rows), **query}
            page = http.get("/time_entries.json", params=asked).json()["time_entries"]
            rows += page
            if not page:
                return rows


def on_request(world: RedmineWorld, number: int, act: Callable[[], object]) -> None:
    """Once, right after so many requests from now on."""
    at = len(world.server.requests) + number
    world.server.after_request = lambda: act() if len(world.server.requests) == at else None


def pulled_after(world: RedmineWorld, cursor: Cursor) -> list[Page]:
    return list(world.source().pull(cursor, WINDOW))


def clients(pages: list[Page]) -> dict[str, str]:
    return {key: item.client for key, item in work(pages).items()}


def test_three_times_20_minutes_are_as_much_as_redmine_shows_and_no_more(world: RedmineWorld) -> None:
    for _ in range(3):
        world.add(OCTOBER_5, Decimal(20) / 60)

    assert [row["hours"] for row in plainly_read(world)] == [0.33] * 3
    assert sum(item.seconds for item in work(pulled(world)).values()) == 3 * 1188  # not the 3,600 of the hour


def test_the_101st_entry_of_a_window_is_read(world: RedmineWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal(1)) for _ in range(101)}
    with httpx.Client(base_url=world.server.url, headers={"X-Redmine-API-Key": world.server.key}) as http:
        only_page = http.get("/time_entries.json", params={"limit": 500}).json()

    assert (len(only_page["time_entries"]), only_page["limit"]) == (100, 100)
    pages = pulled(world)
    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (keys, True)


def test_a_limit_below_the_one_asked_for_skips_no_row(world: RedmineWorld) -> None:
    """The administrator, or a server in between, may cut pages shorter than we ask for."""
    keys = {world.add(OCTOBER_5, Decimal(1)) for _ in range(90)}
    world.server.most_per_page = 40

    assert work(pulled(world)).keys() == keys


def test_a_row_deleted_between_two_pages_hides_no_other(world: RedmineWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(150)]
    on_request(world, 1, lambda: world.delete(keys[0]))
    read = {str(row["id"]) for row in plainly_read(world, sort="created_on")}
    assert set(keys) - read == {keys[100]}  # It slid onto the page that had been read.

    on_request(world, 1, lambda: world.delete(keys[1]))
    pages = pulled(world)
    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (set(keys[2:]), True)


def test_losses_that_cancel_out_in_the_count_are_noticed(world: RedmineWorld) -> None:
    """Two rows go before the second page, and one comes into the window in front before the third: 249 are counted,
    and as many were given, of which one is lost.
    """
    old = world.add(date(2026, 9, 30), Decimal(1))
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(250)]

    def act() -> None:
        if len(world.server.requests) == 1:
            world.delete(keys[1])
            world.delete(keys[2])
        elif len(world.server.requests) == 2:
            world.move(old, OCTOBER_5)

    world.server.after_request = act
    pages = pulled(world)
    assert (set(work(pages)), complete(pages, OCTOBER_5)) == ({old, *keys} - {keys[1], keys[2]}, True)


def test_rows_that_come_while_the_list_is_read_double_and_hide_none(world: RedmineWorld) -> None:
    """In the server's own order a new row stands first, and pushes one onto the next page."""
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(150)]
    on_request(world, 1, lambda: keys.append(world.add(OCTOBER_6, Decimal(1))))
    read = [str(row["id"]) for row in plainly_read(world)]
    assert (len(read), len(set(read))) == (151, 150)

    on_request(world, 1, lambda: keys.append(world.add(OCTOBER_6, Decimal(1))))
    before = world.asked_for("time_entries")
    pages = pulled(world)
    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (set(keys), True)
    assert world.asked_for("time_entries") - before == 2  # By creation it stands last: nothing moved.


def test_an_unknown_sort_key_is_dropped_and_would_not_order_by_change(world: RedmineWorld) -> None:
    first, second = world.add(OCTOBER_5, Decimal(1)), world.add(OCTOBER_5, Decimal(1))
    world.change_hours(first, Decimal(2))
    by_change = [str(row["id"]) for row in plainly_read(world, sort="updated_on")]
    assert world.entry(first).updated_on > world.entry(second).updated_on
    assert by_change == [first, second]  # By number: by change, the second would come first.

    cursor = pulled(world)[-1].cursor
    world.change_hours(first, Decimal(3))
    assert work(pulled_after(world, cursor))[first].seconds == 3 * 3600


def test_an_ignored_filter_on_changes_is_not_relied_upon(world: RedmineWorld) -> None:
    """A plain incremental reader would take everything for changed, or nothing that is older than its window."""
    old = world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    world.add(OCTOBER_6, Decimal(1))
    assert len(plainly_read(world, updated_on=">=2100-01-01")) == 2

    world.change_hours(old, Decimal(2))
    assert work(pulled_after(world, cursor))[old].seconds == 7200


def test_a_renamed_project_renames_its_work_although_no_entry_was_touched(world: RedmineWorld) -> None:
    key, other = world.add(OCTOBER_5, Decimal(1)), world.server.add_project("Boréal")
    untouched = str(world.server.add_entry(other, OCTOBER_5, Decimal(1)).id)
    first = pulled(world)
    before = [row["updated_on"] for row in plainly_read(world)]
    world.server.rename_project(world.project, "Acme Canada")
    assert [row["updated_on"] for row in plainly_read(world)] == before

    pages = pulled_after(world, first[-1].cursor)
    assert (clients(first), clients(pages)) == (
        {key: "Acme", untouched: "Boréal"},
        {key: "Acme Canada", untouched: "Boréal"},
    )
    assert complete(pages, OCTOBER_5)


def test_an_entry_moved_to_another_project_keeps_its_key_and_leaves_its_issue(world: RedmineWorld) -> None:
    key, other = world.add(OCTOBER_5, Decimal(1)), world.server.add_project("Boréal")
    before = work(pulled(world))[key]
    world.server.move_entry(world.entry(key), other)

    after = work(pulled(world))
    assert (before.client, before.task) == ("Acme", str(world.issue.id))
    assert {key: (item.client, item.task) for key, item in after.items()} == {key: ("Boréal", "")}


def test_work_of_a_closed_project_keeps_its_client(world: RedmineWorld) -> None:
    """The project has left the list of projects that a plain reader asks for, its entries have not left theirs."""
    part = world.server.add_project("Site", parent=world.project)
    key = str(world.server.add_entry(part, OCTOBER_5, Decimal(1)).id)
    world.server.close_project(world.project)

    pages = list(world.source(client_from="top-project").pull({}, WINDOW))
    assert clients(pages) == {key: "Acme"}


def test_an_archived_project_deletes_nothing(world: RedmineWorld) -> None:
    """All its entries leave the list as deleted ones do; the lists of the others stay complete without a word."""
    key, other = world.add(OCTOBER_5, Decimal(1)), world.server.add_project("Boréal")
    seen = str(world.server.add_entry(other, OCTOBER_5, Decimal(1)).id)
    cursor = pulled(world)[-1].cursor
    world.server.archive_project(world.project)
    assert [str(row["id"]) for row in plainly_read(world)] == [seen]

    pages = pulled_after(world, cursor)
    problems = [record.problem for record in records(pages) if record.problem]
    assert (list(work(pages)), complete(pages, OCTOBER_5)) == ([seen], False)
    assert [(problem.code, problem.subject) for problem in problems] == [
        ("project-hidden", f"project {world.project.id}")
    ]
    assert "Acme" in problems[0].what
    assert "close it instead" in problems[0].fix

    world.server.unarchive_project(world.project)
    pages = pulled_after(world, pages[-1].cursor)
    assert (set(work(pages)), complete(pages, OCTOBER_5)) == ({key, seen}, True)


def test_a_project_that_the_user_may_no_longer_see_deletes_nothing(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    world.server.admin.hidden_projects.add(world.project.id)

    assert not complete(pulled_after(world, cursor), OCTOBER_5)


def test_a_project_whose_last_entry_was_deleted_is_forgotten(world: RedmineWorld) -> None:
    key = world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    world.delete(key)
    pages = pulled_after(world, cursor)
    asked = len(world.server.requests)

    assert (complete(pages, OCTOBER_5), pages[-1].cursor) == (True, {})
    assert complete(pulled_after(world, pages[-1].cursor), OCTOBER_5)
    assert len(world.server.requests) - asked == 1


def test_a_project_that_was_deleted_took_its_work_along(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    cursor = pulled(world)[-1].cursor
    world.server.projects.clear()
    world.server.entries.clear()

    assert complete(pulled_after(world, cursor), OCTOBER_5)


def test_a_project_without_work_in_the_window_is_not_asked_for(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    old = world.server.add_project("Old")
    cursor = {"projects": {str(old.id): ["Old", "2026-08-31"], str(world.project.id): ["Acme", "2026-10-05"]}}
    world.server.archive_project(old)

    pages = pulled_after(world, cursor)
    assert complete(pages, OCTOBER_5)
    assert pages[-1].cursor == cursor
    assert [request for request in world.server.requests if request.startswith("/projects")] == []
