"""`syncd connect quickbooks`: a person consents in a browser, and the answer comes back here."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from connectors.quickbooks.callback import CallbackListener
    from syncd.commands.session import Session
    from syncd.engine.connect import Connecting

_CALLS_TOLD = 3
"""Behind a proxy anybody may call; after a few, further ones are ignored silently."""


def connect_books(session: Session) -> int:
    """Ask for a consent and store what it gives; an exit code."""
    from syncd.commands.output import complain, next_command, problems_text, say
    from syncd.engine.connect import begin, finish
    from syncd.engine.tokens import Connected, refuse_environment
    from syncd.store.holders import this_process

    refusal = refuse_environment(session.store, session.company, session.config.quickbooks.environment)
    if refusal is not None:
        complain(problems_text([refusal]))
        return 1
    with ExitStack() as stack:
        # The port is opened before the person is sent away: one that is taken must be told at once.
        listener = _listen(session)
        if listener is not None:
            stack.enter_context(listener)
        connecting = begin(session.store, session.config, session.clock)
        stack.callback(connecting.http.close)
        address = _consent(session, connecting, listener)
        if not address:
            return 1
        holder = this_process("syncd connect")
        result = finish(session.store, session.config, session.clock, connecting, address, holder)
    if not isinstance(result, Connected):
        complain(problems_text([result]))
        return 1
    again = "again " if result.again else ""
    books = result.company_name or f"company {result.realm}"
    say(f"Connected {again}to {books} in QuickBooks ({result.environment}).")
    next_command("syncd pull")
    return 0


def _listen(session: Session) -> CallbackListener | None:
    """An open port; None where the address is pasted."""
    from connectors.quickbooks.callback import CallbackListener
    from syncd.engine.connect import coming_back

    back = coming_back(session.config)
    return CallbackListener(back.port, back.path, back.names) if back is not None else None


def _consent(session: Session, connecting: Connecting, listener: CallbackListener | None) -> str:
    """The address on which the browser ended, untrusted; "" when none came, which has been said."""
    from connectors.quickbooks.consent import STATE_LIVES_SECONDS
    from syncd.commands.output import complain, say

    say(f"Open this address and consent:\n\n{connecting.attempt.url}\n")
    if listener is None:
        say("Then paste the address that the browser ended on, and press Enter:")
        pasted = sys.stdin.readline().strip()
        if not pasted:
            complain("syncd: no address was given, so nothing was connected.")
        return pasted
    _say_where(session, listener.port)
    told = 0

    def ignored(sentence: str) -> None:
        nonlocal told
        told += 1
        if told <= _CALLS_TOLD:
            complain(f"syncd: {sentence}")

    try:
        return listener.wait(session.clock, STATE_LIVES_SECONDS, belongs=connecting.attempt.belongs, ignored=ignored)
    except TimeoutError as error:
        complain(f"syncd: {error}, so nothing was connected. Type `syncd connect quickbooks` to try again.")
        return ""


def _say_where(session: Session, port: int) -> None:
    from syncd.commands.output import say

    redirect = session.config.quickbooks.redirect
    if redirect == "browser":
        say(f"Waiting for the browser on http://localhost:{port} (ten minutes at most) …")
    else:
        say(f"Waiting for {redirect} (ten minutes at most), which your proxy forwards to http://127.0.0.1:{port} …")
