"""syncd run"""

from __future__ import annotations

import os
from datetime import datetime

import click

from syncd.commands.options import command as declare
from syncd.commands.options import company_option, config_path, json_option, now_option


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
    from syncd.commands.each import answer_each
    from syncd.commands.once import cycle
    from syncd.commands.session import open_sessions
    from syncd.commands.stopping import finishing_on_signals
    from syncd.store.holders import this_process
    from syncd.store.runlock import run_lock

    clock = SystemClock()
    # The signals are taken before anything is opened, so that there is no moment in which one kills a step.
    with (
        finishing_on_signals(clock),
        open_sessions(company=company, now=now, clock=clock) as sessions,
        run_lock(sessions.store, this_process("syncd run")),
    ):
        return answer_each(sessions, cycle, as_json=as_json)


def _serve(company: str | None) -> int:
    from queue import SimpleQueue

    from syncd.clock import BusinessDate, SystemClock
    from syncd.commands.session import open_sessions, steps_of
    from syncd.commands.stopping import requesting
    from syncd.daemon import Daemon
    from syncd.daemon.notify import Notifier
    from syncd.daemon.service import Request
    from syncd.logging import configure
    from syncd.store.holders import this_process
    from syncd.store.runlock import run_lock

    clock, requests = SystemClock(), SimpleQueue[Request]()
    with (
        requesting(requests),
        open_sessions(company=company, clock=clock) as sessions,
        run_lock(sessions.store, this_process("syncd run")),
    ):
        configure(unattended=True)
        companies = [steps_of(session, "syncd run") for session in sessions.each]
        daemon = Daemon(
            companies,
            clock,
            BusinessDate(clock),
            requests=requests,
            files=[config_path()],
            notifier=Notifier.of(os.environ),
        )
        ended = daemon.serve()
        if not ended:
            # A thread that hangs would keep the interpreter from ending; what it does is undone or looked for.
            os._exit(1)
    return 0
