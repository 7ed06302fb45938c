"""One company's tokens in the store, encrypted; and connecting, which keeps everything and mixes nothing up."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, insert, select, update

from connectors.quickbooks.oauth import OAuthUnavailableError
from connectors.quickbooks.ports import Tokens
from mappings.problems import Problem
from syncd.clock import Clock
from syncd.engine.expiry import LONGEST, RECONNECT, ending, ending_problem
from syncd.engine.key import KeyUnusableError, TokenKey
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.events import append_event
from syncd.store.leases import held

_LEASE_SECONDS = 180
"""A refresh is asked at most twice, each cut after 60 s; then it is saved."""
_WAIT_SECONDS = 200
"""Longer than another process's lease: its refresh is waited for, not repeated."""


class TokensReplacedError(OAuthUnavailableError):
    """Another process stored newer tokens while these were fetched: those count, and the next request uses them."""


class StoredTokens:
    """The TokenKeeper of one company: `save` is durable when it returns, `exclusive` holds over all processes."""

    def __init__(self, store: Store, company: str, key: TokenKey, holder: str, clock: Clock) -> None:
        self._store, self._company, self._key, self._holder, self._clock = store, company, key, holder, clock
        self._loaded: bytes | None = None

    def load(self) -> Tokens | None:
        """The stored tokens; None before connecting. Raises KeyUnusableError when the key does not fit."""
        with self._store.read() as connection:
            row = connection.execute(_select(self._company)).one_or_none()
        self._loaded = row.tokens if row is not None else None
        if row is None or row.tokens is None:
            return None
        return _open(self._key, row)

    def save(self, tokens: Tokens) -> None:
        """Store new tokens, provided that nobody stored others since they were loaded."""
        table = schema.connection.c
        with self._store.write() as connection:
            row = connection.execute(_select(self._company)).one()
            sealed = _seal(self._key, self._company, row.realm, tokens)
            # Not by the lease's token: these may be the only ones that still live, even if the refresh took too long.
            saved = connection.execute(
                update(schema.connection)
                .where(table.company == self._company, table.tokens == self._loaded)
                .values(tokens=sealed, broken_because=None, **_expiries(tokens))
            )
        if saved.rowcount != 1:
            raise TokensReplacedError("Another process has renewed the connection to QuickBooks meanwhile.")
        self._loaded = sealed

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """One refresher at a time, over all processes that share the store."""
        with held(self._store, self._company, "tokens", self._holder, _LEASE_SECONDS, self._clock, _WAIT_SECONDS):
            yield

    def mark_broken(self, because: str) -> None:
        """Record that only a person can reconnect, unless newer tokens came in since these were found dead."""
        table = schema.connection.c
        with self._store.write() as connection:
            marked = connection.execute(
                update(schema.connection)
                .where(table.company == self._company, table.tokens == self._loaded, table.broken_because.is_(None))
                .values(broken_because=because)
            )
            if marked.rowcount == 1:
                append_event(
                    connection, self._company, "disconnected", "quickbooks", {"because": because}, self._clock.now()
                )


@dataclass(frozen=True, slots=True)
class Connected:
    """What `syncd connect quickbooks` has stored. `again`: the company was connected before."""

    company: str
    realm: str
    environment: str
    again: bool
    company_name: str = ""
    """As the books say; "" when they could not be asked yet."""


def refuse_other(store: Store, company: str, *, realm: str, environment: str) -> Problem | None:
    """Why this realm may not be connected to this company, if there is a reason: asked before any token is fetched."""
    table = schema.connection.c
    with store.read() as connection:
        mine = connection.execute(_select(company)).one_or_none()
        others = connection.execute(select(table.company).where(table.realm == realm, table.company != company)).first()
    if others is not None:
        return Problem(
            "realm-taken",
            f"The QuickBooks company {realm} is connected to {others.company} already.",
            f"Log in to the company that belongs to {company}, or correct the company's name in config.toml.",
        )
    refusal = refuse_environment(store, company, environment)
    if mine is None or refusal is not None:
        return refusal
    if mine.realm != realm:
        return Problem(
            "another-realm",
            f"{company} is connected to {_known(mine)}; the consent was given for the company {realm}.",
            f"Type `syncd connect quickbooks` again and choose {_known(mine)}. "
            "Other books need a folder and a database of their own.",
        )
    return None


