"""syncd run"""

from __future__ import annotations

from datetime import datetime

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, json_option, now_option


@declare(
    "run",
    examples="""
syncd run
syncd run --once""",
)
@click.option("--once", is_flag=True, help="Do one whole cycle now, and end.")
@company_option
@now_option
@json_option
def command(once: bool, company: str | None, now: datetime | None, as_json: bool) -> int:
    """Do everything by itself at the hours of [daemon]: pull, draft, approve by policy, push, read payments.

    It logs JSON on standard error. SIGTERM and Ctrl-C finish the step that is under way; a restart loses and doubles
    nothing. The other commands work beside it.
    """
    from syncd.clock import SystemClock
    from syncd.commands.session import open_session, steps_of
    from syncd.commands.stopping import finishing_on_signals
    from syncd.logging import configure
    from syncd.store.runlock import run_lock

    if not once and (as_json or now):
        raise click.UsageError("--json and --now are for --once.")
    clock = SystemClock()
    # The signals are taken before anything is opened, so that there is no moment in which one kills a step.
    with finishing_on_signals(clock), open_session(company=company, now=now, clock=clock) as session:
        steps = steps_of(session, "syncd run")
        with run_lock(session.store, steps.holder):
            if once:
                from syncd.commands.once import run_once

                return run_once(session, steps, as_json)
            from syncd.daemon import Daemon

            configure()
            Daemon(steps, clock, session.business).serve()
    return 0
