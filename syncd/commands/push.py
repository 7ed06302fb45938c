"""syncd push"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from syncd.commands.options import command as declare
from syncd.commands.options import json_option, selection_options
from syncd.commands.pull import WAIT_SECONDS

if TYPE_CHECKING:
    from syncd.commands.session import Session
    from syncd.cycle import Steps
    from syncd.engine.push_report import Outcome
    from syncd.engine.push_run import Task
    from syncd.engine.quickbooks import QuickBooks


@declare(
    "push",
    examples="""
syncd push
syncd push --client Hydro-Québec""",
)
@selection_options
@json_option
def command(company: str | None, client: str | None, period: str | None, now: datetime | None, as_json: bool) -> int:
    """Send what was approved to QuickBooks, each document once, whatever happens in between.

    With --period, only those dated in it. What an earlier run left in doubt is looked for first, and never sent again
    before that.
    """
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import open_sessions, steps_of
    from syncd.commands.stopping import finishing_on_signals
    from syncd.reports.push import SCHEMA, push_text, report_push

    def act(session: Session) -> Answer:
        wanted = _wanted(session, client, period)
        steps = steps_of(session, "syncd push")
        with steps.quickbooks() as opened:
            adopted = _adopted(steps, opened, session)
            found = steps.push(opened, wanted=wanted, wait_seconds=WAIT_SECONDS)
            found = replace(found, outcomes=(*adopted, *found.outcomes))
        report = report_push(session.company, found, now=session.clock.now())
        return Answer(SCHEMA, report, lambda: push_text(report), report.next_command, 1 if report.failed else 0)

    with open_sessions(company=company, now=now) as sessions, finishing_on_signals(sessions.clock):
        return answer_each(sessions, act, as_json=as_json, at_once=True)


def _adopted(steps: Steps, opened: QuickBooks, session: Session) -> tuple[Outcome, ...]:
    """Before a document is sent for the first time: what QuickBooks has of ours that an older database does not."""
    if not steps.has_new_to_send():
        return ()
    return steps.meet(opened, session.today, wait_seconds=WAIT_SECONDS)[1].adopted


def _wanted(session: Session, client: str | None, period: str | None) -> Callable[[Task], bool]:
    from syncd.commands.session import client_of, period_of

    name, chosen = client_of(session, client), period_of(period, session.today)

    def wanted(task: Task) -> bool:
        document = task.document
        return name in ("", document.client) and (chosen is None or document.dated in chosen)

    return wanted
