"""Turns to speak to one company in QuickBooks, shared by every process: the daemon, commands beside it, other hosts.

QuickBooks counts per company, not per process: 10 requests a second and 500 a minute. A turn is the moment from which a
request may leave; each one taken moves the next by an interval, so the pace holds in every window however many take
part (the generic cell rate algorithm).
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import bindparam, insert, select, update

from connectors.quickbooks.limits import PER_MINUTE, Limiter
from syncd.clock import Clock
from syncd.store import schema
from syncd.store.database import Store

INTERVAL = timedelta(seconds=60) / PER_MINUTE
LONGEST_QUEUE = timedelta(seconds=60)
"""More than all the requests of several processes that can wait at once."""
BURST = 1
"""Requests that may leave ahead of the pace after a pause: with the pace itself that is 9 in any second."""

# Built once: each request takes a turn.
_MINE = schema.request_turn.c.company == bindparam("of_company")
_NEXT = select(schema.request_turn.c.next_at).where(_MINE)
_MOVE = update(schema.request_turn).where(_MINE).values(next_at=bindparam("next_at"))


class SharedLimiter(Limiter):
    """A process's own limiter, which hears a 429 at once, and behind it the turns of all processes."""

    def __init__(self, store: Store, company: str, clock: Clock, *, throttle_seconds: float) -> None:
        super().__init__(clock, throttle_seconds=throttle_seconds)
        self._store, self._company = store, company

    def acquire(self) -> None:
        """Return once a request may leave now; raises SilenceError rather than wait out a silence."""
        super().acquire()
        wait = take_turn(self._store, self._company, self._clock)
        if wait > timedelta(0):
            self._clock.sleep(wait.total_seconds())


def take_turn(store: Store, company: str, clock: Clock) -> timedelta:
    """Take the next turn and say how long it is until then; committed before the request, so no two share one."""
    with store.write(durable=False) as connection:
        now = clock.now()
        next_at = connection.execute(_NEXT, {"of_company": company}).scalar()
        if next_at is not None and next_at - now > LONGEST_QUEUE:
            # Nobody is that far ahead: the clock was put back since.
            turn = now
        else:
            turn = now if next_at is None else max(next_at, now)
        if next_at is None:
            connection.execute(insert(schema.request_turn).values(company=company, next_at=turn + INTERVAL))
        else:
            connection.execute(_MOVE, {"of_company": company, "next_at": turn + INTERVAL})
    return turn - BURST * INTERVAL - now
