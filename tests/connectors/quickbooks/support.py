"""What these tests share: documents, a keeper in memory, a client connected to the emulator over real HTTP."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import httpx

from connectors.http import Patience
from connectors.ports import Clock
from connectors.quickbooks.client import Addresses, QuickBooksClient, open_http
from connectors.quickbooks.consent import ConnectAttempt, agree_at_once
from connectors.quickbooks.limits import Limiter
from connectors.quickbooks.marker import marker_of
from connectors.quickbooks.oauth import OAuth
from connectors.quickbooks.ports import Tokens
from connectors.quickbooks.tokens import AccessTokens
from mappings.catalogue import Books
from mappings.documents import Document, DocumentKey, Line
from mappings.periods import month_of
from tests.support.clock import FakeClock

BOOKS = Books("4620816365000000001", "Atelier Boréal inc.", "CA", "CAD", multicurrency=True)
US_BOOKS = Books("4620816365000000002", "Boreal Workshop LLC", "US", "USD")
MARKER = marker_of("doc-1", "0123456789abcdef")
REDIRECT = "http://localhost:8123/callback"


@dataclass
class MemoryKeeper:
    """A TokenKeeper of one process; `saved` are all tokens that were kept, in order."""

    tokens: Tokens | None = None
    saved: list[Tokens] = field(default_factory=list)
    lock: Any = field(default_factory=threading.Lock)

    def load(self) -> Tokens | None:
        return self.tokens

    def save(self, tokens: Tokens) -> None:
        self.tokens = tokens
        self.saved.append(tokens)

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        with self.lock:
            yield


class FixedToken:
    """An access token that is always the same; `rejected` lists what was told about it."""

    def __init__(self, token: str = "access-1") -> None:  # noqa: S107
        self.token = token
        self.rejected: list[str] = []

    def current(self) -> str:
        return self.token

    def reject(self, access: str) -> None:
        self.rejected.append(access)


@dataclass
class Connected:
    """A client whose connection was consented to, and what it is made of."""

    client: QuickBooksClient
    keeper: MemoryKeeper
    tokens: AccessTokens
    oauth: OAuth
    http: httpx.Client
    limiter: Limiter
    clock: Clock


def oauth_at(addresses: Addresses, http: httpx.Client, clock: Clock) -> OAuth:
    """An app whose secrets are those of the emulator."""
    return OAuth(
        client_id="emulator",
        client_secret="emulator",
        redirect_uri=REDIRECT,
        discovery_url=addresses.discovery_url,
        http=http,
        clock=clock,
    )


@contextmanager
def connect_to_emulator(
    base_url: str, clock: Clock | None = None, *, timeout_seconds: float = 10
) -> Iterator[Connected]:
    """Consent at a server that agrees at once, and yield a client of its company."""
    with open_http(_addresses(base_url), timeout_seconds=timeout_seconds) as http:
        yield _connect(base_url, http, clock or FakeClock())


def _addresses(base_url: str) -> Addresses:
    return Addresses(base_url, f"{base_url}/.well-known/openid_sandbox_configuration/")


def _connect(base_url: str, http: httpx.Client, clock: Clock) -> Connected:
    addresses = _addresses(base_url)
    oauth = oauth_at(addresses, http, clock)
    attempt = ConnectAttempt(oauth, clock)
    callback = attempt.finish(agree_at_once(http, attempt.url))
    keeper = MemoryKeeper(oauth.exchange(callback.code))
    tokens = AccessTokens(keeper, oauth, clock)
    limiter = Limiter(clock)
    client = QuickBooksClient(
        base_url=base_url,
        realm=callback.realm,
        tokens=tokens,
        http=http,
        limiter=limiter,
        clock=clock,
        patience=Patience(attempts=3),
    )
    return Connected(client, keeper, tokens, oauth, http, limiter, clock)


def line(**changes: Any) -> Line:
    """Ten hours at 84.00, the first line."""
    values: dict[str, Any] = {
        "number": 1,
        "kind": "time",
        "description": "Consultation, octobre 2026",
        "item": "Consultation",
        "tax_code": "GST/QST QC - 9.975",
        "amount_minor": 84_000,
        "quantity": Decimal(10),
        "rate": Decimal("84.00"),
        "unit": "hour",
        "seconds": 36_000,
        "item_id": "2",
        "tax_code_id": "2",
    }
    return Line(**(values | changes))


def document(*lines: Line, **changes: Any) -> Document:
    """An invoice of October 2026; its subtotal is the sum of its lines."""
    lines = lines or (line(),)
    values: dict[str, Any] = {
        "key": DocumentKey("Clinique du Lac", "2026-10"),
        "kind": "invoice",
        "period": month_of(date(2026, 10, 1)),
        "dated": date(2026, 10, 31),
        "currency": "CAD",
        "language": "fr-CA",
        "lines": lines,
        "subtotal_minor": sum(one.amount_minor for one in lines),
        "customer_id": "1",
    }
    return Document(**(values | changes))
