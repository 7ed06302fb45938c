"""Push: send what was approved, each document once, whatever happens in between.

For each row: the attempt is committed, the request leaves outside any transaction, the result is committed. An unclear
result is never sent again before a look, and no look counts before the quarantine. Several rows are in flight at once,
one thread each, under one push lease a company and one limiter.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from syncd.clock import Clock
from syncd.config import Config
from syncd.engine.apply_plan import begin_applying, plan_applications
from syncd.engine.outbox import due_rows
from syncd.engine.push_report import PushReport
from syncd.engine.push_run import LEASE_SECONDS, Run, Task, tasks_of
from syncd.engine.push_step import step
from syncd.engine.quickbooks import QuickBooks, QuickBooksFailure, paused_until
from syncd.store.database import Store
from syncd.store.leases import held

SENDERS = 4
_TRIES = 3
"""How often one row is taken up in one run: sent, then looked for, or repeated with a new token."""


Wanted = Callable[[Task], bool]
"""Which of the rows that are due to take up; the others stay as they are."""


def push(
    store: Store,
    config: Config,
    opened: QuickBooks,
    *,
    clock: Clock,
    holder: str,
    wanted: Wanted = lambda _task: True,
    applying: bool = True,
    wait_seconds: float = 0,
) -> PushReport:
    """Send what is due of one company; raises LeaseHeldError when another process does so already.

    `applying`: also plan which credit memos are applied now; else only what was begun of that is ended.
    A clock with `stopping` set ends it after the rows in flight: nothing new is begun.
    """
    with held(store, opened.company, "push", holder, LEASE_SECONDS, clock, wait_seconds) as lease:
        run = Run(store, config, opened, clock, lease)
        run.take_over()
        if applying:
            begin_applying(run)
        _work(run, wanted, applying=applying)
        return run.report()


def _work(run: Run, wanted: Wanted, *, applying: bool) -> None:
    """Go on in rounds until nothing is due: a document that was created brings its e-mail into the next round.

    Credits are applied once everything else is sent: the newest invoice may be the only open one.
    """
    tries: Counter[int] = Counter()

    def take(task: Task) -> None:
        if not run.stopped:
            tries[task.row.id] += 1
            step(run, task)

    while not run.stopped:
        tasks = _due(run, tries, wanted)
        if not tasks and applying and _may_ask(run) and plan_applications(run):
            tasks = _due(run, tries, wanted)
        if not tasks or run.stopped or not _can_speak(run):
            return
        with ThreadPoolExecutor(SENDERS, thread_name_prefix="push") as pool:
            # Consumed, so that an error of one thread comes out here, once the others are through.
            list(pool.map(take, tasks))


def _due(run: Run, tries: Counter[int], wanted: Wanted) -> list[Task]:
    now = run.clock.now()
    if paused_until(run.store, run.company, now) is not None:
        return []
    with run.store.read() as connection:
        rows = [row for row in due_rows(connection, run.company, now) if tries[row.id] < _TRIES]
        return [task for task in tasks_of(connection, rows) if wanted(task) and run.behind(task) is None]


def _may_ask(run: Run) -> bool:
    """Whether QuickBooks may be asked for balances now."""
    return paused_until(run.store, run.company, run.clock.now()) is None and not run.stopped


def _can_speak(run: Run) -> bool:
    """Renew the token before anything is claimed, so that no claimed row waits for it."""
    try:
        run.opened.access.current()
    except QuickBooksFailure as error:
        run.halt(error)
        return False
    return True
