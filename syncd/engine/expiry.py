"""When a connection to QuickBooks ends by itself, and when that is said: two weeks before, one week, then every day.

Intuit's rules: a refresh token that is not used for 100 days lapses, and each use prolongs it; five years after the
consent every connection ends, used or not. Either way a person must consent again, which keeps everything.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, select

from mappings.problems import Problem
from syncd.clock import Clock
from syncd.engine.marks import read_mark, set_mark
from syncd.store import schema
from syncd.store.database import Store

TWO_WEEKS, ONE_WEEK = timedelta(days=14), timedelta(days=7)
"""Two weeks leave room for a holiday; in the last week it is said every day."""
LONGEST = timedelta(days=1825)
"""How long a connection lives at most; counted from the consent where Intuit does not tell its end."""
RECONNECT = "Type `syncd connect quickbooks`."
_SAID = "connection-warned"


@dataclass(frozen=True, slots=True)
class Ending:
    """A connection within two weeks of its end, or past it. `left` is zero then."""

    at: datetime
    left: timedelta
    final: bool
    """It ends whether it is used or not."""

    @property
    def over(self) -> bool:
        return not self.left

    @property
    def urgent(self) -> bool:
        """Within the last week."""
        return self.left <= ONE_WEEK

    @property
    def because(self) -> str:
        """Why it ends, as the end of a sentence."""
        if self.final:
            return "Intuit ends every connection five years after the consent"
        return "it lapses when it is not used for 100 days"


def ending(refresh_expires_at: datetime | None, hard_expires_at: datetime | None, now: datetime) -> Ending | None:
    """How a connection will end, if that is within two weeks."""
    moments = [moment for moment in (refresh_expires_at, hard_expires_at) if moment is not None]
    if not moments or min(moments) - now > TWO_WEEKS:
        return None
    at = min(moments)
    return Ending(at, max(at - now, timedelta()), at == hard_expires_at)


def ending_problem(found: Ending) -> Problem:
    """The same as a problem: a warning until the last week."""
    fix = f"{RECONNECT} It keeps everything."
    if found.over:
        what = f"The connection to QuickBooks ended on {found.at:%Y-%m-%d}: {found.because}."
        return Problem("connection-expired", what, fix)
    what = f"The connection to QuickBooks ends on {found.at:%Y-%m-%d}, in {found.left.days} days: {found.because}."
    code = "connection-ends-in-a-week" if found.urgent else "connection-ends-in-two-weeks"
    return Problem(code, what, fix, warning=not found.urgent)


def warning_due(store: Store, company: str, clock: Clock) -> Problem | None:
    """What the daemon's log is to say now of the connection's end: once at two weeks, at one week, then once a day.

    To be called as often as one likes. What was said is remembered, over restarts and by every process.
    """
    now = clock.now()
    with store.read() as connection:
        found = _ending_of(connection, company, now)
        if found is None or not _is_due(found, read_mark(connection, company, _SAID), now):
            return None
    with store.write() as connection:
        # Another daemon may have been first.
        if not _is_due(found, read_mark(connection, company, _SAID), now):
            return None
        set_mark(connection, company, _SAID, now)
    return ending_problem(found)


def _ending_of(connection: Connection, company: str, now: datetime) -> Ending | None:
    """None too for a connection that is broken already: that is said otherwise."""
    table = schema.connection.c
    row = connection.execute(
        select(table.refresh_expires_at, table.hard_expires_at).where(
            table.company == company, table.tokens.is_not(None), table.broken_because.is_(None)
        )
    ).one_or_none()
    return None if row is None else ending(row.refresh_expires_at, row.hard_expires_at, now)


def _is_due(found: Ending, said: datetime | None, now: datetime) -> bool:
    """Counted from the end: one that has been put off by a new consent is said anew when its own time comes."""
    began = found.at - (ONE_WEEK if found.urgent else TWO_WEEKS)
    return said is None or said < began or (found.urgent and now - said >= timedelta(days=1))
