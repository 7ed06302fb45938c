"""syncd connect"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option

if TYPE_CHECKING:
    from syncd.commands.session import Session

BOOKS = "quickbooks"


@declare(
    "connect",
    examples="""
syncd connect
syncd connect quickbooks
syncd connect redmine""",
)
@click.argument("name", required=False)
@company_option
@json_option
def command(name: str | None, company: str | None, as_json: bool) -> int:
    """Connect a company to its books (quickbooks), or to a source by its name in the config; without a name, list them.

    For quickbooks, open the address that is printed, and consent. With redirect = "paste" the browser ends on a page
    whose address you paste here; otherwise it comes back by itself. Connecting again keeps everything; another company
    or environment is refused.

    For a source, type its key: it is tried, and kept only if the source takes it.
    """
    from syncd.commands.session import open_session

    if name is not None and as_json:
        raise click.UsageError("--json is for the list, without a name.")
    with open_session(company=company) as session:
        if name is None:
            return _list(session, as_json)
        if name == BOOKS:
            from syncd.commands.connect_books import connect_books

            return connect_books(session)
        _check_known(session, name)
        from syncd.commands.connect_source import connect_source

        return connect_source(session, name)


def _check_known(session: Session, name: str) -> None:
    from mappings.tables import nearest

    known = [BOOKS, *session.config.sources]
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near!r}?" if near else f"here are: {', '.join(known)}"
        raise click.BadParameter(f"there is no {name!r} to connect to; {hint}", param_hint="NAME")


def _list(session: Session, as_json: bool) -> int:
    from syncd.commands.output import next_command, say, show
    from syncd.reports.as_json import to_json
    from syncd.reports.connections import SCHEMA, show_connections
    from syncd.reports.connections_text import connections_text

    with session.store.read() as connection:
        report = show_connections(connection, session.config, session.clock.now())
    if as_json:
        say(to_json(SCHEMA, report, session.config.company.timezone))
        return 0
    show(*connections_text(report))
    next_command(report.next_command)
    return 0
