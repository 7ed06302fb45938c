"""What Redmine's records mean, and the server's traps, one switched on at a time."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from connectors.redmine import RedmineSource
from connectors.source import SourceError, Span, Window
from mappings.work import Task, WorkItem
from tests.connectors.contract import WINDOW, complete, pulled, records, work
from tests.connectors.redmine.world import RedmineWorld

OCTOBER_5 = date(2026, 10, 5)


def only_item(source: RedmineSource) -> WorkItem:
    (item,) = work(list(source.pull({}, WINDOW))).values()
    return item


def problem_codes(source: RedmineSource) -> list[str]:
    return [record.problem.code for record in records(list(source.pull({}, WINDOW))) if record.problem]


def test_an_entry_becomes_work(world: RedmineWorld) -> None:
    key = world.add(OCTOBER_5, Decimal("1.25"), notes="Pilote réinstallé")

    assert only_item(world.source()) == WorkItem(
        source="helpdesk",
        id=key,
        worked_on=OCTOBER_5,
        seconds=4500,
        person="Tess Tremblay",
        client="Acme",
        project="Acme",
        task=str(world.issue.id),
        service="Development",
        notes="Pilote réinstallé",
    )


def test_hours_are_as_the_server_rounded_them(world: RedmineWorld) -> None:
    """Three times 20 minutes are 0.99 h here, which is what Redmine shows and what its API gives."""
    for _ in range(3):
        world.add(OCTOBER_5, Decimal(1) / 3)

    assert [item.seconds for item in work(pulled(world)).values()] == [1188] * 3


def test_only_the_issues_that_entries_refer_to_become_tasks(world: RedmineWorld) -> None:
    parent = world.server.add_issue(world.project, "Office move")
    evening = datetime(2026, 10, 21, 3, 30, tzinfo=UTC)
    child = world.server.add_issue(world.project, "Cables", closed_on=evening, parent=parent)
    world.server.add_entry(world.project, OCTOBER_5, Decimal(1), issue=child)

    tasks = [record.item for record in records(pulled(world)) if isinstance(record.item, Task)]

    # Closed at half past eleven in the evening of the 20th, in Toronto.
    expected = Task(
        *("helpdesk", str(child.id), "Cables", "Acme", "Acme", str(parent.id), "Closed"),
        done=True,
        done_on=date(2026, 10, 20),
    )
    assert tasks == [expected]


def test_issues_of_many_entries_are_asked_for_a_hundred_at_a_time(world: RedmineWorld) -> None:
    for number in range(205):
        issue = world.server.add_issue(world.project, f"Issue {number}")
        world.server.add_entry(world.project, OCTOBER_5, Decimal(1), issue=issue)

    tasks = [record.item for record in records(pulled(world)) if isinstance(record.item, Task)]

    assert {task.title for task in tasks} == {f"Issue {number}" for number in range(205)}
    assert world.asked_for("issues") == 3


def test_an_issue_and_an_entry_of_one_number_are_two_records(world: RedmineWorld) -> None:
    """Redmine numbers them apart. Under one key, a good issue would end the problem of a bad entry, at each pull."""
    key = world.add(OCTOBER_5, Decimal(1))
    assert key == str(world.issue.id)
    world.spoil(key)
    world.server.add_entry(world.project, OCTOBER_5, Decimal(1), issue=world.issue)

    found = [record.key for record in records(pulled(world))]
    assert len(set(found)) == len(found) == 3


def test_an_issue_that_the_user_may_not_see_leaves_its_entries(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    world.server.issues.clear()

    assert only_item(world.source()).task == str(world.issue.id)


def test_the_topmost_visible_project_plays_the_client(world: RedmineWorld) -> None:
    middle = world.server.add_project("Site", parent=world.project)
    low = world.server.add_project("Shop", parent=middle)
    world.server.add_entry(low, OCTOBER_5, Decimal(1))
    item = only_item(world.source(client_from="top-project"))

    assert (item.client, item.project) == ("Acme", "Shop")


def test_a_field_of_the_entry_plays_the_client_before_one_of_its_project(world: RedmineWorld) -> None:
    project = world.server.add_project("Site", Customer="Boréal")
    world.server.add_entry(project, OCTOBER_5, Decimal(1), Customer="Zeta")
    world.server.add_entry(project, OCTOBER_5, Decimal(1), Customer="")
    world.server.add_entry(project, OCTOBER_5, Decimal(1))

    pages = list(world.source(client_from="custom-field:Customer").pull({}, WINDOW))

    assert [item.client for item in work(pages).values()] == ["Zeta", "Boréal", "Boréal"]


def test_a_client_field_that_is_nowhere_is_a_problem_of_each_entry(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    source = world.source(client_from="custom-field:Custmer")

    assert problem_codes(source) == ["client-field-missing"]
    assert [problem.code for problem in source.check().problems] == ["client-field-missing"]


def test_a_field_of_several_values_names_no_client(world: RedmineWorld) -> None:
    entry = world.server.add_entry(world.project, OCTOBER_5, Decimal(1), Customer="x")
    entry.custom_values["Customer"] = ["Acme", "Zeta"]

    assert problem_codes(world.source(client_from="custom-field:Customer")) == ["custom-field-several"]


@pytest.mark.parametrize(("value", "billable"), [("1", True), ("0", False), ("", True)])
def test_a_field_says_whether_an_entry_is_billed(world: RedmineWorld, value: str, billable: bool) -> None:
    world.server.add_entry(world.project, OCTOBER_5, Decimal(1), Chargeable=value)

    assert only_item(world.source(billable_from="custom-field:Chargeable")).billable is billable


def test_a_field_that_says_neither_is_a_problem(world: RedmineWorld) -> None:
    world.server.add_entry(world.project, OCTOBER_5, Decimal(1), Chargeable="sometimes")

    assert problem_codes(world.source(billable_from="custom-field:Chargeable")) == ["billable-field-wrong"]
    assert problem_codes(world.source(billable_from="custom-field:Chargable")) == ["billable-field-missing"]


def test_a_mark_written_back_changes_nothing_of_the_work(world: RedmineWorld) -> None:
    entry = world.server.add_entry(world.project, OCTOBER_5, Decimal(1), Invoice="")
    before, updated_on = only_item(world.source()), entry.updated_on
    world.server.change_entry(entry, Invoice="AB-2026-0001")

    assert (only_item(world.source()), entry.updated_on > updated_on) == (before, True)


def test_a_server_that_ignores_the_window_is_not_believed(world: RedmineWorld) -> None:
    world.add(date(2026, 9, 1), Decimal(1))
    world.add(OCTOBER_5, Decimal(1))
    world.server.ignores_filters = True

    with pytest.raises(SourceError, match="ignored the filter 2026-10-01 to 2026-10-31"):
        pulled(world)


def test_a_server_that_ignores_the_issue_numbers_is_not_believed(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    world.server.add_issue(world.project, "Another")
    world.server.ignores_filters = True

    with pytest.raises(SourceError, match="filter on issue numbers"):
        pulled(world)


def test_a_server_that_gives_small_pages_is_read_to_the_end(world: RedmineWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal(1)) for _ in range(60)}
    world.server.most_per_page = 25

    pages = pulled(world)

    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (keys, True)


def test_a_row_deleted_while_the_list_is_read_costs_no_other(world: RedmineWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(130)]

    def delete_after_first_page() -> None:
        if len(world.server.requests) == 1:
            world.delete(keys[0])

    world.server.after_request = delete_after_first_page
    pages = pulled(world)

    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (set(keys[1:]), True)


def test_one_row_deleted_and_one_added_is_noticed_although_the_count_stays(world: RedmineWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(130)]
    added: list[str] = []

    def swap_after_first_page() -> None:
        if len(world.server.requests) == 1:
            world.delete(keys[0])
            added.append(world.add(OCTOBER_5, Decimal(1)))

    world.server.after_request = swap_after_first_page
    pages = pulled(world)

    assert (set(work(pages)), complete(pages, OCTOBER_5)) == ({*keys[1:], *added}, True)


def test_a_list_that_grows_at_its_end_is_complete_without_a_second_reading(world: RedmineWorld) -> None:
    for _ in range(130):
        world.add(OCTOBER_5, Decimal(1))
    world.server.after_request = lambda: len(world.server.requests) == 1 and world.add(OCTOBER_5, Decimal(1))

    pages = pulled(world)

    assert (len(work(pages)), complete(pages, OCTOBER_5)) == (131, True)
    assert world.asked_for("time_entries") == 2


def test_a_long_reading_shows_that_it_lives(world: RedmineWorld) -> None:
    """The engine renews its lease with each page, also with empty ones."""
    for _ in range(250):
        world.add(OCTOBER_5, Decimal(1))
    answered = [len(world.server.requests) for page in world.source().pull({}, WINDOW) if not page.records]

    assert answered == [1, 2, 3, 4]


def test_a_list_that_never_stands_still_is_read_but_not_complete(world: RedmineWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal(1)) for _ in range(130)]
    world.server.after_request = lambda: world.delete(str(world.server.entries[0].id))

    pages = pulled(world)

    assert not complete(pages, OCTOBER_5)
    assert work(pages).keys() >= set(keys[-100:])


def test_an_empty_window_is_complete(world: RedmineWorld) -> None:
    assert complete(pulled(world), OCTOBER_5)


def test_an_answer_without_its_list_is_not_an_empty_one(world: RedmineWorld) -> None:
    world.garble(lambda record: record.pop("time_entries"))

    with pytest.raises(SourceError, match=r"time_entries\.json answered without its time_entries"):
        pulled(world)


def test_the_window_is_asked_for_by_its_days(world: RedmineWorld) -> None:
    list(world.source().pull({}, Window(Span(date(2026, 10, 3), OCTOBER_5))))

    assert "from=2026-10-03&to=2026-10-05" in world.server.requests[0]


def test_the_check_says_who_sees_what(world: RedmineWorld) -> None:
    world.add(OCTOBER_5, Decimal(1))
    health = world.source().check()

    assert (health.says, health.problems) == ("The key is admin's. Time entries: 1, projects: 1.", ())


def test_two_projects_of_one_name_are_a_warning(world: RedmineWorld) -> None:
    world.server.add_project("Acme")
    (problem,) = world.source().check().problems

    assert (problem.code, problem.subject, problem.warning) == ("project-name-twice", "Acme", True)


def test_a_user_without_projects_is_told(world: RedmineWorld) -> None:
    world.server.projects.clear()

    assert [problem.code for problem in world.source().check().problems] == ["no-projects"]


def test_a_rest_api_that_is_off_is_told(world: RedmineWorld) -> None:
    world.server.rest_enabled = False
    (problem,) = world.source().check().problems

    assert problem.code == "permission-missing"
    assert "Enable REST web service" in problem.fix


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"client_from": "customer"}, "client-from-unknown"),
        ({"billable_from": "yes"}, "billable-from-unknown"),
        ({"url": "http://redmine.example"}, "source-unreachable"),
        ({"url": "redmine.example"}, "source-unreachable"),
        ({"url": "https://ann:pw@redmine.example"}, "source-unreachable"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(world: RedmineWorld, settings: dict[str, str], code: str) -> None:
    source = world.source(**settings)
    (problem,) = source.check().problems

    assert problem.code == code
    assert problem.fix
    assert "pw" not in problem.what + problem.fix
    with pytest.raises(SourceError):
        list(source.pull({}, WINDOW))
    assert world.server.requests == []
