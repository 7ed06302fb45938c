"""One company's way to QuickBooks: client, tokens and limits, put together once a process and used by every step.

One object for all steps of a process, because the limiter of a company must see each of its requests.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, or_, select, update

from connectors.http import AddressError, Client
from connectors.quickbooks.client import Addresses, QuickBooksClient, open_http
from connectors.quickbooks.errors import NotSentError, QuickBooksError, RefusedError, ThrottledError
from connectors.quickbooks.oauth import InvalidClientError, OAuth, OAuthError
from connectors.quickbooks.tokens import AccessTokens, NeedsReconnectError
from connectors.quickbooks.values import UnexpectedAnswerError
from mappings.problems import Problem
from syncd.clock import Clock, is_stopping
from syncd.config import Config, SecretError
from syncd.engine.expiry import RECONNECT
from syncd.engine.key import KeyUnusableError, token_key
from syncd.engine.tokens import StoredTokens
from syncd.engine.turns import SharedLimiter
from syncd.store import schema
from syncd.store.database import Store

QuickBooksFailure = (QuickBooksError, OAuthError, NeedsReconnectError, KeyUnusableError, SecretError)
"""All that can keep a step from speaking to QuickBooks; `problem_of` says it to a person."""

_PAUSED = select(schema.connection.c.paused_until).where(schema.connection.c.company == bindparam("of_company"))


class NotConnectedError(Exception):
    """The company has no connection that this configuration may use; `problem` says why and what to do."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.what)
        self.problem = problem


class TooLateError(NotSentError):
    """The moment up to which a request was allowed to leave has passed: it did not leave."""


class StoppingError(NotSentError):
    """This process is asked to end: nothing more is read. What is being sent goes on to its answer."""


class Gate:
    """Asked before each request leaves: no write transaction may be open, and a send must still be in its time."""

    def __init__(self, store: Store, clock: Clock, beat: Callable[[], None] = lambda: None) -> None:
        self._store, self._clock, self._beat = store, clock, beat
        self._of_thread = threading.local()

    def __call__(self) -> None:
        self._store.assert_no_write_open()
        self._beat()
        latest: datetime | None = getattr(self._of_thread, "latest", None)
        if latest is None:
            if is_stopping(self._clock):
                raise StoppingError("syncd is being stopped")
            return
        now = self._clock.now()
        if now > latest:
            raise TooLateError("the send waited for too long and was not made")
        self._of_thread.left_at = now

    @contextmanager
    def sending(self, latest: datetime) -> Iterator[Callable[[], datetime | None]]:
        """This thread's requests leave by `latest` or not at all; yields what tells when the last one left."""
        self._of_thread.latest, self._of_thread.left_at = latest, None
        try:
            yield lambda: self._of_thread.left_at
        finally:
            self._of_thread.latest = None


@dataclass(frozen=True, slots=True)
class QuickBooks:
    """An open connection of one company. May be used by several threads."""

    company: str
    realm: str
    client: QuickBooksClient
    access: AccessTokens
    keeper: StoredTokens
    gate: Gate
    http: Client
    throttle_seconds: float
    """How long QuickBooks is left alone after a 429 that names no time."""

    def close(self) -> None:
        """Give its sockets back."""
        self.http.close()


@contextmanager
def quickbooks(
    store: Store, config: Config, clock: Clock, holder: str, beat: Callable[[], None] = lambda: None
) -> Iterator[QuickBooks]:
    """Open the connection for a block; raises NotConnectedError, KeyUnusableError, SecretError."""
    opened = open_quickbooks(store, config, clock, holder, beat)
    try:
        yield opened
    finally:
        opened.close()


def open_quickbooks(
    store: Store, config: Config, clock: Clock, holder: str, beat: Callable[[], None] = lambda: None
) -> QuickBooks:
    """Open the connection of a company; raises NotConnectedError, KeyUnusableError, SecretError.

    `beat` is called before each request, by which a daemon sees that the job goes on.
    """
    company, settings = config.company.name, config.quickbooks
    realm = connected_realm(store, company, settings.environment)
    gate = Gate(store, clock, beat)
    addresses = addresses_of(config)
    http = open_http(addresses, before_request=gate)
    keeper = StoredTokens(store, company, token_key(config.store_key), holder, clock)
    access = AccessTokens(keeper, open_oauth(config, http, clock), clock)
    client = QuickBooksClient(
        base_url=addresses.base_url,
        realm=realm,
        tokens=access,
        http=http,
        limiter=SharedLimiter(store, company, clock, throttle_seconds=float(settings.throttle_seconds)),
        clock=clock,
    )
    return QuickBooks(company, realm, client, access, keeper, gate, http, float(settings.throttle_seconds))


