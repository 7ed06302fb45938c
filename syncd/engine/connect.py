"""Connect a company to its books: a person consents, the tokens are stored, and only then the books are asked."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from sqlalchemy import update

from connectors.http import Client
from connectors.quickbooks.client import QuickBooksClient, open_http
from connectors.quickbooks.consent import CallbackError, ConnectAttempt
from connectors.quickbooks.errors import ForbiddenError, QuickBooksError
from connectors.quickbooks.limits import Limiter
from connectors.quickbooks.oauth import OAuth, OAuthError
from connectors.quickbooks.tokens import AccessTokens, NeedsReconnectError
from mappings.problems import Problem
from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.key import token_key
from syncd.engine.quickbooks import Gate, addresses_of, open_oauth, problem_of
from syncd.engine.tokens import Connected, StoredTokens, forget_connection, refuse_other, store_connection
from syncd.store import schema
from syncd.store.database import Store

_PLAYGROUND = "https://developer.intuit.com/v2/OAuth2Playground/RedirectUrl"
"""A page of Intuit's on which the browser may end: its address is what a person pastes."""


@dataclass(frozen=True, slots=True)
class Connecting:
    """A consent that is asked for: `attempt.url` is where the person goes."""

    attempt: ConnectAttempt
    oauth: OAuth
    http: Client


@dataclass(frozen=True, slots=True)
class ComingBack:
    """Where on this machine the browser's answer arrives: directly, or through the proxy behind an https address."""

    port: int
    path: str
    names: tuple[str, ...]
    """What the proxy may call this machine by."""


def redirect_uri_of(config: Config) -> str:
    """Where the browser ends after the consent: this machine, an address of the user's, or one that is pasted."""
    settings = config.quickbooks
    if settings.redirect == "browser":
        return f"http://localhost:{settings.redirect_port}/callback"
    if settings.redirect != "paste":
        return settings.redirect
    if settings.environment == "emulator":
        return f"{settings.base_url.rstrip('/')}/connected"
    return _PLAYGROUND


def coming_back(config: Config) -> ComingBack | None:
    """What to listen for; None where a person pastes the address."""
    if config.quickbooks.redirect == "paste":
        return None
    parts = urlsplit(redirect_uri_of(config))
    names = {parts.netloc, parts.hostname or ""}
    return ComingBack(config.quickbooks.redirect_port, parts.path, tuple(sorted(names)))


def begin(store: Store, config: Config, clock: Clock) -> Connecting:
    """Ask Intuit where to consent; raises OAuthError, SecretError. Close its `http` at the end."""
    http = open_http(addresses_of(config), before_request=Gate(store, clock))
    try:
        oauth = open_oauth(config, http, clock, redirect_uri_of(config))
        return Connecting(ConnectAttempt(oauth, clock), oauth, http)
    except BaseException:
        http.close()
        raise


def finish(
    store: Store, config: Config, clock: Clock, connecting: Connecting, address: str, holder: str
) -> Connected | Problem:
    """Take the address on which the browser ended: check it, store the tokens, and ask the books for their name."""
    company, environment = config.company.name, config.quickbooks.environment
    try:
        callback = connecting.attempt.finish(address)
    except CallbackError as error:
        return Problem("consent-unusable", str(error), "Type `syncd connect quickbooks`.")
    refusal = refuse_other(store, company, realm=callback.realm, environment=environment)
    if refusal is not None:
        return refusal
    key = token_key(config.store_key)
    try:
        tokens = connecting.oauth.exchange(callback.code)
    except OAuthError as error:
        return replace(problem_of(error), warning=False, fix="Type `syncd connect quickbooks` and consent again.")
    stored = store_connection(
        store, company, tokens, key=key, realm=callback.realm, environment=environment, clock=clock
    )
    if isinstance(stored, Problem):
        return stored
    keeper = StoredTokens(store, company, key, holder, clock)
    return _named(store, config, clock, connecting, stored, AccessTokens(keeper, connecting.oauth, clock))


def _named(
    store: Store, config: Config, clock: Clock, connecting: Connecting, stored: Connected, access: AccessTokens
) -> Connected | Problem:
    """Ask CompanyInfo, which shows at once whether sandbox and production are mixed up."""
    client = QuickBooksClient(
        base_url=config.quickbooks.base_url,
        realm=stored.realm,
        tokens=access,
        http=connecting.http,
        limiter=Limiter(clock, throttle_seconds=float(config.quickbooks.throttle_seconds)),
        clock=clock,
    )
    try:
        books = client.books()
    except ForbiddenError as error:
        if not stored.again:
            forget_connection(store, stored.company)
        return problem_of(error)
    except (QuickBooksError, OAuthError, NeedsReconnectError):
        # The consent stands; the name is learnt with the first reading of the lists.
        return stored
    with store.write() as connection:
        connection.execute(
            update(schema.connection)
            .where(schema.connection.c.company == stored.company)
            .values(company_name=books.company_name)
        )
    return replace(stored, company_name=books.company_name)
