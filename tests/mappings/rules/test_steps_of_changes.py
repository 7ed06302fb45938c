"""What the ledger says of changes that no scenario's folder shows."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from mappings.rules.billing import bill
from mappings.steps import say
from tests.mappings.rules.test_fixed_fees import HYDRO, fee
from tests.mappings.rules.worlds import edited, entry, later, only, post, world


def test_work_that_is_not_billable_any_more_says_so():
    first = entry("1", "10-03", 4)
    (row,) = only(bill(later(post(world([first])), "12-02", edited(first, billable=False)))).allocations

    assert [say(one, "en") for one in row.reason.steps] == [
        "No longer billable in the source: what was billed is taken back."
    ]


def test_an_until_set_later_says_which_days_are_owed_as_well():
    row = fee("310", every="month", on="1", valid_from="10-01", prorate="calendar")
    short = replace(row, valid_until=date(2026, 10, 21))
    posted = post(world([], clients=HYDRO, fees=[short]))
    longer = replace(posted, tables=replace(posted.tables, fixed_fees=(replace(row, valid_until=date(2026, 10, 31)),)))
    (more,) = only(bill(later(longer, "12-03"))).fees

    assert more.amount_minor == 10000
    assert [say(one, "en") for one in more.reason.steps] == [
        "The row ends later now: the days from 2026-10-22 to 2026-10-31 are owed as well."
    ]


def test_longer_work_says_so_in_french():
    first = entry("1", "10-03", 4)
    longer = edited(first, seconds=5 * 3600)
    (row,) = only(bill(later(post(world([first])), "12-02", longer))).allocations

    assert [say(one, "fr").replace("\u00a0", " ") for one in row.reason.steps] == [
        "Modifiée après la facturation : 4,00 h ont été facturées, 5,00 h sont dues."
    ]