def refuse_environment(store: Store, company: str, environment: str) -> Problem | None:
    """Why this environment may not be connected to, if there is a reason: asked before anybody is sent to consent."""
    with store.read() as connection:
        mine = connection.execute(_select(company)).one_or_none()
    if mine is None or mine.environment == environment:
        return None
    return Problem(
        "another-environment",
        f"{company} is connected to {_known(mine)} in the environment {mine.environment}, not {environment}.",
        f'Set environment = "{mine.environment}", or give {environment} a [store] url of its own.',
    )


def _known(mine: Row[Any]) -> str:
    return f"{mine.company_name} ({mine.realm})" if mine.company_name else str(mine.realm)


def store_connection(
    store: Store, company: str, tokens: Tokens, *, key: TokenKey, realm: str, environment: str, clock: Clock
) -> Connected | Problem:
    """Store a person's consent before its first use; a reconnect replaces the tokens and keeps all else."""
    table, now = schema.connection.c, clock.now()
    refusal = refuse_other(store, company, realm=realm, environment=environment)
    if refusal is not None:
        return refusal
    values = {"tokens": _seal(key, company, realm, tokens), "connected_at": now, "broken_because": None}
    values |= {"hard_expires_at": now + LONGEST} | _expiries(tokens)
    with store.write() as connection:
        again = connection.execute(
            update(schema.connection)
            .where(table.company == company, table.realm == realm, table.environment == environment)
            .values(**values)
        )
        if again.rowcount == 0:
            names = {"company": company, "environment": environment, "realm": realm, "company_name": ""}
            connection.execute(insert(schema.connection).values(**names, **values))
        append_event(connection, company, "connected", "quickbooks", {"realm": realm, "environment": environment}, now)
    return Connected(company, realm, environment, again.rowcount == 1)


def forget_connection(store: Store, company: str) -> None:
    """Take back a first consent that turned out to be of no use, so that another company can be chosen."""
    with store.write() as connection:
        connection.execute(delete(schema.connection).where(schema.connection.c.company == company))


def connected_at(store: Store, company: str) -> datetime | None:
    """When a person last consented; None before the first time."""
    with store.read() as connection:
        row = connection.execute(_select(company)).one_or_none()
    return None if row is None else row.connected_at


def connection_problems(store: Store, company: str, now: datetime) -> tuple[Problem, ...]:
    """What is wrong with the connection, or will be soon: dead, or within two weeks of its end."""
    with store.read() as connection:
        row = connection.execute(_select(company)).one_or_none()
    if row is None or row.tokens is None:
        return (Problem("not-connected", f"{company} is not connected to QuickBooks.", RECONNECT),)
    if row.broken_because:
        what = f"QuickBooks no longer lets syncd in: {row.broken_because}"
        return (Problem("connection-broken", what, RECONNECT),)
    problems = []
    if row.paused_until is not None and row.paused_until > now:
        what = f"QuickBooks asked for silence until {row.paused_until:%H:%M:%S} UTC."
        problems.append(Problem("throttled", what, "syncd goes on by itself.", warning=True))
    found = ending(row.refresh_expires_at, row.hard_expires_at, now)
    if found is not None:
        problems.append(ending_problem(found))
    return tuple(problems)


def _select(company: str) -> Select[Any]:
    return select(schema.connection).where(schema.connection.c.company == company)


def _expiries(tokens: Tokens) -> dict[str, datetime]:
    """The ends that Intuit tells; of the last one it may be silent, and then what is known stays."""
    ends = {"access_expires_at": tokens.access_expires_at, "refresh_expires_at": tokens.refresh_expires_at}
    final = tokens.refresh_hard_expires_at
    return ends if final is None else ends | {"hard_expires_at": final}


def _seal(key: TokenKey, company: str, realm: str, tokens: Tokens) -> bytes:
    """Company and realm are inside: tokens copied to another row do not open there."""
    plain = {"company": company, "realm": realm, "access": tokens.access, "refresh": tokens.refresh}
    return key.encrypt(json.dumps(plain).encode())


def _open(key: TokenKey, row: Row[Any]) -> Tokens:
    plain = json.loads(key.decrypt(row.tokens))
    if (plain["company"], plain["realm"]) != (row.company, row.realm):
        raise KeyUnusableError("The stored tokens belong to another company.", RECONNECT)
    return Tokens(
        access=plain["access"],
        refresh=plain["refresh"],
        access_expires_at=row.access_expires_at,
        refresh_expires_at=row.refresh_expires_at,
        refresh_hard_expires_at=row.hard_expires_at,
    )
