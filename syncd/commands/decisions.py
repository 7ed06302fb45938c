"""What `release` and `write-off` share: which document or entry, who decides, and how it is told."""

from __future__ import annotations

import getpass
from typing import Any

import click


def decide(
    document: str | None, entry: str | None, company: str | None, reason: str, *, of_document: Any, of_entry: Any
) -> int:
    """Carry out one decision about a document or an entry, and say what it did."""
    from syncd.commands.output import complain, next_command, problems_text, say
    from syncd.commands.session import open_session
    from syncd.commands.things import has_document, has_entry
    from syncd.engine.decide import By, Decided
    from syncd.reports.values import size_text

    if (document is None) == (entry is None):
        raise click.UsageError("Name one document, or one entry with --entry SOURCE/ID.")
    if document is not None:
        called, known = f"a document {document!r}", has_document(document)
    else:
        called, known = f"an entry {entry!r}", has_entry(*split_entry(str(entry)))
    with open_session(company=company, called=called, known=known) as session:
        by = By(person(), reason, session.clock.now(), session.today)
        if document is not None:
            result = of_document(session.store, session.config, document, by)
        else:
            source, identity = split_entry(str(entry))
            result = of_entry(session.store, session.config, source, identity, by)
        if not isinstance(result, Decided):
            complain(problems_text([result]))
            return 1
        verb = {"release": "Released", "write-off": "Wrote off"}[result.decision]
        say(f"{verb} {result.subject}: {size_text(result.seconds, result.scaled_quantity)}.")
        next_command("syncd preview" if result.decision == "release" else "syncd status")
    return 0


def split_entry(text: str) -> tuple[str, str]:
    """SOURCE/ID as its two parts; an id may hold slashes, a source's name cannot."""
    source, _, identity = text.partition("/")
    if not source or not identity:
        raise click.BadParameter(f"{text!r} is not SOURCE/ID, such as timesheets/1042", param_hint="--entry")
    return source, identity


def person() -> str:
    """Who sits at this terminal, for the record."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # A container's user may have no name.
        return "somebody"
