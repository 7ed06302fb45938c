"""syncd pull"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option

if TYPE_CHECKING:
    from syncd.commands.session import Session

WAIT_SECONDS = 10.0
"""How long a command waits for a lease before it exits 75 and names the holder."""


@declare(
    "pull",
    examples="""
syncd pull
syncd pull --source timesheets --full""",
)
@company_option
@click.option("--source", "names", metavar="NAME", multiple=True, help="Only this source; may be given several times.")
@click.option("--full", is_flag=True, help="Read everything since go-live again, not only what may have changed.")
@click.option(
    "--accept-vanished",
    metavar="NAME",
    multiple=True,
    help="Believe this source although much more of its work is gone than [safety] allows.",
)
@now_option
@json_option
def command(
    company: str | None,
    names: tuple[str, ...],
    full: bool,
    accept_vanished: tuple[str, ...],
    now: datetime | None,
    as_json: bool,
) -> int:
    """Read time entries and tasks from the sources.

    A source that cannot be read stops none of the others; what it gave before stays.
    """
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import open_sessions, steps_of
    from syncd.reports.pull import SCHEMA, pull_text, report_pull

    def act(session: Session) -> Answer:
        _known(names + accept_vanished, tuple(session.config.sources))
        steps = steps_of(session, "syncd pull")
        found = steps.pull(
            session.today, names=names, full=full, accept_vanished=accept_vanished, wait_seconds=WAIT_SECONDS
        )
        busy = next((row.busy for row in found if row.busy), None)
        done = [row for row in found if not row.busy]
        report = report_pull(session.company, done, now=session.clock.now(), today=session.today)
        code = 1 if report.failed else 0
        return Answer(SCHEMA, report, lambda: pull_text(report), report.next_command, code, busy)

    with open_sessions(company=company, now=now) as sessions:
        return answer_each(sessions, act, as_json=as_json)


def _known(names: tuple[str, ...], configured: tuple[str, ...]) -> None:
    for name in names:
        if name not in configured:
            listed = ", ".join(configured) or "none"
            raise click.BadParameter(f"there is no source {name!r}; config.toml has: {listed}", param_hint="--source")
