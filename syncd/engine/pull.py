"""Pull: read the sources page by page, and store each page with the cursor that leads on from it.

Absence is not deletion. Only a source that was read to its end, and said for which days that was everything, lets us
mark as vanished what it no longer gives; and never more of it than `[safety]` allows.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import structlog
from sqlalchemy import Connection

from connectors.source import Page, Source, SourceError, Span, Window
from syncd.clock import Clock, is_stopping
from syncd.config.sections import SafetySection
from syncd.engine.behind import Behind
from syncd.engine.pull_recorder import LEASE_SECONDS, PullRecorder
from syncd.engine.vanished import Fuse
from syncd.store.database import Store
from syncd.store.leases import LeaseHeldError, held_and_read
from syncd.store.record_problems import oldest_problem
from syncd.store.sources import SourceState, Sweep, read_state, read_sweep
from syncd.store.work import Changes

DAYS_BACK = 45
"""An entry is commonly corrected until the month after it has been closed."""
DAYS_AHEAD = 366
"""Work dated ahead (leave, a mistyped year) is kept, waits, and must be seen when its date is put right."""
BEGINNING = date(2000, 1, 1)
"""From where a source is read that has no `since`."""
SWEEP_EVERY = timedelta(days=1)
"""How often a source is read again from go-live on, its cursor ignored.

Of every class. Most have no other way to tell of deletions, or of changes to work that is older than the window. One
that tells of both may still leave a gap: a change log of which rows were lost, or that was written past.
"""
SOURCES_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class PullReport:
    """What one pull of one source did. `error` or `busy` say why it did not end; what was stored before stays."""

    source: str
    changes: Changes = field(default_factory=Changes)
    vanished: int = 0
    problems: int = 0
    """Records that were not understood."""
    window: Window | None = None
    fuse: Fuse | None = None
    """What would have been marked vanished, and was not."""
    error: str = ""
    fix: str = ""
    down_since: datetime | None = None
    """Since when it could not be read; None if the pull before this one was read to its end."""
    stopped: bool = False
    """It was left between two pages, because this process is asked to end: nothing is concluded."""
    busy: LeaseHeldError | None = None
    """Somebody else pulls this source now."""


def pull_all(
    store: Store,
    company: str,
    sources: Sequence[Source],
    *,
    clock: Clock,
    today: date,
    since: Mapping[str, date | None],
    safety: SafetySection,
    full: bool = False,
    open_from: date | None = None,
    accept_vanished: Collection[str] = (),
    wait_seconds: float = 0,
    beat: Callable[[], None] = lambda: None,
) -> list[PullReport]:
    """Pull each source in a thread of its own; one that fails or is busy stops none of the others.

    `since` has each source's go-live by its name; see `pull_source` for the rest.
    """

    def pull(source: Source) -> PullReport:
        try:
            return pull_source(
                store,
                company,
                source,
                clock=clock,
                today=today,
                since=since[source.name],
                safety=safety,
                full=full,
                open_from=open_from,
                accept_vanished=source.name in accept_vanished,
                wait_seconds=wait_seconds,
                beat=beat,
            )
        except LeaseHeldError as busy:
            return PullReport(source.name, busy=busy)

    with ThreadPoolExecutor(SOURCES_AT_ONCE, thread_name_prefix="pull") as threads:
        return list(threads.map(pull, sources))


def pull_source(
    store: Store,
    company: str,
    source: Source,
    *,
    clock: Clock,
    today: date,
    since: date | None,
    safety: SafetySection,
    full: bool = False,
    open_from: date | None = None,
    accept_vanished: bool = False,
    wait_seconds: float = 0,
    beat: Callable[[], None] = lambda: None,
) -> PullReport:
    """Read one source and store what changed; raises LeaseHeldError while another process does that.

    `today` is the business date, `since` go-live, `open_from` the first day of the oldest period that is still open.
    `full` reads everything from go-live on. `accept_vanished`: a person has looked, the fuse does not count; it reads
    everything too, since only that shows what is gone. `beat` is called after each page. A clock that is stopping
    ends it after a page, with the cursor that leads on.
    """

    def read(connection: Connection) -> tuple[SourceState, Sweep | None, datetime | None]:
        known = (connection, company, source.name)
        return read_state(*known), read_sweep(*known), oldest_problem(*known)

    lease_name = f"pull:{source.name}"
    with held_and_read(store, company, lease_name, read, "", LEASE_SECONDS, clock, wait_seconds) as (lease, known):
        state, sweep, problem = known
        oldest = min((day for day in (open_from, problem and problem.date()) if day), default=today)
        window = _window(clock, today, since, oldest, None if full or accept_vanished else sweep)
        with Behind("record") as behind:
            recorder = PullRecorder(store, company, source, clock, since, window, lease, state, behind)
            error = _store_pages(recorder, _pages(source, state, window), clock, beat)
            recorder.store_waiting()
            report = _report(recorder, source, window)
            if is_stopping(clock):
                # A source that was asked nothing more says nothing of itself.
                return replace(report, stopped=True)
            if error is not None:
                recorder.went_down(error)
                return replace(report, error=error.what, fix=error.fix, down_since=state.down_since)
            recorder.finish(sweep, None if accept_vanished else safety)
            return replace(_report(recorder, source, window), down_since=state.down_since)


def _store_pages(
    recorder: PullRecorder, pages: Iterator[Page], clock: Clock, beat: Callable[[], None]
) -> SourceError | None:
    """Until the source's end, our own stop, or the source's failure, which is given back."""
    try:
        for page in pages:
            recorder.store_page(page)
            beat()
            if is_stopping(clock):
                break
    except SourceError as error:
        return error
    return None


def _report(recorder: PullRecorder, source: Source, window: Window) -> PullReport:
    return PullReport(source.name, recorder.changes, recorder.vanished, recorder.problems, window, recorder.fuse)


def _window(clock: Clock, today: date, since: date | None, oldest: date, sweep: Sweep | None) -> Window:
    """The days to read: back to what may still be corrected, or to go-live when a sweep is due.

    A sweep is due for the first time, when go-live was set to an earlier day, and once a day.
    """
    start = since or BEGINNING
    due = sweep is None or start < sweep.first or clock.now() - sweep.at >= SWEEP_EVERY
    last = today + timedelta(days=DAYS_AHEAD)
    if due:
        return Window(Span(start, last), full=True)
    return Window(Span(max(start, min(oldest, today) - timedelta(days=DAYS_BACK)), last))


def _pages(source: Source, state: SourceState, window: Window) -> Iterator[Page]:
    """The source's pages; a mistake in a connector is that source's failure, and no other's."""
    try:
        yield from source.pull(state.cursor, window)
    except SourceError:
        raise
    except Exception as error:
        structlog.get_logger(__name__).exception("connector-failed", source=source.name)
        what = f"The connector of {source.name} failed: {type(error).__name__}."
        raise SourceError(what, "This is a mistake in syncd: report it with the log.") from error
