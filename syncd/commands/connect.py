"""syncd connect"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare

if TYPE_CHECKING:
    from syncd.commands.session import Session
    from syncd.engine.connect import Connecting

_BROWSER_SECONDS = 600.0
BROWSER_PORT = 8770
"""Where the browser comes back to: http://localhost:8770/callback is what the app's redirect addresses must list."""


@declare("connect", examples="syncd connect quickbooks")
@click.argument("name", metavar="quickbooks", type=click.Choice(["quickbooks"]))
def command(name: str) -> int:
    """Connect the company to its books: open the address that is printed, and consent.

    With redirect = "paste" the browser ends on a page whose address you paste here. With redirect = "browser" it comes
    back to this machine by itself. Connecting again keeps everything; another company or environment is refused.
    """
    from syncd.commands.output import complain, next_command, problems_text, say
    from syncd.commands.session import open_session
    from syncd.engine.connect import begin, finish
    from syncd.engine.tokens import Connected
    from syncd.store.holders import this_process

    assert name == "quickbooks", "the only books that there are"
    with open_session() as session:
        connecting = begin(session.store, session.config, session.clock, port=BROWSER_PORT)
        try:
            address = _consent(session, connecting)
            if not address:
                complain("syncd: no address was given, so nothing was connected.")
                return 1
            holder = this_process("syncd connect")
            result = finish(session.store, session.config, session.clock, connecting, address, holder)
        finally:
            connecting.http.close()
        if not isinstance(result, Connected):
            complain(problems_text([result]))
            return 1
        again = "again " if result.again else ""
        books = result.company_name or f"company {result.realm}"
        say(f"Connected {again}to {books} in QuickBooks ({result.environment}).")
        next_command("syncd pull")
    return 0


def _consent(session: Session, connecting: Connecting) -> str:
    """The address on which the browser ended, untrusted."""
    from connectors.quickbooks.consent import await_callback
    from syncd.commands.output import complain, say

    say(f"Open this address and consent:\n\n{connecting.attempt.url}\n")
    if session.config.quickbooks.redirect == "browser":
        say(f"Waiting for the browser on http://localhost:{BROWSER_PORT} (ten minutes at most) …")
        try:
            return await_callback(BROWSER_PORT, _BROWSER_SECONDS)
        except TimeoutError as error:
            complain(f"syncd: {error}.")
            return ""
    say("Then paste the address that the browser ended on, and press Enter:")
    return sys.stdin.readline().strip()
