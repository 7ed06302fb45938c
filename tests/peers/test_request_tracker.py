"""The Request Tracker source against a real one: the contract, and the facts about RT that the source rests on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.request_tracker import RequestTrackerSettings, RequestTrackerSource
from connectors.source import Page, SourceError, Window
from mappings.work import Task, WorkItem
from tests.connectors.contract import OCTOBER, WINDOW, SourceContract, complete, pulled, records, work
from tests.peers.request_tracker import RequestTrackerServer
from tests.support.clock import FakeClock

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

TORONTO = ZoneInfo("America/Toronto")
OCTOBER_5 = date(2026, 10, 5)
NOON = datetime(2026, 10, 5, 12, tzinfo=TORONTO)
_numbers = count(1)


@dataclass
class PeerWorld:
    """A real server as a world of the contract suite: one ticket in a queue of its own."""

    server: RequestTrackerServer
    queue: str
    ticket: int
    token: str = ""
    # Later than the server's own clock: what it has written is settled.
    clock: FakeClock = field(default_factory=lambda: FakeClock(datetime(2100, 1, 1, tzinfo=UTC)))

    @property
    def slept(self) -> list[float]:
        return self.clock.slept

    def source(self, before_request: Callable[[], None] = lambda: None, **settings: Any) -> RequestTrackerSource:
        return RequestTrackerSource(
            "helpdesk",
            RequestTrackerSettings(**{"url": self.server.url, "token": "env:RT_TOKEN", **settings}),
            timezone=TORONTO,
            clock=self.clock,
            secret=lambda: self.token or self.server.token,
            before_request=before_request,
        )

    def add(self, day: date, hours: Decimal, *, notes: str = "") -> str:
        return self.server.put_time(self.ticket, int(hours * 60), notes, _noon(day))

    def change_hours(self, key: str, hours: Decimal) -> None:
        self.server.rewrite(key, TimeTaken=int(hours * 60))

    def move(self, key: str, day: date) -> None:
        self.server.rewrite(key, Created=_noon(day))

    def delete(self, key: str) -> None:
        self.server.shred(key)

    def changes(self, cursor: Any) -> list[Page]:
        """What a pull yields that goes on from a cursor."""
        return list(self.source().pull(cursor, WINDOW))


def _noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=TORONTO)


@pytest.fixture
def queue(request_tracker_server: RequestTrackerServer) -> str:
    name = f"Acme {next(_numbers)}"
    request_tracker_server.create_queue(name)
    return name


@pytest.fixture
def world(request_tracker_server: RequestTrackerServer, queue: str) -> PeerWorld:
    request_tracker_server.empty()
    return PeerWorld(request_tracker_server, queue, request_tracker_server.create_ticket(queue, "Printer down"))


def only(pages: list[Page]) -> WorkItem:
    (item,) = work(pages).values()
    return item


class TestRealRequestTracker(SourceContract):
    """The contract, against the real server."""


def test_a_comment_a_reply_a_creation_and_a_typed_total_are_work(world: PeerWorld) -> None:
    server = world.server
    created = server.create_ticket(world.queue, "Office move", minutes=20)
    first = next(iter(work(list(world.source().pull({}, Window(span_of_today(), full=True))))))
    keys = [server.add_time(created, 45, "Câbles — posés"), server.add_time(created, 15, "Fait", reply=True)]
    keys.append(server.correct(created, 25))

    found = work(list(world.source().pull({}, Window(span_of_today(), full=True))))

    assert [(found[key].seconds, found[key].notes) for key in (first, *keys)] == [
        (1200, ""),
        (2700, "Câbles — posés"),
        (900, "Fait"),
        (1500, ""),
    ]
    assert {(item.person, item.client, item.task) for item in found.values()} == {("root", world.queue, str(created))}


def span_of_today() -> Any:
    today = datetime.now(TORONTO).date()
    return type(OCTOBER)(today, today)


def test_ten_minutes_less_are_an_entry_of_minus_600_seconds(world: PeerWorld) -> None:
    worked = world.server.add_time(world.ticket, 30, at=NOON)
    corrected = world.server.correct(world.ticket, -10, at=NOON)

    assert {key: item.seconds for key, item in work(pulled(world)).items()} == {worked: 1800, corrected: -600}


def test_a_merge_takes_work_to_the_surviving_ticket_and_its_client(world: PeerWorld) -> None:
    other = f"Boreal {world.ticket}"
    world.server.create_queue(other)
    survivor = world.server.create_ticket(other, "Network")
    key = world.server.add_time(world.ticket, 30, "Seen", at=NOON)
    before = pulled(world)
    world.server.merge(world.ticket, survivor)
    after = world.changes(before[-1].cursor)

    assert [(each.client, each.task) for each in (only(before), only(after))] == [
        (world.queue, str(world.ticket)),
        (other, str(survivor)),
    ]
    assert (only(after).id, only(after).seconds, only(after).notes) == (key, 1800, "Seen")
    assert only(pulled(world)) == only(after)


def test_a_change_of_the_surviving_ticket_reaches_what_was_merged_twice(world: PeerWorld) -> None:
    server, tickets = world.server, [world.ticket]
    key = server.add_time(world.ticket, 30, at=NOON)
    tickets += [server.create_ticket(world.queue, f"Ticket {number}") for number in range(2)]
    server.merge(tickets[0], tickets[1])
    server.merge(tickets[1], tickets[2])
    cursor = pulled(world)[-1].cursor
    server.move(tickets[2], "General")

    assert [(item.id, item.client, item.task) for item in work(world.changes(cursor)).values()] == [
        (key, "General", str(tickets[2]))
    ]


def test_a_ticket_moved_to_another_queue_brings_its_old_work_along(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, at=datetime(2026, 1, 5, 12, tzinfo=UTC))
    cursor = pulled(world)[-1].cursor
    world.server.move(world.ticket, "General")

    assert only(world.changes(cursor)).client == "General"


def test_work_goes_and_comes_with_a_ticket_that_is_deleted_and_opened_again(world: PeerWorld) -> None:
    key = world.server.add_time(world.ticket, 30, at=NOON)
    cursor = pulled(world)[-1].cursor
    world.server.set_status(world.ticket, "deleted")
    gone = world.changes(cursor)
    world.server.set_status(world.ticket, "open")

    assert [(record.key, record.deleted) for record in records(gone)] == [(key, True)]
    assert list(work(world.changes(gone[-1].cursor))) == [key]


def test_a_shredded_transaction_is_missing_from_a_reading_that_is_complete(world: PeerWorld) -> None:
    kept, gone = (world.server.add_time(world.ticket, 30, at=NOON) for _ in range(2))
    world.server.shred(gone)
    pages = pulled(world)

    assert (list(work(pages)), complete(pages, OCTOBER_5)) == ([kept], True)


def test_101_transactions_are_read_to_the_last(world: PeerWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal("0.5")) for _ in range(101)}

    assert work(pulled(world)).keys() == keys


def test_200_transactions_end_with_an_empty_page(world: PeerWorld) -> None:
    keys = {world.add(OCTOBER_5, Decimal("0.5")) for _ in range(200)}
    pages = pulled(world)

    assert (set(work(pages)), complete(pages, OCTOBER_5)) == (keys, True)


def test_an_entry_of_half_past_eleven_in_the_evening_is_of_the_local_day(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, at=datetime(2026, 10, 31, 23, 30, tzinfo=TORONTO))

    assert only(pulled(world)).worked_on == date(2026, 10, 31)


def test_html_becomes_text_and_attached_files_stay_out(world: PeerWorld) -> None:
    key = world.server.add_time(world.ticket, 30, "<p>Cables &amp; plugs<br>all <b>new</b></p>", html=True, at=NOON)

    assert work(pulled(world))[key].notes == "Cables & plugs\nall new"


def test_a_custom_field_plays_the_client_and_another_the_service(world: PeerWorld) -> None:
    server = world.server
    ticket = server.create_ticket(world.queue, "Move", Customer="Clinique du Lac", Service="Réseau")
    keys = [server.add_time(ticket, 30, at=NOON), server.add_time(ticket, 30, at=NOON, Activity="Atelier")]
    by_ticket: dict[str, Any] = {"client_from": "custom-field:Customer", "service_from": "custom-field:Service"}
    by_both = {**by_ticket, "service_from": "custom-field:Activity"}

    found = [work(list(world.source(**settings).pull({}, WINDOW))) for settings in (by_ticket, by_both)]

    assert [(found[0][key].client, found[0][key].service) for key in keys] == [("Clinique du Lac", "Réseau")] * 2
    assert [found[1][key].service for key in keys] == ["", "Atelier"]


def test_the_requestor_s_domain_plays_the_client(world: PeerWorld) -> None:
    login = f"jane{world.ticket}"
    world.server.create_user(login, f"{login}@Clinique.example")
    key = world.server.add_time(world.server.create_ticket(world.queue, "x", requestor=login), 30, at=NOON)
    pages = list(world.source(client_from="requestor-domain").pull({}, WINDOW))

    assert work(pages)[key].client == "clinique.example"


def test_requestors_of_two_clients_make_a_problem_of_the_work(world: PeerWorld) -> None:
    people = ["ann@acme.example", "bob@boreal.example"]
    world.server.add_time(world.server.create_ticket(world.queue, "x", requestor=people), 30, at=NOON)
    pages = list(world.source(client_from="requestor-domain").pull({}, WINDOW))

    assert [record.problem.code for record in records(pages) if record.problem] == ["requestors-several"]


def test_a_ticket_is_done_by_its_status_and_not_by_when_it_was_resolved(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, at=NOON)
    world.server.set_status(world.ticket, "resolved")
    done = task_of(pulled(world))
    world.server.set_status(world.ticket, "open")
    again = task_of(pulled(world))

    assert (done.title, done.state, done.done, done.done_on) == (
        "Printer down",
        "resolved",
        True,
        datetime.now(TORONTO).date(),
    )
    assert (again.state, again.done, again.done_on) == ("open", False, None)


def task_of(pages: list[Page]) -> Task:
    (task,) = (record.item for record in records(pages) if isinstance(record.item, Task))
    return task


def test_a_quiet_pull_is_one_request_and_a_second_one_yields_the_same(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, "Seen", at=NOON)
    first = pulled(world)
    requests: list[int] = []
    quiet = list(world.source(lambda: requests.append(1)).pull(first[-1].cursor, WINDOW))

    assert (records(quiet), len(requests), quiet[-1].cursor) == ([], 1, first[-1].cursor)
    assert records(pulled(world)) == records(first)


def test_rows_that_arrive_while_reading_come_at_once_or_with_the_next_pull(world: PeerWorld) -> None:
    keys = [world.add(OCTOBER_5, Decimal("0.5")) for _ in range(130)]
    requests: list[int] = []

    def add_before_third_request() -> None:
        requests.append(1)
        if len(requests) == 3:
            keys.append(world.server.add_time(world.ticket, 15, at=NOON))

    pages = list(world.source(add_before_third_request).pull({}, WINDOW))

    assert {*work(pages), *work(world.changes(pages[-1].cursor))} == set(keys)


def test_a_narrow_user_s_reading_proves_nothing_gone(world: PeerWorld) -> None:
    """RT takes comments out of the list without a word: the user syncd may not see them."""
    world.token = world.server.narrow_token
    ticket = world.server.create_ticket("Seen", "Printer", minutes=5)
    hidden = world.server.add_time(ticket, 30, at=NOON)
    seen = world.server.correct(ticket, 10, at=NOON)
    pages = pulled(world)

    assert hidden not in work(pages)
    assert (list(work(pages)), complete(pages, OCTOBER_5)) == ([seen], False)


def test_a_page_of_hidden_rows_does_not_end_a_list(world: PeerWorld) -> None:
    world.token = world.server.narrow_token
    ticket = world.server.create_ticket("Seen", "Printer")
    for _ in range(105):
        world.server.put_time(ticket, 5, "hidden", NOON)
    seen = world.server.correct(ticket, 10, at=NOON)

    assert list(work(pulled(world))) == [seen]


def test_the_check_says_who_sees_what(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, at=NOON)
    wide = world.source().check()
    world.token = world.server.narrow_token
    narrow = world.source().check()

    assert wide.says.startswith("RT 5.0.3")
    assert wide.says.endswith("The token is root's. Time transactions: 1.")
    assert wide.problems == ()
    assert "The token is syncd's. Time transactions: 0. Its user is no superuser" in narrow.says
    assert [(problem.code, problem.warning) for problem in narrow.problems] == [("no-time-seen", True)]


def test_a_custom_field_that_is_nowhere_is_told_by_check_and_pull(world: PeerWorld) -> None:
    world.server.add_time(world.ticket, 30, at=NOON)
    source = world.source(client_from="custom-field:Custmer")

    assert [problem.code for problem in source.check().problems] == ["client-field-missing"]
    codes = [record.problem.code for record in records(list(source.pull({}, WINDOW))) if record.problem]
    assert codes == ["client-field-missing"]


def test_a_wrong_token_is_told_with_its_fix(world: PeerWorld) -> None:
    world.token = "1-14-" + "f" * 32
    (problem,) = world.source().check().problems

    assert (problem.code, "env:RT_TOKEN" in problem.fix) == ("token-refused", True)
    with pytest.raises(SourceError, match="401"):
        pulled(world)


def test_a_wrong_address_is_told_with_its_fix(world: PeerWorld) -> None:
    (problem,) = world.source(url=f"{world.server.url}/elsewhere").check().problems

    assert (problem.code, bool(problem.fix)) == ("address-wrong", True)


class TestFactsAboutTheServer:
    """Why the source reads as it does: a day when one of these fails is the day to look at it again."""

    def test_a_search_for_tickets_leaves_out_deleted_ones_whatever_is_asked(self, world: PeerWorld) -> None:
        world.server.set_status(world.ticket, "deleted")
        query = {"query": f"id = {world.ticket} AND Status = 'deleted'"}
        answer = world.server.http.get("tickets", params=query).json()

        assert (answer["items"], str(answer["pages"])) == ([], "0.0")

    def test_a_merged_ticket_keeps_its_last_updated(self, world: PeerWorld) -> None:
        survivor = world.server.create_ticket(world.queue, "Other")
        query = {"query": f"id = {world.ticket} AND EffectiveId > 0", "fields": "LastUpdated,EffectiveId"}
        before = world.server.http.get("tickets", params=query).json()["items"][0]
        world.server.merge(world.ticket, survivor)
        after = world.server.http.get("tickets", params=query).json()["items"][0]

        assert (after["LastUpdated"], after["EffectiveId"]) == (before["LastUpdated"], str(survivor))

    def test_a_transaction_that_does_not_exist_is_answered_with_500(self, world: PeerWorld) -> None:
        assert world.server.http.get("transaction/999999999").status_code == 500

    def test_ids_are_text_in_lists_and_numbers_alone(self, world: PeerWorld) -> None:
        key = world.server.add_time(world.ticket, 30)
        listed = world.server.http.get("transactions", params={"query": f"id = {key}"}).json()["items"][0]["id"]

        assert (listed, world.server.http.get(f"transaction/{key}").json()["id"]) == (key, int(key))

    def test_a_page_has_100_rows_at_most(self, world: PeerWorld) -> None:
        for _ in range(101):
            world.add(OCTOBER_5, Decimal(1))
        asked = {"query": "TimeTaken != 0", "per_page": "500"}
        answer = world.server.http.get("transactions", params=asked).json()

        assert (answer["count"], answer["per_page"], answer["total"], answer["pages"]) == (100, 100, 101, 2)

    def test_what_a_user_may_not_see_is_taken_out_and_not_counted(self, world: PeerWorld) -> None:
        ticket = world.server.create_ticket("Seen", "Printer", minutes=5)
        world.server.add_time(ticket, 30)
        headers = {"Authorization": f"token {world.server.narrow_token}"}
        answer = world.server.http.get("transactions", params={"query": "TimeTaken != 0"}, headers=headers).json()

        assert (answer["count"], answer["total"], answer["pages"]) == (1, None, None)
