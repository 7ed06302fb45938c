"""The stand-in Request Tracker answers as the real one does: the same requests, the same answers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import pytest

from connectors.stand_ins import RequestTracker, running
from tests.peers.likeness import Player, Said, differences
from tests.peers.request_tracker import RequestTrackerServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

KINDS = {"ObjectId": "ticket", "EffectiveId": "ticket", "TransactionId": "transaction"}
COUNTED = frozenset({"ticket", "transaction", "attachment", "queue"})
IGNORED = (r"(?<=query=)[^&]*", r"(?<=^Ticket )\d+", r" at /\S+ line \d+\.\s*$")
"""Queries name numbers; sentences too, and the line of the program that wrote them."""
Pair = tuple[Player, Player]


@pytest.fixture
def tracker() -> RequestTracker:
    return RequestTracker(now=lambda: datetime.now(UTC))


@pytest.fixture
def pair(request_tracker_server: RequestTrackerServer, tracker: RequestTracker) -> Iterator[Pair]:
    request_tracker_server.empty()
    headers = {"Authorization": f"token {tracker.token}"}
    with running(tracker), httpx.Client(base_url=f"{tracker.url}/REST/2.0", headers=headers) as http:
        yield Player(request_tracker_server.http, KINDS, COUNTED, IGNORED), Player(http, KINDS, COUNTED, IGNORED)


def assert_alike(scenario: Callable[[Player], None], pair: Pair) -> None:
    found = differences(scenario, *pair)
    assert not found, "\n".join(found)


def queue(player: Player, name: str) -> None:
    player.create(f"queue {name}", "queue", {"Name": name}, lambda made: made["id"])


def ticket(player: Player, name: str, queue: str, **more: Any) -> None:
    content = {"Queue": queue, "Subject": f"Subject {name}", **more}
    player.create(f"ticket {name}", "ticket", content, lambda made: made["id"])


def said(text: str, minutes: int) -> dict[str, str]:
    return {"Content": text, "ContentType": "text/plain", "TimeTaken": str(minutes)}


TIMES = {
    "query": "ObjectType = 'RT::Ticket' AND TimeTaken != 0",
    "fields": "Type,Field,OldValue,NewValue,TimeTaken,Created,Creator,ObjectType,ObjectId",
    "orderby": "id",
}


def work(player: Player, name: str) -> None:
    """Three tickets in two queues: 20 + 45 + 15 minutes, a correction of -10, and 30 on another."""
    queue(player, f"{name}one")
    queue(player, f"{name}two")
    ticket(player, "a", f"{name}one", TimeWorked="20", Requestor="ann@acme.example")
    ticket(player, "b", f"{name}two", Requestor="bob@boreal.example")
    ticket(player, "c", f"{name}one")
    player.ask("POST", "ticket/{ticket a}/comment", said("Réparé", 45))
    player.ask("POST", "ticket/{ticket a}/correspond", said("Done", 15))
    player.ask("PUT", "ticket/{ticket a}", {"TimeWorked": "70"})
    player.ask("PUT", "ticket/{ticket b}", {"TimeWorked": "30"})


def test_time_is_in_transactions_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        work(player, "time")
        for more in ("", "per_page=2", "per_page=2&page=2", "per_page=2&page=9", "per_page=0", "per_page=500"):
            player.ask("GET", "transactions", **{**TIMES, **dict(parse_qsl(more))})
        for more in ("per_page=x", "page=x", "order=DESC", "fields=", "page=0"):
            player.ask("GET", "transactions", **{**TIMES, **dict(parse_qsl(more, keep_blank_values=True))})
        for fields in ("Object", "Bogus", "Creator,Data", "id,Type"):
            player.ask("GET", "transactions", **{**TIMES, "fields": fields})
        player.ask("GET", "transactions", **TIMES, **{"fields[Creator]": "Name,RealName"})

    assert_alike(scenario, pair)


def test_tickets_are_given_and_searched_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        work(player, "tickets")
        all_of_them = "id = {ticket a} OR id = {ticket b} OR id = {ticket c}"
        fields = "Subject,Status,Queue,Requestor,TimeWorked,EffectiveId,Created,LastUpdated,Due,Resolved,Owner,Type"
        for more in ("", "per_page=2", "per_page=2&page=2", "order=DESC", "fields[Queue]=Name"):
            player.ask("GET", "tickets", query=all_of_them, fields=fields, orderby="id", **dict(parse_qsl(more)))
        queries: list[str] = [
            *(
                "Queue = 'ticketsone'",
                "Queue = 'ticketsone' AND id > {ticket a}",
                "Subject LIKE 'SUBJECT B' AND id >= {ticket a}",
            ),
            *("id = {ticket a} AND Status = 'open'", "(id = {ticket a} OR id = {ticket b}) AND TimeWorked > 40"),
            *(
                "id = 999999",
                "Foo = 1",
                "id = ",
                "id = 1 AND",
                "(id = 1",
                "",
                "id = {ticket a} OR Queue = 'x' AND id < 0",
            ),
            *(
                "Created > '2100-01-01'",
                "Created < '2000-01-01 10:00:00'",
                "Requestor = 'ann@acme.example' AND id >= {ticket a}",
            ),
        ]
        for query in queries:
            player.ask("GET", "tickets", query=query, fields="Subject", orderby="id")

    assert_alike(scenario, pair)


def test_a_merge_keeps_the_numbers_of_the_past_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        work(player, "merge")
        player.ask("PUT", "ticket/{ticket b}", {"MergeInto": "{ticket a}"})
        player.ask("PUT", "ticket/{ticket a}", {"MergeInto": "{ticket a}"})
        player.ask("PUT", "ticket/{ticket a}", {"MergeInto": "999999"})
        player.ask("GET", "transactions", **TIMES)
        for query in (
            "id = {ticket b}",
            "id = {ticket a}",
            "EffectiveId = {ticket a}",
            "id = {ticket b} AND Status = 'new'",
        ):
            player.ask("GET", "tickets", query=query, fields="EffectiveId,TimeWorked,Requestor,Queue", orderby="id")
        for path in ("ticket/{ticket b}", "ticket/{ticket a}", "ticket/999999"):
            answer = player.ask("GET", path)
            if answer.status_code == 200:
                kept = ("id", "EffectiveId", "TimeWorked", "Requestor", "Queue", "Subject", "Due", "Type", "Resolved")
                body = {name: value for name, value in player.said[-1].body.items() if name in kept}
                player.said[-1] = replace(player.said[-1], body=body)

    assert_alike(scenario, pair)


def test_what_was_written_is_found_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        work(player, "text")
        found = player.ask("GET", "transactions", **{**TIMES, "query": TIMES["query"] + " AND Type = 'Comment'"}).json()
        number = found["items"][-1]["id"]
        one = player.http.get(f"transaction/{number}").json()
        links = [link["_url"] for link in one["_hyperlinks"] if link["ref"] == "attachment"]
        player.said.append(Said("links", 200, "", len(links)))
        text = player.http.get(links[0]).json()
        kept = ("Content", "ContentType", "Creator", "Created", "Subject", "id", "TransactionId")
        player.said.append(Said("text", 200, "", player.named("attachment", {name: text[name] for name in kept})))
        members = ("id", "Type", "TimeTaken", "Object", "Creator", "Data", "Field", "NewValue")
        player.said.append(
            Said("comment", 200, "", player.named("transaction", {name: one.get(name) for name in members}))
        )

    assert_alike(scenario, pair)


def test_people_change_tickets_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        work(player, "people")
        for change in (
            *({"Subject": "Another"}, {"Queue": "peopletwo"}, {"Queue": "nowhere"}, {"Status": "resolved"}),
            *(
                {"TimeWorked": "70"},
                {"TimeWorked": "71"},
                {"TimeWorked": "0"},
                {"Status": "deleted"},
                {"Status": "open"},
            ),
        ):
            player.ask("PUT", "ticket/{ticket a}", change)
            player.ask("GET", "tickets", query="id = {ticket a}", fields="Subject,Queue,Status,TimeWorked,Resolved")
            player.ask("GET", "transactions", **TIMES)
        player.ask("PUT", "ticket/999999", {"Subject": "x"})
        player.ask("POST", "ticket", {"Subject": "No queue"})
        player.ask("POST", "ticket", {"Queue": "nowhere", "Subject": "x"})
        player.ask("POST", "ticket/{ticket a}/comment", {"Content": "no type"})
        player.ask("POST", "ticket/{ticket a}/comment", {"TimeTaken": "5"})
        player.ask("GET", "transactions", **TIMES)

    assert_alike(scenario, pair)


def test_strangers_and_wrong_addresses_are_refused_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        for path in ("rt", "transactions", "ticket/1", "nothing"):
            for headers in ({}, {"Authorization": "token 1-14-ffff"}, {"Authorization": "Basic eDp5"}):
                answer = httpx.get(f"{str(player.http.base_url).rstrip('/')}/{path}", headers=headers)
                shown = answer.headers.get("content-type", "")
                player.said.append(Said(f"{path} {headers}", answer.status_code, shown, answer.text))
        for path in (
            "nothing",
            "ticket/999999",
            "transaction/999999",
            "attachment/999999",
            "queue/nowhere",
            "ticket/x",
        ):
            player.ask("GET", path)
        player.ask("DELETE", "transactions")

    assert_alike(scenario, pair)


def test_queues_are_listed_alike(pair: Pair) -> None:
    def scenario(player: Player) -> None:
        queue(player, "listed")
        for path in ("queues/all", "queues"):
            answer = player.ask("GET", path, fields="Name", per_page=100)
            player.said.pop()
            ours = [each for each in answer.json()["items"] if each["Name"] == "listed"]
            player.said.append(Said(path, answer.status_code, "", player.named("queue", ours)))
        player.ask("GET", "queue/listed")
        player.said[-1] = replace(player.said[-1], body={name: player.said[-1].body[name] for name in ("id", "Name")})

    assert_alike(scenario, pair)


def test_a_user_who_sees_one_queue_and_no_comments_is_answered_alike(
    pair: Pair, request_tracker_server: RequestTrackerServer, tracker: RequestTracker
) -> None:
    real, stand_in = pair
    narrow = tracker.add_user("syncd", token="1-15-narrow")
    narrow.queues.add(tracker.add_queue("Seen").id)
    eyes = {id(real): request_tracker_server.narrow_token, id(stand_in): narrow.token}

    def scenario(player: Player) -> None:
        queue(player, "unseen")
        ticket(player, "seen", "Seen", TimeWorked="5")
        ticket(player, "hidden", "unseen", TimeWorked="7")
        player.ask("POST", "ticket/{ticket seen}/comment", said("Among us", 10))
        player.ask("POST", "ticket/{ticket seen}/correspond", said("To you", 15))
        player.ask("PUT", "ticket/{ticket seen}", {"TimeWorked": "40"})
        player.http.headers["Authorization"], before = f"token {eyes[id(player)]}", player.http.headers["Authorization"]
        try:
            for more in ("", "per_page=2", "per_page=2&page=2", "page=3"):
                player.ask("GET", "transactions", **{**TIMES, **dict(parse_qsl(more))})
                player.ask("GET", "transactions", **{**TIMES, "query": "TimeTaken > 0"}, **dict(parse_qsl(more)))
            player.ask("GET", "tickets", query="id = {ticket seen} OR id = {ticket hidden}", fields="Subject")
            for path in ("ticket/{ticket seen}", "ticket/{ticket hidden}", "queue/unseen"):
                player.ask("GET", path)
                player.said[-1] = replace(player.said[-1], body=None)
        finally:
            player.http.headers["Authorization"] = before

    assert_alike(scenario, pair)
