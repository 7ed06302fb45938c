"""Each attempt is recorded with the id under which Intuit's support finds it, whether it succeeded or not."""

from __future__ import annotations

import httpx

from syncd.store import schema
from tests.support.books import Desk


def test_what_succeeds_is_recorded_with_intuits_id(mailing_desk: Desk) -> None:
    desk = mailing_desk
    answered: list[str] = []

    def listen(response: httpx.Response) -> None:
        if response.request.method == "POST":
            answered.append(response.headers["intuit_tid"])

    hooks = desk.opened.http.event_hooks
    desk.opened.http.event_hooks = {**hooks, "response": [*hooks["response"], listen]}
    desk.approve(email="ap@clinique.example")
    desk.push()

    results = [row for row in desk.rows(schema.attempt) if row["phase"] == "result"]
    assert [(row["outcome"], row["intuit_tid"]) for row in results] == [("done", tid) for tid in answered]
    assert len(set(answered)) == 2  # The invoice and its e-mail.


def test_of_an_answer_that_never_came_no_earlier_id_is_taken(desk: Desk) -> None:
    desk.approve()
    desk.push()
    desk.emulator.fault("dropped", entity="invoice")
    desk.approve()
    desk.push()

    results = [row for row in desk.rows(schema.attempt) if row["phase"] == "result"]
    assert [(row["outcome"], bool(row["intuit_tid"])) for row in results] == [("done", True), ("unclear", False)]
