"""A minimum spend: one line makes up what a period lacks, and later changes are measured against it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from mappings.documents import Posted
from mappings.rows import RetainerRow
from mappings.rules.billing import bill
from mappings.world import World
from tests.mappings.rules.worlds import (
    amounts,
    discount,
    edited,
    entry,
    fee,
    later,
    lines_of,
    money,
    only,
    post,
    rate,
    retainer,
    service,
    world,
)


def spend(amount: str = "500", **more: Any) -> RetainerRow:
    return replace(retainer(None, amount, **({"valid_from": "10-01"} | more)), kind="spend")


def told(made_in: World) -> list[tuple[str, str]]:
    """Line by line: what, how much."""
    return lines_of(made_in)


def test_less_usage_than_the_fee_is_made_up_by_one_line() -> None:
    assert told(world([entry("1", "10-05", 4)], retainers=[spend()])) == [
        ("Consultation, October 2026", "336.00"),
        ("Support, October 2026: 336.00 used of a minimum of 500.00", "164.00"),
    ]


@pytest.mark.parametrize("fee_", ["336", "300"])
def test_none_is_added_where_usage_reaches_the_fee(fee_: str) -> None:
    assert told(world([entry("1", "10-05", 4)], retainers=[spend(fee_)])) == [("Consultation, October 2026", "336.00")]


def test_a_month_without_any_work_is_billed_the_whole_fee() -> None:
    assert told(world([], retainers=[spend()])) == [
        ("Support, October 2026: 0.00 used of a minimum of 500.00", "500.00")
    ]


def test_fixed_fees_count_and_a_retainers_fee_does_not() -> None:
    hosting = fee("100", every="month", valid_from="10-01", service="Consultation")
    both = world([entry("1", "10-05", 1)], retainers=[spend()], fees=[hosting], services=[service("Consultation")])

    assert ("Support, October 2026: 184.00 used of a minimum of 500.00", "316.00") in told(both)


def test_only_the_services_and_projects_that_it_names_are_usage() -> None:
    work = [entry("1", "10-05", 1, project="Site"), entry("2", "10-06", 2, project="Shop")]

    assert told(world(work, retainers=[spend(projects="Site")]))[-1] == (
        "Support, October 2026: 84.00 used of a minimum of 500.00",
        "416.00",
    )


def test_late_usage_first_takes_back_the_true_up() -> None:
    posted = post(world([entry("1", "10-05", 4)], retainers=[spend()]))
    november = entry("2", "11-10", 6)

    some = later(posted, "12-02", entry("late", "10-20", 1), november)
    more = later(posted, "12-02", entry("late", "10-20", 3), november)

    assert told(some) == [
        ("Consultation, November 2026", "504.00"),
        ("Consultation (late: October 2026)", "84.00"),
        ("Adjustment: Support, October 2026: 420.00 used of a minimum of 500.00", "-84.00"),
    ]
    assert told(more)[-1] == (
        "Adjustment: Support, October 2026: 588.00 used of a minimum of 500.00", "-164.00"
    )  # fmt: skip


def test_less_usage_adds_to_the_true_up_or_makes_one() -> None:
    hours = entry("1", "10-05", 6)
    posted = post(world([hours], retainers=[spend()]))
    full = later(posted, "12-02", edited(hours, 5), entry("2", "11-10", 6))

    assert told(full)[-1] == ("Adjustment: Support, October 2026: 420.00 used of a minimum of 500.00", "80.00")

    again = later(post(full), "01-04", edited(edited(hours, 5), 4))
    assert amounts(bill(replace(again, today=again.today.replace(year=2027)))) == {
        ("Hydro", "2026-12"): ["-84.00", "84.00", "500.00"]
    }


def test_a_fee_that_is_raised_touches_no_period_that_was_billed() -> None:
    posted = post(world([entry("1", "10-05", 6)], retainers=[spend()]))
    raised = replace(posted, tables=replace(posted.tables, retainers=(spend("900"),)))

    assert bill(raised).documents == ()
    assert told(later(raised, "12-02", entry("2", "11-10", 6))) == [
        ("Consultation, November 2026", "504.00"),
        ("Support, November 2026: 504.00 used of a minimum of 900.00", "396.00"),
    ]


def test_a_quarter_ends_on_the_document_of_its_last_month() -> None:
    work = [entry("1", "10-05", 1), entry("2", "11-05", 1), entry("3", "12-05", 1)]
    made = bill(world(work, retainers=[spend("1000", every="quarter")], today="2027-01-03"))

    assert amounts(made) == {
        ("Hydro", "2026-10"): ["84.00"],
        ("Hydro", "2026-11"): ["84.00"],
        ("Hydro", "2026-12"): ["84.00", "748.00"],
    }


@pytest.mark.parametrize(("how", "amount"), [("no", "434.00"), ("calendar", "168.00"), ("30", "159.13")])
def test_a_period_cut_by_from_is_prorated_as_the_row_says(how: str, amount: str) -> None:
    cut = spend("434", valid_from="10-20", prorate=how)

    # What was worked before the row is in force is no usage of it.
    assert amounts(bill(world([entry("1", "10-05", 1)], retainers=[cut]))) == {("Hydro", "2026-10"): ["84.00", amount]}


def test_an_until_that_is_set_back_credits_the_days_not_served() -> None:
    posted = post(world([], retainers=[spend("310", prorate="calendar")]))
    until = spend("310", prorate="calendar", valid_until="10-10")
    ended = replace(posted, tables=replace(posted.tables, retainers=(until,)))

    document = only(bill(later(ended, "12-02")))

    assert (document.kind, document.subtotal_minor) == ("credit-memo", -21000)


def test_of_several_documents_the_true_up_stands_on_its_own() -> None:
    work = [entry("1", "10-05", 1, project="Site"), entry("2", "10-06", 2, project="Shop")]
    made = bill(world(work, retainers=[spend()], one_invoice_per="project"))

    assert [(document.key.group, document.subtotal_minor) for document in made.documents] == [
        ("", 24800), ("Shop", 16800), ("Site", 8400)
    ]  # fmt: skip


def test_it_waits_while_some_of_the_work_is_blocked() -> None:
    work = [entry("1", "10-05", 1, project="Site"), entry("2", "10-06", 2, project="Shop", service="Unknown")]
    tables = world(work, retainers=[spend()], one_invoice_per="project")
    no_rate = replace(
        tables, tables=replace(tables.tables, rates=(replace(tables.tables.rates[0], project=("Site",)),))
    )

    made = {document.key.group: [one.code for one in document.problems] for document in bill(no_rate).documents}

    assert made == {"": ["true-up-waits"], "Shop": ["no-rate"], "Site": []}


def test_posted_month_by_month_nothing_is_left_to_bill() -> None:
    made = world([entry("1", "10-05", 4), entry("2", "10-06", 4)], retainers=[spend()])

    posted = post(made)

    assert bill(posted).documents == ()
    assert [(row.fee.amount_minor, row.fee.line, row.fee.whole_minor) for row in posted.fees] == [(0, 0, 50000)]


def test_what_was_written_off_counts_as_used() -> None:
    """Otherwise the minimum would bill after all what a person said is not to be billed."""
    hours = entry("1", "10-05", 4)
    sent = post(world([hours], retainers=[spend()]))
    (billed,) = sent.ledger
    row = billed.allocation
    taken_back = replace(row, seconds=-row.seconds, billed_seconds=-row.billed_seconds, line=None,
                         amount_minor=-row.amount_minor)  # fmt: skip
    written_down = replace(row, effect="written-down", line=None, amount_minor=0)
    settlement = [Posted("settled", "", billed.period_last, one) for one in (taken_back, written_down)]

    written_off = replace(sent, ledger=(*sent.ledger, *settlement))

    assert bill(later(written_off, "11-05")).documents == ()


def test_an_amount_off_other_work_takes_no_usage_away():
    # 25.00 off consultation; support stays 100.00 of its minimum of 150.00.
    work = [entry("1", "10-05", 1, service="Support"), entry("2", "10-06", 1)]
    support = retainer(None, "150", kind="spend", services="Support", valid_from="10-01")
    off = discount(amount="25", service="Consultation")
    now = world(work, rates=[rate("100")], retainers=[support], discounts=[off])
    assert [money(line.amount_minor) for line in only(bill(now)).lines if line.kind == "retainer"] == ["50.00"]
