"""Premiums on new work: which seconds they are of, and which of several counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.rules.billing import bill
from mappings.world import Entry, World
from tests.mappings.rules.worlds import (
    clocked,
    entry,
    later,
    minutes,
    only,
    post,
    premium,
    rate,
    retainer,
    world,
)

EVENING = premium("after-hours", "Mon-Fri 17:00-09:00", factor="1.5")
WEEKEND = premium("weekend", "weekend", factor="2")


def priced(before: World) -> list[tuple[str, str, str, str]]:
    """The lines of the only document as (hours, rate, amount), with the premium of their rows."""
    document = only(bill(before))
    premiums = {row.line: row.terms.premium for row in document.allocations}
    return [
        (
            f"{line.quantity.normalize():f}",
            f"{line.rate:.2f}",
            f"{Decimal(line.amount_minor) / 100:.2f}",
            premiums[line.number],
        )
        for line in document.lines
    ]


def of(*entries: Entry, premiums: list[object], **more: object) -> list[tuple[str, str, str, str]]:
    return priced(world(entries, premiums=premiums, **{"rates": [rate("80")], **more}))


def test_an_entry_that_straddles_the_edge_of_a_window_is_split_there():
    assert of(clocked("1", "10-06 16:00", end="18:30"), premiums=[EVENING]) == [
        ("1", "80.00", "80.00", ""),
        ("1.5", "120.00", "180.00", "after-hours"),
    ]


def test_a_window_over_midnight_is_of_the_day_on_which_it_begins():
    # Friday evening's lasts until Saturday 09:00; none begins on Saturday or Sunday.
    work = [clocked("1", "10-10 08:00", end="10:00"), clocked("2", "10-12 08:00", end="10:00")]

    assert of(*work, premiums=[EVENING]) == [("3", "80.00", "240.00", ""), ("1", "120.00", "120.00", "after-hours")]


def test_outside_is_all_that_is_not_in_the_window():
    outside = premium("outside", "outside Mon-Fri 09:00-17:00", factor="1.5")
    work = [clocked("1", "10-10 10:00", end="11:00"), clocked("2", "10-12 08:00", end="10:00")]

    assert of(*work, premiums=[outside]) == [("1", "80.00", "80.00", ""), ("2", "120.00", "240.00", "outside")]


@pytest.mark.parametrize(
    ("how", "amount"),
    [
        ({"rate": "60"}, "60.00"),
        ({"rate": "95.5"}, "95.50"),
        ({"add": "12.5"}, "92.50"),
        ({"factor": "1.25"}, "100.00"),
    ],
)
def test_a_premium_replaces_adds_to_or_multiplies_the_rate(how: dict[str, str], amount: str):
    assert of(entry("1", "10-06", 1), premiums=[premium("dear", **how)]) == [("1", amount, amount, "dear")]


def test_a_computed_rate_has_five_decimals_half_up():
    document = only(
        bill(world([entry("1", "10-06", 3)], rates=[rate("33.33333")], premiums=[premium("x", factor="1.5")]))
    )

    assert document.lines[0].rate == Decimal("50.00000")
    assert document.allocations[0].terms.base_rate == Decimal("33.33333")
    document = only(
        bill(world([entry("1", "10-06", 3)], rates=[rate("33.33335")], premiums=[premium("x", factor="1.1")]))
    )
    assert document.lines[0].rate == Decimal("36.66669")


def test_of_several_premiums_the_highest_resulting_rate_wins_and_none_is_added_to_another():
    plus = premium("plus", "Mon-Fri 18:00-20:00", add="50")

    assert of(clocked("1", "10-09 16:00", end="19:00"), premiums=[EVENING, plus]) == [
        ("1", "80.00", "80.00", ""),
        ("1", "120.00", "120.00", "after-hours"),
        ("1", "130.00", "130.00", "plus"),
    ]


def test_the_highest_depends_on_the_rate_that_it_changes():
    plus, half = premium("plus", add="50"), premium("half", factor="1.5")

    assert of(entry("1", "10-06", 1), premiums=[plus, half]) == [("1", "130.00", "130.00", "plus")]
    assert of(entry("1", "10-06", 1), premiums=[plus, half], rates=[rate("200")]) == [("1", "300.00", "300.00", "half")]


def test_of_equal_premiums_the_first_row_counts():
    first, second = premium("first", factor="1.5"), premium("second", add="40")

    assert of(entry("1", "10-06", 1), premiums=[first, second])[0][3] == "first"
    assert of(entry("1", "10-06", 1), premiums=[second, first])[0][3] == "second"


def test_a_row_for_a_client_goes_before_the_general_row_of_that_premium():
    general, ours = (
        premium("weekend", "weekend", factor="2"),
        premium("weekend", "weekend", factor="1.5", client="Hydro"),
    )
    pattern = premium("weekend", "weekend", factor="1.75", client="Hy*")

    assert of(entry("1", "10-10", 1), premiums=[general, pattern, ours]) == [("1", "120.00", "120.00", "weekend")]
    assert of(entry("1", "10-10", 1), premiums=[general, pattern]) == [("1", "140.00", "140.00", "weekend")]


def test_a_row_for_a_client_does_not_keep_another_premium_away():
    ours = premium("after-hours", "outside Mon-Fri 09:00-17:00", factor="1.5", client="Hydro")

    assert of(clocked("1", "10-10 10:00", 1), premiums=[WEEKEND, ours])[0][3] == "weekend"


def test_a_premium_is_of_the_services_clients_and_days_that_it_names():
    row = premium("dear", factor="2", service="Consult*", client="Hydro", valid_from="10-05", valid_until="10-06")
    work = [
        entry("1", "10-04", 1),
        entry("2", "10-05", 1),
        entry("3", "10-06", 1),
        entry("4", "10-07", 1),
        entry("5", "10-06", 1, service="Support"),
    ]

    assert of(*work, premiums=[row]) == [
        ("2", "80.00", "160.00", ""),
        ("2", "160.00", "320.00", "dear"),
        ("1", "80.00", "80.00", ""),
    ]


def test_a_holiday_is_a_day_of_the_table():
    assert of(clocked("1", "10-11 23:00", 2), premiums=[premium("h", "holiday", factor="2")], holidays=["10-12"]) == [
        ("1", "80.00", "80.00", ""),
        ("1", "160.00", "160.00", "h"),
    ]


def test_the_night_in_autumn_has_an_hour_more_of_each_window_that_it_lies_in():
    # 1 November 2026, 02:00 is 01:00 again. From 22:00 to 06:00 are nine hours; the window has 01:00 to 02:00 twice.
    night = premium("night", "01:00-02:00", factor="2")

    assert of(clocked("1", "10-31 22:00", end="11-01 06:00"), premiums=[night], today="12-03") == [
        ("7", "80.00", "560.00", ""),
        ("2", "160.00", "320.00", "night"),
    ]


def test_the_night_in_spring_has_no_hour_that_the_clock_skips():
    # 8 March 2026: after 01:59 comes 03:00. From 22:00 to 06:00 are seven hours.
    night, work = premium("night", "02:00-04:00", factor="2"), clocked("1", "03-07 22:00", end="03-08 06:00")

    assert of(work, premiums=[night], today="04-03") == [
        ("6", "80.00", "480.00", ""),
        ("1", "160.00", "160.00", "night"),
    ]


def test_daily_overtime_counts_the_day_of_a_person_in_chronological_order():
    over = premium("overtime", "daily-over 8h", factor="1.5")
    work = [
        clocked("b", "10-06 13:00", 5),
        clocked("a", "10-06 08:00", 4.5),
        clocked("c", "10-06 08:00", 4, person="Luc"),
    ]
    document = only(bill(world(work, rates=[rate("80")], premiums=[over])))

    assert {(row.entry, row.seconds, row.terms.premium) for row in document.allocations} == {
        ("a", 16200, ""),
        ("b", 12600, ""),
        ("b", 5400, "overtime"),
        ("c", 14400, ""),
    }


def test_weekly_overtime_goes_on_over_the_end_of_a_month():
    # Monday 26 October to Sunday 1 November: 38 h in October, and 4 h in November.
    over = premium("overtime", "weekly-over 40h", factor="1.5")
    october = [entry(f"{day}", f"10-{day}", hours) for day, hours in [(26, 10), (27, 10), (28, 10), (29, 8)]]
    october.append(entry("next", "10-25", 10))
    before = post(world(october, rates=[rate("80")], premiums=[over]))

    assert priced(later(before, "12-03", entry("s", "11-01", 4), entry("m", "11-02", 9))) == [
        ("11", "80.00", "880.00", ""),
        ("2", "120.00", "240.00", "overtime"),
    ]


def test_late_work_counts_after_what_is_posted():
    over = premium("overtime", "daily-over 8h", factor="1.5")
    before = post(world([clocked("a", "10-06 09:00", 8)], rates=[rate("80")], premiums=[over]))

    assert priced(later(before, "12-03", clocked("early", "10-06 06:00", 2))) == [("2", "120.00", "240.00", "overtime")]


def test_a_client_counts_only_the_hours_for_it():
    over = premium("overtime", "daily-over 8h", factor="1.5")
    made = bill(world([entry("1", "10-06", 6), entry("2", "10-06", 6, client="Acme")], premiums=[over]))

    assert {row.terms.premium for document in made.documents for row in document.allocations} == {""}


def test_a_correction_takes_back_overtime_first():
    over = premium("overtime", "daily-over 8h", factor="1.5")

    assert of(entry("1", "10-06", 9), entry("2", "10-06", -1.5), premiums=[over]) == [
        ("7.5", "80.00", "600.00", ""),
    ]


def test_work_without_clock_times_gets_weekend_holiday_and_overtime_and_a_warning():
    over = premium("overtime", "daily-over 8h", factor="1.5")
    made = bill(
        world([entry("1", "10-06", 9), entry("2", "10-10", 1)], rates=[rate("80")], premiums=[EVENING, WEEKEND, over])
    )

    (problem,) = made.problems
    assert (problem.code, problem.warning) == ("premium-without-clock-times", True)
    assert "2 entries without clock times cannot get the premium after-hours" in problem.what
    assert [(line.quantity, line.rate) for line in only(made).lines] == [
        (Decimal(8), Decimal(80)),
        (Decimal(1), Decimal(120)),
        (Decimal(1), Decimal(160)),
    ]


def test_parts_are_not_rounded_again():
    # 40 min billed as 45, cut after 30: 33 min 45 s and 11 min 15 s.
    work = clocked("1", "10-06 16:30", end="17:10")
    document = only(bill(world([work], rates=[rate("80")], premiums=[EVENING], rounding=(15, "up", "entry"))))

    assert [(row.seconds, row.billed_seconds) for row in document.allocations] == [(1800, 2025), (600, 675)]


def test_an_exact_multiple_with_a_premium_does_not_grow():
    work = clocked("1", "10-06 16:30", end="17:30")

    assert of(work, premiums=[EVENING], rounding=(15, "up", "entry")) == [
        ("0.5", "80.00", "40.00", ""),
        ("0.5", "120.00", "60.00", "after-hours"),
    ]


def test_a_day_is_rounded_at_the_base_rate_and_then_cut():
    # 50 + 5 min are 60 by 15 up: 5 min more, 54:33 for the first, of which a half is at the premium.
    work = [clocked("1", "10-06 16:35", end="17:25"), clocked("2", "10-06 11:00", end="11:05")]
    document = only(bill(world(work, rates=[rate("80")], premiums=[EVENING], rounding=(15, "up", "day"))))

    assert sum(row.billed_seconds for row in document.allocations) == 3600
    assert sorted((row.entry, row.billed_seconds) for row in document.allocations) == [
        ("1", 1636),
        ("1", 1637),
        ("2", 327),
    ]


def test_a_day_rate_takes_a_premium_by_the_day():
    assert of(entry("1", "10-10", 3), premiums=[WEEKEND], rates=[rate("600", unit="day")]) == [
        ("0.4", "1200.00", "480.00", "weekend"),
    ]


def test_the_steps_tell_which_premium_won_and_what_lost():
    document = only(bill(world([clocked("1", "10-10 08:00", 1)], rates=[rate("80")], premiums=[EVENING, WEEKEND])))
    (row,) = document.allocations

    assert [one.code for one in row.reason.steps] == ["premium", "premium-lost"]
    assert dict(row.reason.steps[0].values)["name"] == "weekend"
    assert dict(row.reason.steps[1].values)["name"] == "after-hours"


def test_hours_that_a_retainer_covers_carry_premium_and_base_rate():
    made = bill(
        world(
            [clocked("1", "10-06 16:00", end="18:00")],
            rates=[rate("80")],
            premiums=[EVENING],
            retainers=[retainer("8", "600")],
        )
    )
    rows = only(made).allocations

    assert {(row.effect, row.seconds, row.terms.rate, row.terms.base_rate) for row in rows} == {
        ("covered", 3600, Decimal(80), None),
        ("covered", 3600, Decimal(120), Decimal(80)),
    }


def test_a_premium_that_nothing_matches_changes_nothing():
    before = world([clocked("1", "10-06 16:00", end="18:00"), minutes("2", "10-07", 20)])
    row = premium("x", factor="2", client="Acme")

    assert bill(before) == bill(replace(before, tables=replace(before.tables, premiums=(row,))))
