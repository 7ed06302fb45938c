"""Entries over midnight: cut there, each part on its own day, at its own rate and in its own period."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mappings.documents import Allocation
from mappings.rules.billing import bill
from mappings.world import Bill, Entry, World
from tests.mappings.rules.worlds import (
    amounts,
    client,
    clocked,
    codes,
    edited,
    later,
    only,
    post,
    premium,
    rate,
    retainer,
    world,
)

RATES = [rate("80", valid_until="10-31"), rate("100", valid_from="11-01")]
OVER = clocked("1", "10-31 22:00", 6)


def split(*entries: Entry, today: str = "12-03", **more: object) -> World:
    return world(entries, today, **{"rates": RATES, "day_split": "split", **more})


def rows(made: Bill) -> list[tuple[str, int, int, str]]:
    """The ledger rows as (day, seconds, billed seconds, rate)."""
    found: list[Allocation] = [row for document in made.documents for row in document.allocations]
    return [(f"{row.worked_on:%m-%d}", row.seconds, row.billed_seconds, f"{row.terms.rate}") for row in found]


def at(first: Entry, start: str, hours: float) -> Entry:
    now = clocked(first.work.id, start, hours).work
    return edited(first, started_at=now.started_at, seconds=now.seconds, worked_on=now.worked_on.isoformat())


def test_an_entry_over_midnight_at_a_month_s_end_is_billed_in_both_months():
    # The clock is put back that night; midnight comes before.
    assert amounts(bill(split(OVER))) == {("Hydro", "2026-10"): ["160.00"], ("Hydro", "2026-11"): ["400.00"]}


def test_by_default_it_counts_for_the_day_on_which_it_began():
    assert amounts(bill(replace(split(OVER, day_split="start")))) == {("Hydro", "2026-10"): ["480.00"]}


def test_the_second_part_waits_for_its_own_month():
    made = bill(split(OVER, today="11-03"))

    assert amounts(made) == {("Hydro", "2026-10"): ["160.00"]}
    assert codes(made) == {"1": [("waiting", "drafted", 7200), ("waiting", "running-period", 14400)]}


def test_both_parts_are_posted_and_nothing_is_new():
    before = post(split(OVER, today="11-03"))
    after = post(later(before, "12-03"))

    assert [(row.allocation.part, row.allocation.seconds) for row in after.ledger] == [(1, 7200), (2, 14400)]
    assert bill(after).documents == ()
    assert bill(after).standings == ()


def test_steps_are_those_of_the_whole_entry_spread_over_its_parts():
    # 40 min are billed as 45, cut after 30: 33 min 45 s and 11 min 15 s.
    work = clocked("1", "10-31 23:30", "0.66666667")
    work = replace(work, work=replace(work.work, seconds=2400))

    assert rows(bill(split(work, rounding=(15, "up", "entry")))) == [
        ("10-31", 1800, 2025, "80"),
        ("11-01", 600, 675, "100"),
    ]


def test_the_part_that_is_posted_keeps_its_share_and_the_other_gets_the_rest():
    work = clocked("1", "10-31 23:30", 0)
    work = replace(work, work=replace(work.work, seconds=2400))
    before = post(split(work, today="11-03", rounding=(15, "up", "entry")))

    assert rows(bill(later(before, "12-03"))) == [("11-01", 600, 675, "100")]


def test_an_edit_after_midnight_adjusts_the_second_part_alone():
    before = post(split(OVER))

    assert rows(bill(later(before, "2027-01-04", at(OVER, "10-31 22:00", 7)))) == [("11-01", 3600, 3600, "100")]


def test_an_edit_of_the_beginning_adjusts_the_first_part_alone():
    before = post(split(OVER))

    assert rows(bill(later(before, "2027-01-04", at(OVER, "10-31 23:00", 5)))) == [("10-31", -3600, -3600, "80")]


def test_a_part_that_is_gone_is_taken_back():
    before = post(split(OVER))
    made = bill(later(before, "2027-01-04", at(OVER, "10-31 22:00", 2)))

    assert rows(made) == [("11-01", -14400, -14400, "100")]
    assert bill(post(later(before, "2027-01-04", at(OVER, "10-31 22:00", 2)))).documents == ()


def test_a_part_that_comes_later_is_charged_at_its_own_rate():
    short = clocked("1", "10-31 22:00", 2)
    before = post(split(short))

    assert rows(bill(later(before, "2027-01-04", at(short, "10-31 22:00", 4)))) == [("11-01", 7200, 7200, "100")]


def test_a_deleted_entry_is_taken_back_in_both_months():
    before = post(split(OVER))

    assert sorted(rows(bill(later(before, "2027-01-04", edited(OVER, deleted=True))))) == [
        ("10-31", -7200, -7200, "80"),
        ("11-01", -14400, -14400, "100"),
    ]


def test_what_was_billed_whole_stays_whole():
    before = post(split(OVER, day_split="start"))
    company = replace(before.company, billing=replace(before.company.billing, day_split="split"))
    before = replace(before, company=company)

    assert bill(before).documents == ()
    assert rows(bill(later(before, "2027-01-04", at(OVER, "10-31 22:00", 7)))) == [("10-31", 3600, 3600, "80")]


def test_what_was_billed_in_parts_stays_in_parts():
    before = post(split(OVER))
    company = replace(before.company, billing=replace(before.company.billing, day_split="start"))

    assert bill(replace(before, company=company)).documents == ()


def test_an_entry_within_a_day_that_moves_to_another_day_is_left():
    short = clocked("1", "10-05 09:00", 2)
    before = post(split(short))

    assert bill(later(before, "2027-01-04", at(short, "10-06 10:00", 2))).documents == ()


def test_three_days_are_three_parts():
    long = clocked("1", "10-30 20:00", 30)

    assert rows(bill(split(long))) == [
        ("10-30", 14400, 14400, "80"),
        ("10-31", 86400, 86400, "80"),
        ("11-01", 7200, 7200, "100"),
    ]


def test_each_part_has_the_increments_of_its_own_day():
    # 10 min on the 5th are 15; 20 and 30 on the 6th are 60.
    work = [clocked("1", "10-05 23:50", "0.5"), clocked("2", "10-06 09:00", "0.5")]

    assert rows(bill(split(*work, rounding=(15, "up", "day")))) == [
        ("10-05", 600, 900, "80"),
        ("10-06", 1200, 1440, "80"),
        ("10-06", 1800, 2160, "80"),
    ]


def test_premiums_cut_each_part_by_itself():
    weekend = premium("weekend", "weekend", factor="2")

    # Friday 22:00 to Saturday 02:00.
    assert rows(bill(split(clocked("1", "10-09 22:00", 4), premiums=[weekend]))) == [
        ("10-09", 7200, 7200, "80"),
        ("10-10", 7200, 7200, "160.00"),
    ]


def test_daily_overtime_is_of_the_day_of_each_part():
    over = premium("overtime", "daily-over 8h", factor="1.5")
    work = [clocked("1", "10-05 13:00", 8), clocked("2", "10-05 22:00", 4)]
    made = bill(split(*work, premiums=[over]))

    assert [row for row in rows(made) if row[3] != "80"] == [("10-05", 7200, 7200, "120.00")]


def test_a_retainer_covers_each_part_in_its_own_month():
    made = bill(split(OVER, retainers=[retainer("1", "100", valid_from="10-01")]))

    assert [
        (row.effect, row.retainer_period, row.seconds) for document in made.documents for row in document.allocations
    ] == [
        ("covered", "2026-10", 3600),
        ("invoiced", "2026-10", 3600),
        ("covered", "2026-11", 3600),
        ("invoiced", "2026-11", 10800),
    ]


def test_an_entry_of_another_client_on_each_day_goes_to_both():
    rows_ = [client("Hydro", until="10-31"), client("Hydro", "Acme", since="11-01")]

    assert amounts(bill(split(OVER, clients=rows_))) == {
        ("Hydro", "2026-10"): ["160.00"],
        ("Acme", "2026-11"): ["400.00"],
    }


def test_a_voided_document_freezes_the_whole_entry():
    before = post(split(OVER, today="11-03"))
    made = bill(replace(before, frozen=frozenset({("tool", "1")})))

    assert codes(made) == {"1": [("waiting", "held-for-decision", 14400)]}


def test_what_a_person_wrote_off_of_it_is_settled():
    before = post(split(OVER, today="11-03"))
    (posted,) = before.ledger
    row = replace(
        posted.allocation, part=0, effect="written-down", seconds=14400, billed_seconds=14400, amount_minor=0,
        line=None, terms=replace(posted.allocation.terms, rate=None),
    )  # fmt: skip
    before = replace(before, ledger=(posted, replace(posted, allocation=row)))

    assert bill(later(before, "12-03")).documents == ()
    assert bill(later(before, "12-03")).standings == ()


def test_an_adjustment_tells_the_hours_of_its_part():
    before = post(split(OVER))
    document = only(bill(later(before, "2027-01-04", at(OVER, "10-31 21:00", 8))))

    assert [(line.description.split(": ")[-1], line.quantity) for line in document.lines] == [
        ("2.00 h → 3.00 h", Decimal(1)),
        ("4.00 h → 5.00 h", Decimal(1)),
    ]
