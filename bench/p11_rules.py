"""P11: the rules over a million entries, beside polars computing the same totals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from bench.goals import FULL, Row
from bench.measure import Measured, Stopwatch, in_child
from bench.office import TODAY, write_files
from bench.place import Place
from bench.rules_in_polars import Totals, totals_of
from bench.timesheets import CLIENTS, FIRST_DAY, Timesheets
from mappings.world import Run
from syncd.clock import SystemClock
from syncd.config import Config, load_config
from syncd.config.sections import SafetySection
from syncd.engine.computing import Computer
from syncd.engine.directory import portions
from syncd.engine.pull import pull_source
from syncd.store.database import Store, open_store

BILLING = '[billing.rounding]\nstep_minutes = 15\ndirection = "up"\n'


def tables(clients: int) -> dict[str, list[str]]:
    """Rates on eight levels, some from the middle of the year on, and 20 hours a month in a retainer of each client."""
    people = [f"Personne {number:03},{_role(number)},{_team(number)}" for number in range(0, 300, 2)]
    rates = [
        *(f"{number},,,,,,,{150 + number % 9}.50," for number in range(0, 20_000, 40)),
        *(f",Projet {number:04},,,,,,{120 + number % 7}.25," for number in range(0, clients, 16)),
        *(f",,Client {number:04},,,,,{110 + number % 11}.00," for number in range(4, clients, 16)),
        *(f",,Client {number:04},,,,,{112 + number % 11}.00,2026-06-01" for number in range(4, clients, 32)),
        *(f",,,Personne {number:03},,,,{105 + number % 5}.75," for number in range(0, 300, 12)),
        *(",,,,lead,,,98.40,", ",,,,lead,,,99.90,2026-04-15"),
        *(",,,,,north,,91.15,", ",,,,,north,,93.33333,2026-07-01"),
        *(f",,,,,,Service {number},{80 + number}.00," for number in range(6)),
        ",,,,,,,77.70,",
    ]
    return {
        "people": ["source_person,role,team", *people],
        "rates": ["task,project,client,person,role,team,service,rate,from,until", *_with_ends(rates)],
        "retainers": [
            "client,name,kind,hours,fee,every,from,extra_rate,item",
            *(
                f"Client {number:04},Forfait,minimum,20,1500.00,month,2026-01-01,{'' if number % 2 else '118.00'},"
                "Consultation"
                for number in range(clients)
            ),
        ],
    }


def _with_ends(rates: list[str]) -> list[str]:
    """A row that another one with the same names follows ends on the day before that."""
    starts = {row.rsplit(",", 2)[0]: date.fromisoformat(row.rsplit(",", 1)[1]) for row in rates if row[-1] != ","}
    rows = []
    for row in rates:
        follows = starts.get(row.rsplit(",", 2)[0]) if row[-1] == "," else None
        rows.append(f"{row},{follows - timedelta(days=1) if follows else ''}")
    return rows


def _role(number: int) -> str:
    return "lead" if number % 10 == 0 else ""


def _team(number: int) -> str:
    return "north" if number % 4 == 0 else ""


@dataclass(frozen=True, slots=True)
class Computed:
    """Totals by (client, month) in minor units, and what they took."""

    totals: Totals
    measured: Measured
    lines: int


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The row of P11; it raises where a total of polars differs by a cent."""
    folder, clients = place.folder / "rules", max(1, CLIENTS * entries // FULL)
    in_child(fill, folder, entries, clients)
    ours: Computed = in_child(by_rules, folder)
    theirs: Computed = in_child(by_polars, folder)
    assert_alike(ours.totals, theirs.totals)
    yield Row(
        "P11",
        f"{entries:,} entries rated, drawn and grouped: {len(ours.totals):,} documents, {ours.lines:,} lines",
        "as fast as polars, a third of its memory",
        f"polars {_told(theirs, entries)}",
        _told(ours, entries),
        ours.measured.seconds <= theirs.measured.seconds and ours.measured.rss_mb <= theirs.measured.rss_mb / 3,
        required=False,
        ratio=ours.measured.cpu_seconds / theirs.measured.cpu_seconds,
    )


def _told(found: Computed, entries: int) -> str:
    measured = found.measured
    return f"{measured.seconds:.1f} s, {entries / measured.seconds:,.0f} entries/s, {measured.rss_mb:.0f} MB"


def fill(folder: Path, entries: int, clients: int) -> None:
    """A database with the entries, and the company's files beside it."""
    write_files(folder, "http://127.0.0.1:9", clients, tables(clients), BILLING)
    with company(folder) as (store, config):
        source = Timesheets(entries, clients=clients)
        safety, clock = SafetySection(), SystemClock()
        report = pull_source(
            store, config.company.name, source, clock=clock, today=TODAY, since=FIRST_DAY, safety=safety, full=True
        )
        assert not report.error, report.error


@contextmanager
def company(folder: Path) -> Iterator[tuple[Store, Config]]:
    """The company of a folder, without QuickBooks."""
    config = load_config(folder / "config.toml")
    store = open_store(config.store_url.reveal(), SystemClock())
    yield store, config
    store.close()


def by_rules(folder: Path) -> Computed:
    """What syncd drafts, with its reasons, one portion of clients after the other; nothing is kept but the totals."""
    watch, lines = Stopwatch(), 0
    totals: Totals = {}
    with company(folder) as (store, config), watch.running():
        computer = Computer(store, config, TODAY, Run())
        done: set[str] = set()
        for some in portions(computer.due.clients):
            if some - done:
                computed = computer.compute(some - done)
                done |= computed.clients
                for document in computed.bill.documents:
                    totals[document.key.client, document.key.period] = document.subtotal_minor
                    lines += len(document.lines)
    return Computed(totals, watch.read(), lines)


def by_polars(folder: Path) -> Computed:
    """The same totals by polars from the same files."""
    watch = Stopwatch()
    with watch.running():
        totals = totals_of(folder)
    return Computed(totals, watch.read(), 0)


def assert_alike(ours: Totals, theirs: Totals) -> None:
    """Raise AssertionError naming the first documents whose totals differ by a cent or more."""
    wrong = [
        (key, ours.get(key), theirs.get(key))
        for key in sorted(ours.keys() | theirs.keys())
        if ours.get(key) != theirs.get(key)
    ]
    assert not wrong, f"{len(wrong)} totals differ between syncd and polars, the first: {wrong[:3]}"
