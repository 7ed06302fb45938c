"""syncd simulate"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from syncd.commands.options import PeriodName, client_option, company_option, json_option, now_option
from syncd.commands.options import command as declare


@declare(
    "simulate",
    examples="""
syncd simulate --rates new_rates.csv --period last-quarter
syncd simulate --tables proposal/ --period 2026-10 --client Boréal""",
)
@company_option
@client_option
@click.option(
    "--period",
    type=PeriodName(),
    metavar="PERIOD",
    required=True,
    help="Periods that end in it: last-quarter, 2026-10 …",
)
@click.option(
    "--rates",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="The rates table (CSV or XLSX) to bill with instead of the company's.",
)
@click.option(
    "--tables",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="FOLDER",
    help="A folder with those tables that differ; the others are the company's.",
)
@now_option
@json_option
def command(
    company: str | None,
    client: str | None,
    period: str,
    rates: Path | None,
    tables: Path | None,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Show what past periods would have come to by other tables, per client with the difference. Nothing is written.

    Both sides are computed anew over the work as it is today, as if nothing of these periods had been billed; beside
    them stands what really was billed. Amounts are before tax.
    """
    from mappings.tables.instead import read_instead
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import client_of, open_sessions, period_of
    from syncd.engine.simulate import TablesWrongError, other_tables, simulate
    from syncd.reports.simulate import SCHEMA, report_simulate
    from syncd.reports.simulate_text import simulate_text

    if rates is None and tables is None:
        raise click.UsageError("Say what to bill with: --rates FILE, or --tables FOLDER.")
    for option, path, kind in (("--rates", rates, "file"), ("--tables", tables, "folder")):
        if path is not None and not path.exists():
            raise click.BadParameter(f"there is no {kind} {path}", param_hint=option)

    with open_sessions(company=company, now=now) as sessions:
        if len(sessions.each) > 1:
            raise click.UsageError(f"Tables are of one company. Say which with --company: {sessions.names}")
        (session,) = sessions.each
        chosen, ours = period_of(period, session.today), client_of(session, client)
        assert chosen is not None
        if chosen.last >= session.today:
            raise click.BadParameter(f"{period} is not over: only past periods are simulated", param_hint="--period")
        instead, problems = read_instead(rates, tables)
        if problems:
            raise TablesWrongError(problems)
        if not instead.names:
            raise click.BadParameter(f"{tables} has no table", param_hint="--tables")
        other = other_tables(session.config, instead)
        found = simulate(session.store, session.config, other, chosen, session.today, ours)
        now_at = session.clock.now()
        report = report_simulate(session.company, found, instead.names, ours, chosen, now=now_at, today=session.today)
        answer = Answer(SCHEMA, report, lambda: simulate_text(report), report.next_command)
        return answer_each(sessions, lambda _session: answer, as_json=as_json)
