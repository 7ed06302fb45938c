"""P7: twenty companies push at once, each at its own permitted rate. The emulators count the limits."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from bench.goals import FULL, Row
from bench.measure import in_child
from bench.office import TODAY, Office, office
from bench.place import Place
from bench.timesheets import Timesheets
from syncd.engine.approve import approve
from syncd.engine.draft import draft
from syncd.engine.push import push

REALMS, CLIENTS = 20, 3
PERMITTED = 450 / 60
"""Requests a second and company that syncd allows itself, of QuickBooks' 500 a minute."""


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The row of P7; fewer `entries` mean fewer companies."""
    realms = max(2, min(REALMS, REALMS * entries // FULL))
    slowest, sent, refused = in_child(run, place.folder / "push", realms)
    yield Row(
        "P7",
        f"{realms} companies push {sent:,} invoices at once",
        "90 % of the permitted rate, no 429",
        f"{PERMITTED:.1f} a second",
        f"{slowest / PERMITTED * 100:.0f} %, {refused} × 429",
        slowest >= 0.9 * PERMITTED and not refused,
        required=False,
    )


def run(folder: Path, realms: int) -> tuple[float, int, int]:
    """The slowest company's documents a second, how many were sent in all, and how often QuickBooks said 429."""
    with ExitStack() as stack:
        desks = [stack.enter_context(office(folder / str(number), CLIENTS, limits=True)) for number in range(realms)]
        with ThreadPoolExecutor(realms) as threads:
            for desk in desks:
                _approve(desk)
            rates = list(threads.map(_push, desks))
        refused = sum(entry.status == 429 for desk in desks for entry in desk.emulator.requests())
        sent = sum(len(desk.emulator.all("Invoice")) for desk in desks)
        return min(rates), sent, refused


def _approve(desk: Office) -> None:
    desk.pull(Timesheets(CLIENTS * 100, clients=CLIENTS))
    draft(desk.store, desk.config, today=TODAY, clock=desk.clock)
    approve(desk.store, desk.config, today=TODAY, clock=desk.clock, by="bench", wanted=lambda _: True)


def _push(desk: Office) -> float:
    began = time.perf_counter()
    report = push(desk.store, desk.config, desk.opened, clock=desk.clock, holder="bench")
    taken = time.perf_counter() - began
    assert not report.problems, report.problems
    sent = len(desk.emulator.all("Invoice"))
    assert sent == len(report.outcomes), report
    return sent / taken
