"""Hours of two decimals, cents by entry, rates that entries carry, and currencies without cents or with mills."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from mappings.catalogue import TaxComponent
from mappings.money import plain
from mappings.rules.billing import bill
from mappings.rules.tax import tax_lines
from mappings.world import World
from tests.mappings.rules.worlds import (
    amounts,
    cap,
    client,
    discount,
    edited,
    entry,
    later,
    minutes,
    money,
    only,
    person,
    post,
    rate,
    retainer,
    service,
    world,
)


def shares(now: World) -> dict[str, str]:
    return {row.entry: money(row.amount_minor) for row in only(bill(now)).allocations}


def lines(now: World) -> list[tuple[str, str]]:
    return [(f"{line.quantity.normalize():f}", money(line.amount_minor)) for line in only(bill(now)).lines]


THIRDS = [minutes(str(number), f"10-0{number}", 20) for number in (1, 2, 3)]
TENS = [minutes(str(number), f"10-0{number}", 10) for number in (1, 2, 3)]


def test_exact_hours_and_cents_by_line_are_the_default():
    assert lines(world(TENS, rates=[rate("70")])) == [("0.5", "35.00")]
    assert lines(world(TENS[:1], rates=[rate("70")])) == [("0.16667", "11.67")]


def test_hours_of_two_decimals_are_rounded_on_the_line_before_the_price():
    # 10 min are 0.17 h = 11.90; 30 min stay 0.50 h; 62 min are 1.03 h.
    assert lines(world(TENS[:1], rates=[rate("70")], hours="two-decimals")) == [("0.17", "11.90")]
    assert lines(world(TENS, rates=[rate("70")], hours="two-decimals")) == [("0.5", "35.00")]
    assert lines(world([minutes("1", "10-01", 62)], hours="two-decimals")) == [("1.03", "86.52")]


def test_half_a_hundredth_goes_up():
    exactly = replace(TENS[0], work=replace(TENS[0].work, seconds=18))
    less = replace(TENS[0], work=replace(TENS[0].work, seconds=17))
    assert lines(world([exactly], rates=[rate("100")], hours="two-decimals")) == [("0.01", "1.00")]
    made = only(bill(world([less], rates=[rate("100")], hours="two-decimals")))
    assert (made.kind, made.lines, len(made.allocations)) == ("settlement", (), 1)


def test_with_cents_by_entry_each_entrys_hours_have_two_decimals():
    # Three times 0.17 h, not the 0.50 h of the line.
    now = world(TENS, rates=[rate("70")], hours="two-decimals", round_money="entry")
    assert lines(now) == [("0.51", "35.70")]
    assert shares(now) == {"1": "11.90", "2": "11.90", "3": "11.90"}


def test_cents_by_entry_are_the_sum_of_each_rounded():
    # 23.333… each: 69.99, where the line alone is 70.00 in shares of 23.34, 23.33 and 23.33.
    assert lines(world(THIRDS, rates=[rate("70")], round_money="entry")) == [("1", "69.99")]
    assert shares(world(THIRDS, rates=[rate("70")], round_money="entry")) == {"1": "23.33", "2": "23.33", "3": "23.33"}
    assert shares(world(THIRDS, rates=[rate("70")])) == {"1": "23.34", "2": "23.33", "3": "23.33"}


def test_days_are_made_of_hours_of_two_decimals():
    # 10 min of a day of 7.5 h: 0.17 h are 0.02267 d of 660.00.
    now = world(TENS[:1], rates=[rate("660", unit="day")], hours="two-decimals")
    assert lines(now) == [("0.02267", "14.96")]


@pytest.mark.parametrize("hours", ["exact", "two-decimals"])
@pytest.mark.parametrize("round_money", ["line", "entry"])
def test_shares_sum_to_their_line_also_with_negative_time(hours: str, round_money: str):
    work = [minutes(str(number), "10-05", length) for number, length in enumerate((7, -3, 11, 20, -1, 50))]
    now = world(work, rates=[rate("71.13")], hours=hours, round_money=round_money)
    document = only(bill(now))
    assert sum(row.amount_minor for row in document.allocations) == document.lines[0].amount_minor
    gone = later(post(now), "12-03", *(edited(one, deleted=True) for one in work))
    assert only(bill(gone)).subtotal_minor == -document.subtotal_minor


def test_the_difference_of_an_edit_is_rounded_by_itself():
    now = post(world([minutes("1", "10-05", 60)], rates=[rate("70")], hours="two-decimals"))
    assert lines(later(now, "12-03", minutes("1", "10-05", 50, revision=2))) == [("-0.17", "-11.90")]


def carrying(amount: str, currency: str = "", **more) -> World:
    work = entry("1", "10-05", 2, source_rate=Decimal(amount), source_currency=currency)
    return world([work], **more)


def test_a_rate_that_an_entry_carries_is_ignored_by_default():
    assert lines(carrying("95.5")) == [("2", "168.00")]


def test_a_fallback_counts_only_where_no_row_prices_the_work():
    assert lines(carrying("95.5", source_rates="fallback")) == [("2", "168.00")]
    other = [rate("70", person="Luc")]
    now = carrying("95.5", source_rates="fallback", rates=other)
    assert lines(now) == [("2", "191.00")]
    (row,) = only(bill(now)).allocations
    assert (row.terms.rate, row.reason.rate_row) == (Decimal("95.5"), "")
    assert [one.code for one in row.reason.steps] == ["source-rate"]
    without = bill(carrying("95.5", rates=other))
    assert [problem.code for problem in without.documents[0].problems] == ["no-rate"]


def test_an_override_goes_before_any_row():
    now = carrying("95.5", "CAD", source_rates="override")
    assert lines(now) == [("2", "191.00")]
    assert only(bill(now)).allocations[0].reason.rate_row == ""


def test_a_carried_rate_is_per_unit_of_its_service_and_has_five_decimals():
    days = [service(unit="day")]
    assert lines(carrying("660", source_rates="override", services=days)) == [("0.26667", "176.00")]
    now = carrying("95.1234567", source_rates="override")
    assert only(bill(now)).lines[0].rate == Decimal("95.12346")


def test_a_carried_rate_in_another_currency_is_a_problem():
    for policy in ("fallback", "override"):
        made = bill(carrying("95.5", "USD", source_rates=policy, rates=[]))
        assert [problem.code for problem in made.documents[0].problems] == ["currency-mismatch"]


def test_two_equal_rows_are_a_problem_that_no_fallback_covers_up():
    made = bill(carrying("95.5", source_rates="fallback", rates=[rate("84"), rate("85")]))
    assert [problem.code for problem in made.documents[0].problems] == ["rates-equal"]


def test_a_carried_rate_that_changes_after_billing_changes_nothing_billed():
    now = post(carrying("95.5", source_rates="override"))
    dearer = later(now, "12-03", edited(now.entries[0], source_rate=Decimal(200)))
    assert bill(dearer).documents == ()
    longer = later(now, "12-03", edited(now.entries[0], 3, source_rate=Decimal(200)))
    assert amounts(bill(longer)) == {("Hydro", "2026-11"): ["95.50"]}


def test_extra_hours_of_a_retainer_stay_at_its_extra_rate():
    now = carrying("95.5", source_rates="override", retainers=[retainer("1", "100", valid_from="10-01",
                   extra_rate="118")])  # fmt: skip
    assert [money(line.amount_minor) for line in only(bill(now)).lines] == ["100.00", "118.00"]


@pytest.mark.parametrize(
    ("currency", "hourly", "line", "off", "capped", "taxed"),
    [
        # 1 h 10 min; half of a unit goes up. Tax of 5 % and 9.975 % on what is left after 10 % off.
        ("JPY", "9999", "11666", "-1167", "5000", ["525", "1047"]),
        ("KWD", "25.125", "29.313", "-2.931", "5.000", ["1.319", "2.632"]),
        ("CAD", "84.33", "98.39", "-9.84", "50.00", ["4.43", "8.83"]),
    ],
)
def test_a_currency_has_its_own_digits_on_lines_discounts_caps_and_tax(
    currency: str, hourly: str, line: str, off: str, capped: str, taxed: list[str]
):
    now = world(
        [minutes("1", "10-05", 70)],
        clients=[client("Hydro", "Hydro", currency=currency)],
        rates=[rate(hourly)],
        tax_code="QC",
        discounts=[discount("10")],
    )
    document = only(bill(now))
    assert [plain(one.amount_minor, currency) for one in document.lines] == [line, off]
    components = {"QC": (TaxComponent("GST", Decimal(5)), TaxComponent("QST", Decimal("9.975")))}
    taxes = tax_lines(document.lines, components, currency)
    assert [plain(tax.amount_minor, currency) for tax in taxes] == taxed

    limited = replace(now, tables=replace(now.tables, caps=(cap(capped),), discounts=()))
    assert [plain(one.amount_minor, currency) for one in only(bill(limited)).lines] == [capped]
    assert bill(post(limited)).documents == ()


def test_people_of_two_names_carry_their_own_rates():
    work = [
        entry("1", "10-05", 1, person="marie", source_rate=Decimal(50)),
        entry("2", "10-05", 1, person="luc", source_rate=Decimal(60)),
    ]
    now = world(work, people=[person("marie", "Marie"), person("luc", "Luc")], source_rates="override")
    assert [amount for _, amount in lines(now)] == ["50.00", "60.00"]
