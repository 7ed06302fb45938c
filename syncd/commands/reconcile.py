"""syncd reconcile"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option
from syncd.commands.pull import WAIT_SECONDS

if TYPE_CHECKING:
    from syncd.commands.session import Session


@declare("reconcile", examples="syncd reconcile")
@company_option
@click.option(
    "--accept-vanished",
    is_flag=True,
    help="Believe that documents are deleted, although much more are gone than [safety] allows.",
)
@now_option
@json_option
def command(company: str | None, accept_vanished: bool, now: datetime | None, as_json: bool) -> int:
    """Read all invoices, credit memos, payments and balances from QuickBooks, and compare them with ours.

    What people changed there is shown, never overwritten.
    """
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import open_sessions, steps_of
    from syncd.commands.status import read_snapshot
    from syncd.reports.proofs import prove_invoices, prove_receivables
    from syncd.reports.reconcile import SCHEMA, reconcile_text, report_reconcile

    def act(session: Session) -> Answer:
        steps = steps_of(session, "syncd reconcile")
        with steps.quickbooks() as opened:
            read = steps.payments(opened, whole=True, accept_vanished=accept_vanished, wait_seconds=WAIT_SECONDS)
        snapshot = read_snapshot(session, None, None)
        report = report_reconcile(
            session.company,
            read,
            snapshot.drifts,
            prove_invoices(snapshot),
            prove_receivables(snapshot),
            now=session.clock.now(),
        )
        return Answer(SCHEMA, report, lambda: reconcile_text(report), report.next_command, 1 if report.failed else 0)

    with open_sessions(company=company, now=now) as sessions:
        return answer_each(sessions, act, as_json=as_json, at_once=True)
