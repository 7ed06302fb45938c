"""Owed minus billed: what changed after its invoice was posted adjusts the next one."""

from __future__ import annotations

from dataclasses import replace

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.world import Run
from tests.mappings.rules.worlds import (
    amounts,
    client,
    codes,
    edited,
    entry,
    later,
    lines_of,
    minutes,
    only,
    post,
    rate,
    service,
    shown,
    world,
)  # fmt: skip


def test_hours_edited_after_posting_are_billed_as_the_difference_at_the_original_rate():
    first = entry("1", "10-03", "4.00")
    posted = post(world([first]))
    dearer = replace(posted, tables=replace(posted.tables, rates=(rate("99"),)))

    lines = lines_of(later(dearer, "12-02", edited(first, "3.60")))

    assert lines == [("Adjustment AB-2026-0001: 2026-10-03 Marie, Consultation: 4.00 h → 3.60 h", "-33.60")]


def test_a_difference_waits_until_the_next_period_is_over():
    first = entry("1", "10-03", 4)
    made = bill(later(post(world([first])), "11-20", edited(first, "3.60")))

    assert made.documents == ()
    assert codes(made) == {"1": [("waiting", "changed-after-posting", -1440)]}
    assert shown(made.running[0])[0][1] == "-33.60"


def test_a_deleted_entry_takes_back_exactly_its_cents():
    three = [minutes(str(n), "10-03", 20) for n in (1, 2, 3)]
    posted = post(world(three, rates=[rate("70")]))
    assert [row.allocation.amount_minor for row in posted.ledger] == [2334, 2333, 2333]

    memo = only(bill(later(posted, "12-02", edited(three[0], deleted=True))))

    assert (memo.kind, memo.subtotal_minor) == ("credit-memo", -2334)
    assert memo.allocations[0].seconds == -1200


def test_an_entry_moved_to_another_client_is_reversed_there_and_charged_here():
    first = entry("1", "10-03", 4)
    before = post(world([first, entry("2", "10-04", 1, "Acme")], rates=[rate("84"), rate("95", client="Acme")]))

    made = bill(later(before, "12-02", edited(first, client="Acme")))

    assert amounts(made) == {("Acme", "2026-11"): ["380.00"], ("Hydro", "2026-11"): ["-336.00"]}
    assert [document.kind for document in made.documents] == ["invoice", "credit-memo"]


def test_an_entry_made_non_billable_is_reversed():
    first = entry("1", "10-03", 4)
    made = bill(later(post(world([first])), "12-02", edited(first, billable=False)))

    assert amounts(made) == {("Hydro", "2026-11"): ["-336.00"]}
    assert codes(made) == {"1": [("waiting", "drafted", -14400), ("not-billable", "not-billable", 14400)]}


def test_a_note_or_another_day_of_the_month_makes_no_adjustment():
    first = entry("1", "10-03", 4)
    made = bill(later(post(world([first])), "12-02", edited(first, notes="typo", worked_on="10-05")))

    assert made == bill(later(post(world([first])), "12-02"))
    assert made.documents == ()


def test_another_day_with_another_rate_is_reversed_and_charged_anew():
    rates = [rate("84", valid_until="10-15"), rate("90", valid_from="10-16")]
    first = entry("1", "10-03", 4)
    made = bill(later(post(world([first], rates=rates)), "12-02", edited(first, worked_on="10-20")))

    assert shown(only(made)) == [
        ("Consultation (late: October 2026)", "360.00"),
        ("Adjustment AB-2026-0001: 2026-10-03 Marie, Consultation: 4.00 h → 0.00 h", "-336.00"),
    ]


def test_another_service_is_reversed_and_charged_anew():
    first = entry("1", "10-03", 4)
    before = post(world([first], rates=[rate("84"), rate("60", service="Support")]))

    made = bill(later(before, "12-02", edited(first, service="Support")))

    assert amounts(made) == {("Hydro", "2026-11"): ["240.00", "-336.00"]}


def test_a_changed_table_changes_nothing_that_is_billed():
    first = entry("1", "10-03", 4)
    posted = post(world([first]))
    tables = replace(posted.tables, rates=(rate("10"),), clients=(client("Hydro", "Hydro-Québec"),), services=())

    assert bill(later(replace(posted, tables=tables), "12-02")).documents == ()
    assert bill(later(replace(posted, tables=tables), "12-02", edited(first, notes="x"))).documents == ()


def test_a_day_edited_after_the_rate_row_changed_moves_nothing():
    first = entry("1", "10-03", 4)
    posted = post(world([first]))
    dearer = replace(posted, tables=replace(posted.tables, rates=(rate("99"),)))

    assert bill(later(dearer, "12-02", edited(first, worked_on="10-05"))).documents == ()


def test_a_deleted_entry_that_comes_back_is_billed_anew():
    first = entry("1", "10-03", 4)
    gone = edited(first, deleted=True)
    credited = post(later(post(world([first])), "12-02", gone))

    made = bill(later(credited, "2027-01-03", edited(gone)))

    assert amounts(made) == {("Hydro", "2026-12"): ["336.00"]}


