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
@click.argument("name", metavar="[quickbooks|SOURCE]", required=False)
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

    if name is None:
        return _list(company, as_json)
    if as_json:
        raise click.UsageError("--json is for the list, without a name.")
    if name == BOOKS:
        from syncd.commands.connect_books import connect_books

        with open_session(company=company) as session:
            return connect_books(session)
    called = f"a source {name!r}"
    with open_session(company=company, called=called, known=lambda one: name in one.config.sources) as session:
        from syncd.commands.connect_source import connect_source

        _check_known(session, name)
        return connect_source(session, name)


def _check_known(session: Session, name: str) -> None:
    from mappings.tables import nearest

    known = [BOOKS, *session.config.sources]
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean {near!r}?" if near else f"here are: {', '.join(known)}"
        raise click.BadParameter(f"there is no {name!r} to connect to; {hint}", param_hint="NAME")


def _list(company: str | None, as_json: bool) -> int:
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.output import this_config
    from syncd.commands.session import open_sessions
    from syncd.reports.connections import SCHEMA, show_connections
    from syncd.reports.connections_text import connections_text

    def act(session: Session) -> Answer:
        with session.store.read() as connection:
            report = show_connections(connection, session.config, session.clock.now())
        return Answer(SCHEMA, report, lambda: connections_text(report, this_config), report.next_command)

    with open_sessions(company=company) as sessions:
        return answer_each(sessions, act, as_json=as_json)
