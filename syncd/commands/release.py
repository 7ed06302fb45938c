"""syncd release"""

from __future__ import annotations

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option


@declare(
    "release",
    examples="""
syncd release AB-2026-0007
syncd release --entry timesheets/1042""",
)
@click.argument("document", required=False)
@click.option("--entry", metavar="SOURCE/ID", help="One time entry that waits (late, or changed after posting).")
@company_option
@click.option("--reason", default="", help="Why, for the record.")
def command(document: str | None, entry: str | None, company: str | None, reason: str) -> int:
    """Bill again what DOCUMENT (voided or deleted in QuickBooks) had billed, or an entry that waits for a decision.

    The next draft bills it; nothing is sent by this command.
    """
    from syncd.commands.decisions import decide
    from syncd.engine.decide import release, release_entry

    return decide(document, entry, company, reason, of_document=release, of_entry=release_entry)
