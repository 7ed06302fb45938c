"""syncd adopt"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option
from syncd.commands.pull import WAIT_SECONDS

if TYPE_CHECKING:
    from syncd.commands.each import Answer
    from syncd.commands.session import Session


@declare(
    "adopt",
    examples="""
syncd adopt
syncd adopt AB-2026-0007""",
)
@click.argument("document", metavar="[DOC]", required=False)
@click.option(
    "--all", "everything", is_flag=True, help="Every document, one after another in the order of their making."
)
@click.option(
    "--accept-deleted",
    is_flag=True,
    help="Bill again although documents were deleted in QuickBooks that this copy never knew.",
)
@company_option
@now_option
@json_option
def command(
    document: str | None,
    everything: bool,
    accept_deleted: bool,
    company: str | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Make documents ours again that QuickBooks has and this database, an older copy, does not know.

    Without DOC, those that a draft agrees with to the last cent; the others are listed. DOC (a number, or QuickBooks'
    id) is adopted by its lines: they are taken as what was billed, and the next draft carries the difference.
    """
    from mappings.problems import Problem
    from syncd.commands.each import answer_each
    from syncd.commands.output import complain, next_command, problems_text, say, show
    from syncd.commands.session import open_session, open_sessions, steps_of
    from syncd.reports.adopt import SCHEMA, adopt_text, report_adopt
    from syncd.reports.as_json import to_json

    if document is not None and everything:
        raise click.UsageError("Name one document, or all of them with --all.")
    if document is None and not everything and not accept_deleted:
        with open_sessions(company=company, now=now) as sessions:
            return answer_each(sessions, _what_agrees, as_json=as_json)
    called = f"an unknown document {document!r} in QuickBooks" if document else ""
    with open_session(company=company, now=now, called=called, known=_lacks(document or "")) as session:
        steps = steps_of(session, "syncd adopt")
        if accept_deleted:
            complain(_accepted(session))
        with steps.quickbooks() as opened:
            steps.reference(opened)
            by_lines = everything or document is not None
            found = steps.adopt(opened, session.today, document or "", by_lines=by_lines, wait_seconds=WAIT_SECONDS)
        if isinstance(found, Problem):
            complain(problems_text([found]))
            return 1
        report = report_adopt(session.company, found, now=session.clock.now())
        if as_json:
            say(to_json(SCHEMA, report, session.config.company.timezone))
        else:
            show(*adopt_text(report))
            next_command(report.next_command)
    return 0


def _what_agrees(session: Session) -> Answer:
    """Adopt what drafts agree with, and list the rest."""
    from syncd.commands.each import Answer
    from syncd.commands.session import steps_of
    from syncd.reports.adopt import SCHEMA, adopt_text, report_adopt

    steps = steps_of(session, "syncd adopt")
    with steps.quickbooks() as opened:
        steps.reference(opened)
        found = steps.meet(opened, session.today, wait_seconds=WAIT_SECONDS)[1]
    report = report_adopt(session.company, found, now=session.clock.now())
    return Answer(SCHEMA, report, lambda: adopt_text(report), report.next_command)


def _accepted(session: Session) -> str:
    from syncd.commands.decisions import person
    from syncd.engine.restored import accept_deleted

    with session.store.write() as connection:
        accepted = accept_deleted(connection, session.company, person(), session.clock.now())
    return f"Their work may be billed: {', '.join(accepted) or 'no document was deleted that matters here'}."


def _lacks(name: str) -> Callable[[Session], bool]:
    """Tells whether a company's QuickBooks has a document of that name that its books do not know."""

    def lacks(session: Session) -> bool:
        from syncd.engine.adopt_unknown import unknown_documents

        with session.store.read() as connection:
            return any(name in (row.number, row.id, row.name) for row in unknown_documents(connection, session.company))

    return lacks
