"""syncd demo"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import click

from syncd.commands.options import command as declare

if TYPE_CHECKING:
    from connectors.emulator import Emulator
    from syncd.demo.tools import Tools

FIRST_OF_NOVEMBER = "2026-11-02T09:00:00-05:00"
LATER = "2026-11-05T09:00:00-05:00"
APPROVED = ("Clinique du Lac", "Imprimerie Gagnon ltée", "Northwind Traders Inc.", "Coop des Îles")


@declare("demo", examples="syncd demo")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default="demo",
    show_default=True,
    help="Where the example company is put; made anew each time.",
)
@click.option(
    "--timesheet",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    metavar="FILE",
    help="Replace our timesheet by this one: a CSV with the same columns as the demo's inbox/october.csv.",
)
def command(folder: Path, timesheet: Path | None) -> int:
    """Bill a month of an example firm in Québec, from hours to payments, on this machine alone.

    Its hours are in a Redmine, in a Request Tracker and in a CSV file. It runs the commands that you would type,
    against stand-ins for both tools and an emulator of QuickBooks Online, with a refused request and a lost answer on
    the way.
    """
    from connectors.emulator import Emulator, running
    from syncd.commands.output import complain
    from syncd.demo import CLASSES, CUSTOMERS, fill, make_folder
    from syncd.demo.tools import october, served, write_mark
    from syncd.logging import configure

    configure(level=logging.WARNING)

    folder = folder.resolve()
    try:
        make_folder(folder)
    except FileExistsError as error:
        complain(f"syncd: {error}.\n  Choose another: syncd demo --folder other-folder")
        return 1
    with (
        Emulator("ca", folder / "quickbooks.db") as emulator,
        running(emulator) as base_url,
        served(october()) as tools,
    ):
        write_mark(folder, tools, is_november=False)
        fill(folder, base_url, tools, timesheet)
        emulator.seed({"customers": list(CUSTOMERS), "classes": list(CLASSES)})
        done = _play(_Steps(folder), emulator, tools, folder)
    if done:
        _end(folder, urlsplit(base_url).port or 0)
    return 0 if done else 1


class _Steps:
    """Types commands, shows what they print, and stops at the first that fails."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._env = {**os.environ, "SYNCD_CONFIG": str(folder / "config.toml")}
        self._env.pop("SYNCD_STORE_URL", None)

    def type(self, *words: str, expect: int = 0) -> bool:
        """Run one `syncd` command; its output goes straight to the screen. False when it ended otherwise."""
        from syncd.commands.output import complain, say

        shown = [f'"{word}"' if " " in word else word for word in words if not word.startswith("20")]
        say(f"\n$ syncd {' '.join(word for word in shown if word != '--now')}")
        sys.stdout.flush()
        done = subprocess.run([sys.executable, "-m", "syncd", *words], env=self._env, cwd=self._folder, check=False)  # noqa: S603
        if done.returncode != expect:
            complain(f"syncd: that ended with {done.returncode}, so the demo stops here.")
        return done.returncode == expect

    def open_operations(self) -> int:
        """How many operations on QuickBooks wait or are in doubt."""
        from syncd.clock import SystemClock
        from syncd.config import load_config
        from syncd.engine.outbox import open_rows
        from syncd.store.database import open_store

        config = load_config(self._folder / "config.toml")
        store = open_store(config.store_url.reveal(), SystemClock())
        try:
            with store.read() as connection:
                return len(open_rows(connection, config.company.name))
        finally:
            store.close()


