"""syncd retry"""

from __future__ import annotations

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option
from syncd.commands.pull import WAIT_SECONDS


@declare("retry", examples="syncd retry AB-2026-0007")
@click.argument("document", metavar="DOC")
@company_option
@json_option
def command(document: str, company: str | None, as_json: bool) -> int:
    """Make a document that QuickBooks refused ready to be sent again, once what it was refused for is mended.

    If it was ever in doubt, it is looked for first. `syncd push` then sends it.
    """
    from mappings.problems import Problem
    from syncd.commands.output import complain, next_command, problems_text, say, show
    from syncd.commands.session import open_session, steps_of
    from syncd.commands.things import has_document
    from syncd.engine.retry import retry
    from syncd.reports.as_json import to_json
    from syncd.reports.push import SCHEMA, push_text, report_outcomes

    called = f"a document {document!r}"
    with open_session(company=company, called=called, known=has_document(document)) as session:
        steps = steps_of(session, "syncd retry")
        with steps.quickbooks() as opened:
            found = retry(
                session.store,
                session.config,
                opened,
                document,
                clock=session.clock,
                holder=steps.holder,
                wait_seconds=WAIT_SECONDS,
            )
        if isinstance(found, Problem):
            complain(problems_text([found]))
            return 1
        report = report_outcomes(session.company, found, now=session.clock.now())
        if as_json:
            say(to_json(SCHEMA, report, session.config.company.timezone))
        else:
            show(*push_text(report))
            next_command(report.next_command)
    return 0
