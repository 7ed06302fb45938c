"""What these tests share: a connected client that speaks plain HTTP, and small bodies to send."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from connectors.emulator import Emulator, running

# One for all clients: making it anew costs more than a whole test.
TLS = ssl.create_default_context()
BASIC = ("emulator", "emulator")
SCOPE = "com.intuit.quickbooks.accounting"


class SteppingClock:
    """Starts on Monday, 2 November 2026, 17:00 UTC (09:00 at the servers) and moves only when told."""

    def __init__(self) -> None:
        self.instant = datetime(2026, 11, 2, 17, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.instant

    def step(self, seconds: float = 0, days: float = 0) -> None:
        self.instant += timedelta(seconds=seconds, days=days)


class Api:
    """The company API of a running emulator, as a strict client would call it."""

    def __init__(self, emulator: Emulator, base_url: str) -> None:
        self.emulator = emulator
        self.base_url = base_url
        self.http = httpx.Client(base_url=base_url, headers={"accept": "application/json"}, timeout=10, verify=TLS)
        self.company = f"/v3/company/{emulator.realm_id}"
        self.tokens = connect(self.http, base_url)
        self.http.headers["authorization"] = f"Bearer {self.tokens['access_token']}"

    def post(self, entity: str, body: Any, **params: str) -> httpx.Response:
        return self.http.post(f"{self.company}/{entity.lower()}", json=body, params=params)

    def get(self, path: str, **params: str) -> httpx.Response:
        return self.http.get(f"{self.company}/{path}", params=params)

    def create(self, entity: str, body: Any, **params: str) -> dict[str, Any]:
        """Create and return the entity; the test fails on a fault."""
        answer = self.post(entity, body, **params)
        assert answer.status_code == 200, answer.text
        created: dict[str, Any] = answer.json()[entity]
        return created

    def read(self, entity: str, identity: str) -> dict[str, Any]:
        answer = self.get(f"{entity.lower()}/{identity}")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()[entity]
        return found

    def update(self, entity: str, old: dict[str, Any], **members: Any) -> dict[str, Any]:
        """Change an entity sparsely."""
        return self.create(entity, {**names_of(old), "sparse": True, **members})

    def void(self, entity: str, old: dict[str, Any]) -> dict[str, Any]:
        if entity == "Payment":
            return self.create(entity, {**names_of(old), "sparse": True}, operation="update", include="void")
        return self.create(entity, names_of(old), operation="void")

    def delete(self, entity: str, old: dict[str, Any]) -> httpx.Response:
        return self.post(entity, names_of(old), operation="delete")

    def query(self, text: str) -> httpx.Response:
        return self.get("query", query=text)

    def select(self, text: str) -> dict[str, Any]:
        answer = self.query(text)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()["QueryResponse"]
        return found

    def customer(self, name: str, currency: str = "CAD", **members: Any) -> str:
        """Create a customer and return its id."""
        body = {"DisplayName": name, "CurrencyRef": {"value": currency}, **members}
        return str(self.create("Customer", body)["Id"])

    def invoice(self, *amounts: str, customer: str = "1", currency: str = "CAD", **members: Any) -> dict[str, Any]:
        return self.create("Invoice", document(*amounts, customer=customer, currency=currency, **members))

    def close(self) -> None:
        self.http.close()


def connect(http: httpx.Client, base_url: str) -> dict[str, Any]:
    """Walk through consent and trade the code for tokens."""
    code = consent(http, base_url)["code"]
    form = {"grant_type": "authorization_code", "code": code, "redirect_uri": f"{base_url}/connected"}
    answer = http.post("/oauth2/v1/tokens/bearer", data=form, auth=BASIC)
    assert answer.status_code == 200, answer.text
    tokens: dict[str, Any] = answer.json()
    return tokens


def consent(http: httpx.Client, base_url: str, **changes: str) -> httpx.QueryParams:
    """Return what the redirect carries."""
    asked = {"client_id": "emulator", "response_type": "code", "scope": SCOPE, "state": "s1"}
    answer = http.get("/connect/oauth2", params={**asked, "redirect_uri": f"{base_url}/connected", **changes})
    assert answer.status_code == 302, answer.text
    return httpx.URL(answer.headers["location"]).params


def names_of(entity: dict[str, Any]) -> dict[str, Any]:
    return {"Id": entity["Id"], "SyncToken": entity["SyncToken"]}


def line(amount: str, tax_code: str | None = "6", **detail: Any) -> dict[str, Any]:
    """A sales line; tax code 6 is Out of Scope in the Canadian books."""
    code = {"TaxCodeRef": {"value": tax_code}} if tax_code else {}
    sales = {"ItemRef": {"value": "2"}, **code, **detail}
    return {"Amount": amount, "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": sales}


def document(*amounts: str, customer: str = "1", currency: str | None = "CAD", **members: Any) -> dict[str, Any]:
    """An invoice or credit memo with a line an amount, outside tax."""
    body: dict[str, Any] = {"CustomerRef": {"value": customer}, "Line": [line(amount) for amount in amounts]}
    return {**body, **({"CurrencyRef": {"value": currency}} if currency else {}), **members}


def payment(total: str, *lines: tuple[str, str, str], customer: str = "1", currency: str = "CAD") -> dict[str, Any]:
    """A payment; each line is (entity, id, amount)."""
    return {
        "CustomerRef": {"value": customer},
        "CurrencyRef": {"value": currency},
        "TotalAmt": total,
        "Line": [
            {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": entity}]}
            for entity, identity, amount in lines
        ],
    }


def codes(answer: httpx.Response) -> list[str]:
    """The codes of a refusal, in order."""
    assert answer.status_code == 400, answer.text
    return [error["code"] for error in answer.json()["Fault"]["Error"]]


def detail(answer: httpx.Response) -> str:
    """The text of the first error of a refusal."""
    text: str = answer.json()["Fault"]["Error"][0]["Detail"]
    return text


@contextmanager
def company(country: str = "ca", path: Path | None = None, **options: Any) -> Iterator[Api]:
    """A running emulator and a client of it, both gone afterwards."""
    options.setdefault("limits", False)
    with Emulator(country, path, **options) as emulator, running(emulator) as base_url:
        api = Api(emulator, base_url)
        try:
            yield api
        finally:
            api.close()
