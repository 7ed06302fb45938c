"""Retainers' hours in the status report, from rows that were written by hand."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import StringIO
from zoneinfo import ZoneInfo

from rich.console import Console

from mappings.periods import month_of
from mappings.problems import Place
from mappings.rows import RetainerRow
from syncd.reports.as_json import to_json
from syncd.reports.read_retainers import read_retainers
from syncd.reports.retainers import RetainerHours, retainers_of
from syncd.reports.retainers_shown import retainers_text
from syncd.reports.status import SCHEMA
from syncd.reports.status_sheets import status_sheets
from syncd.reports.status_text import status_text
from syncd.reports.values import Selection
from syncd.store import schema
from syncd.store.database import Store
from tests.syncd.reports.ledgers import COMPANY, EVERYTHING, NOON, Books

SUPPORT = "retainer|Hydro|||Support"
BLOCK = "retainer|Hydro||Support|Block"


def books(store: Store) -> Books:
    """October of a retainer of 8 h: 5 were drawn, 2 were extra, 3 are handed on; and a block of 6 h with 4 left."""
    found = Books(store)
    found.document("AB-1", 20000, allocations=())
    for position, (entry, effect, seconds, retainer, period) in enumerate(
        (
            ("1", "covered", 18000, SUPPORT, "2026-10"),
            ("2", "invoiced", 7200, SUPPORT, "2026-10"),
            ("3", "covered", 5760, BLOCK, "once"),
        )
    ):
        drawn = 7200 if entry == "3" else seconds
        found.insert(
            schema.ledger,
            document_id="AB-1",
            position=position + 100,
            source="times",
            entry=entry,
            revision=1,
            effect=effect,
            seconds=seconds,
            billed_seconds=seconds,
            amount_minor=0,
            worked_on=date(2026, 10, 5),
            client="Hydro",
            detail="{}",
            retainer=retainer,
            retainer_period=period,
            drawn_seconds=drawn,
        )
    hours(found, SUPPORT, "2026-10", bought=28800, closing=10800)
    hours(found, BLOCK, "once", bought=21600, closing=14400)
    return found


def hours(found: Books, retainer: str, period: str, document: str = "AB-1", **seconds: int) -> None:
    values = {f"{name}_seconds": seconds.get(name, 0) for name in ("opening", "bought", "lapsed", "closing")}
    found.insert(schema.retainer_ledger, document_id=document, retainer=retainer, period=period, **values)


def told(store: Store, selection: Selection = EVERYTHING, *rows: RetainerRow) -> list[RetainerHours]:
    with store.read() as connection:
        return list(retainers_of(read_retainers(connection, COMPANY, selection), rows, selection, date(2026, 11, 3)))


def test_what_was_recorded_stands_beside_what_was_drawn(store: Store):
    books(store)

    assert told(store) == [
        RetainerHours("Hydro", "Block", "once", 0, 21600, 7200, 0, 0, 14400, 0),
        RetainerHours("Hydro", "Support", "2026-10", 0, 28800, 18000, 7200, 0, 10800, 0),
    ]


def test_hours_that_do_not_add_up_fail_the_proof(store: Store):
    found = books(store)
    assert [proof for proof in found.status().proofs if proof.code == "retainers"] == []
    found.change(schema.ledger, {"entry": "1"}, drawn_seconds=18001)

    report = found.status()
    assert [row.difference_seconds for row in report.retainers] == [0, -1]
    (proof,) = [proof for proof in report.proofs if proof.code == "retainers"]
    assert (proof.difference, proof.holds, report.proofs_hold) == ("0.0003", False, False)


def test_a_document_that_was_withdrawn_does_not_count(store: Store):
    found = books(store)
    found.document("AB-2", 100, outbox="withdrawn")
    hours(found, SUPPORT, "2026-11", "AB-2", bought=28800, lapsed=28800)
    assert len(told(store)) == 3
    found.change(schema.document, {"id": "AB-2"}, withdrawn_at=NOON)

    assert [row.period for row in told(store)] == ["once", "2026-10"]


def test_a_selection_of_a_client_or_a_period_has_its_retainers(store: Store):
    found = books(store)
    hours(found, SUPPORT, "2026-10..2026-12", bought=3600, closing=3600)
    hours(found, SUPPORT, "2026-W41", bought=3600, closing=3600)

    assert told(store, Selection("Acme")) == []
    december = Selection("Hydro", month_of(date(2026, 12, 5)))
    assert sorted(row.period for row in told(store, december)) == ["2026-10..2026-12", "once"]


def test_what_a_block_has_left_lapses_after_its_last_day(store: Store):
    books(store)
    row = RetainerRow(
        Place("retainers.csv"), "Hydro", "Block", "block", services=("Support",), valid_until=date(2026, 11, 2)
    )

    assert [(each.lapsed_seconds, each.closing_seconds) for each in told(store, EVERYTHING, row)] == [
        (14400, 0),
        (0, 10800),
    ]
    later = replace(row, valid_until=date(2026, 11, 3))
    assert told(store, EVERYTHING, later)[0].closing_seconds == 14400


def test_a_block_that_no_document_has_told_of_stands_in_the_tables(store: Store):
    row = RetainerRow(
        Place("retainers.csv"), "Nord", "New", "block", hours=Decimal("2.5"), valid_from=date(2026, 11, 3)
    )

    assert told(store, EVERYTHING, row) == [RetainerHours("Nord", "New", "once", 0, 9000, 0, 0, 0, 9000, 0)]
    assert told(store, Selection("Hydro"), row) == []
    ended = replace(row, valid_from=None, valid_until=date(2026, 11, 2))
    assert [(each.lapsed_seconds, each.closing_seconds) for each in told(store, EVERYTHING, ended)] == [(9000, 0)]
    assert told(store, EVERYTHING, replace(row, valid_from=date(2026, 11, 4))) == []


def test_they_are_in_json_text_and_sheets(store: Store):
    found = books(store)
    report, zone = found.status(), ZoneInfo("America/Toronto")

    (block, support) = json.loads(to_json(SCHEMA, report, zone))["retainers"]
    assert (support["name"], support["drawn_seconds"], support["closing_seconds"]) == ("Support", 18000, 10800)
    assert block["period"] == "once"
    (sheet,) = [sheet for sheet in status_sheets(report) if sheet.name == "Retainers"]
    assert sheet.rows[1] == ("Hydro", "Support", "2026-10", 0, 28800, 18000, 7200, 0, 10800, 0)
    screen = Console(file=StringIO(), width=140)
    screen.print(*status_text(report, zone), sep="\n")
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    assert "Retainers' hours\n" in text.replace(" \n", "\n").replace("  ", "")
    assert "2026-10" in text
    assert list(retainers_text([])) == []
