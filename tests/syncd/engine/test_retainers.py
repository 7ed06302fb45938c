"""Retainers' hours on their way through store, draft, approval, push, void and release: they stay as posted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from connectors.emulator import play
from syncd.engine.decide import By, Decided, release
from syncd.reports.status import report_status
from syncd.store import schema
from syncd.store.database import Store
from tests.e2e.company import entry
from tests.support.clock import FakeClock
from tests.support.office import Office, open_office

NOVEMBER, DECEMBER, JANUARY = date(2026, 11, 3), date(2026, 12, 3), date(2027, 1, 5)
RETAINERS = """\
client,name,kind,hours,fee,unused,extra_rate,from,until,item
Hydro-Québec,Support,minimum,8,840.00,carry-1-month,100,2026-10-01,,Consultation
Nord Ltd,Block,block,5,500.00,,90,2026-10-05,2026-11-30,Consultation
"""
OCTOBER = (entry(1, "5.00", "Hydro"), entry(2, "3.00", "Nord"))
LATER = (*OCTOBER, entry(3, "10.00", "Hydro", day="2026-11-10"), entry(4, "1.00", "Hydro", day="2026-10-20"))


@pytest.fixture
def office(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Office]:
    with open_office(store, tmp_path, clock, retainers=RETAINERS) as office:
        yield office


def hours(office: Office, today: date) -> dict[tuple[str, str], tuple[float, ...]]:
    """Opening, bought, drawn, extra, lapsed, closing in hours; the proofs must hold."""
    report = report_status(office.snapshot(today))
    assert report.proofs_hold, report.proofs
    return {
        (row.name, row.period): tuple(
            seconds / 3600
            for seconds in (
                *(row.opening_seconds, row.bought_seconds, row.drawn_seconds),
                *(row.extra_seconds, row.lapsed_seconds, row.closing_seconds),
            )
        )
        for row in report.retainers
    }


def month(office: Office, today: date, *entries: dict[str, str]) -> None:
    office.pull(today, *entries)
    office.cycle(today)


def test_what_a_period_hands_on_is_kept_and_late_work_finds_nothing(office: Office) -> None:
    month(office, NOVEMBER, *OCTOBER)
    assert hours(office, NOVEMBER) == {
        ("Support", "2026-10"): (0, 8, 5, 0, 0, 3),
        ("Block", "once"): (0, 5, 3, 0, 0, 2),
    }
    month(office, DECEMBER, *LATER)
    assert hours(office, DECEMBER) == {
        ("Support", "2026-10"): (0, 8, 5, 1, 0, 3),
        ("Support", "2026-11"): (3, 8, 10, 0, 1, 0),
        ("Block", "once"): (0, 5, 3, 0, 0, 2),
    }
    before = office.writes()
    office.cycle(DECEMBER)
    assert office.writes() == before


def test_a_document_that_is_released_gives_its_hours_back_and_is_billed_the_same(office: Office) -> None:
    month(office, NOVEMBER, *OCTOBER)
    office.clock.advance(60)
    play.void(office.emulator, doc_number=number(office, "Hydro"))
    office.read()
    by = By("Marie", "wrong month", office.clock.now(), NOVEMBER)
    assert isinstance(release(office.store, office.config, number(office, "Hydro"), by), Decided)
    assert ("Support", "2026-10") not in {key for key, row in hours(office, NOVEMBER).items() if any(row)}
    office.cycle(NOVEMBER)

    assert hours(office, NOVEMBER)["Support", "2026-10"] == (0, 8, 5, 0, 0, 3)


def number(office: Office, client: str) -> str:
    with office.store.read() as connection:
        rows = connection.execute(schema.document.select()).mappings().all()
    return next(row["number"] for row in rows if row["client"].startswith(client))
