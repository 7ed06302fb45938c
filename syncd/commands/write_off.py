"""syncd write-off"""

from __future__ import annotations

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option


@declare(
    "write-off",
    examples="""
syncd write-off AB-2026-0007 --reason "agreed with the client"
syncd write-off --entry timesheets/1042 --reason "training" """,
)
@click.argument("document", required=False)
@click.option("--entry", metavar="SOURCE/ID", help="One time entry: what is not billed of it, never will be.")
@company_option
@click.option("--reason", default="", help="Why, for the record; an entry needs one.")
def command(document: str | None, entry: str | None, company: str | None, reason: str) -> int:
    """Never bill what DOCUMENT (voided or deleted in QuickBooks) had billed, or what is unbilled of one entry.

    Its time stands as written down, for good.
    """
    from syncd.commands.decisions import decide
    from syncd.engine.decide import write_off, write_off_entry

    if entry is not None and not reason.strip():
        raise click.UsageError("Writing off an entry needs --reason, which stays with it.")
    return decide(document, entry, company, reason, of_document=write_off, of_entry=write_off_entry)
