"""What the stand-in Request Tracker does, here alone; that the real one does the same is tested as a peer."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from connectors.stand_ins import RequestTracker, running
from connectors.stand_ins.request_tracker.search import Search, SearchError

TIME = "ObjectType = 'RT::Ticket' AND TimeTaken != 0"


@pytest.fixture
def tracker() -> Iterator[RequestTracker]:
    with running(RequestTracker()) as tracker:
        yield tracker


def get(tracker: RequestTracker, path: str, token: str = "", **params: str | int) -> httpx.Response:
    headers = {"Authorization": f"token {token or tracker.token}"}
    return httpx.get(f"{tracker.url}/REST/2.0/{path}", params=params, headers=headers)


def minutes(tracker: RequestTracker, token: str = "", **params: str | int) -> list[tuple[str, str]]:
    answer = get(tracker, "transactions", token, query=TIME, fields="TimeTaken,ObjectId", orderby="id", **params)
    return [(item["ObjectId"], item["TimeTaken"]) for item in answer.json()["items"]]


def test_time_is_in_transactions_that_are_only_added(tracker: RequestTracker) -> None:
    ticket = tracker.open_ticket(tracker.add_queue("Acme"), "Printer", minutes=20)
    tracker.comment(ticket, "Réparé", minutes=45)
    tracker.reply(ticket, "Done", minutes=15)
    tracker.set_time_worked(ticket, 70)

    assert minutes(tracker) == [("1", "20"), ("1", "45"), ("1", "15"), ("1", "-10")]
    assert get(tracker, "ticket/1").json()["TimeWorked"] == "70"


def test_a_merged_ticket_leads_to_the_other_and_its_transactions_stay(tracker: RequestTracker) -> None:
    queue = tracker.add_queue("Acme")
    one, two, three = (tracker.open_ticket(queue, f"Ticket {number}", minutes=number) for number in (1, 2, 3))
    tracker.merge(three, two)
    tracker.merge(two, one)
    answer = get(tracker, "ticket/3").json()

    assert (answer["id"], answer["TimeWorked"], answer["EffectiveId"]["id"]) == (1, "6", "1")
    assert minutes(tracker) == [("1", "1"), ("2", "2"), ("3", "3")]
    assert get(tracker, "tickets", query="id > 0").json()["total"] == 1
    assert get(tracker, "tickets", query="EffectiveId = 1").json()["total"] == 3


def test_lists_have_their_traps(tracker: RequestTracker) -> None:
    empty = get(tracker, "transactions", query=TIME).json()
    assert (empty["total"], str(empty["pages"])) == (0, "0.0")

    tracker.open_ticket(tracker.add_queue("Acme"), "Printer", minutes=20)
    (plain,) = get(tracker, "transactions", query=TIME).json()["items"]
    assert (plain["id"], set(plain)) == ("40", {"id", "type", "_url"})
    (asked,) = get(tracker, "transactions", query=TIME, fields="id,Object,Bogus,Created").json()["items"]
    assert (asked["id"], asked["Object"], asked["Bogus"]) == (40, "", "")
    assert get(tracker, "transactions").json()["total"] == 0
    assert get(tracker, "ticket/1").json()["Due"] == "1970-01-01T00:00:00Z"


def test_a_page_holds_a_hundred_at_most_and_leads_on(tracker: RequestTracker) -> None:
    ticket = tracker.open_ticket(tracker.add_queue("Acme"), "Printer")
    for _ in range(101):
        tracker.comment(ticket, minutes=1)
    first = get(tracker, "transactions", query=TIME, per_page=500).json()

    assert (first["count"], first["per_page"], first["pages"]) == (100, 100, 2)
    headers = {"Authorization": f"token {tracker.token}"}
    second = httpx.get(first["next_page"], headers=headers).json()
    assert (second["count"], second["page"], "next_page" in second) == (1, 2, False)


def test_refusals_have_one_shape(tracker: RequestTracker) -> None:
    answers = [
        get(tracker, "rt", "wrong"),
        get(tracker, "transactions", query="Foo = 1"),
        get(tracker, "ticket/9"),
        get(tracker, "transaction/9"),
    ]

    assert [(answer.status_code, answer.json()["message"]) for answer in answers] == [
        (401, "Unauthorized"),
        (400, "Unknown field: Foo"),
        (404, "Not Found"),
        (500, "Internal Server Error"),
    ]


def test_who_has_not_every_right_is_told_no_total_and_sees_holes(tracker: RequestTracker) -> None:
    seen, hidden = tracker.add_queue("Seen"), tracker.add_queue("Hidden")
    narrow = tracker.add_user("syncd", token="1-15-narrow")
    narrow.queues.add(seen.id)
    ticket = tracker.open_ticket(seen, "Printer", minutes=5)
    tracker.open_ticket(hidden, "Secret", minutes=7)
    tracker.comment(ticket, "Among us", minutes=10)
    tracker.reply(ticket, "To you", minutes=15)
    answer = get(tracker, "transactions", narrow.token, query=TIME, per_page=2).json()

    assert (answer["total"], answer["pages"], answer["count"]) == (None, None, 1)
    assert minutes(tracker, narrow.token) == [("1", "5"), ("1", "15")]
    assert get(tracker, "ticket/2", narrow.token).status_code == 403
    assert len(minutes(tracker)) == 4


def test_a_text_is_in_an_attachment_in_base64(tracker: RequestTracker) -> None:
    ticket = tracker.open_ticket(tracker.add_queue("Acme"), "Printer")
    made = tracker.comment(ticket, "Réparé", minutes=5)
    links: list[dict[str, Any]] = get(tracker, f"transaction/{made.id}").json()["_hyperlinks"]
    (link,) = [link["_url"] for link in links if link["ref"] == "attachment"]
    answer = httpx.get(link, headers={"Authorization": f"token {tracker.token}"}).json()

    assert base64.b64decode(answer["Content"]).decode() == "Réparé"
    assert (answer["id"], answer["TransactionId"]["id"]) == (1, str(made.id))


VALUES = {"id": 5, "Status": "Open", "Created": datetime(2026, 10, 5, 12, tzinfo=UTC)}
FIELDS = {"id": "int", "Status": "text", "Created": "date"}


@pytest.mark.parametrize(
    ("query", "matches"),
    [
        ("id = 5", True),
        ("ID >= 6", False),
        ("Status = 'open'", True),
        ("Status LIKE 'PE' AND id != 4", True),
        ("Status NOT LIKE 'pe'", False),
        ("(id = 1 OR id = 5) AND Status = 'open'", True),
        ("id = 5 OR Status = 'x' AND id = 1", False),  # The last joining word counts for all of a level.
        ("id = 1 AND Status = 'x' OR id = 5", True),
        ("Created = '2026-10-05'", True),
        ("Created > '2026-10-05 12:00:00'", False),
        ("Created < '2026-10-06T00:00:00Z'", True),
        (r"Status = 'o\'pen'", False),
    ],
)
def test_the_search_language_is_read(query: str, matches: bool) -> None:
    assert Search(query, FIELDS).matches(lambda name: VALUES[name]) is matches


@pytest.mark.parametrize("query", ["Foo = 1", "id", "id =", "id = 1 AND", "(id = 1", "id = 1 Status = 'x'", "id ! 1"])
def test_a_query_that_cannot_be_read_is_refused(query: str) -> None:
    with pytest.raises(SearchError):
        Search(query, FIELDS)
