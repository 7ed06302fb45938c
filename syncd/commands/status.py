"""syncd status"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import json_option, selection_options

if TYPE_CHECKING:
    from rich.console import RenderableType

    from syncd.commands.each import Answer
    from syncd.commands.session import Session, Sessions
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
    from syncd.commands.loading import uncollected

    chosen = [name for name, given in (("--json", as_json), ("--csv", csv_path), ("--check", check)) if given]
    if len(chosen) > 1 or (watch and (chosen or xlsx_path)):
        raise click.UsageError("--json, --csv, --check and --watch exclude one another.")
    try:
        with nullcontext() if watch else uncollected():
            return _status(company, client, period, now, as_json, csv_path, xlsx_path, check, watch)
    except click.UsageError:
        raise
    except Exception as error:
        if not check:
            raise
        from syncd.commands.output import say

        code, line = unknown(error)
        say(line)
        return code


def _status(
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
    from syncd.commands.each import answer_each
    from syncd.commands.session import open_sessions

    with open_sessions(company=company, now=now, logs=False) as sessions:
        if watch:
            return _watch(sessions, client, period)
        if check:
            return _check(sessions, client, period)
        if csv_path or xlsx_path:
            _write_files(_reports(sessions, client, period), sessions.together, csv_path, xlsx_path)
        if csv_path or (xlsx_path and not as_json):
            return 0
        return answer_each(sessions, partial(_answer, client=client, period=period), as_json=as_json)


def _answer(session: Session, client: str | None, period: str | None) -> Answer:
    from syncd.commands.each import Answer
    from syncd.commands.output import this_config
    from syncd.reports.status import SCHEMA
    from syncd.reports.status_text import status_text

    report, timezone = make_report(session, client, period), session.config.company.timezone
    return Answer(SCHEMA, report, lambda: status_text(report, timezone, this_config), report.next_command)


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
    with session.store.read(much=True) as connection:
        return take_snapshot(
            connection,
            session.company,
            currency=session.config.company.currency,
            now=session.clock.now(),
            today=session.today,
            selection=selection,
            sources=session.config.sources,
            environment=session.config.quickbooks.environment,
            retainers=session.config.tables.retainers,
        )


def _reports(sessions: Sessions, client: str | None, period: str | None) -> list[StatusReport]:
    """Each company's report; one that does not know the client is left out, unless none does."""
    made, unknown = [], []
    for session in sessions.each:
        try:
            made.append(make_report(session, client, period))
        except click.UsageError as error:
            unknown.append(error)
    if not made:
        raise unknown[0]
    return made


def _write_files(reports: list[StatusReport], together: bool, csv_path: str | None, xlsx_path: Path | None) -> None:
    from syncd.commands.output import next_command, say
    from syncd.reports.sheets import to_csv, write_xlsx
    from syncd.reports.status_sheets import sheets_of_companies, status_sheets

    sheets = sheets_of_companies(reports) if together else status_sheets(reports[0])
    if xlsx_path:
        write_xlsx(xlsx_path, sheets)
    if csv_path == "-":
        click.echo(to_csv(sheets), nl=False)
        return
    if csv_path:
        # With a byte order mark, so that spreadsheets read accents as UTF-8.
        Path(csv_path).write_text(to_csv(sheets), encoding="utf-8-sig", newline="")
    say(f"Wrote {csv_path or xlsx_path}.")
    next_command("syncd status" if together else reports[0].next_command)


def _check(sessions: Sessions, client: str | None, period: str | None) -> int:
    """One line, whatever there is to say of however many companies: the worst one's."""
    from syncd.commands.output import say
    from syncd.reports.status import check, worst_check

    if not sessions.together:
        code, line = check(make_report(sessions.each[0], client, period))
    else:
        checked, refused = [], []
        for session in sessions.each:
            try:
                checked.append(check(make_report(session, client, period)))
            except click.UsageError as error:
                refused.append(error)
            except Exception as error:  # noqa: BLE001 - that one is UNKNOWN; the others are looked at all the same.
                checked.append(unknown(error, session.company))
        if not checked:
            raise refused[0]
        code, line = worst_check(checked)
    say(line)
    return code


def unknown(error: Exception, company: str = "") -> tuple[int, str]:
    """What could not be told, in Nagios' words: 3 and one line."""
    from connectors.redaction import redact
    from syncd.reports.status import UNKNOWN

    problems = getattr(error, "problems", None)
    text = str(problems[0]) if problems else str(error) or type(error).__name__
    about = f"{company}: " if company else ""
    return UNKNOWN, f"SYNCD UNKNOWN - {about}{' '.join(redact(text).replace('|', '/').split())}"


def _watch(sessions: Sessions, client: str | None, period: str | None) -> int:
    from rich.console import Group
    from rich.live import Live

    from syncd.commands.output import console
    from syncd.commands.stopping import finishing_on_signals

    clock = sessions.clock
    # A signal that killed it would leave the terminal on its second screen.
    with (
        finishing_on_signals(clock),
        Live(console=console(), screen=console().is_terminal, auto_refresh=False) as live,
    ):
        while not clock.stopping.is_set():
            live.update(Group(*_watched(sessions, client, period)), refresh=True)
            clock.sleep(_WATCH_SECONDS)
    return 0


def _watched(sessions: Sessions, client: str | None, period: str | None) -> Iterator[RenderableType]:
    from rich.text import Text

    from syncd.commands.output import this_config
    from syncd.reports.status_text import status_text

    timezones = {session.company: session.config.company.timezone for session in sessions.each}
    for position, report in enumerate(_reports(sessions, client, period)):
        if position:
            yield Text("")
        yield from status_text(report, timezones[report.company], this_config)
