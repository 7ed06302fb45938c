"""How requests leave and what becomes of them, against answers written from the documented shapes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest
import respx
from structlog.testing import capture_logs

from connectors.http import Patience, build_client
from connectors.quickbooks.client import QuickBooksClient
from connectors.quickbooks.errors import (
    AmbiguousError,
    NotSentError,
    RefusedError,
    ThrottledError,
    UnauthorisedError,
)
from connectors.quickbooks.limits import Limiter
from connectors.quickbooks.session import NotAllowedError, Session
from tests.connectors.quickbooks.support import FixedToken
from tests.support.clock import FakeClock

BASE = "https://quickbooks.example"
COMPANY = f"{BASE}/v3/company/46208"
INVOICE = {"Invoice": {"Id": "266", "SyncToken": "0", "TotalAmt": 100.00}, "time": "2026-11-02T01:00:00.000-08:00"}
EXPIRED = {"fault": {"error": [{"message": "m", "detail": "d", "code": "3200"}], "type": "AUTHENTICATION"}}
SEVERE = {"Fault": {"Error": [{"Message": "m", "Detail": "d", "code": "10000"}], "type": "SystemFault"}}


class Parts:
    """A client over respx, with what stands behind it at hand."""

    def __init__(self, **options: Any) -> None:
        self.clock = FakeClock()
        self.tokens = FixedToken()
        self.limiter = Limiter(self.clock)
        self.http = build_client(allowed_hosts=frozenset({"quickbooks.example"}), **options)
        shared: dict[str, Any] = {"base_url": BASE, "realm": "46208", "tokens": self.tokens, "http": self.http}
        shared |= {"limiter": self.limiter, "clock": self.clock}
        self.session = Session(**shared)
        self.client = QuickBooksClient(**shared, patience=Patience(attempts=3))


@pytest.fixture
def parts() -> Iterator[Parts]:
    parts = Parts()
    yield parts
    parts.http.close()


@respx.mock
def test_a_create_goes_out_as_documented(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").respond(json=INVOICE)
    payload = {"CustomerRef": {"value": "1"}, "Line": [{"Amount": Decimal("100.10")}], "PrivateNote": "é"}

    created = parts.client.create("Invoice", payload, "9c8e1f2a-0000-5000-8000-000000000001")

    request = route.calls.last.request
    assert dict(request.url.params) == {"minorversion": "75", "requestid": "9c8e1f2a-0000-5000-8000-000000000001"}
    assert request.headers["Authorization"] == "Bearer access-1"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["Content-Type"] == "application/json"
    assert request.content.decode() == '{"CustomerRef":{"value":"1"},"Line":[{"Amount":100.10}],"PrivateNote":"é"}'
    assert created["Id"] == "266"
    assert created["TotalAmt"] == Decimal("100.0")
    assert isinstance(created["TotalAmt"], Decimal)


@respx.mock
def test_text_that_was_approved_is_posted_as_it_stands(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").respond(json=INVOICE)

    parts.client.create("Invoice", '{ "Line" : [ {"Amount": 1.500} ] }', "r1")

    assert route.calls.last.request.content == b'{ "Line" : [ {"Amount": 1.500} ] }'


@respx.mock
def test_sending_posts_no_body_and_keeps_its_address_and_request_id(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice/266/send").respond(json=INVOICE)

    parts.client.send("Invoice", "266", "r1", "a+b@lac.example")
    parts.client.send("Invoice", "266", "r2")

    first, second = (call.request for call in route.calls)
    assert dict(first.url.params) == {"minorversion": "75", "requestid": "r1", "sendTo": "a+b@lac.example"}
    assert "sendTo" not in second.url.params
    assert first.content == b""
    assert first.headers["Content-Type"] == "application/octet-stream"


@respx.mock
def test_a_void_names_the_version_that_was_seen(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").respond(json=INVOICE)

    parts.client.void("266", "3", "r1")

    assert json.loads(route.calls.last.request.content) == {"Id": "266", "SyncToken": "3"}
    assert dict(route.calls.last.request.url.params) == {"minorversion": "75", "operation": "void", "requestid": "r1"}


@pytest.mark.parametrize(
    "act",
    [
        lambda parts: parts.client.create("Invoice", {"Id": "266"}, "r"),
        lambda parts: parts.client.create("Payment", {"TotalAmt": Decimal(10)}, "r"),
        lambda parts: parts.session.post("customer", "{}", "r", {}),
        lambda parts: parts.session.post("invoice", "{}", "r", {"operation": "delete"}),
        lambda parts: parts.session.post("invoice", "{}", "r", {"operation": "update"}),
        lambda parts: parts.session.get("customer/1"),
        lambda parts: parts.session.get("reports/ProfitAndLoss"),
        lambda parts: parts.session.get("../99999/invoice/1"),
        lambda parts: parts.session.get("invoice/../../99999/invoice/1"),
        lambda parts: parts.session.get("invoice/1?include=allowduplicatedocnum"),
    ],
)
def test_what_syncd_never_does_cannot_be_done(parts: Parts, act: Callable[[Parts], Any]) -> None:
    with respx.mock, pytest.raises(NotAllowedError):
        act(parts)


@respx.mock
@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ConnectTimeout])
def test_without_a_connection_nothing_was_sent(parts: Parts, failure: type[Exception]) -> None:
    respx.post(f"{COMPANY}/invoice").mock(side_effect=failure)

    with pytest.raises(NotSentError) as caught:
        parts.client.create("Invoice", {}, "r")

    assert caught.value.certain


@respx.mock
@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.ReadError, httpx.RemoteProtocolError, httpx.WriteError])
def test_silence_after_sending_is_doubt(parts: Parts, failure: type[Exception]) -> None:
    route = respx.post(f"{COMPANY}/invoice").mock(side_effect=failure)

    with pytest.raises(AmbiguousError) as caught:
        parts.client.create("Invoice", {}, "r")

    assert not caught.value.certain
    assert route.call_count == 1


@respx.mock
def test_a_good_answer_without_the_document_is_doubt(parts: Parts) -> None:
    respx.post(f"{COMPANY}/invoice").respond(json={"QueryResponse": {}, "time": "2026-11-02T01:00:00-08:00"})

    with pytest.raises(AmbiguousError):
        parts.client.create("Invoice", {}, "r")


@respx.mock
def test_writes_are_tried_once(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").respond(503)

    with pytest.raises(AmbiguousError):
        parts.client.create("Invoice", {}, "r")

    assert route.call_count == 1


@respx.mock
def test_reads_are_tried_again_after_a_while(parts: Parts) -> None:
    route = respx.get(f"{COMPANY}/invoice/266").mock(
        side_effect=[httpx.Response(500, json=SEVERE), httpx.ReadTimeout, httpx.Response(200, json=INVOICE)]
    )

    assert parts.client.get("Invoice", "266")["Id"] == "266"
    assert route.call_count == 3
    assert parts.clock.slept == [1.0, 2.0]


@respx.mock
def test_reads_end_with_the_error_itself(parts: Parts) -> None:
    respx.get(f"{COMPANY}/invoice/266").respond(500, json=SEVERE)

    with pytest.raises(AmbiguousError) as caught:
        parts.client.get("Invoice", "266")

    assert caught.value.codes == ("10000",)


@respx.mock
def test_a_definite_no_to_a_read_is_not_asked_again(parts: Parts) -> None:
    gone = {"Fault": {"Error": [{"Message": "m", "Detail": "d", "code": "610"}], "type": "ValidationFault"}}
    route = respx.get(f"{COMPANY}/invoice/266").respond(400, json=gone)

    with pytest.raises(RefusedError):
        parts.client.get("Invoice", "266")

    assert route.call_count == 1


@respx.mock
def test_after_a_429_the_company_is_silent_for_a_minute(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").mock(side_effect=[httpx.Response(429), httpx.Response(200, json=INVOICE)])
    with pytest.raises(ThrottledError):
        parts.client.create("Invoice", {}, "r")

    parts.clock.advance(59)
    with pytest.raises(ThrottledError) as silent:
        parts.client.create("Invoice", {}, "r")
    parts.clock.advance(1)
    parts.client.create("Invoice", {}, "r")

    assert silent.value.retry_after_seconds == 1
    assert route.call_count == 2


@respx.mock
def test_a_read_waits_the_silence_out(parts: Parts) -> None:
    respx.get(f"{COMPANY}/invoice/266").mock(
        side_effect=[httpx.Response(429, headers={"Retry-After": "7"}), httpx.Response(200, json=INVOICE)]
    )

    parts.client.get("Invoice", "266")

    assert parts.clock.slept == [7.0]


@respx.mock
def test_a_read_waits_a_minute_when_no_wait_is_named(parts: Parts) -> None:
    respx.get(f"{COMPANY}/invoice/266").mock(side_effect=[httpx.Response(429), httpx.Response(200, json=INVOICE)])

    parts.client.get("Invoice", "266")

    assert sum(parts.clock.slept) == 60.0


@respx.mock
def test_a_rejected_token_is_told_to_its_source_and_a_read_asked_once_more(parts: Parts) -> None:
    route = respx.get(f"{COMPANY}/invoice/266").mock(
        side_effect=[httpx.Response(401, json=EXPIRED), httpx.Response(200, json=INVOICE)]
    )

    parts.client.get("Invoice", "266")

    assert parts.tokens.rejected == ["access-1"]
    assert route.call_count == 2


@respx.mock
def test_a_token_rejected_twice_is_an_error(parts: Parts) -> None:
    route = respx.get(f"{COMPANY}/invoice/266").respond(401, json=EXPIRED)

    with pytest.raises(UnauthorisedError):
        parts.client.get("Invoice", "266")

    assert route.call_count == 2


@respx.mock
def test_a_write_with_a_rejected_token_is_a_definite_no(parts: Parts) -> None:
    route = respx.post(f"{COMPANY}/invoice").respond(401, json=EXPIRED)

    with pytest.raises(UnauthorisedError) as caught:
        parts.client.create("Invoice", {}, "r")

    assert caught.value.certain
    assert route.call_count == 1
    assert parts.tokens.rejected == ["access-1"]


@respx.mock
def test_lost_access_is_not_mended_by_a_new_token(parts: Parts) -> None:
    lost = {"Fault": {"Error": [{"Message": "m", "Detail": "d", "code": "120"}], "type": "AuthorizationFault"}}
    route = respx.get(f"{COMPANY}/invoice/266").respond(401, json=lost)

    with pytest.raises(UnauthorisedError):
        parts.client.get("Invoice", "266")

    assert route.call_count == 1
    assert parts.tokens.rejected == []


@respx.mock
def test_something_is_checked_before_each_request_leaves() -> None:
    seen: list[str] = []
    parts = Parts(before_request=lambda: seen.append("asked"))
    respx.get(f"{COMPANY}/invoice/266").respond(json=INVOICE)

    parts.client.get("Invoice", "266")

    assert seen == ["asked"]


@respx.mock
def test_another_host_is_never_spoken_to() -> None:
    parts = Parts()
    elsewhere = Session(
        base_url="https://elsewhere.example",
        realm="46208",
        http=parts.http,
        limiter=parts.limiter,
        clock=parts.clock,
        tokens=parts.tokens,
    )

    with pytest.raises(NotSentError, match="not one of the hosts"):
        elsewhere.get("invoice/1")


@respx.mock
def test_the_log_has_the_tid_and_no_secret(parts: Parts) -> None:
    respx.post(f"{COMPANY}/invoice").respond(json=INVOICE, headers={"intuit_tid": "1-abc"})

    with capture_logs() as logs:
        parts.client.create("Invoice", {"PrivateNote": "client's secret"}, "r")

    assert logs[0]["intuit_tid"] == "1-abc"
    assert logs[0]["request"] == "POST /v3/company/46208/invoice (create)"
    assert "access-1" not in str(logs)
    assert "secret" not in str(logs)
