"""syncd preview"""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import json_option, selection_options

if TYPE_CHECKING:
    from syncd.commands.session import Session
    from syncd.reports.preview import PreviewReport


@declare(
    "preview",
    examples="""
syncd preview
syncd preview --period last-month --client Hydro-Québec
syncd preview --out plan.json""",
)
@selection_options
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="PATH",
    help="Write a plan for `syncd approve PATH`, which then approves exactly this or nothing.",
)
@click.option("--detailed-exitcode", is_flag=True, help="Exit 0 nothing to do, 1 error, 2 there are documents.")
@json_option
def command(
    company: str | None,
    client: str | None,
    period: str | None,
    now: datetime | None,
    out: Path | None,
    detailed_exitcode: bool,
    as_json: bool,
) -> int:
    """Show per client what would be created, what is held or blocked and why, and the sum of the first proof.

    Without --period it takes every period that is over. It sends nothing, and what it shows is what `syncd approve`
    approves: both have the same hash.
    """
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import open_sessions
    from syncd.reports.preview import SCHEMA, plan_of
    from syncd.reports.preview_text import preview_text

    def act(session: Session) -> Answer:
        report = make_preview(session, client, period)
        if out is not None:
            out.write_text(json.dumps(plan_of(report), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
        following = f"syncd approve {out}" if out is not None else report.next_command
        code = report.exit_code if detailed_exitcode else 0
        return Answer(SCHEMA, report, lambda: preview_text(report), following, code)

    with open_sessions(company=company, now=now) as sessions:
        if out is not None and len(sessions.each) > 1:
            raise click.UsageError(f"A plan is for one company. Say which with --company: {sessions.names}")
        return answer_each(sessions, act, as_json=as_json, at_once=True)


def make_preview(session: Session, client: str | None, period: str | None) -> PreviewReport:
    """Draft, and report what was drafted."""
    from dataclasses import replace

    from mappings.world import Run
    from syncd.commands.session import client_of, period_of, steps_of
    from syncd.engine.approve import remember_shown
    from syncd.reports.preview import report_preview
    from syncd.reports.proofs import prove_hours
    from syncd.reports.read_hours import read_hours
    from syncd.reports.values import Selection

    chosen = period_of(period, session.today)
    steps = steps_of(session, "syncd preview")
    drafts, stale = steps.draft_fresh(session.today, Run(period=chosen))
    drafts = replace(drafts, problems=(*stale, *drafts.problems))
    # Drafting may bring a client to light that nothing was known of before.
    selection = Selection(client_of(session, client), chosen)
    shown = [item for item in drafts.documents if selection.client in ("", item.document.key.client)]
    remember_shown(session.store, session.company, shown)
    with session.store.read() as connection:
        hours = read_hours(connection, session.company, Selection(selection.client))
    return report_preview(
        session.company,
        drafts,
        prove_hours(hours),
        selection,
        now=session.clock.now(),
        today=session.today,
    )
