"""Discounts: negative lines of their own, before tax or outside it."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from mappings.catalogue import TaxComponent
from mappings.documents import Document, Posted
from mappings.rules.billing import bill
from mappings.rules.tax import tax_lines
from mappings.world import World
from tests.mappings.rules.worlds import (
    amounts,
    cap,
    client,
    day,
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

QUEBEC = {"QC": (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))}


def off(now: World) -> list[tuple[str, str, str]]:
    """The discount lines of the only document: what they say, their tax code, their amount."""
    lines = only(bill(now)).lines
    return [(line.description, line.tax_code, money(line.amount_minor)) for line in lines if line.kind == "discount"]


def test_a_percentage_is_a_line_of_its_own_after_what_it_comes_off():
    document = only(bill(world([entry("1", "10-06", 4)], discounts=[discount("10")])))
    assert [(line.kind, line.item, money(line.amount_minor)) for line in document.lines] == [
        ("time", "Consulting", "336.00"),
        ("discount", "Rebate", "-33.60"),
    ]
    assert document.lines[1].description == "Discount of 10 % on 336.00"
    (row,) = document.fees
    assert (row.fee, row.amount_minor, row.line) == ("discount|Hydro|||Rebate", -3360, 2)
    assert money(document.subtotal_minor) == "302.40"


def test_a_french_client_reads_it_in_french():
    now = world([entry("1", "10-06", 4, project="Web")], language="fr-CA", discounts=[discount("7.5", project="Web")])
    assert off(now) == [("Remise de 7,5\u00a0% sur 336,00, Web", "", "-25.20")]


def test_there_is_one_line_per_tax_code():
    codes = [service("Consultation", tax_code="QC"), service("Support", tax_code="Exempt")]
    work = [entry("1", "10-06", 4), entry("2", "10-07", 1, service="Support"), entry("3", "10-08", 1)]
    now = world(work, services=codes, discounts=[discount("10")])
    assert off(now) == [
        ("Discount of 10 % on 84.00", "Exempt", "-8.40"),
        ("Discount of 10 % on 420.00", "QC", "-42.00"),
    ]


def test_it_counts_on_the_days_worked_on_which_it_is_in_force():
    work = [entry("1", "10-06", 1), entry("2", "10-20", 1)]
    now = world(work, discounts=[discount("10", valid_from="10-07"), discount("5", valid_until="10-06", item="Early")])
    assert off(now) == [("Discount of 5 % on 84.00", "", "-4.20"), ("Discount of 10 % on 84.00", "", "-8.40")]


def test_several_add_up_each_on_the_amounts_before():
    now = world([entry("1", "10-06", 4)], discounts=[discount("10"), discount("20", item="Other")])
    assert [amount for _, _, amount in off(now)] == ["-67.20", "-33.60"]


def test_blank_is_all_but_retainer_fees():
    now = world(
        [entry("1", "10-06", 10)],
        services=[service("Consultation")],
        discounts=[discount("10")],
        retainers=[retainer("8", "840", valid_from="10-01", extra_rate="118")],
        fees=[fee("100", service="Consultation", on="2026-10-31")],
    )
    # 2 h of extra at 118.00 and the fixed fee, not the 840.00.
    assert off(now) == [("Discount of 10 % on 336.00", "", "-33.60")]


def test_it_comes_off_the_project_and_service_that_it_names():
    work = [
        entry("1", "10-06", 1, project="Web"),
        entry("2", "10-06", 1, project="Site"),
        entry("3", "10-06", 1, project="Web", service="Support"),
    ]
    services = [service("Consultation"), service("Support")]
    assert off(world(work, services=services, discounts=[discount("10", project="web")])) == [
        ("Discount of 10 % on 168.00, web", "", "-16.80")
    ]
    both = discount("10", project="Web", service="Support")
    assert off(world(work, services=services, discounts=[both])) == [
        ("Discount of 10 % on 84.00, Web, Support", "", "-8.40")
    ]
    assert off(world(work, services=services, discounts=[discount("10", client="Acme")])) == []


def test_a_discount_on_gross_stands_outside_tax():
    now = world([entry("1", "10-06", 1)], rates=[rate("220")], tax_code="QC", no_tax_code="None",
                discounts=[discount("10", base="gross")])  # fmt: skip
    assert off(now) == [("Discount of 10 % on 220.00", "None", "-22.00")]
    assert taxes(only(bill(now))) == ["11.00", "21.95"]
    net = replace(now, tables=replace(now.tables, discounts=(discount("10"),)))
    assert off(net) == [("Discount of 10 % on 220.00", "QC", "-22.00")]
    assert taxes(only(bill(net))) == ["9.90", "19.75"]


def taxes(document: Document) -> list[str]:
    return [money(tax.amount_minor) for tax in tax_lines(document.lines, QUEBEC, document.currency)]


def test_gross_needs_a_tax_code_for_lines_outside_tax_where_there_is_tax():
    gross = [discount("10", base="gross")]
    made = bill(world([entry("1", "10-06", 1)], tax_code="QC", discounts=gross))
    assert [problem.code for problem in made.documents[0].problems] == ["no-tax-code-missing"]
    assert off(world([entry("1", "10-06", 1)], discounts=gross)) == [("Discount of 10 % on 84.00", "", "-8.40")]


def test_an_amount_comes_off_each_document_of_its_dates_and_never_more_than_its_lines():
    work = [entry("1", "10-06", 1), entry("2", "11-06", 0.5), entry("3", "12-04", 1)]
    now = world(work, "2027-01-03", discounts=[discount(amount="50", valid_until="2026-11-30")])
    assert amounts(bill(now)) == {
        ("Hydro", "2026-10"): ["84.00", "-50.00"],
        ("Hydro", "2026-11"): ["42.00", "-42.00"],
        ("Hydro", "2026-12"): ["84.00"],
    }


def test_an_amount_is_split_by_the_sums_of_its_tax_codes_to_the_cent():
    codes = [service("A", tax_code="A"), service("B", tax_code="B"), service("C", tax_code="C")]
    work = [entry(name, "10-06", 1, service=name) for name in "ABC"]
    now = world(work, services=codes, discounts=[discount(amount="100")])
    assert [(code, amount) for _, code, amount in off(now)] == [("A", "-33.34"), ("B", "-33.33"), ("C", "-33.33")]


def test_a_document_that_takes_back_gets_no_amount_off():
    now = post(world([entry("1", "10-06", 2)], discounts=[discount(amount="10", valid_from="11-01")]))
    shorter = later(now, "12-03", edited(now.entries[0], 1))
    assert amounts(bill(shorter)) == {("Hydro", "2026-11"): ["-84.00"]}


def test_work_that_changes_is_discounted_as_when_it_was_billed():
    now = post(world([entry("1", "10-06", 4)], discounts=[discount("10")]))
    none = replace(now, tables=replace(now.tables, discounts=(discount("50"),)))
    assert bill(later(none, "12-03")).documents == ()

    shorter = later(none, "12-03", edited(now.entries[0], 3.6))
    assert amounts(bill(shorter)) == {("Hydro", "2026-11"): ["-33.60", "3.36"]}
    assert bill(post(shorter)).documents == ()


def test_a_full_reversal_takes_back_the_discount_too():
    both = [client("Hydro", "Hydro"), client("Acme", "Acme")]
    now = post(world([entry("1", "10-06", 1)], clients=both, discounts=[discount("12.5")]))
    moved = later(now, "12-03", edited(now.entries[0], client="Acme"))
    # 12.5 % of 84.00 are 10.50; Acme has no discount.
    assert amounts(bill(moved)) == {("Acme", "2026-10"): ["84.00"], ("Hydro", "2026-11"): ["-84.00", "10.50"]}
    gone = later(now, "12-03", edited(now.entries[0], deleted=True))
    assert amounts(bill(gone)) == {("Hydro", "2026-11"): ["-84.00", "10.50"]}


def test_days_of_a_fee_that_are_not_served_are_credited_less_their_discount():
    hosting = fee("310", every="month", service="Consultation", valid_from="10-01", prorate="calendar")
    now = world([], services=[service("Consultation")], fees=[hosting], discounts=[discount("10")])
    assert amounts(bill(now)) == {("Hydro", "2026-10"): ["310.00", "-31.00"]}
    ended = replace(hosting, valid_until=day("10-20"))
    posted = post(now)
    changed = replace(posted, tables=replace(posted.tables, fixed_fees=(ended,), discounts=()))
    assert amounts(bill(later(changed, "12-03"))) == {("Hydro", "2026-11"): ["-110.00", "11.00"]}


def test_it_comes_after_the_cap():
    now = world([entry("1", "10-06", 4)], caps=[cap("300")], discounts=[discount("10")])
    assert amounts(bill(now)) == {("Hydro", "2026-10"): ["300.00", "-30.00"]}


def test_a_document_of_covered_work_has_no_discount():
    now = world([entry("1", "10-06", 2)], retainers=[retainer("8", "0", valid_from="10-01")],
                discounts=[discount("10"), discount(amount="5")])  # fmt: skip
    assert [line.kind for line in bill(now).documents[0].lines if line.kind == "discount"] == []


def test_half_a_cent_goes_away_from_zero_both_ways():
    now = world([entry("1", "10-06", 1)], rates=[rate("0.10")], discounts=[discount("5")])
    assert lines_of(now)[-1][1] == "-0.01"
    posted = post(now)
    back = later(posted, "12-03", edited(now.entries[0], deleted=True))
    assert lines_of(back)[-1][1] == "0.01"
    assert isinstance(posted.ledger[0], Posted)


def test_an_amount_in_another_currency_blocks_the_document():
    made = bill(world([entry("1", "10-06", 1)], discounts=[discount(amount="10", currency="USD", client="*")]))
    assert [problem.code for problem in made.documents[0].problems] == ["currency-mismatch"]


def test_an_odd_cent_of_an_amount_comes_off_the_tax_code_of_the_earliest_work():
    work = [entry("1", "10-05", 1, service="Support"), entry("2", "10-06", 1)]
    services = [service("Consultation", tax_code="A"), service("Support", tax_code="B")]
    document = only(bill(world(work, services=services, discounts=[discount(amount="0.01")])))
    assert [(line.tax_code, line.amount_minor) for line in document.lines if line.kind == "discount"] == [("B", -1)]