def test_an_adjustment_edited_again_counts_from_what_was_billed():
    first = entry("1", "10-03", 4)
    once = edited(first, "3.60")
    adjusted = post(later(post(world([first])), "12-02", once))

    made = bill(later(adjusted, "2027-01-03", edited(once, 5)))

    assert shown(only(made)) == [
        ("Adjustment AB-2026-0001, AB-2026-0002: 2026-10-03 Marie, Consultation: 3.60 h → 5.00 h", "117.60")
    ]


def test_the_recorded_increments_measure_an_edit():
    first = minutes("1", "10-03", 40)
    posted = post(world([first], rates=[rate("60")], rounding=(15, "up", "entry")))
    assert posted.ledger[0].allocation.billed_seconds == 45 * 60

    longer = edited(first, seconds=50 * 60)
    without = replace(posted, company=world([]).company)

    assert amounts(bill(later(without, "12-02", longer))) == {("Hydro", "2026-11"): ["15.00"]}


def test_an_edit_within_the_same_increment_settles_without_a_line():
    first = minutes("1", "10-03", 40)
    posted = post(world([first], rounding=(15, "up", "entry")))

    settlement = only(bill(later(posted, "12-02", edited(first, seconds=42 * 60))))

    assert (settlement.kind, settlement.lines) == ("settlement", ())
    assert [(row.seconds, row.billed_seconds, row.line) for row in settlement.allocations] == [(120, 0, None)]


def test_late_work_joins_its_posted_day():
    posted = post(world([minutes("1", "10-03", 50)], rates=[rate("60")], rounding=(15, "up", "day")))
    assert posted.ledger[0].allocation.amount_minor == 6000

    settlement = only(bill(later(posted, "12-02", minutes("2", "10-03", 8))))

    assert settlement.kind == "settlement"
    assert sum(row.billed_seconds for row in settlement.allocations) == 0
    assert sum(row.amount_minor for row in settlement.allocations) == 0
    assert {row.entry: row.seconds for row in settlement.allocations} == {"1": 0, "2": 480}


def test_a_member_of_a_rounded_day_deleted_later_leaves_the_day_at_what_it_would_cost():
    before = world([minutes("1", "10-03", 50)], rates=[rate("60")], rounding=(15, "up", "day"))
    first = before.entries[0]
    joined = post(later(post(before), "12-02", minutes("2", "10-03", 8)))

    memo = only(bill(later(joined, "2027-01-03", edited(first, deleted=True))))

    # 60 minutes were billed; 8 minutes by 15 up are 15.
    assert memo.subtotal_minor == -4500


def test_reported_changes_are_listed_and_never_billed():
    first, second = entry("1", "10-03", 4), entry("2", "10-04", 1)
    posted = post(world([first, second], changed_after_posting="report"))

    made = bill(later(posted, "12-02", edited(first, 5), edited(second, client="Acme")))

    assert made.documents == ()
    assert codes(made) == {
        "1": [("not-billable", "reported-only", 3600)],
        "2": [("not-billable", "reported-only", 3600), ("not-billable", "reported-only", -3600)],
    }


def test_asked_changes_wait_until_they_are_released():
    first = entry("1", "10-03", 4)
    posted = later(post(world([first], changed_after_posting="ask")), "12-02", edited(first, 5))

    assert codes(bill(posted)) == {"1": [("waiting", "changed-after-posting-ask", 3600)]}
    released = replace(posted, released=frozenset({("tool", "1")}))
    assert amounts(bill(released)) == {("Hydro", "2026-11"): ["84.00"]}


def test_work_of_a_voided_document_is_neither_billed_nor_adjusted():
    first = entry("1", "10-03", 4)
    posted = later(post(world([first])), "12-02", edited(first, 5))

    made = bill(replace(posted, frozen=frozenset({("tool", "1")})))

    assert made.documents == ()
    assert codes(made) == {"1": [("waiting", "held-for-decision", 3600)]}


def test_an_edit_that_is_not_signed_off_waits():
    first = entry("1", "10-03", 4, sign_off="approved")
    posted = post(world([first], client_must_approve_hours=True))

    made = bill(later(posted, "12-02", edited(first, 5, sign_off="unknown")))

    assert made.documents == ()
    assert codes(made) == {"1": [("waiting", "not-signed-off", 3600)]}


def test_a_posted_period_run_again_yields_only_what_is_new():
    first = entry("1", "10-03", 4)
    posted = later(post(world([first])), "11-20", edited(first, 5), entry("2", "10-09", 1))

    again = only(bill(posted, Run(parse_period("2026-10"))))

    assert (again.key.period, again.key.sequence) == ("2026-10", 2)
    assert shown(again) == [
        ("Consultation, October 2026", "84.00"),
        ("Adjustment AB-2026-0001: 2026-10-03 Marie, Consultation: 4.00 h → 5.00 h", "84.00"),
    ]


def test_a_new_item_of_the_same_service_moves_nothing():
    first = entry("1", "10-03", 4)
    posted = post(world([first]))
    other = replace(posted, tables=replace(posted.tables, services=(service(item="Other"),)))

    assert amounts(bill(later(other, "12-02", edited(first, 5)))) == {("Hydro", "2026-11"): ["84.00"]}
    assert only(bill(later(other, "12-02", edited(first, 5)))).lines[0].item == "Consulting"
