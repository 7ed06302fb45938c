"""What may be concluded from an answer: real shapes, both JSON envelopes, XML and web pages."""

from __future__ import annotations

import httpx
import pytest

from connectors.quickbooks.answers import body_or_error
from connectors.quickbooks.errors import (
    AmbiguousError,
    ForbiddenError,
    QuickBooksError,
    RefusedError,
    ThrottledError,
    UnauthorisedError,
    holder_of_number,
)
from tests.support.clock import FakeClock

GATEWAY = (
    '{"warnings":null,"intuitObject":null,"fault":{"error":[{"message":"message=AuthenticationFailed; '
    'errorCode=003200; statusCode=401","detail":"Token expired: ABsecret11","code":"3200","element":null}],'
    '"type":"AUTHENTICATION"},"report":null}'
)
FRENCH_6140 = (
    '{"Fault":{"Error":[{"Message":"Numéro de document en double","Detail":"Numéro de document en double : Ce numéro '
    'a déjà été utilisé. DocNumber=AB-7 is assigned to TxnType=Facture with TxnId=2137","code":"6140","element":""}],'
    '"type":"ValidationFault"},"time":"2026-11-02T01:00:00.000-08:00"}'
)
THROTTLED_XML = (
    '<?xml version="1.0" encoding="UTF-8"?><IntuitResponse xmlns="http://schema.intuit.com/finance/v3">'
    '<Fault type="SERVICE"><Error code="3001"><Message>message=ThrottleExceeded; errorCode=003001; statusCode=429'
    "</Message><Detail>The request limit was reached.  Try again later</Detail></Error></Fault></IntuitResponse>"
)


def error_of(status: int, text: str, **headers: str) -> QuickBooksError:
    request = httpx.Request("POST", "https://quickbooks.example/v3/company/1/invoice?requestid=r")
    response = httpx.Response(status, text=text, headers=headers, request=request)
    with pytest.raises(QuickBooksError) as caught:
        body_or_error(response, FakeClock())
    return caught.value


def service(*codes: str, kind: str = "ValidationFault") -> str:
    errors = ",".join(f'{{"Message":"m{code}","Detail":"d{code}","code":"{code}"}}' for code in codes)
    return f'{{"Fault":{{"Error":[{errors}],"type":"{kind}"}},"time":"2026-11-02T01:00:00.000-08:00"}}'


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (401, GATEWAY, UnauthorisedError),
        (401, service("120"), UnauthorisedError),
        (
            403,
            '{"fault":{"error":[{"message":"m","detail":"d","code":"3100"}],"type":"AUTHORIZATION"}}',
            ForbiddenError,
        ),
        (429, '{"fault":{"error":[{"message":"m","detail":"d","code":"3001"}],"type":"SERVICE"}}', ThrottledError),
        (429, THROTTLED_XML, ThrottledError),
        (429, "<html><title>429 Too Many Requests</title></html>", ThrottledError),
        (403, THROTTLED_XML, ThrottledError),
        (403, '{"fault":{"error":[{"code":"003001"}],"type":"SERVICE"}}', ThrottledError),
        (400, service("6000"), RefusedError),
        (400, service("2500"), RefusedError),
        (400, service("610"), RefusedError),
        (404, "<html><h1>Not Found</h1></html>", RefusedError),
        (400, "", RefusedError),
        (200, service("2020"), RefusedError),
        (400, service("600"), AmbiguousError),
        (400, service("10000", kind="SystemFault"), AmbiguousError),
        (500, service("10000", kind="SystemFault"), AmbiguousError),
        (500, service("2020"), AmbiguousError),
        (503, "<html><title>503 Service Unavailable</title></html>", AmbiguousError),
        (504, "", AmbiguousError),
        (408, "", AmbiguousError),
        (302, "", AmbiguousError),
        (200, "", AmbiguousError),
        (200, '{"Invoice":{"Id":"1"', AmbiguousError),
        (200, "<html><title>Maintenance</title></html>", AmbiguousError),
        (200, '["no object"]', AmbiguousError),
        (200, '{"Invoice":{"TotalAmt":NaN}}', AmbiguousError),
        (200, '{"Fault":{"Error":[],"type":"SystemFault"}}', AmbiguousError),
        (200, '{"Fault":{}}', AmbiguousError),
        (200, '{"Fault":null,"Invoice":{"Id":"1"}}', AmbiguousError),
        (201, '{"Invoice":{"Id":"1"}}', AmbiguousError),
    ],
)
def test_the_status_and_codes_decide_what_is_certain(status: int, text: str, kind: type[QuickBooksError]) -> None:
    error = error_of(status, text)

    assert type(error) is kind
    assert error.certain is (kind is not AmbiguousError)
    assert error.status == status


def test_all_errors_of_an_answer_are_kept() -> None:
    error = error_of(400, service("2020", "6000"), intuit_tid="1-abc", **{"retry-after": "17"})

    assert [(fault.code, fault.message, fault.detail) for fault in error.faults] == [
        ("2020", "m2020", "d2020"),
        ("6000", "m6000", "d6000"),
    ]
    assert error.codes == ("2020", "6000")
    assert (error.fault_type, error.intuit_tid, error.retry_after_seconds) == ("ValidationFault", "1-abc", 17.0)
    assert error.where == "POST /v3/company/1/invoice"
    assert str(error) == "QuickBooks answered POST /v3/company/1/invoice with 400: 2020: d2020; 6000: d6000"


def test_xml_keeps_code_message_detail_and_type() -> None:
    error = error_of(429, THROTTLED_XML, **{"intuit-tid": "1-old"})

    assert error.codes == ("3001",)
    assert error.faults[0].detail == "The request limit was reached. Try again later"
    assert (error.fault_type, error.intuit_tid, error.retry_after_seconds) == ("SERVICE", "1-old", None)


def test_a_token_in_a_fault_is_hidden() -> None:
    error = error_of(401, GATEWAY)

    assert error.faults[0].detail == "Token expired: …"
    assert "ABsecret11" not in str(error)


def test_retry_after_may_be_a_date() -> None:
    # The clock stands at 09:00:00 UTC.
    error = error_of(429, THROTTLED_XML, **{"retry-after": "Mon, 02 Nov 2026 09:01:30 GMT"})

    assert error.retry_after_seconds == 90


def test_a_french_company_is_understood_by_code() -> None:
    error = error_of(400, FRENCH_6140)

    assert error.codes == ("6140",)
    assert holder_of_number(error) == "2137"
    assert "already in use" in error.advice


def test_only_an_expired_token_is_mended_by_a_new_one() -> None:
    expired, lost_access = error_of(401, GATEWAY), error_of(401, service("120"))

    assert isinstance(expired, UnauthorisedError)
    assert expired.refresh_may_help
    assert isinstance(lost_access, UnauthorisedError)
    assert not lost_access.refresh_may_help
    assert "syncd connect quickbooks" in lost_access.advice


def test_a_person_is_told_what_to_do_by_code_then_by_status() -> None:
    assert "books are closed" in error_of(400, service("6210")).advice
    assert "environment" in error_of(403, "").advice
    assert "it looks whether it was done" in error_of(502, "").advice
    assert error_of(400, "").advice == ""


def test_the_gateways_empty_fault_is_none() -> None:
    request = httpx.Request("GET", "https://quickbooks.example/v3/company/1/invoice/1")
    response = httpx.Response(200, json={"fault": None, "Invoice": {"Id": "1"}}, request=request)

    assert body_or_error(response, FakeClock())["Invoice"] == {"Id": "1"}
