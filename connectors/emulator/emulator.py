"""The emulator as one object: books, tokens, limits, fault switches and journal of one company, under one lock."""

import threading
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Self, TypeVar

from connectors.emulator import operations, seed
from connectors.emulator.api import ApiSettings, CompanyApi
from connectors.emulator.books import Books, Data
from connectors.emulator.clock import system_monotonic, system_now
from connectors.emulator.journal import Entry, Journal
from connectors.emulator.limits import RateLimiter
from connectors.emulator.oauth import OAuth
from connectors.emulator.operations import Options
from connectors.emulator.storage import FileStorage, MemoryStorage, Storage
from connectors.emulator.switches import Switch, Switchboard, read_switch

DEFAULT_PORT = 8765
_Result = TypeVar("_Result")


class Emulator:
    """QuickBooks Online for one company, without a network: `create_app` puts HTTP around it.

    `country` is "ca" or "us". With `books_path` the books and tokens live in that file, and a later emulator goes on
    from it. `now` gives instants with a zone; the limits of requests count on their own clock. Its methods may be
    called from any thread, also while it serves.
    """

    def __init__(
        self,
        country: str = "ca",
        books_path: Path | None = None,
        now: Callable[[], datetime] | None = None,
        *,
        realm_id: str | None = None,
        client_id: str = "emulator",
        client_secret: str = "emulator",  # noqa: S107 - a stand-in has no secrets
        limits: bool = True,
        monotonic: Callable[[], float] = system_monotonic,
    ) -> None:
        if country not in seed.REALM_IDS:
            raise ValueError(f"country must be ca or us, not {country}")
        self.lock = threading.RLock()
        self.country = country
        self.realm_id = realm_id or seed.REALM_IDS[country]
        # Set while the server stops: whoever waits stops waiting.
        self.closing = False
        self._now = now or system_now
        self._ahead = timedelta()
        self._storage: Storage = FileStorage(books_path) if books_path else MemoryStorage()
        try:
            self._check_file()
            self.books = Books(country, self.realm_id, self._storage, self.now)
            if self.books.is_empty:
                seed.open_books(self.books)
                self.books.commit({"company": [country, self.realm_id]})
        except BaseException:
            self._storage.close()
            raise
        self.api = CompanyApi(self.books)
        self.oauth = OAuth(self.realm_id, client_id, client_secret, self._storage.value("grants"))
        self.limiter = RateLimiter(monotonic, on=limits)
        self.switchboard = Switchboard()
        self.journal = Journal()

    def _check_file(self) -> None:
        kept = self._storage.value("company")
        if kept is not None and kept != [self.country, self.realm_id]:
            raise ValueError(
                f"the books file is of company {kept[1]} ({kept[0]}), not {self.realm_id} ({self.country})"
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the books file."""
        with self.lock:
            self._storage.close()

    def stop_waiting(self) -> None:
        """End the waits of delayed answers: the server stops."""
        self.closing = True

    def now(self) -> datetime:
        """Return the emulator's present."""
        return self._now() + self._ahead

    def advance(self, seconds: float) -> None:
        """Put the emulator's clock ahead: access tokens end, old changes leave cdc, and so on."""
        with self.lock:
            self._ahead += timedelta(seconds=seconds)

    @property
    def settings(self) -> ApiSettings:
        """What is not known of the real service and can be chosen."""
        return self.api.settings

    def keep_tokens(self) -> None:
        """Write the tokens to the books file; called before an answer that changes them is sent."""
        self._storage.save([], {"grants": self.oauth.stored()})

    def seed(self, entries: Mapping[str, Any]) -> dict[str, dict[str, str]]:
        """Add customers, items and so on, or set preferences; returns the new ids by name.

        Keys: customers, items, classes, departments, vendors, employees, preferences, closed_books, exchange_rates,
        tax_rates. Raises SeedError or Fault and then adds nothing.
        """
        with self.lock:
            return self._staged(lambda: seed.apply_seed(self.books, entries))

    def write(self, entity: str, operation: str, body: Mapping[str, Any]) -> Data:
        """Change the books as a person at QuickBooks' own screen would; raises Fault."""
        with self.lock:
            language = self.settings.language
            options = Options(not self.settings.warn_duplicate_numbers, language, self.settings.send_token_delta)
            return self._staged(lambda: operations.write(self.books, entity, operation, dict(body), options))

    def _staged(self, change: Callable[[], _Result]) -> _Result:
        try:
            result = change()
        except BaseException:
            self.books.rollback()
            raise
        self.books.commit()
        return result

    def read(self, entity: str, identity: str) -> Data:
        """Return an entity as it stands; raises Fault 610. Not to be changed by the caller."""
        with self.lock:
            return self.books.get(entity, identity)

    def all(self, entity: str) -> list[Data]:
        """Return all that exists of an entity, inactive ones too, in order of id."""
        with self.lock:
            return sorted(self.books.all(entity), key=lambda data: (len(data["Id"]), data["Id"]))

    def fault(self, kind: str, **members: Any) -> Switch:
        """Spoil the next requests that match; see `switches.Switch` for the members. Raises ValueError."""
        with self.lock:
            switch = read_switch({"kind": kind, **members})
            self.switchboard.switches.append(switch)
            return switch

    def clear_faults(self) -> None:
        """Take all fault switches away."""
        with self.lock:
            self.switchboard.switches.clear()

    def requests(self, *, since: datetime | int | None = None, writes: bool = False) -> list[Entry]:
        """Return the journal's entries."""
        with self.lock:
            return self.journal.entries(since=since, writes=writes)
