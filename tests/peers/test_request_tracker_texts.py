"""What the Request Tracker source asks for beyond tickets and transactions, of the stand-in and of the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime

import httpx
import pytest

from connectors.stand_ins import RequestTracker, running
from tests.peers.likeness import Player, Said, differences
from tests.peers.request_tracker import RequestTrackerServer

pytestmark = [pytest.mark.peer, pytest.mark.timeout(300)]

KINDS = {"TransactionId": "transaction", "EffectiveId": "ticket"}
COUNTED = frozenset({"ticket", "transaction", "attachment", "queue"})
QUERIES = (r"(?<=query=)[^&]*",)
FIELDS = "TransactionId,ContentType,Content,ContentLength,Filename"


@pytest.fixture
def pair(request_tracker_server: RequestTrackerServer) -> Iterator[tuple[Player, Player]]:
    request_tracker_server.empty()
    stand_in = RequestTracker(now=lambda: datetime.now(UTC))
    with (
        running(stand_in),
        httpx.Client(base_url=f"{stand_in.url}/REST/2.0", headers={"Authorization": f"token {stand_in.token}"}) as http,
    ):
        yield Player(request_tracker_server.http, KINDS, COUNTED, QUERIES), Player(http, KINDS, COUNTED, QUERIES)


def ticket(player: Player, name: str, queue: str) -> None:
    content = {"Queue": queue, "Subject": f"Subject {name}"}
    player.create(f"ticket {name}", "ticket", content, lambda made: made["id"])


def comment(player: Player, name: str, text: str, content_type: str) -> None:
    """A comment of five minutes, remembered under that name."""
    said = {"Content": text, "ContentType": content_type, "TimeTaken": "5"}
    player.http.post(player.filled(f"ticket/{{ticket {name}}}/comment"), json=said).raise_for_status()
    query = player.filled(f"ObjectId = {{ticket {name}}} AND TimeTaken != 0 AND ObjectType = 'RT::Ticket'")
    listed = player.http.get("transactions", params={"query": query, "orderby": "id", "order": "DESC"}).json()
    player.numbers[f"transaction {name}"] = int(listed["items"][0]["id"])


def ask_texts(player: Player, conditions: list[dict[str, object]], fields: str) -> None:
    """As Player.ask, which takes braces for names of its own."""
    query = {"query": json.dumps(conditions), "fields": fields, "orderby": "id", "per_page": "100"}
    answer = player.http.get("attachments", params=query)
    body = player.named("attachments", answer.json()) if answer.status_code == 200 else None
    number = len(player.said)
    player.said.append(Said(f"texts {number}", answer.status_code, "", body))


def test_texts_are_listed_alike(pair: tuple[Player, Player]) -> None:
    def scenario(player: Player) -> None:
        player.create("queue texts", "queue", {"Name": "texts"}, lambda made: made["id"])
        for name, written, kind in (("a", "Réparé — fait", "text/plain"), ("b", "<p>Fait</p>", "text/html")):
            ticket(player, name, "texts")
            comment(player, name, written, kind)
        ids = [str(player.numbers[f"transaction {name}"]) for name in "ab"]
        of_both: dict[str, object] = {"field": "TransactionId", "operator": "IN", "value": ids}
        text: dict[str, object] = {"field": "ContentType", "operator": "STARTSWITH", "value": "text/"}
        html: dict[str, object] = {"field": "ContentType", "value": "text/html"}
        none: dict[str, object] = {"field": "id", "operator": ">", "value": "999999"}
        odd: dict[str, object] = {"field": "Nothing", "value": "x"}
        for conditions in ([of_both], [of_both, text], [of_both, html], [of_both, none], [of_both, odd]):
            ask_texts(player, conditions, FIELDS)
        ask_texts(player, [of_both], "Parent")

    found = differences(scenario, *pair)
    assert not found, "\n".join(found)


def test_inactive_and_deleted_tickets_are_found_alike(pair: tuple[Player, Player]) -> None:
    def scenario(player: Player) -> None:
        player.create("queue ends", "queue", {"Name": "ends"}, lambda made: made["id"])
        for name in ("open", "resolved", "rejected", "deleted"):
            ticket(player, name, "ends")
            player.http.put(player.filled(f"ticket/{{ticket {name}}}"), json={"Status": name}).raise_for_status()
        these = " OR ".join(f"id = {{ticket {name}}}" for name in ("open", "resolved", "rejected", "deleted"))
        types = "(Type = 'ticket' OR Type = 'reminder' OR Type = 'approval')"
        for query in (
            f"(({these}) AND EffectiveId > 0 AND {types}) AND id > 0",
            f"(({these}) AND EffectiveId > 0 AND {types} AND Status = '__Inactive__') AND id > 0",
            f"({these}) AND Status = '__Active__'",
            "(EffectiveId = {ticket open} OR EffectiveId = {ticket resolved}) AND id > 0",
        ):
            player.ask("GET", "tickets", query=query, fields="Status,EffectiveId", orderby="id", per_page=100)

    found = differences(scenario, *pair)
    assert not found, "\n".join(found)
