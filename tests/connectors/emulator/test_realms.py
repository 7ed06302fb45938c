"""Several companies on one address: consent chooses one, and nothing of one is seen or counted in another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from connectors.emulator import Emulator, realm_ids, running
from tests.connectors.emulator.support import BASIC, SCOPE, TLS

REALMS = realm_ids("ca", 3)
ASKED = {"client_id": "emulator", "response_type": "code", "redirect_uri": "http://localhost/", "scope": SCOPE}


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    with ExitStack() as stack:
        emulators = [stack.enter_context(Emulator("ca", realm_id=realm, monotonic=lambda: 0.0)) for realm in REALMS]
        url = stack.enter_context(running(*emulators))
        yield stack.enter_context(httpx.Client(base_url=url, headers={"accept": "application/json"}, verify=TLS))


def tokens_of(http: httpx.Client, realm: str) -> dict[str, Any]:
    answer = http.get("/connect/oauth2", params=ASKED | {"realm": realm, "state": "s"})
    given = {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}
    assert (given["realmId"], given["state"]) == (realm, "s")
    form = {"grant_type": "authorization_code", "code": given["code"], "redirect_uri": "http://localhost/"}
    tokens: dict[str, Any] = http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC).json()
    return tokens


def customers(http: httpx.Client, realm: str, tokens: dict[str, Any]) -> httpx.Response:
    query = {"query": "select count(*) from Customer"}
    headers = {"authorization": f"Bearer {tokens['access_token']}"}
    return http.get(f"/v3/company/{realm}/query", params=query, headers=headers)


def test_the_first_realm_is_the_one_that_a_company_alone_has() -> None:
    with Emulator("ca") as alone:
        assert (alone.realm_id, len(set(REALMS))) == (REALMS[0], 3)


def test_consent_shows_the_companies_and_goes_on_with_the_chosen_one(http: httpx.Client) -> None:
    page = http.get("/connect/oauth2", params=ASKED)

    links = re.findall(r'href="(/connect/oauth2[^"]+)"', page.text)
    assert page.status_code == 200
    answers = [http.get(link.replace("&amp;", "&")) for link in links]
    found = [parse_qs(urlsplit(answer.headers["location"]).query)["realmId"][0] for answer in answers]
    assert found == REALMS


def test_a_token_opens_its_own_company_and_no_other(http: httpx.Client) -> None:
    of_each = {realm: tokens_of(http, realm) for realm in REALMS}

    answered = {(of, at): customers(http, at, tokens).status_code for of, tokens in of_each.items() for at in REALMS}

    assert answered == {(of, at): 200 if of == at else 401 for of in REALMS for at in REALMS}


def test_a_refresh_and_a_revocation_reach_the_company_that_gave_the_token(http: httpx.Client) -> None:
    of_each = {realm: tokens_of(http, realm) for realm in REALMS}
    form = {"grant_type": "refresh_token", "refresh_token": of_each[REALMS[1]]["refresh_token"]}

    renewed = http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC).json()
    revoked = http.post("/v2/oauth2/tokens/revoke", json={"token": of_each[REALMS[2]]["refresh_token"]}, auth=BASIC)

    assert customers(http, REALMS[1], renewed).status_code == 200
    assert revoked.status_code == 200
    assert customers(http, REALMS[2], of_each[REALMS[2]]).status_code == 401
    assert customers(http, REALMS[0], of_each[REALMS[0]]).status_code == 200


def test_an_unknown_realm_and_an_unknown_code_are_refused(http: httpx.Client) -> None:
    form = {"grant_type": "authorization_code", "code": "AB12", "redirect_uri": "http://localhost/"}

    assert http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC).json()["error"] == "invalid_grant"
    assert customers(http, "4620816365000099999", tokens_of(http, REALMS[0])).status_code == 403


def test_each_company_has_books_a_journal_and_pages_of_its_own(http: httpx.Client) -> None:
    http.post(f"/realm/{REALMS[1]}/emulator/seed", json={"customers": [{"name": "Only here"}]}).raise_for_status()

    pages = [http.get(f"/realm/{realm}/").text for realm in REALMS]
    for link in set(re.findall(r'href="([^"]+)"', pages[1])):
        assert http.get(link).status_code == 200
    journals = [http.get(f"/realm/{realm}/emulator/journal").json()["requests"] for realm in REALMS]
    assert ["Only here" in page for page in pages] == [False, True, False]
    assert journals == [[], [], []]
    assert [realm in http.get("/").text for realm in REALMS] == [True, True, True]


def test_the_limit_of_one_company_is_not_that_of_another(http: httpx.Client) -> None:
    of_each = {realm: tokens_of(http, realm) for realm in REALMS[:2]}

    first = [customers(http, REALMS[0], of_each[REALMS[0]]).status_code for _ in range(12)]
    second = customers(http, REALMS[1], of_each[REALMS[1]]).status_code

    assert first == [200] * 10 + [429] * 2
    assert second == 200
