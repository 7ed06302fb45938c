"""Two daemons on one PostgreSQL for more than an hour of fast ticks: each invoice once, each source read by one."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from syncd.config import load_config
from syncd.cycle import Steps
from syncd.engine import pull as pulling
from syncd.store.database import open_store
from tests.support.books import open_desk
from tests.support.clock import FakeClock
from tests.support.timetable import Timetable
from tests.syncd.daemon.test_clock import POLICY, SOURCE, write_work

EVERY_FIVE_MINUTES = ", ".join(f'"{hour:02}:{minute:02}"' for hour in (4, 5) for minute in range(5, 60, 5))
OFTEN = f'[daemon]\npull_every = "1 minute"\npayments_every = "5 minutes"\npush_at = [{EVERY_FIVE_MINUTES}]\n'


class Readers:
    """How many read the source at the same time."""

    def __init__(self) -> None:
        self.now = self.most = self.all = 0
        self._lock = threading.Lock()

    def watch(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pages = pulling._pages

        def watched(*arguments: Any) -> Iterator[Any]:
            with self._lock:
                self.now, self.all = self.now + 1, self.all + 1
                self.most = max(self.most, self.now)
            try:
                yield from pages(*arguments)
            finally:
                with self._lock:
                    self.now -= 1

        monkeypatch.setattr(pulling, "_pages", watched)


@pytest.mark.timeout(300)  # a busy machine of two cores
def test_two_daemons_together_bill_as_one(
    postgres_url: str, tmp_path: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers = Readers()
    readers.watch(monkeypatch)
    stores = [open_store(postgres_url, clock) for _ in range(2)]
    with open_desk(stores[0], tmp_path, clock) as desk:
        path = desk.config.folder / "config.toml"
        path.write_text(path.read_text(encoding="utf-8") + SOURCE + POLICY + OFTEN, encoding="utf-8")
        (tmp_path / "inbox").mkdir()
        months: list[str] = []
        write_work(desk, months)
        daemons = [
            Timetable([Steps(store, load_config(path), clock, name)], clock, monkeypatch)
            for store, name in zip(stores, ("first", "second"), strict=True)
        ]
        for minute in range(80):
            if minute % 10 == 0 and len(months) < 6:
                months.append(f"2026-{minute // 10 + 1:02}-05")  # work of another month
                write_work(desk, months)
            clock.advance(60)
            for daemon in daemons:
                daemon.daemon.scheduler._process_jobs()
            for daemon in daemons:
                daemon.tick()
        for daemon in daemons:
            daemon.close()

        billed = sorted(row["TxnDate"] for row in desk.invoices())
        creates = len(desk.creates())
    for store in stores:
        store.close()

    assert readers.most == 1
    assert readers.all > 60
    assert billed == ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-30"]
    assert creates == len(billed)
    assert all(daemon.counts()["pull:timesheets"] > 60 for daemon in daemons)
