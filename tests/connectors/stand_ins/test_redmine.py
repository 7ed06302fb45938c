"""What the stand-in Redmine does, here alone; that the real one does the same is tested as a peer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import httpx
import pytest

from connectors.stand_ins import Redmine, running
from connectors.stand_ins.redmine.writing import hours_of

DAY = date(2026, 10, 5)


@pytest.fixture
def redmine() -> Iterator[Redmine]:
    with running(Redmine()) as redmine:
        yield redmine


def get(redmine: Redmine, path: str, key: str = "", /, **params: str | int) -> httpx.Response:
    return httpx.get(f"{redmine.url}/{path}", params=params, headers={"X-Redmine-API-Key": key or redmine.key})


def listed(redmine: Redmine, **params: str | int) -> dict[str, Any]:
    answer = get(redmine, "time_entries.json", "", **params)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def ids(redmine: Redmine, **params: str | int) -> list[int]:
    return [entry["id"] for entry in listed(redmine, **params)["time_entries"]]


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("1.5", "1.5"),
        ("1,5", "1.5"),
        ("0:20", str(Decimal(20) / 60)),
        ("1h45", "1.75"),
        ("2h", "2"),
        ("30m", "0.5"),
        (0, "0"),
        (-1, "-1"),
        ("abc", None),
        (None, None),
    ],
)
def test_hours_are_read_as_people_type_them(said: object, hours: str | None) -> None:
    assert hours_of(said) == (None if hours is None else Decimal(hours))


def test_hours_are_kept_exactly_and_shown_with_two_decimals(redmine: Redmine) -> None:
    entry = redmine.add_entry(redmine.add_project("Acme"), DAY, Decimal(1) / 3)

    assert (entry.hours * 3).quantize(Decimal("0.0001")) == 1
    assert listed(redmine)["time_entries"][0]["hours"] == 0.33


@pytest.mark.parametrize(
    ("asked", "limit", "count"),
    [({}, 25, 25), ({"limit": 0}, 25, 25), ({"limit": 500}, 100, 100), ({"limit": 3}, 3, 3)],
)
def test_a_limit_is_cut_without_a_word(redmine: Redmine, asked: dict[str, int], limit: int, count: int) -> None:
    project = redmine.add_project("Acme")
    for _ in range(120):
        redmine.add_entry(project, DAY, Decimal(1))
    answer = listed(redmine, **asked)

    assert (answer["limit"], len(answer["time_entries"]), answer["total_count"]) == (limit, count, 120)
    assert listed(redmine, offset=120)["time_entries"] == []


def test_unknown_filters_and_sort_keys_are_dropped_and_known_but_unmodelled_ones_are_not(redmine: Redmine) -> None:
    project = redmine.add_project("Acme")
    first, second = (redmine.add_entry(project, date(2026, 10, day), Decimal(1)).id for day in (6, 5))

    assert ids(redmine) == [first, second]
    assert ids(redmine, sort="spent_on") == [second, first]
    assert ids(redmine, sort="updated_on") == [first, second]
    assert ids(redmine, updated_on=">=2100-01-01") == [first, second]
    assert ids(redmine, **{"from": "2026-10-06"}) == [first]
    assert get(redmine, "time_entries.json", hours=">=1").status_code == 501


def test_archiving_hides_what_closing_only_takes_from_the_list_of_projects(redmine: Redmine) -> None:
    project = redmine.add_project("Acme")
    part = redmine.add_project("Site", parent=project)
    entry = redmine.add_entry(part, DAY, Decimal(1))

    def seen() -> tuple[int, int, int]:
        projects = get(redmine, "projects.json").json()["total_count"]
        return projects, len(ids(redmine)), get(redmine, f"time_entries/{entry.id}.json").status_code

    assert seen() == (2, 1, 200)
    redmine.close_project(project)
    assert seen() == (0, 1, 200)
    assert get(redmine, "projects.json", status="1|5").json()["total_count"] == 2
    redmine.reopen_project(project)
    redmine.archive_project(project)
    assert seen() == (0, 0, 403)
    redmine.unarchive_project(project)
    assert seen() == (1, 0, 403)  # What is below comes back by an act of its own.


def test_each_key_sees_what_its_user_may(redmine: Redmine) -> None:
    project, other = redmine.add_project("Acme"), redmine.add_project("Boréal")
    for each in (project, other):
        redmine.add_entry(each, DAY, Decimal(1))
    tess = redmine.add_user("Tess", "Tremblay", key="7e55")
    tess.hidden_projects.add(other.id)

    assert get(redmine, "time_entries.json", "7e55").json()["total_count"] == 1
    assert get(redmine, f"projects/{other.id}/time_entries.json", "7e55").status_code == 403
    tess.sees_time = False
    assert get(redmine, "time_entries.json", "7e55").status_code == 403
    assert get(redmine, "time_entries.json", "wrong").status_code == 401
    redmine.rest_enabled = False
    assert get(redmine, "time_entries.json").status_code == 403


def test_an_issue_that_is_deleted_takes_its_time_along_and_a_moved_entry_leaves_its_issue(redmine: Redmine) -> None:
    project, other = redmine.add_project("Acme"), redmine.add_project("Boréal")
    issue = redmine.add_issue(project, "Printer")
    moved, lost = (redmine.add_entry(project, DAY, Decimal(1), issue=issue) for _ in range(2))
    redmine.move_entry(moved, other)
    redmine.delete_issue(issue)

    assert ids(redmine) == [moved.id]
    assert get(redmine, f"time_entries/{lost.id}.json").status_code == 404
    assert "issue" not in listed(redmine)["time_entries"][0]
