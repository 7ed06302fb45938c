from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.connectors.emulator.support import BASIC, Api, SteppingClock, document


def entries(api: Api, **params: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = api.http.get("/emulator/journal", params=params).json()["requests"]
    return found


def test_a_request_is_written_down_with_its_answer(api: Api) -> None:
    answer = api.post("Invoice", document("10"), requestid="r-1", minorversion="75")

    last = entries(api)[-1]
    assert (last["method"], last["path"]) == ("POST", f"{api.company}/invoice")
    assert last["query"] == {"requestid": "r-1", "minorversion": "75"}
    assert '"DetailType":"SalesItemLineDetail"' in last["body"]
    assert (last["entity"], last["operation"], last["requestid"]) == ("invoice", "create", "r-1")
    assert (last["status"], last["committed"], last["replayed"]) == (200, True, False)
    assert (last["realm"], last["intuit_tid"]) == (api.emulator.realm_id, answer.headers["intuit_tid"])
    assert last["time"] == "2026-11-02T17:00:00+00:00"


def test_replays_and_refusals_did_not_change_the_books(api: Api) -> None:
    for _ in range(2):
        api.post("Invoice", document("10"), requestid="r-1")
    api.post("Invoice", document("10", customer="99"))

    assert [(e["status"], e["committed"], e["replayed"]) for e in entries(api)[-3:]] == [
        (200, True, False),
        (200, False, True),
        (400, False, False),
    ]


def test_a_lost_answer_has_no_status(api: Api) -> None:
    api.emulator.fault("lost-answer", operation="create")
    api.emulator.fault("gateway-timeout", operation="create", skip=1)
    with pytest.raises(httpx.RemoteProtocolError):
        api.post("Invoice", document("10"))
    api.post("Invoice", document("10"))

    lost, late = entries(api)[-2:]
    assert (lost["status"], lost["committed"], lost["faults"]) == (None, True, ["lost-answer"])
    assert (late["status"], late["committed"], late["faults"]) == (504, True, ["gateway-timeout"])


def test_reads_can_be_left_out(api: Api) -> None:
    api.invoice("10")
    api.get("invoice/1")
    api.query("select * from Invoice")
    api.get("cdc", entities="Invoice", changedSince="2026-11-01T00:00:00Z")

    assert [e["operation"] for e in entries(api)] == ["token", "create", "read", "query", "cdc"]
    assert [e["operation"] for e in entries(api, writes="1")] == ["token", "create"]


def test_entries_after_a_number_or_an_instant(api: Api, stepping: SteppingClock) -> None:
    api.invoice("10")
    number = entries(api)[-1]["number"]
    stepping.step(60)
    api.invoice("20")

    assert len(entries(api, since=str(number))) == 1
    assert len(entries(api, since="2026-11-02T17:01:00+00:00")) == 1
    assert api.http.get("/emulator/journal", params={"since": "soon"}).status_code == 400


def test_the_journal_can_be_emptied_and_numbers_go_on(api: Api) -> None:
    api.invoice("10")
    api.http.delete("/emulator/journal")
    api.invoice("20")

    assert [e["number"] for e in entries(api)] == [3]


def test_tokens_are_masked(api: Api) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}
    api.http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC)
    api.http.post("/v2/oauth2/tokens/revoke", json={"token": api.tokens["access_token"]}, auth=BASIC)

    bodies = [e["body"] for e in entries(api)]
    assert "grant_type=refresh_token" in bodies[1]
    assert not any(api.tokens[name] in body for name in ("refresh_token", "access_token") for body in bodies)
    assert "code=…" in bodies[0]
