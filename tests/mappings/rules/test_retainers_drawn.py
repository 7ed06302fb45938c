"""How work shares a retainer's hours: in order or pro rata, at premiums, and by the days that its row is in force."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.rows import Unused
from mappings.rules.billing import bill
from mappings.rules.pro_rata import shared_cover
from tests.mappings.rules.test_retainers_roll_over import assert_balanced
from tests.mappings.rules.worlds import (
    amounts,
    edited,
    entry,
    hours_of,
    later,
    only,
    post,
    premium,
    rate,
    retainer,
    shown,
    world,
)  # fmt: skip

RATES = (rate("70", service="X"), rate("115", service="Y"))
SIXTEEN = retainer("16", "1000", draw="pro-rata", valid_from="2026-10-01")
X_AND_Y = (
    entry("1", "10-05", 5, service="X"),
    entry("2", "10-06", 5, service="Y"),
    entry("3", "10-07", 10, service="X"),
)


def test_pro_rata_spreads_what_is_over_by_lines_and_then_by_entries():
    document = only(bill(world(X_AND_Y, retainers=[SIXTEEN], rates=RATES)))

    assert [money for _, money in shown(document)] == ["1000.00", "210.00", "115.00"]
    extra = {row.entry: row.billed_seconds // 3600 for row in document.allocations if row.effect == "invoiced"}
    assert extra == {"1": 1, "2": 1, "3": 2}


def test_in_chronological_order_the_last_entries_are_over():
    chronological = replace(SIXTEEN, draw="chronological")
    document = only(bill(world(X_AND_Y, retainers=[chronological], rates=RATES)))

    assert [money for _, money in shown(document)] == ["1000.00", "280.00"]


def test_pro_rata_within_its_hours_covers_all():
    document = only(bill(world(X_AND_Y[:2], retainers=[SIXTEEN], rates=RATES)))

    assert [money for _, money in shown(document)] == ["1000.00"]


def test_thirds_of_what_is_over_sum():
    assert shared_cover(9, [4, 4, 4], ["a", "b", "c"]) == [3, 3, 3]
    assert shared_cover(10, [4, 4, 4], ["a", "b", "c"]) == [3, 3, 4]
    assert shared_cover(20, [4, 4, 4], ["a", "b", "c"]) == [4, 4, 4]
    assert shared_cover(0, [4, 4, 4], ["a", "a", "c"]) == [0, 0, 0]


def test_late_work_of_a_pro_rata_period_shares_only_what_is_left():
    now = post(world(X_AND_Y[:2], retainers=[SIXTEEN], rates=RATES))
    late = (entry("8", "10-20", 4, service="X"), entry("9", "10-21", 4, service="Y"))
    now = post(later(now, "12-03", *late))

    extra = [row.allocation for row in now.ledger if row.allocation.effect == "invoiced"]
    assert [(row.entry, row.billed_seconds) for row in extra] == [("8", 3600), ("9", 3600)]
    assert_balanced(now)


def test_a_correction_pro_rata_makes_room_first():
    entries = (*X_AND_Y, entry("4", "10-08", -4, service="X"))
    document = only(bill(world(entries, retainers=[SIXTEEN], rates=RATES)))

    assert [money for _, money in shown(document)] == ["1000.00"]


def test_an_hour_at_a_premium_draws_its_factor():
    night = premium("Night", service="Y", factor="1.5")
    document = only(bill(world(X_AND_Y[1:], retainers=[SIXTEEN], rates=RATES, premiums=[night])))

    # 5 h of Y draw 7.5, with 10 h of X 17.5: 1.5 h are over, 51 min 26 s of X and 38 min 34 s of Y, which are 25:43.
    assert document.lines[0].description == "Support, October 2026: 17.50 h used of 16.00 h included"
    extra = {row.entry: (row.billed_seconds, row.draws_seconds) for row in document.allocations if row.line}
    assert extra == {"2": (1543, 2314), "3": (3086, 3086)}


def test_a_premium_that_lowers_the_rate_draws_less():
    cheap = premium("Travel", service="Y", rate="57.50")
    document = only(bill(world(X_AND_Y, retainers=[SIXTEEN], rates=RATES, premiums=[cheap])))

    assert document.lines[0].description == "Support, October 2026: 17.50 h used of 16.00 h included"


def test_more_time_at_a_premium_draws_at_its_recorded_factor():
    night = premium("Night", service="Y", factor="1.5")
    now = post(world(X_AND_Y[1:2], retainers=[retainer("8", "500", valid_from="2026-10-01")], rates=RATES,
                     premiums=[night]))  # fmt: skip
    without = replace(now, tables=replace(now.tables, premiums=()))
    now = post(later(without, "12-03", edited(now.entries[0], 6)))

    # Half an hour was left: it covers 20 minutes; 40 minutes at 115.00 × 1.5.
    rows = [(row.allocation.billed_seconds, row.allocation.draws_seconds) for row in now.ledger]
    assert rows == [(18000, 27000), (1200, 1800), (2400, 3600)]
    assert [row.allocation.amount_minor for row in now.ledger if row.allocation.line] == [11500]
    assert_balanced(now)


@pytest.mark.parametrize(
    ("prorate", "fee", "hours"),
    [("no", "434.00", 8), ("calendar", "168.00", 8), ("30", "159.13", 8), ("calendar+hours", "168.00", 11148 / 3600)],
)
def test_a_row_that_starts_within_a_period_owes_its_days(prorate, fee, hours):
    row = retainer("8", "434", prorate=prorate, valid_from="2026-10-20")
    now = world([entry("1", "10-21", 1)], retainers=[row])

    assert [money for _, money in shown(only(bill(now)))] == [fee]
    ((_, bought, *_),) = hours_of(post(now)).values()
    assert bought / 3600 == hours


@pytest.mark.parametrize(
    ("every", "first", "until", "fee"),
    [
        ("week", "2026-10-05", "2026-10-14", ("70.00", "30.00")),
        ("quarter", "2026-09-01", "2026-10-15", ("34.62",)),
        ("year", "2026-01-01", "2026-10-15", ("55.23",)),
    ],
)
def test_weeks_quarters_and_years_owe_their_days_too(every, first, until, fee):
    row = retainer("8", "70", prorate="calendar", every=every, valid_from=first, valid_until=until)
    made = bill(world([], "2027-01-05", retainers=[row]))

    assert [money for document in made.documents for _, money in shown(document)] == list(fee)


def test_an_until_that_is_set_back_credits_the_days_that_were_not_served():
    row = retainer("8", "310", prorate="calendar", valid_from="2026-10-01")
    now = post(world([entry("1", "10-05", 1)], retainers=[row]))
    ended = replace(now.tables, retainers=(replace(row, valid_until=date(2026, 10, 21)),))
    now = later(replace(now, tables=ended), "12-03")
    document = only(bill(now))

    assert shown(document) == [("Credit: Support, 2026-10-22 to 2026-10-31", "-100.00")]
    assert document.kind == "credit-memo"
    assert bill(later(post(now), "2027-01-05")).documents == ()


def test_the_work_of_a_prorated_row_waits_until_the_row_ends():
    row = retainer("8", "70", prorate="calendar", every="quarter", valid_from="2026-09-01", valid_until="2026-10-15")
    now = world([entry("1", "09-05", 9)], "11-03", retainers=[row])

    assert amounts(bill(now)) == {("Hydro", "2026-10"): ["34.62", "84.00"]}


def test_a_retainer_is_shared_by_several_projects_and_services():
    shared = retainer("4", "400", projects="Web|App", services="X|Y", extra_rate="50", valid_from="2026-10-01")
    entries = [
        entry("1", "10-05", 3, project="Web", service="X"),
        entry("2", "10-06", 3, project="App", service="Y"),
        entry("3", "10-07", 1, project="Web", service="Z"),
        entry("4", "10-08", 1, project="Other", service="X"),
    ]
    document = only(bill(world(entries, retainers=[shared], rates=[*RATES, rate("10", service="Z")])))

    assert sorted(money for _, money in shown(document)) == ["10.00", "100.00", "400.00", "70.00"]


def test_periods_of_another_length_hand_on_to_their_own_kind():
    row = retainer("10", "900", every="quarter", unused=Unused("carry-1-month"), extra_rate="90",
                   valid_from="2026-07-01")  # fmt: skip
    now = post(world([entry("1", "07-05", 4)], "10-03", retainers=[row]))
    document = only(bill(later(now, "2027-01-05", entry("2", "12-05", 17))))

    assert [money for _, money in shown(document)] == ["900.00", "90.00"]
