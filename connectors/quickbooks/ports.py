"""What the client is handed to keep a connection's tokens; the engine stores them, encrypted."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tokens:
    """A connection's tokens and when they end. The secrets are not part of its repr."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    access_expires_at: datetime
    refresh_expires_at: datetime
    """Moves with each refresh, about 100 days ahead."""
    refresh_hard_expires_at: datetime | None = None
    """Never moves: five years after the consent. None where Intuit does not say."""


class TokenKeeper(Protocol):
    """Keeps one company's tokens.

    `save` must be durable when it returns. `exclusive` must let one holder in at a time, over all processes that
    share the store; `load` and `save` are called within it. `load` must read the store, not a memory of it.
    """

    def load(self) -> Tokens | None: ...

    def save(self, tokens: Tokens) -> None: ...

    def exclusive(self) -> AbstractContextManager[object]: ...


class AccessSource(Protocol):
    """Where a session gets its access tokens from."""

    def current(self) -> str:
        """A valid access token."""
        ...

    def reject(self, access: str) -> None:
        """QuickBooks did not accept this one: the next `current` must be another."""
        ...
