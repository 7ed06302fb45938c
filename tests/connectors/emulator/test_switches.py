"""Fault switches: what they do to the request that meets them, and that the next one is left alone."""

from __future__ import annotations

import threading
import time
from typing import Any

import httpx
import pytest

from tests.connectors.emulator.support import BASIC, Api, SteppingClock, codes, company, detail, document


def test_a_lost_answer_is_lost_after_the_books_changed(api: Api) -> None:
    api.emulator.fault("lost-answer", entity="invoice", operation="create")

    with pytest.raises(httpx.RemoteProtocolError):
        api.post("Invoice", document("10"), requestid="r-1")

    assert len(api.emulator.all("Invoice")) == 1
    assert api.post("Invoice", document("10"), requestid="r-1").json()["Invoice"]["Id"] == "1"


def test_a_dropped_request_changes_nothing(api: Api) -> None:
    api.emulator.fault("dropped")

    with pytest.raises(httpx.RemoteProtocolError):
        api.post("Invoice", document("10"))

    assert api.emulator.all("Invoice") == []


def test_a_truncated_answer_breaks_off_after_the_books_changed(api: Api) -> None:
    api.emulator.fault("truncated")

    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete"):
        api.post("Invoice", document("10"))

    assert len(api.emulator.all("Invoice")) == 1


def test_a_gateway_timeout_comes_after_the_books_changed(api: Api) -> None:
    api.emulator.fault("gateway-timeout")

    answer = api.post("Invoice", document("10"))

    assert (answer.status_code, answer.headers["content-type"]) == (504, "text/html; charset=utf-8")
    assert answer.headers["intuit_tid"]
    assert len(api.emulator.all("Invoice")) == 1


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
@pytest.mark.parametrize(("kind", "status"), [("html", 502), ("html", 503), ("server-error", 500)])
def test_a_server_error_comes_before_or_after_the_change(
    api: Api, kind: str, status: int, when: str, made: int
) -> None:
    api.emulator.fault(kind, status=status, when=when)

    answer = api.post("Invoice", document("10"))

    assert answer.status_code == status
    assert ("<h1>" in answer.text) == (kind == "html")
    assert len(api.emulator.all("Invoice")) == made
    assert api.post("Invoice", document("10")).status_code == 200


def test_a_server_error_in_json_has_code_10000(api: Api) -> None:
    api.emulator.fault("server-error")

    fault = api.get("preferences").json()["Fault"]

    assert (fault["type"], fault["Error"][0]["code"]) == ("SystemFault", "10000")


@pytest.mark.parametrize(
    ("shape", "status", "kind", "text"),
    [
        ("gateway", 429, "application/json", '"fault":{"error":[{"message":"message=ThrottleExceeded'),
        ("json", 429, "application/json", '"Fault":{"Error":[{"Message":"message=ThrottleExceeded'),
        ("xml", 429, "application/xml", '<Error code="3001"><Message>message=ThrottleExceeded'),
        ("html", 429, "text/html", "<h1>429 Too Many Requests</h1>"),
        ("403", 403, "application/json", "errorCode=003001; statusCode=403"),
    ],
)
def test_a_throttled_answer_comes_in_all_its_shapes(api: Api, shape: str, status: int, kind: str, text: str) -> None:
    api.emulator.fault("throttle", shape=shape)

    answer = api.post("Invoice", document("10"))

    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(kind)
    assert text in answer.text
    assert "retry-after" not in answer.headers
    assert api.emulator.all("Invoice") == []


def test_a_throttled_answer_may_say_when_to_come_back(api: Api) -> None:
    api.emulator.fault("throttle", retry_after=7)

    assert api.get("preferences").headers["retry-after"] == "7"


def test_unauthorized_and_forbidden_come_in_the_gateways_envelope(api: Api) -> None:
    api.emulator.fault("unauthorized")
    api.emulator.fault("forbidden", skip=1)

    answers = [api.get("preferences") for _ in range(3)]

    assert [a.status_code for a in answers] == [401, 403, 200]
    assert [a.json()["fault"]["error"][0]["code"] for a in answers[:2]] == ["3200", "3100"]


