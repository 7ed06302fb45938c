"""syncd rerate"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import click

from syncd.commands.options import client_option, company_option, json_option, now_option, worked_option
from syncd.commands.options import command as declare

if TYPE_CHECKING:
    from syncd.commands.session import Session


@declare(
    "rerate",
    examples="""
syncd rerate --period 2026-10 --client Boréal
syncd rerate --period last-quarter --client Boréal --draft --reason "new contract" """,
)
@company_option
@client_option
@worked_option
@click.option("--draft", is_flag=True, help="Decide it: each client's next document carries the adjustments.")
@click.option("--reason", default="", help="Why, for the record.")
@now_option
@json_option
def command(
    company: str | None,
    client: str | None,
    period: str,
    draft: bool,
    reason: str,
    now: datetime | None,
    as_json: bool,
) -> int:
    """Show what billed work of a period would cost at the rates of today's tables, and by --draft charge it so.

    A rate that changes touches nothing that is billed. Here it does, for the work of these days: what was invoiced is
    taken back as it was billed and charged at the new rate, on two lines of the next document. Hours that a retainer
    covers, increments and draws stay. Typed twice it charges once.
    """
    from syncd.commands.decisions import person
    from syncd.commands.each import Answer, answer_each
    from syncd.commands.session import client_of, open_sessions, period_of
    from syncd.engine.decide import By
    from syncd.engine.rerate import rerate
    from syncd.reports.rerate import SCHEMA, report_rerate
    from syncd.reports.rerate_text import rerate_text

    def act(session: Session) -> Answer:
        chosen, ours = period_of(period, session.today), client_of(session, client)
        assert chosen is not None
        by = By(person(), reason, session.clock.now(), session.today)
        found = rerate(session.store, session.config, chosen, ours, by, record=draft)
        report = report_rerate(session.company, found, ours, chosen, recording=draft, now=by.now, today=session.today)
        return Answer(SCHEMA, report, lambda: rerate_text(report), report.next_command)

    with open_sessions(company=company, now=now) as sessions:
        return answer_each(sessions, act, as_json=as_json)