def connected_realm(store: Store, company: str, environment: str) -> str:
    """The realm of a company; raises NotConnectedError where there is none, or one of another environment."""
    with store.read() as connection:
        row = connection.execute(select(schema.connection).where(schema.connection.c.company == company)).one_or_none()
    if row is None:
        raise NotConnectedError(Problem("not-connected", f"{company} is not connected to QuickBooks.", RECONNECT))
    if row.environment != environment:
        raise NotConnectedError(
            Problem(
                "another-environment",
                f"{company} is connected to QuickBooks' {row.environment}, and config.toml says {environment}.",
                f'Set environment = "{row.environment}", or give {environment} a [store] url of its own.',
            )
        )
    return str(row.realm)


def addresses_of(config: Config) -> Addresses:
    """Where this company's QuickBooks is: config.toml has the addresses of each environment filled in."""
    return Addresses(config.quickbooks.base_url, config.quickbooks.discovery_url)


def open_oauth(config: Config, http: Client, clock: Clock, redirect_uri: str = "") -> OAuth:
    """The app's way to tokens; raises SecretError. The redirect is needed for a person's consent alone."""
    settings = config.quickbooks
    assert settings.client_secret is not None, "the configuration requires it"
    return OAuth(
        client_id=settings.client_id,
        client_secret=settings.client_secret.reveal(),
        redirect_uri=redirect_uri,
        discovery_url=settings.discovery_url,
        http=http,
        clock=clock,
    )


def problem_of(error: BaseException) -> Problem:
    """Why QuickBooks could not be asked, and what to do."""
    match error:
        case NotConnectedError() | SecretError():
            return error.problem
        case NeedsReconnectError():
            return Problem("connection-broken", str(error), RECONNECT)
        case KeyUnusableError():
            return Problem("key-unusable", error.what, error.fix)
        case InvalidClientError():
            fix = "Check client_id and client_secret in [quickbooks] of config.toml."
            return Problem("quickbooks-client-refused", error.what, fix)
        case OAuthError() | AddressError():
            fix = "The daemon tries again by itself; type a command again. Where you use `syncd emulator`, it must run."
            return Problem("quickbooks-sign-in", error.what, fix, warning=True)
        case ThrottledError():
            return Problem("throttled", f"{error.what}.", error.advice, warning=True)
        case QuickBooksError():
            codes = "-".join(error.codes) or str(error.status or "no-answer")
            return Problem(f"quickbooks-{codes}", f"{error.what}.", error.advice)
        case _:
            raise AssertionError(f"not an error of QuickBooks: {error!r}") from error


def is_companys(error: BaseException) -> bool:
    """Whether a failure concerns the whole company (silence, tokens, limits), and not the one request alone."""
    return not isinstance(error, RefusedError | UnexpectedAnswerError)


@contextmanager
def speaking(store: Store, opened: QuickBooks, clock: Clock) -> Iterator[None]:
    """A block that asks QuickBooks: not while it wants silence (ThrottledError), and its failures are remembered."""
    with store.read() as connection:
        pause = read_pause(connection, opened.company)
    with speaking_after(pause, store, opened, clock):
        yield


@contextmanager
def speaking_after(pause: datetime | None, store: Store, opened: QuickBooks, clock: Clock) -> Iterator[None]:
    """As `speaking`, where the pause that QuickBooks asked for last is known already."""
    now = clock.now()
    if pause is not None and pause > now:
        seconds = (pause - now).total_seconds()
        raise ThrottledError("QuickBooks has asked for silence after too many requests", retry_after_seconds=seconds)
    try:
        yield
    except QuickBooksFailure as error:
        note_failure(store, opened, error, clock)
        raise


def note_failure(store: Store, opened: QuickBooks, error: BaseException, clock: Clock) -> None:
    """Remember for every process what this failure means for the company: silence, or a person must reconnect."""
    if isinstance(error, NeedsReconnectError):
        opened.keeper.mark_broken(str(error))
    elif isinstance(error, ThrottledError):
        seconds = opened.throttle_seconds if error.retry_after_seconds is None else error.retry_after_seconds
        pause_until(store, opened.company, clock.now() + timedelta(seconds=seconds))


def pause_until(store: Store, company: str, until: datetime) -> None:
    """Let every process be silent until then; a longer silence that is already kept stays."""
    table = schema.connection.c
    with store.write() as connection:
        connection.execute(
            update(schema.connection)
            .where(table.company == company, or_(table.paused_until.is_(None), table.paused_until < until))
            .values(paused_until=until)
        )


def paused_until(store: Store, company: str, now: datetime) -> datetime | None:
    """Until when QuickBooks has asked for silence; None when it has not, or no longer."""
    with store.read() as connection:
        until = read_pause(connection, company)
    return until if until is not None and until > now else None


def read_pause(connection: Connection, company: str) -> datetime | None:
    """The end of the last silence that QuickBooks asked for, which may be over."""
    until: datetime | None = connection.execute(_PAUSED, {"of_company": company}).scalar()
    return until
