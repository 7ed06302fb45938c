"""Always a valid access token, and never a lost refresh token: one refresher, who saves before anybody uses.

Intuit replaces refresh tokens from time to time, and the old one dies. So a refresh happens under the keeper's
exclusive lock, the store is read again first, and what came is durable before its first use.
"""

from __future__ import annotations

import threading
from datetime import timedelta

import structlog

from connectors.ports import Clock
from connectors.quickbooks.oauth import InvalidGrantError, OAuth, OAuthUnavailableError
from connectors.quickbooks.ports import TokenKeeper, Tokens

RENEW_BEFORE = timedelta(minutes=5)
_log = structlog.get_logger("connectors.quickbooks.tokens")


class NeedsReconnectError(Exception):
    """The connection is dead: a person must consent again."""

    fix = "Type `syncd connect quickbooks`."


class AccessTokens:
    """The access tokens of one company, for any number of threads."""

    def __init__(self, keeper: TokenKeeper, oauth: OAuth, clock: Clock) -> None:
        self._keeper = keeper
        self._oauth = oauth
        self._clock = clock
        self._known: Tokens | None = None
        self._rejected = ""
        self._lock = threading.Lock()

    def current(self) -> str:
        """An access token that lives five more minutes; raises NeedsReconnectError, OAuthError."""
        with self._lock:
            known = self._known or self._keeper.load()
            if known is None:
                raise NeedsReconnectError("QuickBooks is not connected.")
            self._known = known if self._usable(known) else self._renewed()
            return self._known.access

    def reject(self, access: str) -> None:
        """QuickBooks did not accept this token, whatever its lifetime says: the next one is another."""
        with self._lock:
            self._rejected = access

    def _usable(self, tokens: Tokens) -> bool:
        lives = self._clock.now() < tokens.access_expires_at - RENEW_BEFORE
        return lives and tokens.access != self._rejected

    def _renewed(self) -> Tokens:
        """Usable tokens: another process's, if it was first, else new ones."""
        with self._keeper.exclusive():
            stored = self._keeper.load()
            if stored is None:
                raise NeedsReconnectError("QuickBooks is not connected.")
            if self._usable(stored):
                return stored
            tokens = self._refresh(stored)
            # Durable before use: after a crash here the old refresh token may be dead already.
            self._keeper.save(tokens)
            return tokens

    def _refresh(self, stored: Tokens) -> Tokens:
        try:
            return self._ask(stored)
        except InvalidGrantError as error:
            # Somebody may have stored a newer one in spite of the lock (another host, a restored lease).
            newer = self._keeper.load()
            if newer is None or newer.refresh == stored.refresh:
                _log.error("quickbooks-connection-dead", intuit_tid=error.intuit_tid)
                raise NeedsReconnectError("QuickBooks no longer accepts the stored connection.") from error
        if self._usable(newer):
            return newer
        try:
            return self._ask(newer)
        except InvalidGrantError as error:
            raise NeedsReconnectError("QuickBooks no longer accepts the stored connection.") from error

    def _ask(self, tokens: Tokens) -> Tokens:
        """Refresh; when the answer is lost, ask once more with the same token, which may still be the valid one."""
        try:
            return self._oauth.refresh(tokens.refresh)
        except OAuthUnavailableError as error:
            if error.certain:
                raise
            _log.warning("quickbooks-refresh-repeated", why=error.what)
        return self._oauth.refresh(tokens.refresh)
