"""Work that changes after it was billed at a premium keeps the premium that was recorded."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.documents import Allocation
from mappings.rules.billing import bill
from mappings.world import Entry, World
from tests.mappings.rules.worlds import (
    cap,
    clocked,
    edited,
    entry,
    later,
    money,
    only,
    post,
    premium,
    rate,
    retainer,
    world,
)

EVENING = premium("after-hours", "Mon-Fri 17:00-09:00", factor="1.5")
WEEKEND = premium("weekend", "weekend", factor="2")
OVERTIME = premium("overtime", "daily-over 8h", factor="1.5")


def posted(*entries: Entry, premiums: list[object], **more: object) -> World:
    """October is billed."""
    return post(world(entries, premiums=premiums, **{"rates": [rate("80")], **more}))


def told(before: World) -> list[tuple[str, str, str]]:
    """The lines of the only document as (hours, rate, amount), in the order of their rates."""
    document = only(bill(before))
    lines = sorted(document.lines, key=lambda line: line.rate or 0)
    return [(f"{line.quantity.normalize():f}", f"{line.rate}", money(line.amount_minor)) for line in lines]


def rows(before: World) -> list[Allocation]:
    return list(only(bill(before)).allocations)


def at(first: Entry, start: str, end: str) -> Entry:
    """The same entry at other times."""
    now = clocked(first.work.id, start, end=end).work
    return edited(first, started_at=now.started_at, seconds=now.seconds, worked_on=now.worked_on.isoformat())


STRADDLING = clocked("1", "10-06 16:00", end="18:00")


@pytest.mark.parametrize(
    ("start", "end", "lines"),
    [
        ("16:00", "19:00", [("1", "120.00", "120.00")]),
        ("16:00", "17:30", [("-0.5", "120.00", "-60.00")]),
        ("16:00", "16:45", [("-0.25", "80", "-20.00"), ("-1", "120.00", "-120.00")]),
        ("15:00", "18:00", [("1", "80", "80.00")]),
        ("15:30", "18:30", [("0.5", "80", "40.00"), ("0.5", "120.00", "60.00")]),
        ("16:30", "18:00", [("-0.5", "80", "-40.00")]),
    ],
)
def test_what_is_added_or_taken_away_is_placed_by_its_clock_times(
    start: str, end: str, lines: list[tuple[str, str, str]]
):
    before = posted(STRADDLING, premiums=[EVENING])

    assert told(later(before, "12-03", at(STRADDLING, f"10-06 {start}", end))) == lines


def test_a_changed_table_changes_nothing_that_was_billed():
    before = posted(STRADDLING, premiums=[EVENING])
    dearer = premium("after-hours", "Mon-Fri 16:00-09:00", factor="3")
    before = replace(before, tables=replace(before.tables, premiums=(dearer,)))

    assert bill(replace(before, today=before.today.replace(month=12))).documents == ()
    assert told(later(before, "12-03", at(STRADDLING, "10-06 16:00", "19:00"))) == [("1", "120.00", "120.00")]


def test_without_the_table_the_recorded_premium_still_counts():
    before = posted(STRADDLING, premiums=[EVENING])
    before = replace(before, tables=replace(before.tables, premiums=()))

    assert told(later(before, "12-03", at(STRADDLING, "10-06 16:00", "19:00"))) == [("1", "120.00", "120.00")]


def test_deleted_work_is_taken_back_to_the_cent():
    odd = clocked("1", "10-06 16:40", end="17:20")
    before = posted(odd, premiums=[EVENING], rates=[rate("33.33")])
    after = later(before, "12-03", edited(odd, deleted=True))

    assert sorted(row.amount_minor for row in rows(after)) == sorted(
        -one.allocation.amount_minor for one in before.ledger
    )
    assert sum(row.seconds for row in rows(after)) == -2400


def test_an_edit_twice_goes_on_from_what_stands_of_each_piece():
    before = posted(STRADDLING, premiums=[EVENING])
    longer = at(STRADDLING, "10-06 16:00", "19:00")
    before = post(later(before, "12-03", longer))

    assert told(later(before, "2027-01-04", at(longer, "10-06 16:30", "18:00"))) == [
        ("-0.5", "80", "-40.00"),
        ("-1", "120.00", "-120.00"),
    ]


def test_work_that_gets_longer_again_gets_its_premium_again():
    before = posted(STRADDLING, premiums=[EVENING])
    shorter = at(STRADDLING, "10-06 16:00", "17:00")
    before = post(later(before, "12-03", shorter))

    assert told(later(before, "2027-01-04", at(shorter, "10-06 16:00", "18:00"))) == [("1", "120.00", "120.00")]


def test_what_a_cap_held_back_of_it_gets_its_premium_once_it_is_billed():
    before = posted(STRADDLING, premiums=[EVENING], caps=[cap("80", over="hold")])
    assert [row.allocation.amount_minor for row in before.ledger] == [8000]
    without = replace(before, tables=replace(before.tables, caps=()))

    assert told(later(without, "12-03")) == [("1", "120.00", "120.00")]


def test_what_a_cap_held_back_within_a_piece_goes_on_at_its_rate():
    before = posted(STRADDLING, premiums=[EVENING], caps=[cap("40", over="hold")])
    without = replace(before, tables=replace(before.tables, caps=()))

    assert told(later(without, "12-03")) == [("0.5", "80", "40.00"), ("1", "120.00", "120.00")]


def test_an_entry_billed_without_a_premium_stays_without():
    plain = clocked("1", "10-06 15:00", end="17:00")
    before = posted(plain, premiums=[EVENING])

    assert told(later(before, "12-03", at(plain, "10-06 15:00", "18:00"))) == [("1", "80", "80.00")]


def test_overtime_without_clock_times_is_taken_from_the_end():
    long = entry("1", "10-06", 10)
    before = posted(long, premiums=[OVERTIME])

    assert told(later(before, "12-03", edited(long, 9))) == [("-1", "120.00", "-120.00")]
    assert told(later(before, "12-03", edited(long, 7))) == [("-1", "80", "-80.00"), ("-2", "120.00", "-240.00")]
    assert told(later(before, "12-03", edited(long, 11))) == [("1", "120.00", "120.00")]


def test_work_moved_to_a_day_without_its_premium_is_charged_anew():
    saturday = entry("1", "10-10", 2)
    before = posted(saturday, premiums=[WEEKEND])

    assert told(later(before, "12-03", edited(saturday, worked_on="10-12"))) == [
        ("2", "80", "160.00"),
        ("-2", "160.00", "-320.00"),
    ]


def test_work_moved_to_a_day_with_a_premium_is_charged_anew():
    monday = entry("1", "10-12", 2)
    before = posted(monday, premiums=[WEEKEND])

    assert told(later(before, "12-03", edited(monday, worked_on="10-10"))) == [
        ("-2", "80", "-160.00"),
        ("2", "160.00", "320.00"),
    ]


def test_work_moved_between_days_with_the_same_premium_is_left():
    saturday = entry("1", "10-10", 2)
    before = posted(saturday, premiums=[WEEKEND])

    assert bill(later(before, "12-03", edited(saturday, worked_on="10-11"))).documents == ()


def test_overtime_moved_to_an_empty_day_is_overtime_no_longer():
    first, second = entry("1", "10-06", 8), entry("2", "10-06", 1)
    before = posted(first, second, premiums=[OVERTIME])

    assert told(later(before, "12-03", edited(second, worked_on="10-07"))) == [
        ("1", "80", "80.00"),
        ("-1", "120.00", "-120.00"),
    ]


def test_a_note_on_work_with_a_premium_changes_nothing():
    before = posted(STRADDLING, premiums=[EVENING])

    assert bill(later(before, "12-03", edited(STRADDLING, notes="done"))).documents == ()


def test_steps_of_the_whole_entry_are_spread_over_its_pieces():
    # 16:30 to 17:10: 40 min as 45. Now until 17:20: 50 min as 60, of which 36 and 24; it was 33:45 and 11:15.
    first = clocked("1", "10-06 16:30", end="17:10")
    before = posted(first, premiums=[EVENING], rounding=(15, "up", "entry"))
    after = rows(later(before, "12-03", at(first, "10-06 16:30", "17:20")))

    assert [(row.terms.premium, row.seconds, row.billed_seconds) for row in after] == [
        ("after-hours", 600, 1440 - 675),
        ("", 0, 2160 - 2025),
    ]


def test_covered_hours_at_a_premium_are_given_back_from_their_end():
    before = posted(STRADDLING, premiums=[EVENING], retainers=[retainer("8", "600")])
    after = rows(later(before, "12-03", at(STRADDLING, "10-06 16:00", "17:30")))

    assert [(row.effect, row.terms.premium, row.seconds) for row in after if row.entry == "1"] == [
        ("covered", "after-hours", -1800),
    ]
