"""Retainers of kind `minimum`: a fee each period that covers hours; what is over is extra."""

from __future__ import annotations

from dataclasses import replace

import pytest

from mappings.rules.billing import bill
from tests.mappings.rules.worlds import (
    amounts,
    codes,
    edited,
    entry,
    later,
    minutes,
    only,
    post,
    rate,
    retainer,
    service,
    shown,
    world,
)  # fmt: skip

EIGHT_HOURS = retainer("8", "840.00", extra_rate="118", valid_from="2026-10-01")


def used(*hours: float, **more: object):
    entries = [entry(str(n), f"10-{n:02}", length) for n, length in enumerate(hours, start=5)]
    return world(entries, retainers=[EIGHT_HOURS], **more)


@pytest.mark.parametrize(
    ("hours", "total", "told"),
    [
        ((5,), 84000, "5.00 h used of 8.00 h included"),
        ((5, 4.75), 104650, "9.75 h used of 8.00 h included"),
        ((), 84000, "0.00 h used of 8.00 h included"),
    ],
)
def test_the_fee_covers_its_hours_and_the_extra_is_billed(hours, total, told):
    document = only(bill(used(*hours)))

    assert document.subtotal_minor == total
    assert document.lines[0].description == f"Support, October 2026: {told}"


def test_an_entry_that_crosses_the_end_is_cut():
    document = only(bill(used(5, 4.75)))

    rows = [(row.entry, row.effect, row.seconds, row.amount_minor) for row in document.allocations]
    assert rows == [
        ("5", "covered", 18000, 0),
        ("6", "covered", 10800, 0),
        ("6", "invoiced", 6300, 20650),
    ]


def test_covered_work_needs_no_rate_and_extra_work_needs_one():
    priced = retainer("8", "840.00", valid_from="2026-10-01")
    fine = bill(world([entry("1", "10-05", 8)], rates=[], retainers=[priced]))
    assert amounts(fine) == {("Hydro", "2026-10"): ["840.00"]}

    (blocked,) = bill(world([entry("1", "10-05", 9)], rates=[], retainers=[priced])).documents
    assert [problem.code for problem in blocked.problems] == ["no-rate"]


def test_without_extra_rate_the_normal_rate_counts():
    plain = retainer("8", "840.00", valid_from="2026-10-01")

    assert only(bill(world([entry("1", "10-05", 10)], retainers=[plain]))).subtotal_minor == 84000 + 2 * 8400


def test_increments_come_before_the_draw():
    half = retainer("0.5", "50.00", extra_rate="100", valid_from="2026-10-01")
    document = only(bill(world([minutes("1", "10-05", 40)], rounding=(15, "up", "entry"), retainers=[half])))

    # 40 minutes are billed as 45: 30 of them covered, 15 extra; the worked seconds are cut alike.
    assert [(row.effect, row.seconds, row.billed_seconds) for row in document.allocations] == [
        ("covered", 1600, 1800),
        ("invoiced", 800, 900),
    ]


def test_other_services_and_projects_are_not_covered():
    named = retainer("8", "840.00", services="Support*", projects="Web", valid_from="2026-10-01")
    entries = [
        entry("1", "10-05", 1, service="Support", project="Web"),
        entry("2", "10-05", 1, service="Support", project="App"),
        entry("3", "10-05", 1, service="Consultation", project="Web"),
    ]
    document = only(bill(world(entries, retainers=[named])))

    assert [row.entry for row in document.allocations if row.effect == "covered"] == ["1"]
    assert document.subtotal_minor == 84000 + 2 * 8400


def test_its_work_waits_until_its_period_ends():
    weekly = world([entry("1", "10-05", 2), entry("2", "10-06", 1, service="Other")], "10-20", period="week",
                   retainers=[retainer("8", "840", services="Consultation", valid_from="2026-10-01")])  # fmt: skip

    made = bill(weekly)
    assert amounts(made) == {("Hydro", "2026-W41"): ["84.00"]}
    assert codes(made)["1"] == [("waiting", "retainer-period-running", 7200)]

    # October ends in the week that ends on the 1st of November.
    made = bill(later(post(weekly), "11-03"))
    assert amounts(made) == {("Hydro", "2026-W44"): ["840.00"]}
    assert [(row.entry, row.effect) for row in only(made).allocations] == [("1", "covered")]


def test_the_fee_is_billed_once():
    posted = post(used(5))

    assert bill(later(posted, "11-20")).documents == ()
    assert shown(only(bill(later(posted, "12-02")))) == [
        ("Support, November 2026: 0.00 h used of 8.00 h included", "840.00")
    ]


def test_late_work_draws_what_its_own_period_still_has():
    posted = post(used(5))
    late = bill(later(posted, "12-02", entry("9", "10-20", 4)))

    document = only(late)
    assert [(row.effect, row.seconds) for row in document.allocations] == [("covered", 10800), ("invoiced", 3600)]
    assert [money for _, money in shown(document)] == ["840.00", "118.00"]
    assert document.lines[1].late
    assert document.lines[0].description == "Support, November 2026: 0.00 h used of 8.00 h included"


def test_less_work_gives_back_the_latest_extra_and_then_returns_hours():
    posted = post(used(5, 4.75))
    first = posted.entries[0]

    document = only(bill(later(posted, "12-02", edited(first, 4))))
    assert [money for _, money in shown(document)] == ["840.00", "-118.00"]
    rows = {(row.entry, row.effect): row.seconds for row in document.allocations}
    assert rows == {("5", "covered"): -3600, ("6", "invoiced"): -3600, ("6", "covered"): 3600}

    document = only(bill(later(posted, "12-02", edited(first, 2))))
    assert [money for _, money in shown(document)] == ["840.00", "-206.50"]
    rows = {(row.entry, row.effect): row.seconds for row in document.allocations}
    assert rows == {("5", "covered"): -10800, ("6", "invoiced"): -6300, ("6", "covered"): 6300}


