from __future__ import annotations

import httpx
import pytest

from connectors.emulator import Emulator
from tests.connectors.emulator.support import BASIC, SCOPE, Api, SteppingClock, company, consent

TOKEN = "/oauth2/v1/tokens/bearer"


def refresh(api: Api, token: str) -> dict[str, str]:
    answer = api.http.post(TOKEN, data={"grant_type": "refresh_token", "refresh_token": token}, auth=BASIC)
    body: dict[str, str] = answer.json()
    return body


@pytest.mark.parametrize("name", ["openid_sandbox_configuration", "openid_configuration"])
def test_discovery_names_addresses_on_this_server(api: Api, name: str) -> None:
    found = api.http.get(f"/.well-known/{name}/").json()

    assert found["authorization_endpoint"] == f"{api.base_url}/connect/oauth2"
    assert found["token_endpoint"] == f"{api.base_url}{TOKEN}"
    assert found["revocation_endpoint"] == f"{api.base_url}/v2/oauth2/tokens/revoke"


def test_consent_leads_back_with_code_state_and_company(api: Api) -> None:
    given = consent(api.http, api.base_url, state="a b&c")

    assert given["state"] == "a b&c"
    assert given["realmId"] == "4620816365000000001"
    assert given["code"]


def test_a_redirect_address_keeps_its_own_query(api: Api) -> None:
    given = consent(api.http, api.base_url, redirect_uri="http://localhost:9/cb?x=1")

    assert given["x"] == "1"
    assert given["code"]


@pytest.mark.parametrize(
    "change",
    [
        {"client_id": "other"},
        {"redirect_uri": ""},
        {"redirect_uri": "javascript:alert(1)"},
        {"response_type": "token"},
        {"scope": "openid"},
    ],
)
def test_consent_refuses_what_intuit_would_refuse(api: Api, change: dict[str, str]) -> None:
    asked = {"client_id": "emulator", "response_type": "code", "scope": SCOPE, "redirect_uri": "http://localhost/x"}

    assert api.http.get("/connect/oauth2", params={**asked, **change}).status_code == 400


def test_the_page_after_consent_says_what_to_copy(api: Api) -> None:
    text = api.http.get("/connected", params={"code": "c", "realmId": "42", "state": "s"}).text

    assert "Copy the address of this page" in text
    assert "42" in text


def test_tokens_live_an_hour_and_a_hundred_and_one_days(api: Api) -> None:
    assert api.tokens["token_type"] == "bearer"
    assert (api.tokens["expires_in"], api.tokens["x_refresh_token_expires_in"]) == (3600, 8726400)


def test_a_code_is_good_once(api: Api) -> None:
    code = consent(api.http, api.base_url)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{api.base_url}/connected"}

    answers = [api.http.post(TOKEN, data=form, auth=BASIC) for _ in range(2)]

    assert [a.status_code for a in answers] == [200, 400]
    assert answers[1].json()["error"] == "invalid_grant"


def test_a_code_ends_after_ten_minutes(api: Api, stepping: SteppingClock) -> None:
    code = consent(api.http, api.base_url)["code"]
    stepping.step(600)
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{api.base_url}/connected"}

    assert api.http.post(TOKEN, data=form, auth=BASIC).json()["error"] == "invalid_grant"


def test_a_code_wants_the_redirect_address_it_was_given_for(api: Api) -> None:
    code = consent(api.http, api.base_url)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": "http://localhost/other"}

    assert api.http.post(TOKEN, data=form, auth=BASIC).status_code == 400


def test_a_refresh_rotates_and_the_old_token_dies(api: Api) -> None:
    old = api.tokens["refresh_token"]

    new = refresh(api, old)["refresh_token"]

    assert new != old
    assert refresh(api, old)["error"] == "invalid_grant"
    assert refresh(api, new)["refresh_token"] != new


def test_without_rotation_the_refresh_token_stays(api: Api) -> None:
    api.http.post("/emulator/settings", json={"rotate_refresh_tokens": False})

    assert refresh(api, api.tokens["refresh_token"])["refresh_token"] == api.tokens["refresh_token"]


def test_an_access_token_stays_good_when_another_is_issued(api: Api) -> None:
    refresh(api, api.tokens["refresh_token"])

    assert api.get("preferences").status_code == 200


