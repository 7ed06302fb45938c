"""P9: what a person waits for. The help, the status of 20,000 invoices, and the daemon until it is ready."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from bench.books import write_books
from bench.goals import FULL, Row, seconds_text
from bench.measure import in_child, rss_mb
from bench.office import write_files
from bench.place import Place

INVOICES = 20_000
TIMES = 5
IDLE_SECONDS = 10.0
_BARE = "import argparse, json, sqlite3, tomllib"
_NOWHERE = "http://127.0.0.1:9"

_AUDIT = """
SELECT count(*) FROM (
    SELECT entry FROM (
        SELECT entry, CASE WHEN deleted THEN 0 ELSE seconds END AS pulled, 0 AS held FROM work
        UNION ALL SELECT entry, 0, seconds FROM ledger
        UNION ALL SELECT entry, 0, seconds FROM standing
    ) GROUP BY entry HAVING sum(pulled) <> sum(held)
)
"""
_TOTALS = (
    "SELECT sum(subtotal_minor + tax_minor) FROM document WHERE withdrawn_at IS NULL",
    "SELECT type, sum(total_minor), sum(balance_minor) FROM remote_document WHERE state = 'live' GROUP BY type",
    "SELECT sum(balance_minor) FROM reference WHERE kind = 'customer'",
)


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The rows of P9, and of P8's idle daemon."""
    folder = place.folder / "commands"
    in_child(write_files, folder, _NOWHERE, 1)
    invoices = max(100, min(INVOICES, INVOICES * entries // FULL))
    in_child(write_books, f"sqlite:///{folder}/syncd.db", invoices)
    bare, helped = _wall(folder, "-c", _BARE), _wall(folder, "-m", "syncd", "--help")
    yield _row("`syncd --help`", 0.1, "bare imports", bare, helped)
    least, status = bare + _audit(folder / "syncd.db"), _wall(folder, "-m", "syncd", "status")
    yield _row(f"`syncd status`, {invoices:,} invoices", 0.4, "sqlite3 audit", least, status)
    ready, idle_share, idle_mb = _daemon(folder)
    yield _row("`syncd run` until it is ready", 1.0, "bare imports", bare, ready)
    yield Row(
        "P8",
        f"the daemon idle for {IDLE_SECONDS:.0f} s",
        "0.2 % CPU, 100 MB",
        "",
        f"{idle_share * 100:.2f} % CPU, {idle_mb:.0f} MB",
        idle_share <= 0.002 and idle_mb <= 100,
    )


def _row(what: str, goal: float, yardstick: str, least: float, ours: float) -> Row:
    told = (f"{yardstick} {seconds_text(least)}", seconds_text(ours))
    return Row("P9", what, seconds_text(goal), *told, ours <= goal)


def _env(folder: Path) -> Mapping[str, str]:
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"SYNCD_CONFIG": str(folder / "config.toml"), "NO_COLOR": "1"}


def _wall(folder: Path, *words: str) -> float:
    """The median time of a process from its start to its end; the first one, which warms the disk, is not counted."""
    taken = []
    for _ in range(TIMES + 1):
        began = time.perf_counter()
        subprocess.run(  # noqa: S603 - our own program.
            [sys.executable, *words], env=_env(folder), cwd=folder, check=True, stdout=subprocess.DEVNULL
        )
        taken.append(time.perf_counter() - began)
    return median(taken[1:])


def _audit(path: Path) -> float:
    """The least that all three proofs need of the database."""
    connection = sqlite3.connect(path)
    taken = []
    for _ in range(TIMES):
        began = time.perf_counter()
        assert connection.execute(_AUDIT).fetchone() == (0,)
        for query in _TOTALS:
            connection.execute(query).fetchall()
        taken.append(time.perf_counter() - began)
    connection.close()
    return median(taken)


def _daemon(folder: Path) -> tuple[float, float, float]:
    """Seconds until it says that it has started; then the share of CPU time and the memory while nothing happens."""
    taken = []
    for last in (False, False, True):
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "syncd", "run"], env=_env(folder), cwd=folder, stderr=subprocess.PIPE, text=True
        )
        assert process.stderr is not None
        try:
            said = ""
            for line in process.stderr:
                said += line
                if '"started"' in line:
                    break
            assert '"started"' in said, said
            taken.append(time.perf_counter() - began)
            if last:
                time.sleep(3)  # What it does after each start is no idleness.
                before = _cpu_seconds(process.pid)
                time.sleep(IDLE_SECONDS)
                used, held = _cpu_seconds(process.pid) - before, rss_mb(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)
            process.communicate()
    return median(taken), used / IDLE_SECONDS, held


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