def _play(steps: _Steps, emulator: Emulator, tools: Tools, folder: Path) -> bool:
    """October is over: bill it. Customers pay. Then late work and corrections come in."""
    from syncd.commands.output import say
    from syncd.demo.tools import november, write_mark

    say(f"The example firm is in {folder}: config.toml, mappings/, and a timesheet in inbox/.")
    say("Its projects keep their hours in Redmine, its helpdesk keeps its minutes in Request Tracker.")
    say("It is 2 November 2026: October is over.")
    _connect(emulator, folder)
    now = ("--now", FIRST_OF_NOVEMBER)
    if not (steps.type("pull", *now) and steps.type("preview", *now) and steps.type("approve", *APPROVED, *now)):
        return False
    say("\nQuickBooks now refuses the first request (429), and the answer to the third is lost on the way.")
    emulator.fault("throttle", entity="invoice", operation="create")
    emulator.fault("lost-answer", entity="invoice", operation="create", skip=1)
    if not _push_until_settled(steps, now):
        return False
    _pay(emulator)
    say("\nIt is 5 November. In Redmine, someone enters October's work late, and corrects an entry that was billed.")
    say("In the helpdesk, two tickets turn out to be one problem; they are merged, and 10 minutes are taken back.")
    november(tools)
    write_mark(folder, tools, is_november=True)
    later = ("--now", LATER)
    return steps.type("run", "--once", *later) and steps.type("status", *later)


def _connect(emulator: Emulator, folder: Path) -> None:
    """`syncd connect quickbooks`, with the consent given for you: the emulator is asked as a browser would ask it."""
    from syncd.clock import SystemClock
    from syncd.commands.output import say
    from syncd.config import load_config
    from syncd.engine.connect import begin, finish
    from syncd.engine.tokens import Connected
    from syncd.store.database import open_store
    from syncd.store.holders import this_process

    clock, config = SystemClock(), load_config(folder / "config.toml")
    store = open_store(config.store_url.reveal(), clock)
    connecting = begin(store, config, clock)
    try:
        asked: Mapping[str, str] = dict(parse_qsl(urlsplit(connecting.attempt.url).query))
        address, wrong = emulator.oauth.authorize(dict(asked), emulator.now())
        assert address is not None, wrong
        result = finish(store, config, clock, connecting, address, this_process("syncd demo"))
    finally:
        connecting.http.close()
        store.close()
    assert isinstance(result, Connected), result
    say(f"\n$ syncd connect quickbooks\nConnected to {result.company_name} in QuickBooks ({result.environment}).")


def _push_until_settled(steps: _Steps, now: tuple[str, str]) -> bool:
    """Push until nothing waits: what was throttled goes on by itself, what is in doubt is looked for, never re-sent."""
    from syncd.clock import SystemClock
    from syncd.commands.output import say
    from syncd.demo import QUARANTINE_SECONDS

    for _ in range(5):
        if not steps.type("push", *now):
            return False
        if not steps.open_operations():
            return True
        say(f"\nWaiting {QUARANTINE_SECONDS + 1} seconds (with real books it is the daemon that waits, three minutes).")
        SystemClock().sleep(QUARANTINE_SECONDS + 1)
    return False


def _pay(emulator: Emulator) -> None:
    """Three customers pay: wholly, by half, and in US dollars."""
    from connectors.emulator.play import open_documents, pay
    from syncd.commands.output import say

    for document in open_documents(emulator, "Invoice"):
        name = document["CustomerRef"]["name"]
        if name == "Coop des Îles":
            continue
        part = document["Balance"] / 2 if name == "Clinique du Lac" else document["Balance"]
        amount = part.quantize(document["Balance"])
        pay(emulator, doc_number=document["DocNumber"], amount=amount, date="2026-11-04")
        say(f"\n{name} pays {amount} of invoice {document['DocNumber']}.")


def _end(folder: Path, port: int) -> None:
    """What to type next, to go on in the same books."""
    from syncd.commands.output import say

    config = folder / "config.toml"
    say(
        "\nThat was a month. To go on in these books, start QuickBooks and both tools again in another window:\n"
        f"  syncd emulator --books {folder / 'quickbooks.db'} --port {port}\n"
        "Then, for example:\n"
        f"  syncd --config {config} explain AB-2026-0001\n"
        f"  syncd --config {config} preview --period 2026-11\n"
        "Your own company: syncd init"
    )
