"""syncd run"""

from __future__ import annotations

import os
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
    if once:
        return _once(company, now, as_json)
    if as_json or now:
        raise click.UsageError("--json and --now are for --once.")
    return _serve(company)


def _once(company: str | None, now: datetime | None, as_json: bool) -> int:
    from syncd.clock import SystemClock
    from syncd.commands.once import run_once
    from syncd.commands.session import open_session, steps_of
    from syncd.commands.stopping import finishing_on_signals
    from syncd.store.runlock import run_lock

    clock = SystemClock()
    # The signals are taken before anything is opened, so that there is no moment in which one kills a step.
    with finishing_on_signals(clock), open_session(company=company, now=now, clock=clock) as session:
        steps = steps_of(session, "syncd run")
        with run_lock(session.store, steps.holder):
            return run_once(session, steps, as_json)


def _serve(company: str | None) -> int:
    from queue import SimpleQueue

    from syncd.clock import SystemClock
    from syncd.commands.session import open_session, steps_of
    from syncd.commands.stopping import requesting
    from syncd.daemon import Daemon
    from syncd.daemon.service import Request
    from syncd.logging import configure
    from syncd.store.runlock import run_lock

    clock, requests = SystemClock(), SimpleQueue[Request]()
    with requesting(requests), open_session(company=company, clock=clock) as session:
        steps = steps_of(session, "syncd run")
        with run_lock(session.store, steps.holder):
            configure()
            ended = Daemon([steps], clock, session.business, requests=requests).serve()
            if not ended:
                # A thread that hangs would keep the interpreter from ending; what it does is undone or looked for.
                os._exit(1)
    return 0