def test_french_faults_keep_their_codes(api: Api) -> None:
    api.invoice("10", DocNumber="A")
    memo = api.create("CreditMemo", document("10", DocNumber="B"))
    api.emulator.fault("french", times=3)

    taken = [api.post("Invoice", document("10", DocNumber=number)) for number in ("A", "B")]
    stale = api.post("CreditMemo", {"Id": memo["Id"], "SyncToken": "7", "sparse": True})
    english = api.post("Invoice", document("10", DocNumber="A"))

    assert [codes(answer) for answer in (*taken, stale)] == [["6140"], ["6140"], ["5010"]]
    assert detail(taken[0]).endswith("DocNumber=A is assigned to TxnType=Facture with TxnId=1")
    assert detail(taken[1]).endswith("DocNumber=B is assigned to TxnType=Note de crédit with TxnId=2")
    assert taken[0].json()["Fault"]["Error"][0]["Message"] == "Numéro de document en double"
    assert "TxnType=Invoice" in detail(english)


def test_a_list_can_lag_behind_what_reading_shows(api: Api, stepping: SteppingClock) -> None:
    old = api.invoice("10", DocNumber="old")
    stepping.step(60)
    changed = api.update("Invoice", old, PrivateNote="new note")
    api.invoice("20", DocNumber="young")
    api.emulator.fault("stale-list", seconds=30, times=None)

    rows = api.select("select * from Invoice")["Invoice"]

    assert rows == [old]
    assert api.select("select * from Invoice where DocNumber = 'young'") == {}
    assert api.read("Invoice", old["Id"]) == changed
    stepping.step(30)
    assert len(api.select("select * from Invoice")["Invoice"]) == 2


def test_a_lagging_list_still_shows_what_was_deleted(api: Api, stepping: SteppingClock) -> None:
    gone = api.invoice("10")
    stepping.step(60)
    api.delete("Invoice", gone)
    api.emulator.fault("stale-list", seconds=30)

    assert api.select("select * from Invoice")["Invoice"] == [gone]
    assert api.select("select * from Invoice") == {}


def test_cdc_can_lag_behind(api: Api) -> None:
    api.invoice("10")
    api.emulator.fault("stale-list", seconds=30, operation="cdc")
    asked = {"entities": "Invoice", "changedSince": "2026-11-02T08:00:00-08:00"}

    found = [api.get("cdc", **asked).json()["CDCResponse"][0]["QueryResponse"][0] for _ in range(2)]

    assert found[0] == {}
    assert len(found[1]["Invoice"]) == 1


def test_a_delay_after_the_change_shows_the_change_before_the_answer(api: Api) -> None:
    api.emulator.fault("delay", seconds=5, when="after", entity="invoice")
    thread = threading.Thread(target=_post_quietly, args=(api,))
    thread.start()
    deadline = time.monotonic() + 4
    entries: list[dict[str, Any]] = []
    while not (entries and entries[-1]["committed"]) and time.monotonic() < deadline:
        entries = httpx.get(f"{api.base_url}/emulator/journal?writes=1").json()["requests"][1:]
        time.sleep(0.01)

    assert (entries[-1]["committed"], entries[-1]["status"]) == (True, None)
    assert len(api.emulator.all("Invoice")) == 1
    api.emulator.stop_waiting()
    thread.join()


def _post_quietly(api: Api) -> None:
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("Invoice", document("10"))


def test_a_delay_before_the_change_keeps_the_books_as_they_are_until_then(api: Api) -> None:
    api.emulator.fault("delay", seconds=0.3, when="before", entity="invoice")
    thread = threading.Thread(target=api.post, args=("Invoice", document("10")))
    thread.start()
    seen = 0
    while not api.emulator.requests(writes=True)[1:]:
        time.sleep(0.005)
    seen = len(api.emulator.all("Invoice"))
    thread.join()

    assert seen == 0
    assert len(api.emulator.all("Invoice")) == 1


def test_others_are_answered_while_one_is_delayed(api: Api) -> None:
    api.emulator.fault("delay", seconds=5, when="after", entity="invoice")
    thread = threading.Thread(target=_post_quietly, args=(api,))
    thread.start()

    started = time.monotonic()
    assert api.get("preferences").status_code == 200
    assert time.monotonic() - started < 2
    api.emulator.stop_waiting()
    thread.join()


@pytest.mark.parametrize(
    ("members", "spoiled"),
    [
        ({}, [1, 1, 1, 1]),
        ({"entity": "invoice"}, [1, 0, 1, 1]),
        ({"entity": "Invoice", "operation": "create"}, [1, 0, 0, 0]),
        ({"operation": "query"}, [0, 0, 0, 1]),
        ({"operation": "read", "entity": "invoice"}, [0, 0, 1, 0]),
        ({"method": "GET"}, [0, 0, 1, 1]),
        ({"entity": "creditmemo"}, [0, 1, 0, 0]),
    ],
)
def test_a_switch_spoils_the_requests_that_it_names(api: Api, members: dict[str, Any], spoiled: list[int]) -> None:
    api.invoice("10")
    api.emulator.fault("throttle", times=None, **members)

    answers = [
        api.post("Invoice", document("10")),
        api.post("CreditMemo", document("10")),
        api.get("invoice/1"),
        api.query("select * from Invoice"),
    ]

    assert [int(answer.status_code == 429) for answer in answers] == spoiled


