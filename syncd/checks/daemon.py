"""Whether a daemon runs, when anything last got on, and who holds which lease."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select

from mappings.problems import Problem
from syncd.checks.check import Check, moment_text
from syncd.cycle import Steps
from syncd.engine.marks import read_mark
from syncd.store import schema
from syncd.store.holders import is_dead, shown
from syncd.store.runlock import lock_path

_LONG_AGO = timedelta(days=1)
"""Without a daemon: runs from cron are daily at least."""
_SILENT = timedelta(hours=1)
"""With one: however seldom it pulls, see below, it is given this long."""


def check_daemon(steps: Steps) -> Check:
    """On SQLite the lock's file tells; on PostgreSQL any machine may run one, and what got on tells."""
    now, last = steps.clock.now(), _last_progress(steps)
    progress = f"last progress {moment_text(last)}" if last else "nothing was read yet"
    path = lock_path(steps.store)
    if path is None:
        return Check("daemon", f"on PostgreSQL, on any machine; {progress}", _stood_still(last, now, _LONG_AGO))
    try:
        holder = path.read_text(encoding="utf-8", errors="replace").strip()
        since = datetime.fromtimestamp(path.stat().st_mtime, UTC)
    except OSError:
        holder, since = "", now
    if not holder or is_dead(holder):
        return Check("daemon", f"none runs; {progress}", _stood_still(last, now, _LONG_AGO))
    says = f"{shown(holder)} runs since {moment_text(since)}; {progress}"
    patience = max(_SILENT, 3 * steps.config.daemon.pull_every)
    silent = now - max(since, last or since) > patience
    if not silent or not steps.config.sources:
        return Check("daemon", says)
    what = f"{shown(holder)} runs, but nothing has got on since {moment_text(max(since, last or since))}."
    fix = "Look into its log, then start it again (`systemctl restart syncd`)."
    return Check("daemon", says, (Problem("daemon-silent", what, fix, warning=True),))


def _stood_still(last: datetime | None, now: datetime, patience: timedelta) -> tuple[Problem, ...]:
    """Nothing ever ran: that is a company which is being set up, and no problem."""
    if last is None or now - last <= patience:
        return ()
    what = f"Nothing has been read since {moment_text(last)}, and no `syncd run` is at work here."
    return (Problem("daemon-not-running", what, "Start it: `systemctl start syncd`, or `syncd run`.", warning=True),)


def _last_progress(steps: Steps) -> datetime | None:
    """The latest of: a source read to its end, a push, and anything recorded."""
    company = steps.config.company.name
    state, event = schema.source_state.c, schema.event.c
    with steps.store.read() as connection:
        found = [
            connection.execute(select(func.max(state.last_complete_at)).where(state.company == company)).scalar(),
            connection.execute(select(func.max(event.at)).where(event.company == company)).scalar(),
            read_mark(connection, company, "pushed"),
        ]
    return max((moment for moment in found if moment is not None), default=None)


def check_leases(steps: Steps) -> Check:
    """Who is at which step now, and whether one is kept by a process that is gone."""
    table, now = schema.lease.c, steps.clock.now()
    query = select(schema.lease).where(table.company == steps.config.company.name, table.expires_at > now)
    with steps.store.read() as connection:
        rows = connection.execute(query.order_by(table.name)).all()
    says = "; ".join(f"`{row.name}` by {shown(row.holder)}" for row in rows) or "nobody is at a step now"
    if steps.store.path is not None:
        # There the next one takes over a dead holder's lease at once.
        return Check("leases", says)
    problems = [
        Problem(
            "lease-of-the-dead",
            f"{shown(row.holder)} is gone and still holds `{row.name}`.",
            f"It is free at {moment_text(row.expires_at)} at the latest; nothing need be done.",
            warning=True,
        )
        for row in rows
        if is_dead(row.holder)
    ]
    return Check("leases", says, tuple(problems))
