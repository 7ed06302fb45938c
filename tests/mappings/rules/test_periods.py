"""Which document carries what: periods, late work, runs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.periods import parse_period
from mappings.rules.billing import bill
from mappings.steps import say
from mappings.world import Run
from tests.mappings.rules.worlds import amounts, client, codes, edited, entry, later, lines_of, only, post, shown, world


def test_each_period_that_is_over_has_its_document_and_the_running_one_a_preview():
    made = bill(world([entry("1", "09-05", 1), entry("2", "10-05", 2), entry("3", "11-02", 3)]))

    assert amounts(made) == {("Hydro", "2026-09"): ["84.00"], ("Hydro", "2026-10"): ["168.00"]}
    assert [(document.key.period, document.subtotal_minor) for document in made.running] == [("2026-11", 25200)]
    assert codes(made)["3"] == [("waiting", "running-period", 10800)]


def test_a_document_is_dated_the_last_day_of_its_period():
    assert only(bill(world([entry("1", "10-05", 1)]))).dated == date(2026, 10, 31)


def test_the_last_day_of_a_period_is_not_over_yet():
    assert bill(world([entry("1", "10-05", 1)], "10-31")).documents == ()
    assert amounts(bill(world([entry("1", "10-31", 1)], "11-01"))) == {("Hydro", "2026-10"): ["84.00"]}


@pytest.mark.parametrize(
    ("kind", "periods"),
    [
        ("week", ["2026-W40", "2026-W41", "2026-W42"]),
        ("half-month", ["2026-10-H1"]),
        ("month", []),
    ],
)
def test_periods(kind, periods):
    entries = [entry(str(day), f"10-{day:02}", 1) for day in (4, 5, 15, 16, 18, 19)]
    made = bill(world(entries, "10-19", period=kind))

    assert [document.key.period for document in made.documents] == periods


def test_late_work_goes_on_the_next_document_on_its_own_line_marked_with_its_month():
    posted = post(world([entry("1", "10-05", 1)]))
    waiting = later(posted, "11-20", entry("2", "10-06", 2), entry("3", "11-05", 1))

    assert codes(bill(waiting))["2"] == [("waiting", "late-work", 7200)]
    assert lines_of(later(waiting, "12-02")) == [
        ("Consultation, November 2026", "84.00"),
        ("Consultation (late: October 2026)", "168.00"),
    ]


def test_after_empty_months_late_work_and_changes_join_what_is_due_and_make_no_document_of_their_own():
    first = entry("1", "10-05", 4)
    posted = post(world([first]))

    both = (edited(first, 3), entry("2", "10-06", 2))
    assert amounts(bill(later(posted, "2027-02-02", *both))) == {("Hydro", "2027-01"): ["168.00", "-84.00"]}
    december = later(posted, "2027-02-02", *both, entry("3", "12-05", 1))
    assert amounts(bill(december)) == {("Hydro", "2026-12"): ["84.00", "168.00", "-84.00"]}


def test_late_work_is_priced_at_the_rate_of_the_day_it_was_worked():
    from tests.mappings.rules.worlds import rate

    rates = [rate("70", valid_until="10-31"), rate("90", valid_from="11-01")]
    posted = post(world([entry("1", "10-05", 1)], rates=rates))

    assert lines_of(later(posted, "12-02", entry("2", "10-06", 2))) == [("Consultation (late: October 2026)", "140.00")]


def test_late_work_that_is_asked_about_waits_until_released():
    posted = post(world([entry("1", "10-05", 1)], late_work="ask"))
    made = later(posted, "12-02", entry("2", "10-06", 2))

    assert bill(made).documents == ()
    assert codes(bill(made)) == {"2": [("waiting", "late-work-ask", 7200)]}
    assert amounts(bill(replace(made, released=frozenset({("tool", "2")})))) == {("Hydro", "2026-11"): ["168.00"]}


def test_a_period_with_an_unsent_draft_stays_open_though_a_later_one_was_sent():
    before = world([entry("1", "09-05", 1), entry("2", "10-05", 2)])
    made = bill(before)
    sent = post(before, replace(made, documents=made.documents[1:]))
    unsent = replace(sent, open_keys=frozenset({("Hydro", "2026-09")}))

    made = bill(later(unsent, "11-10", entry("3", "09-06", 1)))

    assert amounts(made) == {("Hydro", "2026-09"): ["168.00"]}
    assert made.documents[0].key.sequence == 1


def test_a_run_of_one_period_takes_earlier_work_that_is_unbilled_as_late():
    made = bill(world([entry("1", "09-05", 1), entry("2", "10-05", 2)]), Run(parse_period("2026-10")))

    assert shown(only(made)) == [
        ("Consultation, October 2026", "168.00"),
        ("Consultation (late: September 2026)", "84.00"),
    ]


def test_a_run_of_one_period_leaves_later_work_alone():
    made = bill(world([entry("1", "09-05", 1), entry("2", "10-05", 2)]), Run(parse_period("2026-09")))

    assert amounts(made) == {("Hydro", "2026-09"): ["84.00"]}
    assert codes(made)["2"] == [("waiting", "not-in-this-run", 7200)]


def test_a_run_takes_in_each_clients_own_periods_that_end_in_it():
    rows = [client("Hydro", "Hydro", period="week"), client("Acme", "Acme")]
    entries = [entry("1", "09-30", 1), entry("2", "10-20", 1), entry("3", "10-31", 1), entry("4", "10-31", 1, "Acme")]
    made = bill(world(entries, clients=rows), Run(parse_period("2026-10")))

    assert amounts(made) == {
        ("Acme", "2026-10"): ["84.00"],
        ("Hydro", "2026-W40"): ["84.00"],
        ("Hydro", "2026-W43"): ["84.00"],
    }


def test_a_run_of_a_period_that_is_not_over_only_previews():
    made = bill(world([entry("1", "11-02", 1)]), Run(parse_period("2026-11")))

    assert made.documents == ()
    assert [document.key.period for document in made.running] == ["2026-11"]


def test_the_second_run_of_a_posted_period_has_nothing():
    posted = post(world([entry("1", "10-05", 1)]))

    again = bill(posted, Run(parse_period("2026-10")))
    assert (again.documents, again.running, again.standings) == ((), (), ())


def test_never_billed_and_deleted_owes_nothing():
    first = entry("1", "10-05", 1)

    made = bill(world([edited(first, deleted=True)]))
    assert (made.documents, made.standings) == ((), ())


def test_sign_off_is_waited_for():
    entries = [
        entry("1", "10-05", 1, sign_off="approved"),
        entry("2", "10-05", 1, sign_off="refused"),
        entry("3", "10-05", 1),
    ]
    made = bill(world(entries, client_must_approve_hours=True))

    assert amounts(made) == {("Hydro", "2026-10"): ["84.00"]}
    assert codes(made)["2"] == [("waiting", "refused", 3600)]
    assert codes(made)["3"] == [("waiting", "not-signed-off", 3600)]


def test_silence_counts_as_a_yes_after_so_many_days_and_a_refusal_stays_one():
    entries = [entry("1", "10-05", 1, sign_off="refused"), entry("2", "10-05", 2)]
    silent = world(entries, "11-04", client_must_approve_hours=True, after_days_without_answer=5)

    assert bill(silent).documents == ()
    document = only(bill(later(silent, "11-05")))
    assert document.subtotal_minor == 16800
    assert "treated as approved" in say(document.allocations[0].reason.steps[0], "en")


def test_work_that_the_source_calls_not_billable_is_not():
    made = bill(world([entry("1", "10-05", 1, billable=False)]))

    assert codes(made) == {"1": [("not-billable", "not-billable", 3600)]}
