"""syncd drift"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option

if TYPE_CHECKING:
    from syncd.commands.each import Answer
    from syncd.commands.session import Session


@declare(
    "drift",
    examples="""
syncd drift
syncd drift accept AB-2026-0007
syncd drift restore AB-2026-0009""",
)
@click.argument("verb", metavar="[accept|restore]", type=click.Choice(["accept", "restore"]), required=False)
@click.argument("document", metavar="[DOC]", required=False)
@company_option
@now_option
@json_option
def command(verb: str | None, document: str | None, company: str | None, now: datetime | None, as_json: bool) -> int:
    """List what people changed in QuickBooks on documents that were sent, field by field, and what was accepted.

    `accept DOC` (a number, or an id) takes QuickBooks' version as the truth: its difference gets a row of its own in
    the second proof, and no hour is billed again. What was voided or deleted is decided by release or write-off.

    `restore DOC` (a credit memo) is for the payment of 0 by which it was applied and that somebody deleted: the next
    push makes one new one.
    """
    from syncd.commands.each import answer_each
    from syncd.commands.session import open_sessions

    if (verb is None) != (document is None):
        raise click.UsageError("Name the document to accept, such as `syncd drift accept AB-2026-0007`.")
    if document is not None and verb is not None:
        return _settle(verb, document, company, now, as_json)
    with open_sessions(company=company, now=now) as sessions:
        return answer_each(sessions, _list, as_json=as_json)


def _list(session: Session) -> Answer:
    from syncd.commands.each import Answer
    from syncd.commands.output import this_config
    from syncd.reports.drift import SCHEMA, drift_text, report_drift

    with session.store.read() as connection:
        report = report_drift(connection, session.company, now=session.clock.now())
    return Answer(SCHEMA, report, lambda: drift_text(report, this_config), report.next_command)


def _settle(verb: str, document: str, company: str | None, now: datetime | None, as_json: bool) -> int:
    from mappings.problems import Problem
    from syncd.commands.decisions import person
    from syncd.commands.output import complain, next_command, problems_text, say, show
    from syncd.commands.session import open_session
    from syncd.commands.things import has_document
    from syncd.engine.drift_accept import accept_drift
    from syncd.engine.drift_applications import Restored, restore
    from syncd.reports.as_json import to_json
    from syncd.reports.drift import ACCEPTED_SCHEMA, RESTORED_SCHEMA, accepted_text, restored_text

    called = f"a document {document!r}"
    with open_session(company=company, now=now, called=called, known=has_document(document)) as session:
        settle = restore if verb == "restore" else accept_drift
        found = settle(session.store, session.config, document, by=person(), now=session.clock.now())
        if isinstance(found, Problem):
            complain(problems_text([found]))
            return 1
        restored = isinstance(found, Restored)
        if as_json:
            schema = RESTORED_SCHEMA if restored else ACCEPTED_SCHEMA
            say(to_json(schema, found, session.config.company.timezone))
        else:
            show(*(restored_text(found) if isinstance(found, Restored) else accepted_text(found)))
            next_command("syncd push" if restored else "syncd status")
    return 0
