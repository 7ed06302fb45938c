"""The transactions of one pull: pages with the cursor that leads on from them, and at the end what may be concluded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from sqlalchemy import Connection

from connectors.source import Cursor, Incremental, Page, Record, Source, SourceError, Span, Window
from mappings.problems import Problem
from mappings.work import WorkItem
from syncd.clock import Clock
from syncd.config.sections import SafetySection
from syncd.engine.behind import Behind
from syncd.engine.seen import Seen
from syncd.engine.vanished import Fuse, conclude
from syncd.store.database import Store
from syncd.store.events import append_event
from syncd.store.leases import Lease, check, release, renew
from syncd.store.record_problems import forget_unseen, record_problems
from syncd.store.sources import SourceState, Sweep, write_state, write_sweep
from syncd.store.work import Changes, upsert_records

LEASE_SECONDS = 600
"""More than the longest wait for one page, retries included."""
SECONDS_MAX = 2**31 - 1
RECORDS_AT_ONCE = 10_000
"""Pages that come fast share a transaction, up to this many records: measured, a first pull takes a fifth less time.

So many are written in another thread, while the source is read on.
"""
WAIT_AT_MOST_SECONDS = 1.0
"""A page that has come waits no longer for others; what a crash loses is read again, the cursor being in there too."""


class PullRecorder:
    """One pull under its lease: what it has seen so far, and the transactions in which it records."""

    def __init__(
        self,
        store: Store,
        company: str,
        source: Source,
        clock: Clock,
        since: date | None,
        window: Window,
        lease: Lease,
        state: SourceState,
        behind: Behind,
    ) -> None:
        self._store = store
        self._company = company
        self._name = source.name
        self._incremental = source.incremental
        self._clock = clock
        self._since = since
        self._window = window
        self._lease = lease
        self._state = state
        self._behind = behind
        self._cursor = state.cursor
        self._pages: list[Page] = []
        self._stored_at: float | None = None
        self._seen = Seen()
        self._not_understood: set[str] = set()
        self._deletions_told = False
        self._complete: list[Span] = []
        self.changes = Changes()
        self.vanished = 0
        self.fuse: Fuse | None = None

    @property
    def problems(self) -> int:
        """How many records were not understood."""
        return len(self._not_understood)

    def store_page(self, page: Page) -> None:
        """Store the page, or keep it until more have come: `store_waiting` must follow the last one."""
        self._pages.append(page)
        passed = None if self._stored_at is None else self._clock.monotonic() - self._stored_at
        if sum(len(each.records) for each in self._pages) >= RECORDS_AT_ONCE:
            pages, self._pages = self._pages, []
            self._stored_at = self._clock.monotonic()
            self._behind.start(lambda: self._record(pages))
        elif passed is None or passed >= WAIT_AT_MOST_SECONDS:
            self.store_waiting()

    def store_waiting(self) -> None:
        """One transaction: the records of the pages that have come, and the cursor to go on from."""
        self._behind.wait()
        if self._pages:
            self._record(self._pages)
            self._pages = []
        self._stored_at = self._clock.monotonic()

    def _record(self, pages: Sequence[Page]) -> None:
        records = [_storable(record) for page in pages for record in page.records]
        cursor, now = pages[-1].cursor, self._clock.now()
        if records or cursor != self._cursor or self._ends_soon:
            self._write(records, cursor, now)
        self._see(records)
        # A tool that tells of deletions itself is believed, and its silence means nothing.
        if self._incremental is not Incremental.CHANGES_AND_DELETIONS:
            self._complete += [page.complete for page in pages if page.complete]

    def _write(self, records: Sequence[Record], cursor: Cursor, now: datetime) -> None:
        with self._store.write() as connection:
            lease = self._renewed(connection)
            changes = upsert_records(connection, self._company, self._name, records, now, self._since)
            problems = record_problems(connection, self._company, self._name, records, now)
            if cursor != self._cursor:
                write_state(connection, self._company, self._name, cursor=cursor)
            self._tell(connection, changes, problems=problems)
        self._lease = lease
        self._cursor = cursor
        self.changes += changes

    def finish(self, sweep: Sweep | None, safety: SafetySection | None) -> None:
        """All is stored that the source has: conclude from what was not seen, and record that it works."""
        now = self._clock.now()
        state: dict[str, object] = {"last_complete_at": now, "down_since": None, "last_error": None}
        # Where nothing can have changed only its time is noted: lost, the source is read again that much sooner.
        news = self._complete or self._reads_everything or self._window.full or self._state.down_since is not None
        with self._store.write(durable=bool(news)) as connection:
            if self._complete:
                self.vanished, self.fuse = conclude(
                    connection,
                    self._company,
                    self._name,
                    self._complete,
                    self._seen,
                    safety,
                    now,
                    most=self._window.full,
                    live_seen=self._live_seen,
                )
                state["fuse"] = self._told_fuse(connection)
            forgotten = 0
            if self._reads_everything:
                forgotten = forget_unseen(connection, self._company, self._name, self._not_understood)
            self._tell(connection, Changes(), vanished=self.vanished, problems=forgotten)
            if self._state.down_since is not None:
                detail = {"down_since": self._state.down_since.isoformat()}
                append_event(connection, self._company, "source-up", self._name, detail, now)
            write_state(connection, self._company, self._name, **state)
            if self._window.full:
                first = min(self._window.span.first, sweep.first if sweep else self._window.span.first)
                write_sweep(connection, self._company, self._name, Sweep(now, first))
            release(connection, self._lease, now)

    def went_down(self, error: SourceError) -> None:
        """The source could not be read to its end: what came is stored, nothing is concluded."""
        now = self._clock.now()
        with self._store.write() as connection:
            check(connection, self._lease)
            if self._state.down_since is None:
                detail = {"what": error.what, "fix": error.fix}
                append_event(connection, self._company, "source-down", self._name, detail, now)
            down_since = self._state.down_since or now
            write_state(connection, self._company, self._name, down_since=down_since, last_error=error.what)

    @property
    def _reads_everything(self) -> bool:
        """Whether this pull gave every record of its window, and not only what changed."""
        if self._incremental is Incremental.CHANGES:
            return self._window.full
        return self._incremental is not Incremental.CHANGES_AND_DELETIONS

    def _renewed(self, connection: Connection) -> Lease:
        """The lease, good for this transaction; written only when half of it is over."""
        if self._ends_soon:
            return renew(connection, self._lease, LEASE_SECONDS, self._clock.now())
        check(connection, self._lease)
        return self._lease

    @property
    def _ends_soon(self) -> bool:
        return self._lease.expires_at - self._clock.now() < timedelta(seconds=LEASE_SECONDS / 2)

    @property
    def _live_seen(self) -> int:
        """How many live entries this pull has seen, at least: an entry that was told in several ways may be missed."""
        if self._deletions_told:
            return 0
        return len(self._seen) - len(self._not_understood) - self.changes.before_start

    def _see(self, records: Sequence[Record]) -> None:
        for record in records:
            if record.deleted:
                self._deletions_told = True
            if isinstance(record.item, WorkItem):
                self._seen.add(record.item.id)
            elif record.problem is not None:
                # It is there, only not understood: that is no deletion.
                self._seen.add(record.key)
                self._not_understood.add(record.key)

    def _tell(self, connection: Connection, changes: Changes, **counts: int) -> None:
        """One event for what was written, none when nothing was."""
        counts |= {name: getattr(changes, name) for name in ("new", "changed", "deleted", "tasks")}
        detail = {name: count for name, count in counts.items() if count}
        if detail:
            append_event(connection, self._company, "pulled", self._name, detail, self._clock.now())

    def _told_fuse(self, connection: Connection) -> dict[str, object] | None:
        """The fuse as it is kept for reports; an event when it has just blown."""
        if self.fuse is None:
            return None
        problem = self.fuse.problem
        told: dict[str, object] = {"what": problem.what, "fix": problem.fix}
        told |= {"vanished": self.fuse.vanished, "live": self.fuse.live}
        if self._state.fuse is None:
            append_event(connection, self._company, "vanish-refused", self._name, told, self._clock.now())
        return told


def _storable(record: Record) -> Record:
    """The record, or one that says why a database could not hold it: one odd record must not stop a source."""
    item = record.item
    key = item.id if isinstance(item, WorkItem) else record.key
    if "\0" in key + record.key:
        what = f"The key {record.key!r} holds a NUL character."
    elif isinstance(item, WorkItem) and abs(item.seconds) > SECONDS_MAX:
        what = f"{item.seconds} seconds are more than a lifetime of work."
    else:
        return record
    problem = Problem("record-not-storable", what, "Correct it in the tool.", subject=record.key)
    return Record(record.key.replace("\0", "\N{REPLACEMENT CHARACTER}"), record.raw, problem=problem)
