"""syncd mappings"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option

if TYPE_CHECKING:
    from mappings.problems import Problem
    from mappings.rows import Tables
    from syncd.commands.each import Answer
    from syncd.commands.session import Session

SCHEMA = "syncd.mappings-check/1"


@declare(
    "mappings",
    examples="""
syncd mappings check
syncd mappings suggest
syncd mappings suggest --write""",
)
@click.argument("verb", metavar="check|suggest", type=click.Choice(["check", "suggest"]))
@click.option("--write", is_flag=True, help="suggest: add the rows that are certain to the CSV tables.")
@company_option
@json_option
def command(verb: str, write: bool, company: str | None, as_json: bool) -> int:
    """Check the tables, or suggest rows for the names of pulled work that they do not cover.

    check: mistakes are shown with file and line, all at once; names that QuickBooks does not have, with suggestions;
    rows that never count, beside the work that is known; fees that are due and not drafted; and the work that no row
    places or prices, by what it may be worth.

    suggest: for each client, service and person without a row, the name in QuickBooks or in your tables that is most
    like it, and the next; certain is only the same name, if there is just one.
    """
    from syncd.commands.each import answer_each
    from syncd.commands.session import open_sessions
    from syncd.commands.suggest import suggest

    if write and verb == "check":
        raise click.UsageError("--write is for suggest.")
    with open_sessions(company=company) as sessions:
        act = partial(suggest, write=write) if verb == "suggest" else _check
        return answer_each(sessions, act, as_json=as_json)


def _check(session: Session) -> Answer:
    from syncd.commands.each import Answer
    from syncd.commands.session import steps_of
    from syncd.mapping_findings import find_all
    from syncd.reports.findings import findings_value

    stale = steps_of(session, "syncd mappings check").fresh_lists()
    found = find_all(session.store, session.config, session.today)
    problems = [*stale, *found.problems]
    wrong = [problem for problem in problems if not problem.warning]
    report = findings_value(session.company, problems, found.unmapped)
    nameless = any(one.table in ("clients", "services") for one in found.unmapped)
    following = "syncd mappings suggest" if nameless else "syncd preview"
    following = "syncd mappings check" if any(problem.place for problem in wrong) else following
    text = partial(_check_text, session.config.tables, problems)
    return Answer(SCHEMA, report, text, following, 1 if wrong else 0)


def _check_text(tables: Tables, problems: list[Problem]) -> Iterator[str]:
    from syncd.commands.output import problems_text

    if problems:
        yield problems_text(problems)
    wrong = [problem for problem in problems if not problem.warning]
    yield (
        f"\n{len(tables.clients)} clients, {len(tables.services)} services, {len(tables.people)} people, "
        f"{len(tables.rates)} rates, {len(tables.retainers)} retainers, {len(tables.fixed_fees)} fixed fees: "
        f"{len(wrong)} problems, {len(problems) - len(wrong)} warnings."
    )
