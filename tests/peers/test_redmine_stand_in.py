"""The stand-in Redmine answers as the real one does: the same requests, the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from connectors.stand_ins import Redmine, running
from tests.peers.likeness import Player, Said, differences
from tests.peers.redmine import RedmineServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

KINDS = {
    "time_entries": "entry",
    "time_entry": "entry",
    "projects": "project",
    "issues": "issue",
}
Pair = tuple[Player, Player]


@pytest.fixture
def pair(redmine_server: RedmineServer) -> Iterator[Pair]:
    """The real server without entries, and a stand-in with the custom fields that redmine.sh makes."""
    redmine_server.empty()
    stand_in = Redmine(now=lambda: datetime.now(UTC))
    stand_in.entry_fields += ["Invoice", "Chargeable"]
    stand_in.project_fields.append("Customer")
    with (
        running(stand_in),
        httpx.Client(base_url=stand_in.url, headers={"X-Redmine-API-Key": stand_in.key}) as http,
    ):
        yield Player(redmine_server.http, KINDS), Player(http, KINDS)


def project(player: Player, name: str, **more: Any) -> None:
    """A project by that name; its title and identifier are taken from it."""
    title = name.removeprefix("project ")
    content: dict[str, Any] = {"name": title.capitalize(), "identifier": f"likeness-{title}", **more}
    content["enabled_module_names"] = ["issue_tracking", "time_tracking"]
    player.create(name, "projects.json", {"project": content}, lambda made: made["project"]["id"])


def issue(player: Player, name: str, **more: Any) -> None:
    content = {"tracker_id": 3, "subject": name, **more}
    player.create(name, "issues.json", {"issue": content}, lambda made: made["issue"]["id"])


def entry(player: Player, name: str, **more: Any) -> None:
    content = {"activity_id": 9, "spent_on": "2026-10-05", **more}
    player.create(name, "time_entries.json", {"time_entry": content}, lambda made: made["time_entry"]["id"])


def some_work(player: Player, prefix: str) -> None:
    """Two projects, one with a part and an issue, and five entries on three days."""
    one, other, part = (f"project {prefix}{name}" for name in ("one", "other", "part"))
    customer = {"id": 3, "value": "Acme inc."}
    project(player, one, custom_fields=[customer])
    project(player, other)
    project(player, part, parent_id=f"{{{one}}}")
    issue(player, "issue a", project_id=f"{{{one}}}")
    issue(player, "issue b", project_id=f"{{{one}}}", parent_issue_id="{issue a}")
    entry(player, "entry 1", issue_id="{issue a}", hours="0:20", comments="Réparé")
    entry(player, "entry 2", project_id=f"{{{other}}}", hours="1h45", spent_on="2026-10-07")
    entry(player, "entry 3", project_id=f"{{{one}}}", hours="1:07", activity_id=8, spent_on="2026-10-07")
    entry(player, "entry 4", project_id=f"{{{part}}}", hours=2.5, spent_on="2026-09-01")
    entry(player, "entry 5", issue_id="{issue b}", hours="20m")


PAGES = ("", "limit=2", "limit=0", "limit=500", "limit=-1", "limit=many", "limit=2&offset=1", "limit=2&page=2")
OFFSETS = ("offset=99", "offset=-1", "offset=x")
SORTS = (
    *("sort=id", "sort=updated_on", "sort=bogus", "sort=id:desc", "sort=created_on", "sort=created_on:desc"),
    *("sort=spent_on", "sort=spent_on:desc", "sort=hours", "sort=hours:desc", "sort=project"),
)
FILTERS = (
    *("from=2026-10-06", "to=2026-09-30", "from=2026-10-05&to=2026-10-05", "from=x", "spent_on=2026-10-07"),
    *("spent_on=>=2026-10-06", "spent_on=><2026-09-01|2026-10-05", "user_id=me", "user_id=1", "user_id=999999"),
    *("updated_on=>=2100-01-01", "created_on=>=2100-01-01", "bogus=1", "status_id=*", "activity_id=8"),
    *("activity_id=77", "issue_id={issue a}", "issue_id=999999", "project_id=999999", "project_id=no-such"),
)


def assert_alike(scenario: Callable[[Player], None], pair: Pair) -> None:
    found = differences(scenario, *pair)
    assert not found, "\n".join(found)


def test_lists_are_cut_sorted_and_filtered_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        some_work(player, "l")
        for query in (*PAGES, *OFFSETS, *SORTS, *FILTERS):
            player.ask("GET", "time_entries.json", **dict(parse_qsl(query)))
        for named in ("{project lone}", "likeness-lother", "{project lpart}"):
            player.ask("GET", "time_entries.json", project_id=named)
            player.ask("GET", f"projects/{named}/time_entries.json")

    assert_alike(scenario, pair)
    assert len(pair[1].said) > 50


def test_issues_are_listed_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        some_work(player, "i")
        player.ask("PUT", "issues/{issue b}.json", {"issue": {"status_id": 5}})
        for query in ("", "status_id=*", "status_id=closed", "status_id=open", "status_id=1"):
            player.ask("GET", "issues.json", project_id="{project ione}", **dict(parse_qsl(query)))
            player.ask("GET", "issues.json", issue_id="{issue a}", **dict(parse_qsl(query)))
        both = "{issue b},{issue a}"
        player.ask("GET", "issues.json", issue_id=both, status_id="*", sort="id")
        player.ask("GET", "issues.json", issue_id=both, status_id="*", limit=1, sort="id")
        player.ask("GET", "issues.json", issue_id=both, status_id="*", sort="bogus")
        player.ask("GET", "issues/{issue a}.json")
        player.ask("GET", "issues/999999.json")
        player.ask("DELETE", "issues/{issue b}.json")
        player.ask("GET", "time_entries/{entry 5}.json")

    assert_alike(scenario, pair)


def test_projects_that_are_renamed_closed_and_archived_take_their_work_along_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        some_work(player, "p")
        for act in ("rename", "close", "archive", "unarchive", "reopen"):
            if act == "rename":
                player.ask("PUT", "projects/{project pone}.json", {"project": {"name": "Renamed"}})
            else:
                player.ask("PUT", f"projects/{{project pone}}/{act}.json")
            player.ask("GET", "time_entries.json")
            for path in ("projects/{project pone}", "projects/{project pone}/time_entries", "time_entries/{entry 1}"):
                player.ask("GET", f"{path}.json")
            player.ask("GET", "issues/{issue a}.json")
            player.ask("GET", "time_entries/{entry 4}.json")  # of the part below it
            for status in ("", "status=*", "status=1", "status=5", "status=1|5"):
                answer = player.ask("GET", "projects.json", **dict(parse_qsl(status)))
                player.said.pop()  # The real server holds other tests' projects too.
                ours = {each["name"] for each in answer.json()["projects"]} & {"Pone", "Renamed", "Pother", "Ppart"}
                player.said.append(Said(f"projects after {act}, {status}", answer.status_code, "", sorted(ours)))

    assert_alike(scenario, pair)


def test_writing_is_taken_and_refused_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        some_work(player, "w")
        good: dict[str, object] = {"project_id": "{project wone}", "hours": 1, "activity_id": 9}
        changes: list[Any] = [
            *({"hours": None}, {"hours": -1}, {"hours": "abc"}, {"activity_id": None}, {"project_id": None}),
            *({"project_id": "likeness-wone"}, {"project_id": 999_999}, {"issue_id": 999_999}),
            *({"project_id": "{project wother}", "issue_id": "{issue a}"}, {"hours": 0, "spent_on": "2026-10-09"}),
        ]
        for change in changes:
            content = {name: value for name, value in {**good, **change}.items() if value is not None}
            player.ask("POST", "time_entries.json", {"time_entry": content})
        player.ask("POST", "time_entries.json", {"time_entry": {}})
        changes = [
            *({"hours": "abc"}, {"hours": "1.5"}, {"spent_on": "2026-10-12"}, {"comments": "x"}),
            *({"project_id": "{project wother}"}, {"project_id": "{project wother}", "issue_id": ""}),
            {"custom_fields": [{"id": 1, "value": "AB-2026-0001"}, {"id": 2, "value": "0"}]},
        ]
        for change in changes:
            player.ask("PUT", "time_entries/{entry 1}.json", {"time_entry": change})
            player.ask("GET", "time_entries/{entry 1}.json")
        player.ask("PUT", "time_entries/999999.json", {"time_entry": {"hours": 1}})
        for method in ("DELETE", "DELETE", "GET"):
            player.ask(method, "time_entries/{entry 1}.json")

    assert_alike(scenario, pair)


def test_strangers_and_wrong_addresses_are_refused_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        for path in ("time_entries.json", "users/current.json", "projects.json", "issues.json", "time_entries/1.json"):
            for headers in ({}, {"X-Redmine-API-Key": "f" * 40}):
                answer = httpx.get(player.http.base_url.join(path), headers=headers)
                shown = {name: answer.headers.get(name) for name in ("content-type", "www-authenticate")}
                player.said.append(Said(f"{path} {headers}", answer.status_code, str(shown), answer.text))
        for path in ("nothing.json", "time_entries/999999.json", "projects/no-such.json", "time_entries.json/x"):
            player.ask("GET", path)

    assert_alike(scenario, pair)


def test_the_small_lists_are_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        player.ask("GET", "enumerations/time_entry_activities.json")
        player.ask("GET", "issue_statuses.json")
        user = player.ask("GET", "users/current.json").json()["user"]
        player.said[-1] = replace(player.said[-1], body={name: type(value) for name, value in user.items()})

    assert_alike(scenario, pair)