def test_a_refresh_token_ends_when_it_is_not_used(api: Api, stepping: SteppingClock) -> None:
    stepping.step(8726400)

    assert refresh(api, api.tokens["refresh_token"])["error"] == "invalid_grant"


def test_the_hard_expiry_is_told_when_asked_for(api: Api) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}
    headers = {"x-include-refresh-token-hard-expires-in": "true"}

    answer = api.http.post(TOKEN, data=form, auth=BASIC, headers=headers).json()

    assert answer["x_refresh_token_hard_expires_in"] == 157680000


def test_the_hard_expiry_comes_nearer_however_often_tokens_are_renewed(api: Api, stepping: SteppingClock) -> None:
    headers = {"x-include-refresh-token-hard-expires-in": "true"}
    token, left = api.tokens["refresh_token"], []
    for _ in range(19):
        stepping.step(100 * 86400)
        form = {"grant_type": "refresh_token", "refresh_token": token}
        answer = api.http.post(TOKEN, data=form, auth=BASIC, headers=headers).json()
        if "error" not in answer:
            token = answer["refresh_token"]
            left.append(answer["x_refresh_token_hard_expires_in"] // 86400)

    assert left == list(range(1725, 0, -100))
    assert answer["error"] == "invalid_grant"


@pytest.mark.parametrize("auth", [("emulator", "wrong"), ("other", "emulator"), None])
def test_a_wrong_client_is_refused(api: Api, auth: tuple[str, str] | None) -> None:
    form = {"grant_type": "refresh_token", "refresh_token": api.tokens["refresh_token"]}
    api.http.headers.pop("authorization")

    answer = api.http.post(TOKEN, data=form, auth=httpx.BasicAuth(*auth) if auth else httpx.USE_CLIENT_DEFAULT)

    assert (answer.status_code, answer.json()) == (401, {"error": "invalid_client"})
    assert answer.headers["www-authenticate"] == 'Basic realm="Intuit"'


def test_another_client_id_can_be_set() -> None:
    with company(client_id="emulator", client_secret="emulator") as api:
        assert api.get("preferences").status_code == 200
    with Emulator(client_id="app", client_secret="s") as emulator:
        assert emulator.oauth.client_id == "app"


def test_an_expired_access_token_gets_401_in_the_gateways_envelope(api: Api, stepping: SteppingClock) -> None:
    stepping.step(3600)

    answer = api.get("preferences")

    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == 'Bearer realm="Intuit", error="invalid_token"'
    assert answer.json()["fault"]["error"][0]["code"] == "3200"
    assert answer.json()["fault"]["type"] == "AUTHENTICATION"


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer nobody", "Basic x"])
def test_a_call_without_a_good_token_is_refused(api: Api, authorization: str) -> None:
    assert api.http.get(f"{api.company}/preferences", headers={"authorization": authorization}).status_code == 401


def test_the_emulators_clock_can_be_put_ahead(api: Api) -> None:
    api.http.post("/emulator/clock", json={"advance_seconds": 3600})

    assert api.get("preferences").status_code == 401


def test_another_companys_address_gets_403(api: Api) -> None:
    answer = api.http.get("/v3/company/999/preferences")

    assert answer.status_code == 403
    assert answer.json()["fault"]["error"][0]["code"] == "3100"


def test_revoking_ends_the_whole_connection(api: Api) -> None:
    address = "/v2/oauth2/tokens/revoke"

    assert api.http.post(address, json={"token": api.tokens["refresh_token"]}, auth=BASIC).status_code == 200
    assert api.get("preferences").status_code == 401
    assert refresh(api, api.tokens["refresh_token"])["error"] == "invalid_grant"
    assert api.http.post(address, json={"token": api.tokens["refresh_token"]}, auth=BASIC).status_code == 400


def test_one_connection_ends_without_the_other(api: Api) -> None:
    other = Api(api.emulator, api.base_url)
    api.http.post("/v2/oauth2/tokens/revoke", json={"token": api.tokens["access_token"]}, auth=BASIC)

    assert api.get("preferences").status_code == 401
    assert other.get("preferences").status_code == 200
    other.close()