def test_a_deleted_covered_entry_frees_its_hours_for_the_extra():
    posted = post(used(5, 4.75))

    document = only(bill(later(posted, "12-02", edited(posted.entries[0], deleted=True))))

    assert [money for _, money in shown(document)] == ["840.00", "-206.50"]
    # What is left of its hours is there to draw: 8 h less the 4.75 h of the other entry.
    again = post(later(posted, "12-02", edited(posted.entries[0], deleted=True)))
    late = only(bill(later(again, "2027-01-03", entry("9", "10-25", 4))))
    assert [(row.effect, row.seconds) for row in late.allocations] == [("covered", 11700), ("invoiced", 2700)]


def test_added_time_draws_and_then_is_extra():
    posted = post(used(5, 2))
    document = only(bill(later(posted, "12-02", edited(posted.entries[0], 7.5))))

    assert [money for _, money in shown(document)] == ["840.00", "177.00"]
    assert [(row.effect, row.seconds) for row in document.allocations] == [("covered", 3600), ("invoiced", 5400)]


def test_the_extra_of_an_entry_that_gets_shorter_goes_first():
    posted = post(used(5, 4.75))
    document = only(bill(later(posted, "12-02", edited(posted.entries[1], 4))))

    assert [money for _, money in shown(document)] == ["840.00", "-88.50"]
    assert [(row.effect, row.seconds) for row in document.allocations] == [("invoiced", -2700)]


def test_a_correction_of_negative_time_returns_hours():
    document = only(bill(used(5, -1, 5)))

    assert document.subtotal_minor == 84000 + 11800


def test_hours_left_blank_cover_everything():
    flat = retainer(None, "500", valid_from="2026-10-01")
    document = only(bill(world([entry("1", "10-05", 60)], rates=[], retainers=[flat])))

    assert shown(document) == [("Support, October 2026: 60.00 h used, all included", "500.00")]


def test_a_retainer_without_from_starts_with_the_clients_work_and_not_before_what_was_posted():
    posted = post(world([entry("1", "10-05", 2)]))
    with_retainer = replace(
        posted, tables=replace(posted.tables, retainers=(retainer("8", "840"),)), today=posted.today.replace(month=12)
    )

    made = bill(later(with_retainer, "12-02", entry("2", "10-06", 1)))

    # October was billed without it: its late work is priced, and only November's fee is due.
    assert amounts(made) == {("Hydro", "2026-11"): ["840.00", "84.00"]}


def test_a_quarter_counts_from_the_month_of_from():
    quarterly = retainer("8", "840", every="quarter", valid_from="2026-08-10")
    made = bill(world([entry("1", "09-05", 2), entry("2", "11-05", 2)], "12-02", retainers=[quarterly]))

    assert amounts(made) == {("Hydro", "2026-10"): ["840.00"]}
    assert made.documents[0].lines[0].description == (
        "Support, August 2026 to October 2026: 2.00 h used of 8.00 h included"
    )
    assert codes(made)["2"] == [("waiting", "retainer-period-running", 7200)]


def test_without_item_the_first_service_says_it():
    named = retainer("8", "840", services="Consultation", item="", valid_from="2026-10-01")
    made = only(bill(world([], services=[service("Consultation", "Advice")], retainers=[named])))
    assert made.lines[0].item == "Advice"

    unnamed = retainer("8", "840", item="", valid_from="2026-10-01")
    several = [service("Consultation", "Advice"), service("Training", "Courses")]
    (blocked,) = bill(world([entry("1", "10-05", 1)], services=several, retainers=[unnamed])).documents
    assert [problem.code for problem in blocked.problems] == ["retainer-without-item"]


def test_without_item_and_services_it_is_sold_as_work_without_a_service():
    unnamed = retainer("8", "840", item="", valid_from="2026-10-01")
    several = [service("Consultation", "Advice"), service("", "Consulting")]
    assert only(bill(world([], services=several, retainers=[unnamed]))).lines[0].item == "Consulting"
    called = [service("Consultation", "Advice"), service("sup", "Help", "Support")]
    assert only(bill(world([], services=called, retainers=[unnamed]))).lines[0].item == "Help"


def test_two_retainers_draw_in_row_order_and_the_first_names_the_extra():
    first = retainer("2", "200", name="A", extra_rate="50", valid_from="2026-10-01")
    second = retainer("3", "300", name="B", extra_rate="70", valid_from="2026-10-01")
    document = only(bill(world([entry("1", "10-05", 6)], retainers=[first, second], rates=[rate("84")])))

    assert sorted(money for _, money in shown(document)) == ["200.00", "300.00", "50.00"]


def test_an_entry_over_its_hours_that_gets_another_person_moves_whole():
    """What was covered and what was extra are taken back together, also where a day's steps are rounded together."""
    rates = [rate("84"), rate("100", person="Paul")]
    first = entry("1", "10-05", "4.1", person="Marie")
    three = retainer("3", "200", valid_from="2026-10-01")
    before = post(world([first], rates=rates, retainers=[three], rounding=(15, "up", "day")))

    made = bill(later(before, "12-03", edited(first, person="Paul")))

    assert [money for _, money in shown(only(made))] == ["200.00", "125.00", "-105.00"]  # November's fee first
    rows = [(row.effect, row.seconds, row.billed_seconds) for row in only(made).allocations]
    assert sum(seconds for _, seconds, _ in rows) == 0
    assert sum(billed for effect, _, billed in rows if effect == "covered") == 0
