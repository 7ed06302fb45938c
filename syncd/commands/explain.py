"""syncd explain"""

from __future__ import annotations

import shlex
from datetime import datetime

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option


@declare(
    "explain",
    examples="""
syncd explain AB-2026-0007 --line 2
syncd explain timesheets/1042""",
)
@click.argument("name", metavar="DOC|ENTRY")
@click.option("--line", type=click.IntRange(1), metavar="N", help="Only this line of the document.")
@click.option("--language", type=click.Choice(["en", "fr"]), help="Of the sentences; otherwise the company's.")
@company_option
@now_option
@json_option
def command(
    name: str, line: int | None, language: str | None, company: str | None, now: datetime | None, as_json: bool
) -> int:
    """Explain each cent of a document, or where each second of an entry is.

    DOC is a number, or an id of ours or of QuickBooks; ENTRY is SOURCE/ID. Shown are the entry as the source gave it,
    the rows of the tables that decided, increments, the rate row and why it won over the next best, premiums, draws,
    caps, discounts, line arithmetic, rounding and tax. In English or French; a line's description is in the client's
    language.
    """
    from syncd.commands.output import next_command, say, show
    from syncd.commands.session import open_session
    from syncd.commands.things import has_document_or_entry
    from syncd.reports.as_json import to_json
    from syncd.reports.explain import DOCUMENT_SCHEMA, ENTRY_SCHEMA, explain_document, explain_entry
    from syncd.reports.explain_text import document_text, entry_text
    from syncd.reports.find import find_by_quickbooks_id, find_document, find_entries

    called, known = f"a document or an entry {name!r}", has_document_or_entry(name)
    with open_session(company=company, now=now, called=called, known=known) as session:
        timezone = session.config.company.timezone
        language = language or session.config.company.language
        with session.store.read() as connection:
            row, entries = find_document(connection, session.company, name), []
            if row is None:
                entries = find_entries(connection, session.company, name)
            if row is None and not entries:
                row = find_by_quickbooks_id(connection, session.company, name)
            if row is not None:
                document = explain_document(session.company, row, line, language)
                if document is None:
                    raise click.BadParameter(f"{name} has no line {line}", param_hint="--line")
                say(to_json(DOCUMENT_SCHEMA, document, timezone)) if as_json else show(*document_text(document))
                command = document.next_command
            else:
                source, entry = _entry(entries, name, line)
                explained = explain_entry(connection, session.company, source, entry, language)
                say(to_json(ENTRY_SCHEMA, explained, timezone)) if as_json else show(*entry_text(explained, timezone))
                command = explained.next_command
        if not as_json:
            next_command(command)
    return 0


def _entry(found: list[tuple[str, str]], name: str, line: int | None) -> tuple[str, str]:
    if not found:
        raise click.UsageError(f"There is no document and no entry {name!r}. Type `syncd status` for what there is.")
    if len(found) > 1:
        which = ", ".join(shlex.quote(f"{source}/{entry}") for source, entry in found)
        raise click.UsageError(f"{name!r} is an entry of several sources; say which: {which}")
    if line is not None:
        raise click.UsageError("--line is for documents; an entry has none.")
    return found[0]
