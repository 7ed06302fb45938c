"""Finance's tables while the daemon runs: read again when their files have changed, and kept while the new are wrong.

A person edits a table, looks at the preview and approves, all beside the daemon. Drafts made with older tables than
the approval was would take it back, so the files are looked at before each draft and again while it is recorded.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from mappings.problems import Problem
from mappings.settings import Company
from mappings.tables import load_tables
from syncd.clock import Clock
from syncd.config import Config
from syncd.config.lending import lending_problems
from syncd.daemon.outages import Outages
from syncd.store.database import Store
from syncd.store.events import append_event

QUIET_SECONDS = 2.0
"""A file that was changed later than this may still be being written."""
Stamp = tuple[tuple[str, int, int, int], ...]
_log = structlog.get_logger("syncd.daemon")


class LiveTables:
    """One company's configuration with its tables as they are now. May be used by several threads."""

    def __init__(self, config: Config, store: Store, clock: Clock, outages: Outages) -> None:
        self.config = config
        self.companies: Sequence[Company] = ()
        """The other companies of the daemon, to which this one's intercompany table may lend."""
        self._store, self._clock, self._outages = store, clock, outages
        self._folder = config.folder / "mappings"
        self._read: Stamp | None = None
        self._wrong = False
        self._lock = threading.Lock()

    @property
    def company(self) -> str:
        return self.config.company.name

    @property
    def right(self) -> bool:
        """Whether the tables were right when they were last read."""
        return not self._wrong

    def look(self, *, anew: bool = False) -> bool:
        """Read the tables if a file has changed, or `anew`; whether what the daemon has is what the files say.

        It is not while they are wrong, which is said once, or while somebody is writing them.
        """
        with self._lock:
            stamp = stamp_of(self._folder)
            if anew or stamp != self._read:
                if self._is_young(stamp):
                    self._clock.sleep(QUIET_SECONDS)
                company = self.config.company
                tables, problems = load_tables(self._folder, currency=company.currency, region=company.holidays)
                problems += lending_problems(company, tables, self.companies)
                if stamp_of(self._folder) != stamp:
                    return False
                self._read = stamp
                if not problems and tables != self.config.tables:
                    self.config = replace(self.config, tables=tables)
                    _log.info("tables-read", company=self.company)
                self._tell(problems)
            return not self._wrong

    def are_current(self) -> bool:
        """Whether the files are still those that were read last."""
        return stamp_of(self._folder) == self._read

    def _is_young(self, stamp: Stamp) -> bool:
        """Also when a file comes from the future, as on a share whose server's clock is ahead of ours."""
        return any(self._clock.now().timestamp() - changed / 1e9 < QUIET_SECONDS for _, changed, _, _ in stamp)

    def _tell(self, problems: Sequence[Problem]) -> None:
        """Say in the log and in the events that the tables went wrong, or are right again."""
        was_wrong, self._wrong = self._wrong, bool(problems)
        if not problems:
            self._outages.up("tables", company=self.company)
        if self._wrong == was_wrong:
            return
        detail: dict[str, object] = {}
        if problems:
            problem = _wrong(problems)
            self._outages.down("tables", problem, company=self.company)
            detail = {"what": problem.what, "fix": problem.fix}
        with self._store.write() as connection:
            kind = "tables-wrong" if problems else "tables-right"
            append_event(connection, self.company, kind, "mappings", detail, self._clock.now())


def _wrong(problems: Sequence[Problem]) -> Problem:
    first = problems[0]
    place = f"{first.place}: " if first.place else ""
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    fix = "`syncd mappings check` shows all. Until then the tables that were read before count."
    return Problem("tables-wrong", f"{place}{first.what}{more}", fix)


def stamp_of(folder: Path) -> Stamp:
    """Name, time of change in nanoseconds, size and number of the folder and each of its tables, without reading any.

    Hidden files and a spreadsheet's lock files are no tables.
    """
    found = []
    try:
        for path in (folder, *folder.iterdir()):
            if not path.name.startswith((".", "~$")):
                status = path.stat()
                size = status.st_size if path != folder else 0
                found.append((path.name, status.st_mtime_ns, size, status.st_ino))
    except OSError:
        # A file went away between the listing and the look, or the folder did: not what was read.
        return ()
    return tuple(sorted(found))
