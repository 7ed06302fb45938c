"""Tickets that no search gives, and servers that answer with what was not asked for."""

from __future__ import annotations

import httpx
import pytest

from connectors.http import UnavailableError
from connectors.request_tracker.client import Tickets
from connectors.source import SourceError
from tests.connectors.request_tracker.shelf import Row, Shelf
from tests.connectors.request_tracker.test_lists import result

NEVER = "1970-01-01T00:00:00Z"


def ticket(number: int, effective: int = 0, resolved: str = NEVER) -> Row:
    return {"id": str(number), "EffectiveId": str(effective or number), "Resolved": resolved}


def tickets_of(numbers: set[int], found: list[Row], **alone: httpx.Response) -> Tickets:
    """What the client makes of a search that gives `found`, and of tickets asked for alone."""

    def answer(request: httpx.Request) -> httpx.Response | None:
        if request.url.path == "/tickets":
            query = dict(request.url.params)["query"]
            items = [row for row in found if f"id = {row['id']} " in query.replace(")", " ")]
            return httpx.Response(200, json={"items": items, "total": len(items)})
        return alone.get(request.url.path.strip("/").replace("/", "_"))

    return result(Shelf({}, other=answer).client.tickets(numbers))


def test_a_merged_ticket_leads_to_the_one_it_is_part_of() -> None:
    tickets = tickets_of({2}, [ticket(1), ticket(2, effective=1)])

    assert (tickets.effective, set(tickets.rows), tickets.deleted) == ({1: 1, 2: 1}, {1, 2}, set())


def test_a_ticket_merged_into_a_deleted_one_is_deleted() -> None:
    answer = httpx.Response(200, json={"id": 1, "Status": "deleted"})
    tickets = tickets_of({2}, [ticket(2, effective=1)], ticket_1=answer)

    assert (tickets.effective[2], tickets.deleted) == (1, {1})


@pytest.mark.parametrize("status", [403, 404])
def test_a_ticket_that_is_not_to_be_seen_is_left_without_a_row(status: int) -> None:
    tickets = tickets_of({7}, [], ticket_7=httpx.Response(status, json={"message": "No"}))

    assert (tickets.effective, tickets.rows, tickets.deleted) == ({7: 7}, {}, set())


def test_a_ticket_that_the_server_fails_with_ends_the_pull() -> None:
    with pytest.raises(UnavailableError):
        tickets_of({7}, [], ticket_7=httpx.Response(503))


def test_a_server_that_gives_other_tickets_is_not_believed() -> None:
    answer = httpx.Response(200, json={"items": [ticket(8)], "total": 1})

    with pytest.raises(SourceError, match="tickets gave others than those"):
        result(Shelf({}, other=lambda _: answer).client.tickets({7}))


def test_the_names_of_a_user_and_a_version_are_read() -> None:
    answers = {"/user/14": {"Name": "root", "id": 14}, "/rt": {"Version": "5.0.3", "Plugins": []}}
    client = Shelf({}, other=lambda request: httpx.Response(200, json=answers[request.url.path])).client

    assert (client.user_name(14), client.version()) == ("root", "5.0.3")
