"""P10: a push is killed with ten thousand documents waiting; how soon does the next one do something useful?"""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from bench.goals import FULL, Row, seconds_text
from bench.measure import in_child
from bench.office import TODAY, Office, office
from bench.place import Place
from bench.timesheets import Timesheets
from connectors.emulator.journal import Entry
from syncd.engine.approve import approve
from syncd.engine.draft import draft

WAITING = 10_000
GOAL_SECONDS = 2.0
_ALIKE = """company, realm, kind, client, period, sequence, version, content_hash, customer_id, period_first,
    period_last, dated, currency, subtotal_minor, tax_minor, content, approved_by, approved_at"""
_COPY_DOCUMENTS = f"""
INSERT INTO document (id, number, group_name, {_ALIKE})
SELECT id || '-' || n, number || '-' || n, group_name || n, {_ALIKE}
FROM document, (WITH RECURSIVE counted(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM counted WHERE n < ?)
    SELECT n FROM counted)
"""  # noqa: S608
_COPY_OUTBOX = """
INSERT INTO outbox (company, realm, operation, document_id, generation, request_id, payload, payload_hash, state,
    doubted, changed_at)
SELECT o.company, o.realm, o.operation, d.id, 1, 'copy-' || d.id, o.payload, o.payload_hash, 'ready', 0, o.changed_at
FROM document AS d JOIN outbox AS o ON d.id LIKE o.document_id || '-%'
"""


def measure(place: Place, entries: int) -> Iterator[Row]:
    """The row of P10; fewer `entries` mean fewer documents."""
    wanted = max(20, min(WAITING, WAITING * entries // FULL))
    seconds, waiting = in_child(run, place.folder / "recovery", wanted)
    yield Row(
        "P10",
        f"after kill -9 with {waiting:,} waiting: first useful request",
        seconds_text(GOAL_SECONDS),
        "",
        seconds_text(seconds),
        seconds <= GOAL_SECONDS,
        required=False,
    )


def run(folder: Path, wanted: int) -> tuple[float, int]:
    """Seconds from the second start to its first look-up or document, and how many rows wait."""
    with office(folder, 1) as desk:
        desk.pull(Timesheets(20, clients=1))
        draft(desk.store, desk.config, today=TODAY, clock=desk.clock)
        approve(desk.store, desk.config, today=TODAY, clock=desk.clock, by="bench", wanted=lambda _: True)
        desk.store.close()
        waiting = _multiply(folder / "syncd.db", wanted)
        before, killed = _last(desk), _start(folder)
        _wait_for(desk, killed, before)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
        since, began = _last(desk), time.perf_counter()
        second = _start(folder)
        try:
            _wait_for(desk, second, since)
            return time.perf_counter() - began, waiting
        finally:
            second.send_signal(signal.SIGKILL)
            second.wait()


def _multiply(path: Path, wanted: int) -> int:
    """Make so many documents that wait of the few that were approved."""
    connection = sqlite3.connect(path)
    with connection:
        documents = connection.execute("SELECT count(*) FROM document").fetchone()[0]
        connection.execute(_COPY_DOCUMENTS, (wanted // documents,))
        connection.execute(_COPY_OUTBOX)
    found = connection.execute("SELECT count(*) FROM outbox WHERE state = 'ready'").fetchone()
    connection.close()
    return int(found[0])


def _start(folder: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"SYNCD_CONFIG": str(folder / "config.toml")}
    words = [sys.executable, "-m", "syncd", "push"]
    # Our own program.
    return subprocess.Popen(  # noqa: S603
        words, env=environment, cwd=folder, stdout=subprocess.DEVNULL
    )


def _wait_for(desk: Office, process: subprocess.Popen[bytes], since: int) -> None:
    """Wait until the process has looked for a document, or sent one."""
    while process.poll() is None:
        if any(map(_is_useful, desk.emulator.requests(since=since))):
            return
        time.sleep(0.005)
    raise AssertionError(f"the push ended with {process.returncode}")


def _last(desk: Office) -> int:
    return max((entry.number for entry in desk.emulator.requests()), default=0)


def _is_useful(entry: Entry) -> bool:
    return entry.operation == "create" or "DocNumber" in entry.query.get("query", "")
