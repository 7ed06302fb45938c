"""One QuickBooks company: everything that syncd asks of it, behind one object that several threads may use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import httpx

from connectors.http import Patience, build_client
from connectors.ports import Clock
from connectors.quickbooks.documents import Found, Writer, look_for
from connectors.quickbooks.entities import Entity
from connectors.quickbooks.limits import Limiter
from connectors.quickbooks.lists import read_books, read_exchange_rate, read_named, read_tax_components
from connectors.quickbooks.ports import AccessSource
from connectors.quickbooks.reading import Changes, Reader
from connectors.quickbooks.session import Session
from connectors.quickbooks.wire import Json
from mappings.catalogue import Books, Kind, Named, TaxComponent

_INTUIT_HOSTS = frozenset({"developer.intuit.com", "oauth.platform.intuit.com", "developer.api.intuit.com"})


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where one environment of QuickBooks Online is."""

    base_url: str
    discovery_url: str

    @property
    def hosts(self) -> frozenset[str]:
        """The hosts that a connection to this environment may speak to."""
        named = {httpx.URL(url).host for url in (self.base_url, self.discovery_url)}
        return frozenset(named) | (_INTUIT_HOSTS if "developer.intuit.com" in named else frozenset())


def open_http(
    addresses: Addresses, *, timeout_seconds: float = 60.0, before_request: Callable[[], None] | None = None
) -> httpx.Client:
    """The HTTP client for one environment, tokens and company alike. `before_request` runs before each request."""
    return build_client(
        allowed_hosts=addresses.hosts,
        timeout_seconds=timeout_seconds,
        before_request=before_request,
    )


class QuickBooksClient:
    """Reads and writes one company. Reads are patient; each write is tried once, its error says what is certain."""

    def __init__(
        self,
        *,
        base_url: str,
        realm: str,
        tokens: AccessSource,
        http: httpx.Client,
        limiter: Limiter,
        clock: Clock,
        patience: Patience | None = None,
    ) -> None:
        self.realm = realm
        self._session = Session(base_url=base_url, realm=realm, http=http, limiter=limiter, clock=clock, tokens=tokens)
        self._reader = Reader(self._session, clock, patience or Patience())
        self._writer = Writer(self._session)

    @property
    def answered_tid(self) -> str:
        """Under which id Intuit's support finds the last request of this thread; "" where its answer had none."""
        return self._session.answered_tid

    def books(self) -> Books:
        """The company's name, country, currencies and settings."""
        return read_books(self._reader, self.realm)

    def named(self, kind: Kind, books: Books) -> list[Named]:
        """One list of names and ids, inactive rows included."""
        return read_named(self._reader, kind, books)

    def tax_components(self) -> dict[str, tuple[TaxComponent, ...]]:
        """Tax code id → its sales tax rates."""
        return read_tax_components(self._reader)

    def exchange_rate(self, currency: str, day: date) -> Decimal | None:
        """Home units per unit of `currency`, None where QuickBooks knows none."""
        return read_exchange_rate(self._reader, currency, day)

    def query(self, entity: str, where: str = "") -> list[Json]:
        """All rows of an entity, by id; values in `where` are to be `reading.quoted`."""
        return self._reader.query(entity, where)

    def get(self, entity: Entity, object_id: str) -> Json:
        """One object by its id; RefusedError with code 610 where it is deleted."""
        return self._reader.get(entity, object_id)

    def changes(self, entities: Iterable[str], since: datetime) -> Changes:
        """What changed since an instant, at most 30 days ago (TooLongAgoError)."""
        return self._reader.changes(entities, since)

    def create(self, entity: Entity, payload: Mapping[str, Any] | str, request_id: str) -> Json:
        """Create a document from its payload or its exact JSON text.

        Raises QuickBooksError, whose `certain` tells whether nothing was done.
        """
        return self._writer.create(entity, payload, request_id)

    def send(self, entity: Entity, object_id: str, request_id: str, send_to: str = "") -> Json:
        """E-mail a document; in doubt, its EmailStatus and DeliveryInfo tell."""
        return self._writer.send(entity, object_id, request_id, send_to)

    def void(self, object_id: str, sync_token: str, request_id: str) -> Json:
        """Void an invoice as it was last read."""
        return self._writer.void(object_id, sync_token, request_id)

    def look_for(self, entity: Entity, payload: Mapping[str, Any]) -> Found:
        """Whether the document of this payload exists."""
        return look_for(self._reader, entity, payload)
