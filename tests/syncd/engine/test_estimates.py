"""Estimates from QuickBooks to the draft: read whole, then as changes, and only where a fee is a share of one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest

from connectors.emulator import play
from mappings.money import plain
from syncd.config import load_config
from syncd.engine.draft import draft
from syncd.engine.estimates import load_estimates, uses_estimates
from syncd.engine.reference import refresh
from syncd.store.database import Store
from tests.support.books import COMPANY, Desk, open_desk
from tests.support.clock import FakeClock

FEES = "client,description,amount,percent_of,on\nClinique du Lac,Deposit,30%,estimate:1023,2026-10-05\n"


@pytest.fixture
def desk(store: Store, tmp_path: Path, clock: FakeClock) -> Iterator[Desk]:
    with open_desk(store, tmp_path, clock, more='\n[billing]\ntax_code = "GST/QST QC - 9.975"\n') as desk:
        (desk.config.path.parent / "mappings" / "fixed_fees.csv").write_text(FEES, encoding="utf-8")
        desk.config = load_config(desk.config.path)
        play.estimate(
            desk.emulator, number="1023", customer="Clinique du Lac", amount="9000", tax_code="GST", date="2026-10-01"
        )
        yield desk


def read(desk: Desk) -> int:
    return refresh(desk.store, desk.opened, clock=desk.clock, estimates=True).changed


def drafted(desk: Desk) -> tuple[list[str], list[str]]:
    report = draft(desk.store, desk.config, today=date(2026, 11, 3), clock=desk.clock)
    problems = [one.code for one in report.problems]
    problems += [one.code for item in report.documents for one in item.document.problems]
    return [plain(item.document.subtotal_minor, "CAD") for item in report.documents], problems


def test_a_share_of_an_estimate_is_billed_once_it_is_accepted(desk: Desk) -> None:
    unread = drafted(desk)
    read(desk)
    pending = drafted(desk)
    play.estimate(desk.emulator, number="1023", status="Accepted")
    desk.clock.advance(60)
    read(desk)

    assert (unread[1], pending[1]) == (["estimate-unknown"], ["estimate-not-accepted"])
    assert drafted(desk) == (["2700.00"], [])


def test_an_estimate_counts_before_tax_and_is_of_our_customer(desk: Desk) -> None:
    read(desk)
    with desk.store.read() as connection:
        [estimate] = load_estimates(connection, COMPANY, {"1023", "7"})

    assert (estimate.customer, estimate.total_minor, estimate.state) == ("Clinique du Lac", 900_000, "pending")


def test_estimates_are_read_whole_once_and_again_after_a_long_silence(desk: Desk) -> None:
    def asked() -> int:
        return sum("FROM Estimate" in entry.query.get("query", "") for entry in desk.emulator.requests())

    counts = []
    for days in (0, 1, 29):
        desk.clock.advance(timedelta(days=days).total_seconds())
        read(desk)
        counts.append(asked())

    assert counts == [1, 1, 2]


def test_a_deleted_estimate_is_unknown(desk: Desk) -> None:
    read(desk)
    [found] = desk.emulator.all("Estimate")
    desk.emulator.write("Estimate", "delete", {"Id": found["Id"], "SyncToken": found["SyncToken"]})
    desk.clock.advance(60)
    read(desk)

    assert drafted(desk)[1] == ["estimate-unknown"]


def test_nobody_asks_for_estimates_where_no_fee_is_a_share_of_one(desk: Desk) -> None:
    assert uses_estimates(desk.config.tables)
    (desk.config.path.parent / "mappings" / "fixed_fees.csv").write_text(FEES.replace("estimate:1023", "9000"))

    assert not uses_estimates(load_config(desk.config.path).tables)