def test_a_switch_counts_and_skips(api: Api) -> None:
    api.emulator.fault("throttle", times=2, skip=1)

    assert [api.get("preferences").status_code for _ in range(4)] == [200, 429, 429, 200]


def test_updates_voids_and_deletes_are_operations_of_their_own(api: Api) -> None:
    made = [api.invoice("10") for _ in range(3)]
    bodies = [{"Id": one["Id"], "SyncToken": "0"} for one in made]
    for operation in ("update", "void", "delete"):
        api.emulator.fault("server-error", operation=operation)

    assert api.post("Invoice", {**bodies[0], "sparse": True}).status_code == 500
    assert api.post("Invoice", bodies[1], operation="void").status_code == 500
    assert api.post("Invoice", bodies[2], operation="delete").status_code == 500
    assert api.http.get("/emulator/faults").json()["faults"] == []


def test_the_token_endpoint_can_be_spoiled_after_it_rotated(api: Api) -> None:
    api.emulator.fault("lost-answer", entity="oauth", operation="token")
    form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}

    with pytest.raises(httpx.RemoteProtocolError):
        api.http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC)

    answer = api.http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC)
    assert answer.json()["error"] == "invalid_grant"


def test_switches_are_set_listed_and_cleared_over_http(api: Api) -> None:
    both = [{"kind": "throttle", "times": 5}, {"kind": "delay", "seconds": 1, "when": "after"}]

    set_now = api.http.post("/emulator/faults", json=both).json()["faults"]
    listed = api.http.get("/emulator/faults").json()["faults"]
    cleared = api.http.delete("/emulator/faults").json()["faults"]

    assert [one["kind"] for one in set_now] == ["throttle", "delay"]
    assert listed == set_now
    assert cleared == []
    assert api.get("preferences").status_code == 200


@pytest.mark.parametrize(
    ("members", "why"),
    [
        ({}, "kind"),
        ({"kind": "explode"}, "kind must be one of"),
        ({"kind": "throttle", "often": 3}, "unknown: often"),
        ({"kind": "throttle", "shape": "round"}, "shape must be one of"),
        ({"kind": "delay"}, "delay wants seconds"),
        ({"kind": "html", "when": "during"}, "when must be"),
        ({"kind": "throttle", "times": "two"}, "times must be a number"),
        ({"kind": "throttle", "skip": -1}, "skip must be a number"),
        ("throttle", "an object is expected"),
    ],
)
def test_a_switch_that_is_not_understood_is_refused(api: Api, members: Any, why: str) -> None:
    answer = api.http.post("/emulator/faults", json=members)

    assert answer.status_code == 400
    assert why in answer.json()["errors"][0]["detail"]


def test_limits_are_ten_a_second_and_five_hundred_a_minute() -> None:
    seconds = [0.0]
    with company("ca", limits=True, monotonic=lambda: seconds[0]) as api:
        burst = [api.get("preferences").status_code for _ in range(12)]
        seconds[0] = 0.99
        early = api.get("preferences").status_code
        minute = []
        for tick in range(1, 60):
            seconds[0] = float(tick)
            minute += [api.get("preferences").status_code for _ in range(10)]
        seconds[0] = 60.0
        later = api.get("preferences").status_code

    assert burst == [200] * 10 + [429] * 2
    assert early == 429
    assert minute.count(200) == 490
    assert minute[-1] == 429
    assert later == 200


def test_a_request_over_the_limit_changes_nothing_and_uses_no_switch_up() -> None:
    with company("ca", limits=True, monotonic=lambda: 0.0) as api:
        for _ in range(10):
            api.get("preferences")
        api.emulator.fault("lost-answer", entity="invoice")

        answer = api.post("Invoice", document("10"))

        assert answer.status_code == 429
        assert answer.json()["fault"]["error"][0]["code"] == "3001"
        assert api.emulator.all("Invoice") == []
        assert len(api.http.get("/emulator/faults").json()["faults"]) == 1


def test_limits_can_be_switched_off() -> None:
    with company("ca", limits=True, monotonic=lambda: 0.0) as api:
        api.http.post("/emulator/settings", json={"limits": False})

        assert {api.get("preferences").status_code for _ in range(30)} == {200}
