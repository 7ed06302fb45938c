"""What a retainer's period hands on to the next, and what is left to late and changed work."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.rows import Unused
from mappings.rules.billing import bill
from mappings.world import World
from tests.mappings.rules.worlds import (
    amounts,
    edited,
    entry,
    hours_of,
    later,
    only,
    post,
    rate,
    retainer,
    shown,
    world,
)  # fmt: skip

MONTHS = ("10", "11", "12", "01", "02", "03")
CARRY_MONTH = Unused("carry-1-month")
NET = Unused("net")


def a_retainer(unused: Unused, hours: str = "8", **more: object):
    return retainer(hours, "840", **{"unused": unused, "extra_rate": "100", "valid_from": "2026-10-01", **more})


def billed_monthly(used: tuple[float, ...], **more: object) -> list[tuple[float, float]]:
    """Hours available and extra of each month, each billed on its own."""
    row = a_retainer(**more)  # type: ignore[arg-type]
    now, found = world([], retainers=[row]), []
    for month, hours in zip(MONTHS, used, strict=False):
        year = 2026 if month > "06" else 2027
        end = date(year + (month == "12"), int(month) % 12 + 1, 3)
        now = later(now, str(end), *([entry(month, f"{year}-{month}-05", hours)] if hours else []))
        document = only(bill(now))
        extra = sum(row.billed_seconds for row in document.allocations if row.effect == "invoiced")
        name = f"{year}-{month}"
        (own,) = [row for row in document.hours if row.period == name]
        found.append(((own.opening_seconds + own.bought_seconds) / 3600, extra / 3600))
        now = post(now)
    assert_balanced(now)
    return found


def assert_balanced(now: World) -> None:
    """Opening + bought - drawn - lapsed = closing, and what one period hands on is what the next was handed."""
    of_row: dict[str, list[str]] = {}
    for (retainer_, period), (opening, bought, drawn, lapsed, closing) in hours_of(now).items():
        assert opening + bought - drawn - lapsed == closing, (retainer_, period)
        of_row.setdefault(retainer_, []).append(period)
    for retainer_, periods in of_row.items():
        for before, after in zip(sorted(periods), sorted(periods)[1:], strict=False):
            assert hours_of(now)[retainer_, before][4] == hours_of(now)[retainer_, after][0], (retainer_, after)


@pytest.mark.parametrize(
    ("unused", "hours", "used", "available", "extra"),
    [
        (Unused(), "8", (5, 7, 12, 9), (8, 8, 8, 8), (0, 0, 4, 1)),
        (CARRY_MONTH, "8", (5, 7, 12, 9), (8, 11, 9, 8), (0, 0, 3, 1)),
        # The trap: 4 h of the 11 are unused in the second month, but only 1 of its own 8.
        (CARRY_MONTH, "8", (5, 7, 0), (8, 11, 9), (0, 0, 0)),
        (Unused("carry-max", most_seconds=3 * 3600), "8", (2, 12), (8, 11), (0, 1)),
        (Unused("carry-max", most_seconds=10 * 3600), "8", (0, 0, 0), (8, 16, 18), (0, 0, 0)),
        (Unused("carry-until", until=date(2026, 12, 31)), "8", (5, 7, 12, 9), (8, 11, 12, 8), (0, 0, 0, 1)),
        (NET, "25", (18, 36, 0), (25, 32, 21), (0, 0, 0)),
    ],
)
def test_unused_hours_are_handed_on_as_the_row_says(unused, hours, used, available, extra):
    assert billed_monthly(used, unused=unused, hours=hours) == list(zip(available, extra, strict=True))


@pytest.mark.parametrize("unused", [CARRY_MONTH, NET, Unused("carry-max", most_seconds=3600)], ids=lambda row: row.kind)
def test_months_billed_in_one_run_are_as_those_billed_apart(unused):
    entries = [entry("10", "10-05", 5), entry("11", "11-05", 7), entry("12", "12-05", 12)]
    row = a_retainer(unused)
    together = bill(world(entries, "2027-01-03", retainers=[row]))
    apart: dict[tuple[str, str], list[str]] = {}
    now = world(entries, "11-03", retainers=[row])
    for day in ("11-03", "12-03", "2027-01-03"):
        now = later(now, day)
        apart |= amounts(bill(now))
        now = post(now)

    assert amounts(together) == apart


def test_weeks_that_end_on_one_document_hand_on_to_each_other():
    row = a_retainer(CARRY_MONTH, "2", every="week", valid_from="2026-10-05")
    entries = [entry("1", "10-06", 1), entry("2", "10-13", 3.5), entry("3", "10-20", 2)]
    document = only(bill(world(entries, retainers=[row])))

    # 2 h, then 3 with the hour handed on, then 2 again.
    assert [money for text, money in shown(document) if "h used" not in text] == ["50.00"]
    extra = [row for row in document.allocations if row.effect == "invoiced"]
    assert [(row.entry, row.billed_seconds) for row in extra] == [("2", 1800)]


def test_handed_hours_are_only_for_work_up_to_the_day_on_which_they_lapse():
    row = a_retainer(Unused("carry-until", until=date(2026, 11, 15)))
    now = post(world([entry("1", "10-05", 2)], retainers=[row]))
    now = later(now, "12-03", entry("2", "11-10", 3), entry("3", "11-20", 9))

    # 6 h are handed on; 3 of them are drawn before they lapse, then only November's own 8 are left.
    assert [money for _, money in shown(only(bill(now)))] == ["840.00", "100.00"]
    assert_balanced(post(now))


def test_late_work_finds_nothing_where_hours_were_handed_on():
    now = post(world([entry("1", "10-05", 5)], retainers=[a_retainer(CARRY_MONTH)]))
    now = later(now, "12-03", entry("2", "10-20", 2), entry("3", "11-10", 10))
    document = only(bill(now))

    # November has its own 8 and October's 3: all of its 10 are covered, the late 2 are extra.
    assert [(row.entry, row.effect, row.seconds) for row in document.allocations] == [
        ("2", "invoiced", 7200),
        ("3", "covered", 36000),
    ]
    assert_balanced(post(now))


def test_late_work_draws_what_its_period_did_not_hand_on():
    now = post(world([entry("1", "10-05", 5)], retainers=[a_retainer(Unused("carry-max", most_seconds=3600))]))
    now = later(now, "12-03", entry("2", "10-20", 3))
    document = only(bill(now))

    # 3 h were unused and 1 of them was handed on.
    assert [(row.effect, row.seconds) for row in document.allocations] == [("covered", 7200), ("invoiced", 3600)]
    assert_balanced(post(now))


def test_hours_returned_to_a_period_are_its_own_and_not_handed_on_later():
    now = post(world([entry("1", "10-05", 8)], retainers=[a_retainer(CARRY_MONTH)]))
    now = post(later(now, "12-03", edited(now.entries[0], 6), entry("2", "11-10", 9)))
    assert [money for _, money in shown_of(now, "2026-11")] == ["840.00", "100.00"]

    # October's late hour finds what was returned; January's document shows no extra.
    document = only(bill(later(now, "2027-01-03", entry("3", "10-25", 1))))
    assert [(row.entry, row.effect) for row in document.allocations] == [("3", "covered")]
    assert_balanced(post(later(now, "2027-01-03", entry("3", "10-25", 1))))


def shown_of(now: World, period: str) -> list[tuple[str, str]]:
    """Amounts on the ledger of one period: fee, then extra."""
    fees = [("fee", row.fee.amount_minor) for row in now.fees if row.fee.due == period]
    last = max(row.period_last for row in now.ledger)
    extra = [("extra", row.allocation.amount_minor) for row in now.ledger if row.period_last == last]
    return [(name, f"{minor / 100:.2f}") for name, minor in (*fees, *extra) if minor]


def test_a_period_that_nobody_worked_in_hands_on_too():
    row = a_retainer(CARRY_MONTH, extra_rate="100")
    free = retainer("8", "0", unused=CARRY_MONTH, extra_rate="100", valid_from="2026-10-01")
    for each in (row, free):
        now = post(world([], "12-03", retainers=[each]))
        document = only(bill(later(now, "2027-01-03", entry("1", "12-05", 17))))
        assert [money for text, money in shown(document) if "h used" not in text] == ["100.00"]


def test_changing_a_rows_hours_changes_no_period_that_was_billed():
    now = post(world([entry("1", "10-05", 8)], retainers=[a_retainer(Unused())]))
    more = world([], retainers=[a_retainer(Unused(), "12")]).tables
    now = later(replace(now, tables=more), "12-03", entry("2", "10-20", 1), entry("3", "11-20", 12))

    assert [money for _, money in shown(only(bill(now)))] == ["840.00", "100.00"]
    assert_balanced(post(now))


def test_a_net_row_bills_nothing_extra_before_it_ends_and_then_the_shortage():
    row = a_retainer(NET, "10", valid_until="2026-12-31")
    now = post(world([entry("1", "10-05", 18), entry("2", "10-06", 4)], retainers=[row]))
    assert [fee.fee.amount_minor for fee in now.fees] == [84000]
    now = post(later(now, "12-03", entry("3", "11-05", 15)))
    document = only(bill(later(now, "2027-01-03", entry("4", "12-05", 2))))

    # 30 h for 39: nothing is left for December's 2, and the 7 that were too much before are November's latest.
    assert [money for _, money in shown(document)] == ["840.00", "200.00", "700.00"]
    rows = {(row.entry, row.effect): row.seconds // 3600 for row in document.allocations}
    assert rows == {("4", "invoiced"): 2, ("3", "covered"): -7, ("3", "invoiced"): 7}
    now = post(later(now, "2027-01-03", entry("4", "12-05", 2)))
    assert_balanced(now)
    assert bill(later(now, "2027-02-03")).documents == ()


def test_a_net_shortage_is_billed_at_each_entrys_own_rate_without_an_extra_rate():
    row = retainer("10", "840", unused=NET, valid_from="2026-10-01", valid_until="2026-11-30")
    entries = [entry("1", "10-05", 10, person="Marie"), entry("2", "10-06", 12, person="Luc"), entry("3", "11-05", 1)]
    rates = [rate("84"), rate("50", person="Luc")]
    now = post(world(entries, retainers=[row], rates=rates))

    document = only(bill(later(now, "12-03")))
    assert [money for _, money in shown(document)] == ["840.00", "84.00", "100.00"]


def test_late_work_under_net_is_carried_as_long_as_the_row_runs():
    now = post(world([entry("1", "10-05", 9)], retainers=[a_retainer(NET, "10")]))
    now = post(later(now, "12-03", entry("2", "10-20", 3), entry("3", "11-05", 4)))

    assert [row.allocation.effect for row in now.ledger] == ["covered", "covered", "covered"]
    # 10 - 12 = -2 are handed on by October, 10 - 2 - 4 by November.
    assert {key[1]: row[4] // 3600 for key, row in hours_of(now).items()} == {"2026-10": -2, "2026-11": 4}
    assert_balanced(now)


def test_only_net_hands_on_less_than_nothing():
    for unused in (CARRY_MONTH, Unused("carry-max", most_seconds=36000), Unused("carry-until", until=date(2027, 1, 1))):
        assert billed_monthly((12, 8), unused=unused) == [(8, 4), (8, 0)]


def test_a_row_without_from_hands_on_from_its_first_period():
    row = retainer("8", "840", unused=CARRY_MONTH, extra_rate="100")
    now = post(world([entry("1", "10-05", 5)], retainers=[row]))
    now = post(later(now, "12-03", entry("2", "11-05", 12)))

    assert [row.allocation.billed_seconds for row in now.ledger if row.allocation.line] == [3600]
    assert_balanced(now)


def test_a_net_row_that_ends_earlier_than_it_was_billed_is_settled_over_all_of_it():
    row = a_retainer(NET, "10")
    now = post(world([entry("1", "10-05", 18)], retainers=[row]))
    now = post(later(now, "12-03", entry("2", "11-05", 5)))
    ended = replace(now.tables, retainers=(replace(row, valid_until=date(2026, 10, 31)),))
    now = later(replace(now, tables=ended), "2027-01-04", entry("3", "12-05", 1, service="Other"))

    # 20 h were paid for, and 23 worked: 3 are short.
    assert [money for _, money in shown(only(bill(now)))] == ["84.00", "300.00"]
