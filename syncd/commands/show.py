"""syncd show"""

from __future__ import annotations

from datetime import datetime

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option


@declare("show", examples="syncd show AB-2026-0007")
@click.argument("document", metavar="DOC")
@company_option
@now_option
@json_option
def command(document: str, company: str | None, now: datetime | None, as_json: bool) -> int:
    """Show one document: its lines, its state in QuickBooks, its payments, and each attempt to send it.

    DOC is a number, or an id of ours or of QuickBooks.
    """
    from syncd.commands.output import next_command, say, show
    from syncd.commands.session import open_session
    from syncd.commands.things import has_document
    from syncd.reports.as_json import to_json
    from syncd.reports.find import find_by_quickbooks_id, find_document
    from syncd.reports.show import SCHEMA, show_document
    from syncd.reports.show_text import show_text

    called, known = f"a document {document!r}", has_document(document)
    with open_session(company=company, now=now, called=called, known=known) as session:
        with session.store.read() as connection:
            row = find_document(connection, session.company, document) or find_by_quickbooks_id(
                connection, session.company, document
            )
            if row is None:
                raise click.UsageError(f"There is no document {document!r}. Type `syncd status` for what there is.")
            report = show_document(connection, session.company, row, session.today)
        if as_json:
            say(to_json(SCHEMA, report, session.config.company.timezone))
        else:
            show(*show_text(report, session.config.company.timezone))
            next_command(report.next_command)
    return 0
