"""Tokens and consent, against Intuit's documented answers."""

from __future__ import annotations

import base64
import threading
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import respx
from structlog.testing import capture_logs

from connectors.http import build_client
from connectors.quickbooks.consent import CallbackError, ConnectAttempt, parse_callback
from connectors.quickbooks.oauth import InvalidClientError, InvalidGrantError, OAuth, OAuthUnavailableError
from connectors.quickbooks.ports import Tokens
from connectors.quickbooks.tokens import AccessTokens, NeedsReconnectError
from tests.connectors.quickbooks.support import MemoryKeeper
from tests.support.clock import FakeClock

DISCOVERY_URL = "https://developer.example/.well-known/openid_configuration/"
TOKEN_URL = "https://oauth.example/oauth2/v1/tokens/bearer"
DISCOVERY = {
    "issuer": "https://oauth.example/op/v1",
    "authorization_endpoint": "https://appcenter.example/connect/oauth2",
    "token_endpoint": TOKEN_URL,
    "userinfo_endpoint": "https://accounts.example/v1/openid_connect/userinfo",
    "revocation_endpoint": "https://developer.example/v2/oauth2/tokens/revoke",
    "jwks_uri": "https://oauth.example/op/v1/jwks",
}


def answer(number: int, **more: object) -> dict[str, object]:
    lives = {"token_type": "bearer", "expires_in": 3600, "x_refresh_token_expires_in": 8_726_400}
    return lives | {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"} | more


def oauth(clock: FakeClock) -> OAuth:
    return OAuth(
        client_id="ABclient",
        client_secret="s3cret",
        redirect_uri="https://syncd.example/callback",
        discovery_url=DISCOVERY_URL,
        http=build_client(allowed_hosts=frozenset({"developer.example", "oauth.example"})),
        clock=clock,
    )


@pytest.fixture
def intuit() -> Iterator[respx.Router]:
    with respx.mock(assert_all_called=False) as router:
        router.get(DISCOVERY_URL, name="discovery").respond(json=DISCOVERY)
        yield router


def stored(clock: FakeClock, number: int, lives_seconds: float = 3600) -> Tokens:
    now = clock.now()
    return Tokens(
        f"access-{number}", f"refresh-{number}", now + timedelta(seconds=lives_seconds), now + timedelta(days=100)
    )


def test_the_consent_address_asks_for_accounting_alone(intuit: respx.Router, clock: FakeClock) -> None:
    url = urlsplit(oauth(clock).authorize_url("st4te"))

    assert url.hostname == "appcenter.example"
    assert parse_qs(url.query) == {
        "client_id": ["ABclient"],
        "response_type": ["code"],
        "scope": ["com.intuit.quickbooks.accounting"],
        "redirect_uri": ["https://syncd.example/callback"],
        "state": ["st4te"],
    }


def test_a_code_is_traded_for_tokens_with_their_ends(intuit: respx.Router, clock: FakeClock) -> None:
    route = intuit.post(TOKEN_URL).respond(json=answer(1, x_refresh_token_hard_expires_in=157_680_000))

    tokens = oauth(clock).exchange("c0de")

    request = route.calls.last.request
    assert parse_qs(request.content.decode()) == {
        "grant_type": ["authorization_code"],
        "code": ["c0de"],
        "redirect_uri": ["https://syncd.example/callback"],
    }
    assert request.headers["Authorization"] == "Basic " + base64.b64encode(b"ABclient:s3cret").decode()
    assert request.headers["x-include-refresh-token-hard-expires-in"] == "true"
    now = clock.now()
    assert tokens == Tokens(
        access="access-1",
        refresh="refresh-1",
        access_expires_at=now + timedelta(hours=1),
        refresh_expires_at=now + timedelta(days=101),
        refresh_hard_expires_at=now + timedelta(days=1825),
    )
    assert "access-1" not in repr(tokens)
    assert "refresh-1" not in repr(tokens)


def test_an_id_token_is_left_alone(intuit: respx.Router, clock: FakeClock) -> None:
    intuit.post(TOKEN_URL).respond(json=answer(1, id_token="a.b.c"))

    assert oauth(clock).exchange("c0de").access == "access-1"


def test_tokens_without_lifetimes_are_not_lost(intuit: respx.Router, clock: FakeClock) -> None:
    intuit.post(TOKEN_URL).respond(json={"access_token": "a", "refresh_token": "r"})

    tokens = oauth(clock).refresh("old")

    assert (tokens.refresh, tokens.access_expires_at) == ("r", clock.now() + timedelta(hours=1))


def test_the_discovery_document_is_read_once(intuit: respx.Router, clock: FakeClock) -> None:
    intuit.post(TOKEN_URL).respond(json=answer(1))
    client = oauth(clock)

    client.authorize_url("s")
    client.refresh("r")
    client.refresh("r")

    assert intuit["discovery"].call_count == 1


@pytest.mark.parametrize(
    ("response", "error", "certain"),
    [
        (httpx.Response(400, json={"error": "invalid_grant"}), InvalidGrantError, True),
        (
            httpx.Response(
                400, json={"error_description": "Incorrect or invalid refresh token", "error": "invalid_grant"}
            ),
            InvalidGrantError,
            True,
        ),
        (httpx.Response(401, json={"error": "invalid_client"}), InvalidClientError, True),
        (httpx.Response(429, text="slow down"), OAuthUnavailableError, True),
        (httpx.Response(503, text="<html>"), OAuthUnavailableError, False),
        (httpx.Response(200, text='{"access_token":"a"'), OAuthUnavailableError, False),
        (httpx.Response(200, json={"access_token": "a"}), OAuthUnavailableError, False),
        (httpx.ConnectError("refused"), OAuthUnavailableError, True),
        (httpx.ReadTimeout("slow"), OAuthUnavailableError, False),
        (httpx.RemoteProtocolError("dropped"), OAuthUnavailableError, False),
    ],
)
def test_a_failed_refresh_says_whether_the_token_may_have_changed(
    intuit: respx.Router,
    clock: FakeClock,
    response: httpx.Response | Exception,
    error: type[OAuthUnavailableError],
    certain: bool,
) -> None:
    intuit.post(TOKEN_URL).mock(side_effect=[response])

    with pytest.raises(error) as caught:
        oauth(clock).refresh("s3cret-refresh")

    assert type(caught.value) is error
    assert caught.value.certain is certain
    assert "s3cret-refresh" not in str(caught.value)


def test_without_a_discovery_document_nothing_is_in_doubt(clock: FakeClock) -> None:
    with respx.mock:
        respx.get(DISCOVERY_URL).respond(503)
        with pytest.raises(OAuthUnavailableError) as caught:
            oauth(clock).refresh("r")

    assert caught.value.certain


# Tokens that are always valid, and never lost


def test_a_living_token_is_used_without_asking(intuit: respx.Router, clock: FakeClock) -> None:
    keeper = MemoryKeeper(stored(clock, 1))

    assert AccessTokens(keeper, oauth(clock), clock).current() == "access-1"
    assert keeper.saved == []


def test_a_token_is_renewed_five_minutes_before_its_end_and_saved_before_use(
    intuit: respx.Router, clock: FakeClock
) -> None:
    route = intuit.post(TOKEN_URL).respond(json=answer(2))
    keeper = MemoryKeeper(stored(clock, 1))
    tokens = AccessTokens(keeper, oauth(clock), clock)

    clock.advance(3299)
    assert tokens.current() == "access-1"
    clock.advance(1)
    with capture_logs() as logs:
        assert tokens.current() == "access-2"

    assert [saved.refresh for saved in keeper.saved] == ["refresh-2"]
    assert parse_qs(route.calls.last.request.content.decode())["refresh_token"] == ["refresh-1"]
    assert "access-2" not in str(logs)
    assert "refresh-" not in str(logs)


def test_tokens_that_cannot_be_saved_are_not_used(intuit: respx.Router, clock: FakeClock) -> None:
    intuit.post(TOKEN_URL).respond(json=answer(2))

    class FullDisk(MemoryKeeper):
        def save(self, tokens: Tokens) -> None:
            raise OSError("no space left")

    tokens = AccessTokens(FullDisk(stored(clock, 1, lives_seconds=10)), oauth(clock), clock)

    with pytest.raises(OSError, match="no space"):
        tokens.current()
    with pytest.raises(OSError, match="no space"):
        tokens.current()


def test_another_process_may_have_renewed_meanwhile(intuit: respx.Router, clock: FakeClock) -> None:
    route = intuit.post(TOKEN_URL).respond(json=answer(9))
    keeper = MemoryKeeper(stored(clock, 1))
    tokens = AccessTokens(keeper, oauth(clock), clock)
    tokens.current()

    clock.advance(3500)
    keeper.tokens = stored(clock, 2)

    assert tokens.current() == "access-2"
    assert route.call_count == 0


def test_a_rejected_token_is_renewed_once_by_many_threads(intuit: respx.Router, clock: FakeClock) -> None:
    route = intuit.post(TOKEN_URL).respond(json=answer(2))
    tokens = AccessTokens(MemoryKeeper(stored(clock, 1)), oauth(clock), clock)
    got: list[str] = []

    def work() -> None:
        tokens.reject("access-1")
        got.append(tokens.current())

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert got == ["access-2"] * 8
    assert route.call_count == 1


def test_after_invalid_grant_the_store_is_read_again(intuit: respx.Router, clock: FakeClock) -> None:
    keeper = MemoryKeeper(stored(clock, 1, lives_seconds=10))

    def rotated_elsewhere(_: httpx.Request) -> httpx.Response:
        keeper.tokens = stored(clock, 5)
        return httpx.Response(400, json={"error": "invalid_grant"})

    route = intuit.post(TOKEN_URL).mock(side_effect=rotated_elsewhere)

    assert AccessTokens(keeper, oauth(clock), clock).current() == "access-5"
    assert route.call_count == 1


def test_a_dead_connection_needs_a_person(intuit: respx.Router, clock: FakeClock) -> None:
    intuit.post(TOKEN_URL).respond(400, json={"error": "invalid_grant"})
    tokens = AccessTokens(MemoryKeeper(stored(clock, 1, lives_seconds=10)), oauth(clock), clock)

    with pytest.raises(NeedsReconnectError):
        tokens.current()


def test_never_connected_needs_a_person(intuit: respx.Router, clock: FakeClock) -> None:
    with pytest.raises(NeedsReconnectError, match="not connected"):
        AccessTokens(MemoryKeeper(), oauth(clock), clock).current()


def test_a_lost_refresh_is_asked_once_more_with_the_same_token(intuit: respx.Router, clock: FakeClock) -> None:
    route = intuit.post(TOKEN_URL).mock(side_effect=[httpx.ReadTimeout, httpx.Response(200, json=answer(2))])
    keeper = MemoryKeeper(stored(clock, 1, lives_seconds=10))

    assert AccessTokens(keeper, oauth(clock), clock).current() == "access-2"
    sent = [parse_qs(call.request.content.decode())["refresh_token"] for call in route.calls]
    assert sent == [["refresh-1"], ["refresh-1"]]


def test_a_lost_refresh_that_rotated_needs_a_person(intuit: respx.Router, clock: FakeClock) -> None:
    dead = httpx.Response(400, json={"error": "invalid_grant"})
    intuit.post(TOKEN_URL).mock(side_effect=[httpx.ReadTimeout, dead])

    with pytest.raises(NeedsReconnectError):
        AccessTokens(MemoryKeeper(stored(clock, 1, lives_seconds=10)), oauth(clock), clock).current()


def test_an_unreachable_intuit_kills_no_connection(intuit: respx.Router, clock: FakeClock) -> None:
    route = intuit.post(TOKEN_URL).mock(side_effect=[httpx.ConnectError, httpx.Response(200, json=answer(2))])
    tokens = AccessTokens(MemoryKeeper(stored(clock, 1, lives_seconds=10)), oauth(clock), clock)

    with pytest.raises(OAuthUnavailableError):
        tokens.current()
    assert tokens.current() == "access-2"
    assert route.call_count == 2


# Consent


def test_a_callback_gives_code_and_realm() -> None:
    callback = parse_callback(" https://s.example/callback?code=c0de&state=st4te&realmId=46208\n", "st4te")

    assert (callback.code, callback.realm) == ("c0de", "46208")
    assert "c0de" not in repr(callback)


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("https://s.example/callback", "carries no answer"),
        ("http://[not an address", "carries no answer"),
        ("https://s.example/callback?code=c&realmId=1", "another attempt"),
        ("https://s.example/callback?code=c&realmId=1&state=other", "another attempt"),
        ("https://s.example/callback?code=c&realmId=1&state=st4te&state=st4te", "another attempt"),
        ("https://s.example/callback?error=access_denied&state=st4te", "was refused"),
        ("https://s.example/callback?code=c&state=st4te", "lacks the code or the company"),
        ("https://s.example/callback?code=c&realmId=x&state=st4te", "lacks the code or the company"),
        ("https://s.example/callback?realmId=1&state=st4te", "lacks the code or the company"),
    ],
)
def test_a_callback_that_carries_no_consent_says_why(address: str, says: str) -> None:
    with pytest.raises(CallbackError, match=says):
        parse_callback(address, "st4te")


def test_each_attempt_has_its_own_state_for_one_answer_within_ten_minutes(
    intuit: respx.Router, clock: FakeClock
) -> None:
    app = oauth(clock)
    first, second, late = (ConnectAttempt(app, clock) for _ in range(3))

    def address(attempt: ConnectAttempt) -> str:
        return f"https://s.example/callback?code=c&realmId=1&state={attempt.state}"

    assert len({first.state, second.state, late.state}) == 3
    assert min(len(attempt.state) for attempt in (first, second, late)) >= 43
    assert parse_qs(urlsplit(first.url).query)["state"] == [first.state]
    with pytest.raises(CallbackError, match="another attempt"):
        first.finish(address(second))
    assert first.finish(address(first)).realm == "1"
    with pytest.raises(CallbackError, match="had its answer"):
        first.finish(address(first))
    clock.advance(601)
    with pytest.raises(CallbackError, match="ten minutes"):
        late.finish(address(late))
