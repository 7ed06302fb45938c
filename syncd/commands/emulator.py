"""syncd emulator"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from syncd.commands.options import command as declare

if TYPE_CHECKING:
    from connectors.emulator import Emulator
    from syncd.demo.tools import Tools


@declare("emulator", examples="syncd emulator --country ca --books emulator.db")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    metavar="N",
    help="The port on 127.0.0.1; 0 takes a free one.  [default: 8765, config.toml's own]",
)
@click.option(
    "--country",
    type=click.Choice(["ca", "us"]),
    default="ca",
    show_default=True,
    help="Canada: taxes are on the document. United States: QuickBooks computes them.",
)
@click.option(
    "--books",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Keep the books in this file; without it they end with the emulator.",
)
@click.option(
    "--companies",
    type=click.IntRange(1, 100),
    default=1,
    show_default=True,
    metavar="N",
    help="So many companies, each with a realm, books and limits of its own; consent asks for which it is.",
)
def command(port: int | None, country: str, books: Path | None, companies: int) -> int:
    """Run a stand-in for QuickBooks Online on this machine, to try syncd with no account.

    It does what Intuit's documentation says of invoices, credit memos, payments and their errors. It does not know how
    Intuit's service behaves where that is not documented, and it never e-mails anybody. Its page shows the books, lets
    you play the customer (pay, void, edit) and switches faults on. Beside the books of a demo, it also serves the
    demo's Redmine and Request Tracker. Ctrl-C ends it.
    """
    from contextlib import ExitStack

    from connectors.emulator import DEFAULT_PORT, Emulator, realm_ids, serve
    from syncd.commands.output import complain
    from syncd.demo.tools import served_beside

    chosen = DEFAULT_PORT if port is None else port
    try:
        with ExitStack() as stack:
            emulators = []
            for number, realm in enumerate(realm_ids(country, companies), start=1):
                kept = _books_of(books, number)
                is_new = kept is None or not kept.exists()
                emulators.append(stack.enter_context(Emulator(country, kept, realm_id=realm)))
                if is_new:
                    _add_example(emulators[-1])
            tools = stack.enter_context(served_beside(books))
            is_default = chosen == DEFAULT_PORT

            def ready(address: str) -> None:
                _announce(address, is_default, books, emulators)
                _announce_tools(tools)

            serve(*emulators, port=chosen, ready=ready)
    except ValueError as error:
        complain(f"syncd: {error}.")
        return 1
    except OSError as error:
        complain(f"syncd: port {chosen} on 127.0.0.1 cannot be used: {error.strerror}.")
        complain("  Choose another: syncd emulator --port 8766")
        return 1
    return 0


def _books_of(books: Path | None, number: int) -> Path | None:
    """The file of the first company is the one that was named; the others' stand beside it: books-2.db."""
    return books if books is None or number == 1 else books.with_stem(f"{books.stem}-{number}")


def _add_example(emulator: Emulator) -> None:
    """Let new Canadian books know every name of the tables that `syncd init` writes, so that they can be tried."""
    from syncd.demo import CLASSES, CUSTOMERS

    if emulator.books.country == "ca":
        emulator.seed({"customers": list(CUSTOMERS), "classes": list(CLASSES)})


def _announce(address: str, is_default: bool, books: Path | None, emulators: Sequence[Emulator]) -> None:
    from syncd.commands.output import say, this_config

    base_url = "" if is_default else f'\n    base_url = "{address}"'
    say(f"QuickBooks Online, emulated: {address}")
    if len(emulators) > 1:
        say(f"Companies: {len(emulators)}, realms {emulators[0].realm_id} to {emulators[-1].realm_id}")
    say(f"Books: {books or 'in memory, gone when this ends'}")
    say(f'In config.toml:\n\n    [quickbooks]\n    environment = "emulator"{base_url}\n')
    say(f"Open {address} in a browser to see the books and to play the customer.")
    say(f"Next, in another window: {this_config('syncd connect quickbooks')}")


def _announce_tools(tools: Tools | None) -> None:
    """The demo's tools, where its config.toml looks for them."""
    from syncd.commands.output import say

    if tools is not None:
        say(f"The demo's Redmine: {tools.redmine.url}, its Request Tracker: {tools.helpdesk.url}")
