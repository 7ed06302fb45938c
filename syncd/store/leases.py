"""Leases: who may do a step now, with a fencing token that shows too late a holder that it has been replaced."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TypeVar

from sqlalchemy import Connection, bindparam, insert, select, update

from syncd.clock import Clock
from syncd.store import schema
from syncd.store.database import Store
from syncd.store.errors import StoreError
from syncd.store.holders import is_dead, shown, this_process

Found = TypeVar("Found")

_LOOK_AGAIN_SECONDS = 0.2

# Built once: every step takes, checks and gives back a lease, and building a statement costs more than running it.
_TABLE = schema.lease.c
_ROW = select(_TABLE.holder, _TABLE.token, _TABLE.expires_at).where(
    _TABLE.company == bindparam("of_company"), _TABLE.name == bindparam("of_name")
)
_MINE = update(schema.lease).where(
    _TABLE.company == bindparam("of_company"),
    _TABLE.name == bindparam("of_name"),
    _TABLE.token == bindparam("of_token"),
)
_TAKE = _MINE.values(holder=bindparam("holder"), token=bindparam("token"), expires_at=bindparam("expires_at"))
_MOVE_END = _MINE.values(expires_at=bindparam("expires_at"))


@dataclass(slots=True)
class _Given:
    """What all copies of one lease know of its end."""

    back: bool = False


@dataclass(frozen=True, slots=True)
class Lease:
    """The right to do one step of one company until `expires_at`. `token` grows with every holder of the name."""

    company: str
    name: str
    holder: str
    token: int
    expires_at: datetime
    given: _Given = field(default_factory=_Given, compare=False, repr=False)


class LeaseHeldError(Exception):
    """Somebody else does this step now."""

    def __init__(self, name: str, holder: str, until: datetime) -> None:
        super().__init__(f"{shown(holder)} holds `{name}` until {until:%H:%M:%S} UTC at the latest.")
        self.name = name
        self.holder = shown(holder)
        self.until = until


class LeaseLostError(Exception):
    """The lease ran out and another one took it: what was done since must not be recorded."""

    def __init__(self, lease: Lease) -> None:
        super().__init__(f"{shown(lease.holder)} no longer holds `{lease.name}`; nothing was recorded.")
        self.lease = lease


def acquire(connection: Connection, company: str, name: str, holder: str, seconds: float, now: datetime) -> Lease:
    """Take the lease, or raise LeaseHeldError. To be called inside `Store.write()`.

    On SQLite every holder is a process of this machine, so that the lease of one that has died is free at once.
    """
    row = connection.execute(_ROW, {"of_company": company, "of_name": name}).one_or_none()
    lease = Lease(company, name, holder, row.token + 1 if row else 1, now + timedelta(seconds=seconds))
    values = {"holder": holder, "token": lease.token, "expires_at": lease.expires_at}
    if row is None:
        connection.execute(insert(schema.lease).values(company=company, name=name, **values))
        return lease
    if row.expires_at > now and not (connection.dialect.name == "sqlite" and is_dead(row.holder)):
        raise LeaseHeldError(name, row.holder, row.expires_at)
    taken = connection.execute(_TAKE, _key(company, name, row.token) | values)
    if taken.rowcount != 1:
        raise LeaseHeldError(name, row.holder, row.expires_at)
    return lease


def renew(connection: Connection, lease: Lease, seconds: float, now: datetime) -> Lease:
    """Hold it for `seconds` from now, or raise LeaseLostError. Checks the token, so `check` need not be called too."""
    longer = replace(lease, expires_at=now + timedelta(seconds=seconds))
    kept = connection.execute(_MOVE_END, _key_of(lease) | {"expires_at": longer.expires_at})
    if kept.rowcount != 1:
        raise LeaseLostError(lease)
    return longer


def check(connection: Connection, lease: Lease) -> None:
    """Raise LeaseLostError if another one has taken the lease; to be called in the transaction that records.

    A lease that ran out and that nobody took is still good: no other result can have come between.
    """
    row = connection.execute(_ROW, {"of_company": lease.company, "of_name": lease.name}).one_or_none()
    if row is None or row.token != lease.token:
        raise LeaseLostError(lease)


def release(connection: Connection, lease: Lease, now: datetime) -> None:
    """Give it back, or raise LeaseLostError. The row stays, so that tokens keep growing.

    A step may do so in the transaction that records its result: that need not call `check` then, and `held` has
    nothing to write.
    """
    given = connection.execute(_MOVE_END, _key_of(lease) | {"expires_at": now})
    if given.rowcount != 1:
        raise LeaseLostError(lease)
    lease.given.back = True


@contextmanager
def held(
    store: Store,
    company: str,
    name: str,
    holder: str = "",
    seconds: float = 60,
    clock: Clock | None = None,
    wait_seconds: float = 0,
) -> Iterator[Lease]:
    """Hold a lease for the time of a block; wait for it at most `wait_seconds`, then raise LeaseHeldError.

    `seconds` is the longest time between two renewals. The holder is this process unless one is given.
    """
    with held_and_read(store, company, name, lambda _: None, holder, seconds, clock, wait_seconds) as (lease, _):
        yield lease


@contextmanager
def held_and_read(
    store: Store,
    company: str,
    name: str,
    read: Callable[[Connection], Found],
    holder: str = "",
    seconds: float = 60,
    clock: Clock | None = None,
    wait_seconds: float = 0,
) -> Iterator[tuple[Lease, Found]]:
    """As `held`, with what the step must know first, read in the transaction that takes the lease."""
    clock = clock or store.clock

    def take() -> tuple[Lease, Found]:
        with store.write(durable=False) as connection:
            lease = acquire(connection, company, name, holder or this_process(), seconds, clock.now())
            return lease, read(connection)

    def give_back() -> None:
        # Somebody else may have it by now, and then there is nothing to give back.
        if not lease.given.back:
            with suppress(LeaseLostError), store.write(durable=False) as connection:
                release(connection, lease, clock.now())

    lease, found = _wait(take, clock, wait_seconds)
    try:
        yield lease, found
    except BaseException:
        # What went wrong inside is the news; a lease that cannot be given back runs out by itself.
        with suppress(StoreError):
            give_back()
        raise
    give_back()


def _wait(take: Callable[[], Found], clock: Clock, wait_seconds: float) -> Found:
    # Counted in looks and not in time, because a clock that is stopping no longer sleeps.
    for _ in range(int(wait_seconds / _LOOK_AGAIN_SECONDS)):
        with suppress(LeaseHeldError):
            return take()
        clock.sleep(_LOOK_AGAIN_SECONDS)
    return take()


def _key_of(lease: Lease) -> dict[str, object]:
    return _key(lease.company, lease.name, lease.token)


def _key(company: str, name: str, token: int) -> dict[str, object]:
    return {"of_company": company, "of_name": name, "of_token": token}
