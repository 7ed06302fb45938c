"""Increments of time, by entry, by day and by line."""

from __future__ import annotations

from datetime import date

import pytest

from mappings.rules.billing import bill
from mappings.rules.increments import group_increments, increments, split_worked
from mappings.settings import Rounding
from tests.mappings.rules.worlds import amounts, codes, minutes, only, rate, world


@pytest.mark.parametrize(
    ("minutes_worked", "step", "direction", "minimum", "billed"),
    [
        (48, 12, "up", 0, 48),  # An exact multiple never grows.
        (49, 12, "up", 0, 60),
        (0, 15, "up", 30, 0),  # Zero stays zero, whatever the minimum.
        (1, 0, "up", 30, 30),
        (1, 20, "up", 30, 40),  # The minimum first, then the step.
        (7, 15, "nearest", 0, 0),
        (7.5, 15, "nearest", 0, 15),  # A tie goes up.
        (8, 15, "nearest", 0, 15),
        (14, 15, "down", 0, 0),
        (29, 15, "down", 0, 15),
        (-49, 12, "up", 0, -60),  # Negative time mirrors positive.
        (-7.5, 15, "nearest", 0, -15),
        (-1, 0, "up", 30, -30),
        (37, 0, "up", 0, 37),
    ],
)
def test_increments(minutes_worked, step, direction, minimum, billed):
    rounding = Rounding(step, direction, "entry", minimum)

    assert increments(int(minutes_worked * 60), rounding) == billed * 60


def test_what_rounding_adds_to_a_group_is_spread_by_real_seconds():
    assert group_increments([30 * 60, 20 * 60], Rounding(15, "up", "day")) == [36 * 60, 24 * 60]
    assert group_increments([], Rounding(15, "up", "day")) == []


def test_an_entry_cut_after_increments_is_not_rounded_again():
    # 40 min billed as 45, cut after 30: 33 min 45 s and 11 min 15 s.
    assert split_worked(45 * 60, [30, 10]) == [33 * 60 + 45, 11 * 60 + 15]


def billed_minutes(entries, applies_to, **more):
    document = only(bill(world(entries, rates=[rate("60")], rounding=(15, "up", applies_to), **more)))
    return {row.entry: row.billed_seconds / 60 for row in document.allocations}, document.subtotal_minor


def test_by_entry_each_grows_alone():
    entries = [minutes("1", "10-05", 10), minutes("2", "10-05", 10), minutes("3", "10-06", 10)]

    assert billed_minutes(entries, "entry") == ({"1": 15, "2": 15, "3": 15}, 4500)


def test_by_day_a_persons_day_in_one_line_group_grows_together():
    entries = [minutes("1", "10-05", 10), minutes("2", "10-05", 10), minutes("3", "10-06", 10),
               minutes("4", "10-05", 10, person="Luc"), minutes("5", "10-05", 10, service="Other")]  # fmt: skip

    assert billed_minutes(entries, "day") == ({"1": 15, "2": 15, "3": 15, "4": 15, "5": 15}, 7500)


def test_by_day_with_a_line_an_entry_the_day_is_grouped_as_by_service():
    entries = [minutes("1", "10-05", 10), minutes("2", "10-05", 10)]

    assert billed_minutes(entries, "day", lines_per="entry") == ({"1": 15, "2": 15}, 3000)


def test_by_line_the_whole_line_grows_once():
    entries = [minutes("1", "10-05", 10), minutes("2", "10-06", 10), minutes("3", "10-07", 20)]

    assert billed_minutes(entries, "line") == ({"1": 11.25, "2": 11.25, "3": 22.5}, 4500)


def test_late_work_by_line_is_a_line_rounded_by_itself():
    entries = [minutes("1", "09-05", 10), minutes("2", "10-06", 10)]
    made = bill(
        world(entries, rates=[rate("60")], rounding=(15, "up", "line"), last_posted={"Hydro": date(2026, 9, 30)})
    )

    assert amounts(made) == {("Hydro", "2026-10"): ["15.00", "15.00"]}


def test_time_that_became_zero_is_settled_and_makes_no_line():
    made = bill(world([minutes("1", "10-05", 10)], rounding=(15, "down", "entry")))

    document = only(made)
    assert (document.kind, document.lines) == ("settlement", ())
    assert [(row.seconds, row.billed_seconds, row.line) for row in document.allocations] == [(600, 0, None)]
    assert codes(made) == {"1": [("waiting", "drafted", 600)]}
