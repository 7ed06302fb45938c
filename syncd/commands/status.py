"""syncd status"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import json_option, selection_options

if TYPE_CHECKING:
    from syncd.commands.session import Session
    from syncd.reports.snapshot import Snapshot
    from syncd.reports.status import StatusReport

_WATCH_SECONDS = 2.0


@declare(
    "status",
    examples="""
syncd status
syncd status --period last-month --client Hydro-Québec
syncd status --period 2026-10 --xlsx october.xlsx
syncd status --check""",
)
@selection_options
@json_option
@click.option("--csv", "csv_path", metavar="PATH", help="Write the report's tables as CSV; - is standard output.")
@click.option(
    "--xlsx",
    "xlsx_path",
    metavar="PATH",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the report's tables as a workbook.",
)
@click.option("--check", is_flag=True, help="One line for Nagios; exits 0 OK, 1 WARNING, 2 CRITICAL, 3 UNKNOWN.")
@click.option("--watch", is_flag=True, help="Show it again every two seconds, until Ctrl-C.")
def command(
    company: str | None,
    client: str | None,
    period: str | None,
    now: datetime | None,
    as_json: bool,
    csv_path: str | None,
    xlsx_path: Path | None,
    check: bool,
    watch: bool,
) -> int:
    """Show the three proofs that must read 0.00, receivables by age, and what needs you.

    With --period, proof 1 takes the work done in it, proof 2 the documents dated in it, and proof 3 begins with what
    was open before it.
    """
    from syncd.commands.session import open_session

    chosen = [name for name, given in (("--json", as_json), ("--csv", csv_path), ("--check", check)) if given]
    if len(chosen) > 1 or (watch and (chosen or xlsx_path)):
        raise click.UsageError("--json, --csv, --check and --watch exclude one another.")
    try:
        with open_session(company=company, now=now) as session:
            if watch:
                return _watch(session, client, period)
            report = make_report(session, client, period)
            if check:
                return _check(report)
            _write(session, report, as_json, csv_path, xlsx_path)
    except click.UsageError:
        raise
    except Exception as error:
        if not check:
            raise
        return _unknown(error)
    return 0


def make_report(session: Session, client: str | None, period: str | None) -> StatusReport:
    """The status report of one selection."""
    from syncd.reports.status import report_status

    return report_status(read_snapshot(session, client, period))


def read_snapshot(session: Session, client: str | None, period: str | None) -> Snapshot:
    """All rows behind a status report, from one read transaction."""
    from syncd.commands.session import client_of, period_of
    from syncd.reports.take import take_snapshot
    from syncd.reports.values import Selection

    selection = Selection(client_of(session, client), period_of(period, session.today))
    with session.store.read() as connection:
        return take_snapshot(
            connection,
            session.company,
            currency=session.config.company.currency,
            now=session.clock.now(),
            today=session.today,
            selection=selection,
            sources=session.config.sources,
        )


def _write(session: Session, report: StatusReport, as_json: bool, csv_path: str | None, xlsx_path: Path | None) -> None:
    from syncd.commands.output import next_command, say, show, this_config

    timezone = session.config.company.timezone
    if xlsx_path:
        from syncd.reports.sheets import write_xlsx
        from syncd.reports.status_sheets import status_sheets

        write_xlsx(xlsx_path, status_sheets(report))
    if csv_path:
        _write_csv(report, csv_path)
    elif as_json:
        from syncd.reports.as_json import to_json
        from syncd.reports.status import SCHEMA

        say(to_json(SCHEMA, report, timezone))
    elif xlsx_path:
        say(f"Wrote {xlsx_path}.")
        next_command(report.next_command)
    else:
        from syncd.reports.status_text import status_text

        show(*status_text(report, timezone, this_config))
        next_command(report.next_command)


def _write_csv(report: StatusReport, path: str) -> None:
    from syncd.commands.output import next_command, say
    from syncd.reports.sheets import to_csv
    from syncd.reports.status_sheets import status_sheets

    text = to_csv(status_sheets(report))
    if path == "-":
        click.echo(text, nl=False)
        return
    # With a byte order mark, so that spreadsheets read accents as UTF-8.
    Path(path).write_text(text, encoding="utf-8-sig", newline="")
    say(f"Wrote {path}.")
    next_command(report.next_command)


def _check(report: StatusReport) -> int:
    from syncd.commands.output import say
    from syncd.reports.status import check

    code, line = check(report)
    say(line)
    return code


def _unknown(error: Exception) -> int:
    """Nagios wants one line on stdout, and 3 for "could not be told"."""
    from connectors.redaction import redact
    from syncd.commands.output import say
    from syncd.reports.status import UNKNOWN

    problems = getattr(error, "problems", None)
    text = str(problems[0]) if problems else str(error) or type(error).__name__
    say(f"SYNCD UNKNOWN - {' '.join(redact(text).replace('|', '/').split())}")
    return UNKNOWN


def _watch(session: Session, client: str | None, period: str | None) -> int:
    from rich.console import Group
    from rich.live import Live

    from syncd.commands.output import console, this_config
    from syncd.reports.status_text import status_text

    timezone = session.config.company.timezone
    try:
        with Live(console=console(), screen=console().is_terminal, auto_refresh=False) as live:
            while not session.clock.stopping.is_set():
                report = make_report(session, client, period)
                live.update(Group(*status_text(report, timezone, this_config)), refresh=True)
                session.clock.sleep(_WATCH_SECONDS)
    except KeyboardInterrupt:
        pass
    return 0
