"""The database: its schema, what waits in the outbox, and when it was last copied."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy import Connection, func, or_, select

from mappings.problems import Problem
from syncd.checks.check import Check, moment_text
from syncd.cycle import Steps
from syncd.engine.adopt_unknown import unknown_documents
from syncd.engine.marks import read_mark
from syncd.engine.operations import DEEDS
from syncd.engine.restored import copied_at
from syncd.store import schema
from syncd.store.migrate import current_revision

BACKED_UP = "backed-up"
"""When the database was last copied: a mark of no company, since a copy holds them all."""
TICK = timedelta(minutes=5)
"""How long after an outage the daemon asks again; two of them are room enough for one that works."""
_OLD_BACKUP = timedelta(days=7)


def check_database(steps: Steps) -> Check:
    """That it can be read, and what it holds of the company."""
    company = steps.config.company.name
    work, document = (
        select(func.count()).select_from(table).where(table.c.company == company)
        for table in (schema.work, schema.document)
    )
    with steps.store.read() as connection:
        revision = current_revision(connection)
        entries, documents = connection.execute(work).scalar_one(), connection.execute(document).scalar_one()
        problems = tuple(_of_a_copy(connection, company))
    says = f"{steps.store.name}, schema {revision}: {entries:,} entries, {documents:,} documents"
    return Check("database", says, problems)


def _of_a_copy(connection: Connection, company: str) -> Iterator[Problem]:
    """What a backup that was put back still lacks."""
    made, unknown = copied_at(connection, company), unknown_documents(connection, company)
    if made is not None:
        what = f"This database is a copy of {moment_text(made)}, and has not caught up with QuickBooks."
        yield Problem("restored-copy", what, "Type `syncd pull --full`, then `syncd adopt`.", warning=True)
    if unknown:
        what = f"QuickBooks has {len(unknown)} documents of ours that this database does not know."
        yield Problem(
            "older-than-quickbooks",
            what,
            "Type `syncd adopt`, which lists them; those that it cannot adopt need `syncd adopt NUMBER`.",
        )


def check_outbox(steps: Steps) -> Check:
    """Whether doubt is cleared in time: once the quarantine is over, the daemon looks at once."""
    table, company, now = schema.outbox.c, steps.config.company.name, steps.clock.now()
    patience = timedelta(seconds=steps.config.quickbooks.quarantine_seconds) + 2 * TICK
    count = select(table.state, func.count()).where(table.company == company).group_by(table.state)
    late = (
        select(schema.document.c.number, schema.document.c.id, table.operation, table.last_sent_at)
        .join(schema.document, schema.document.c.id == table.document_id)
        .where(table.company == company, schema.UNDER_WAY, table.state.in_(("sending", "unknown")))
        .where(table.last_sent_at < now - patience, or_(table.not_before.is_(None), table.not_before < now - 2 * TICK))
        .order_by(table.last_sent_at)
    )
    with steps.store.read() as connection:
        states = Counter({row[0]: int(row[1]) for row in connection.execute(count)})
        stuck = connection.execute(late).all()
    in_doubt = states["sending"] + states["unknown"]
    says = f"{states['ready']} to send, {in_doubt} in doubt, {states['refused']} refused, {states['done']} done"
    problems = []
    for row in stuck:
        deed = DEEDS[row.operation]
        since = moment_text(row.last_sent_at)
        what = f"Whether {deed} {row.number or row.id} succeeded is not known since {since}: nothing has looked."
        fix = "Type `syncd push`, which looks; and see above whether a daemon runs."
        problems.append(Problem("doubt-not-cleared", what, fix))
    return Check("outbox", says, tuple(problems))


def check_backups(steps: Steps) -> Check:
    """When `syncd backup` last made a copy, as far as this database knows; PostgreSQL has its own ways."""
    if steps.store.path is None:
        return Check("backups", "of PostgreSQL are made with pg_dump; syncd knows nothing of them")
    now = steps.clock.now()
    with steps.store.read() as connection:
        last = read_mark(connection, "", BACKED_UP)
        first_document = connection.execute(select(func.min(schema.document.c.approved_at))).scalar_one()
    says = f"the last by `syncd backup`: {moment_text(last) if last else 'none'}"
    since_when = last or first_document
    if since_when is not None and now - since_when > _OLD_BACKUP:
        told = f"has not been copied since {moment_text(last)}" if last else "was never copied"
        what = f"The database {told} by `syncd backup`."
        fix = "Type `syncd backup` daily, such as from cron, to another disk (or copy it otherwise, and ignore this)."
        return Check("backups", says, (Problem("backup-old", what, fix, warning=True),))
    return Check("backups", says)
