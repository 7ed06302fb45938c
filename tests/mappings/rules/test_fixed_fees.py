"""Fixed fees on a calendar: whole or prorated, billed once per row and period."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from mappings.rules.billing import bill
from tests.mappings.rules.worlds import amounts, client, codes, entry, fee, later, only, post, service, shown, world

HYDRO = [client("Hydro", "Hydro")]


def billed(row, today="11-03", entries=(), **more):
    return amounts(bill(world(entries, today, clients=HYDRO, fees=[row], **more)))


@pytest.mark.parametrize(("prorate", "amount"), [("calendar", "168.00"), ("30", "159.13")])
def test_a_month_that_begins_on_the_20th_is_owed_by_its_days(prorate, amount):
    row = fee("434.00", every="month", on="1", valid_from="10-20", prorate=prorate)

    assert billed(row) == {("Hydro", "2026-10"): [amount]}


def test_the_last_month_is_owed_by_its_days_too():
    row = fee("310.00", every="month", valid_from="10-01", valid_until="11-15", prorate="calendar")

    assert billed(row, "12-03") == {("Hydro", "2026-10"): ["310.00"], ("Hydro", "2026-11"): ["155.00"]}


def test_without_prorate_the_whole_is_owed_on_each_due_day_in_its_dates():
    assert billed(fee("434", every="month", valid_from="10-20")) == {("Hydro", "2026-10"): ["434.00"]}
    assert billed(fee("434", every="month", on="1", valid_from="10-20")) == {}
    assert billed(fee("434", every="month", on="25", valid_from="10-20", valid_until="10-25")) == {
        ("Hydro", "2026-10"): ["434.00"]
    }


def test_a_day_that_a_month_does_not_have_is_its_last():
    row = fee("100", every="month", on="31", valid_from="2026-02-01", valid_until="2026-02-28")

    assert billed(row, "2026-03-02") == {("Hydro", "2026-02"): ["100.00"]}


def test_quarters_count_from_the_month_of_from():
    row = fee("900", every="quarter", valid_from="2026-02-01")

    assert billed(row) == {("Hydro", f"2026-{month}"): ["900.00"] for month in ("04", "07", "10")}


def test_a_fee_that_is_billed_once_is_due_on_its_date():
    row = fee("50", on="2026-10-15")

    assert billed(row, "10-20") == {}
    assert billed(row) == {("Hydro", "2026-10"): ["50.00"]}


def test_quantity_multiplies_and_the_line_shows_it():
    row = fee("12.50", every="month", valid_from="10-01", quantity=3)
    line = only(bill(world([], clients=HYDRO, fees=[replace(row, quantity=row.amount.__class__(3))]))).lines[0]

    assert (line.amount_minor, line.quantity, line.rate, line.unit) == (3750, 3, row.amount, "each")


def test_each_period_is_billed_once():
    posted = post(world([], clients=HYDRO, fees=[fee("434", every="month", valid_from="10-01")]))

    assert bill(later(posted, "11-20")).documents == ()
    assert amounts(bill(later(posted, "12-03"))) == {("Hydro", "2026-11"): ["434.00"]}
    dearer = replace(posted, tables=replace(posted.tables, fixed_fees=(fee("500", every="month", valid_from="10-01"),)))
    assert amounts(bill(later(dearer, "12-03"))) == {("Hydro", "2026-11"): ["500.00"]}


def test_an_until_set_back_credits_the_days_not_served():
    row = fee("310", every="month", on="1", valid_from="10-01", prorate="calendar")
    posted = post(world([], clients=HYDRO, fees=[row]))
    ended = replace(posted, tables=replace(posted.tables, fixed_fees=(replace(row, valid_until=date(2026, 10, 21)),)))

    memo = only(bill(later(ended, "12-03")))

    assert memo.kind == "credit-memo"
    assert shown(memo) == [("Credit: Hosting, 2026-10-22 to 2026-10-31", "-100.00")]
    assert bill(later(post(later(ended, "12-03")), "2027-01-03")).documents == ()


def test_a_period_that_the_new_until_leaves_out_is_credited_whole():
    row = fee("300", every="quarter", on="1", valid_from="10-01", prorate="calendar")
    posted = post(world([], "2027-01-03", clients=HYDRO, fees=[row]))
    assert amounts(bill(world([], "2027-01-03", clients=HYDRO, fees=[row]))) == {("Hydro", "2026-10"): ["300.00"]}
    ended = replace(posted, tables=replace(posted.tables, fixed_fees=(replace(row, valid_until=date(2026, 9, 30)),)))

    assert amounts(bill(later(ended, "2027-01-03"))) == {("Hydro", "2026-12"): ["-300.00"]}


def test_a_covering_fee_covers_the_time_on_its_project_and_service():
    row = fee("500", every="month", valid_from="10-01", project="Web", covers=True)
    entries = [entry("1", "10-05", 3, project="Web"), entry("2", "10-05", 1, project="App")]
    document = only(bill(world(entries, clients=HYDRO, fees=[row], rates=world([]).tables.rates)))

    assert [money for _, money in shown(document)] == ["500.00", "84.00"]
    assert {row.entry: row.effect for row in document.allocations} == {"1": "covered", "2": "invoiced"}


def test_a_fee_without_from_starts_at_go_live_and_skips_what_was_posted():
    row = fee("100", every="month")

    whole = billed(row, "11-03", go_live="2026-09-10")
    assert whole == {("Hydro", "2026-09"): ["100.00"], ("Hydro", "2026-10"): ["100.00"]}
    posted = post(world([entry("1", "10-05", 1)], clients=HYDRO, go_live="2026-09-10"))
    with_fee = replace(posted, tables=replace(posted.tables, fixed_fees=(row,)))
    assert amounts(bill(later(with_fee, "12-03"))) == {("Hydro", "2026-11"): ["100.00"]}


def test_a_fee_that_nothing_says_when_to_start_is_a_problem():
    made = bill(world([], clients=HYDRO, fees=[fee("100", every="month")]))

    assert [problem.code for problem in made.problems] == ["fee-without-start"]


def test_the_item_is_that_of_the_service():
    services = [service("Hosting", "Web hosting"), service("Consultation", "Consulting")]
    row = fee("100", "Server", every="month", valid_from="10-01", service="Hosting")
    assert only(bill(world([], clients=HYDRO, fees=[row], services=services))).lines[0].item == "Web hosting"

    unnamed = fee("100", "Server", every="month", valid_from="10-01")
    (blocked,) = bill(world([entry("1", "10-05", 1)], clients=HYDRO, fees=[unnamed], services=services)).documents
    assert [problem.code for problem in blocked.problems] == ["fixed-fee-without-item"]
    assert codes(bill(world([entry("1", "10-05", 1)], clients=HYDRO, fees=[unnamed], services=services))) == {
        "1": [("blocked", "document-blocked", 3600)]
    }


def test_a_fee_of_no_project_stands_on_a_document_of_its_own():
    row = fee("100", every="month", valid_from="10-01")
    made = bill(world([entry("1", "10-05", 1, project="Web")], clients=HYDRO, fees=[row], one_invoice_per="project"))

    assert [(document.key.group, document.subtotal_minor) for document in made.documents] == [
        ("", 10000),
        ("Web", 8400),
    ]


def test_a_fee_of_a_client_that_no_row_makes_is_a_problem():
    made = bill(world([], clients=HYDRO, fees=[fee("1", client="Acme", every="month", valid_from="10-01")]))

    assert [problem.code for problem in made.problems] == ["client-unknown"]


def test_french_names_the_month():
    row = fee("100", "Hébergement", every="month", valid_from="10-01")
    french = [client("Hydro", "Hydro", language="fr-CA")]

    assert shown(only(bill(world([], clients=french, fees=[row])))) == [("Hébergement, octobre 2026", "100.00")]
