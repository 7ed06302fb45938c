"""Expenses and products: quantity × amount, less the rebate, plus the markup, rounded once, and never billed twice."""

from __future__ import annotations

import random
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from mappings.documents import Allocation, Document, Posted, Price
from mappings.rules.billing import bill
from mappings.rules.prices import item_amount, unit_price
from mappings.settings import Rounding
from mappings.steps import say
from mappings.world import Bill, Entry, World
from tests.mappings.rules.worlds import (
    amounts,
    client,
    edited,
    entry,
    expense,
    later,
    money,
    only,
    post,
    premium,
    rate,
    retainer,
    service,
    shown,
    world,
)

TWO_CLIENTS = [client("Hydro", "Hydro"), client("Acme", "Acme")]


def item(id: str, on: str, amount: str | None, quantity: str | None = None, **more: Any) -> Entry:  # noqa: A002
    """One expense in the category Hotel, of Hydro; the rest of it as given."""
    fields = {"kind": "expense", "service": "Hotel"} | more
    fields |= {name: Decimal(fields[name]) for name in ("rebate_percent",) if name in fields}
    values = {"amount": amount and Decimal(amount), "quantity": quantity and Decimal(quantity)}
    return entry(id, on, 0, **fields, **values)


def of(*entries: Entry, today: str = "11-03", **more: Any) -> World:
    """A world in which hotels are billed as they are."""
    return world(entries, today, **({"expenses": [expense("Hotel")]} | more))


def told(document: Document) -> list[tuple[str, str, str, str]]:
    """The lines as (kind, quantity, unit price, amount)."""
    return [
        (line.kind, f"{line.quantity.normalize():f}", f"{line.rate}", money(line.amount_minor))
        for line in document.lines
    ]


def stands(made: Bill) -> dict[str, list[tuple[str, str, int, int]]]:
    """Per entry where it stands: (state, code, seconds, quantity in 1/100,000)."""
    found: dict[str, list[tuple[str, str, int, int]]] = {}
    for one in sorted(made.standings, key=lambda one: (one.client, one.scaled_quantity)):
        found.setdefault(one.entry, []).append((one.state, one.code, one.seconds, one.scaled_quantity))
    return found


@pytest.mark.parametrize(
    ("quantity", "amount", "rebate", "markup", "expected"),
    [
        ("3", "19.99", "10", "8", 5829),
        ("1", "10.05", "50", "50", 754),  # Rounded in between it were 755, or 753.
        ("0.5", "0.01", "0", "0", 1),  # Half a cent goes up …
        ("-0.5", "0.01", "0", "0", -1),  # … away from zero.
        ("1", "100", "100", "8", 0),
        ("3", "0.33333", "0", "0", 100),
        ("0", "100", "0", "8", 0),
        ("120", "0.58", "0", "0", 6960),
    ],
)
def test_a_price_is_rounded_once(quantity: str, amount: str, rebate: str, markup: str, expected: int):
    price = Price("expense", Decimal(amount), Decimal(rebate), Decimal(markup))

    assert item_amount(int(Decimal(quantity) * 100_000), price, "CAD") == expected


@pytest.mark.parametrize(("currency", "expected"), [("JPY", 37), ("CAD", 3749), ("KWD", 37485)])
def test_a_price_is_rounded_to_the_digits_of_its_currency(currency: str, expected: int):
    assert item_amount(300_000, Price("product", Decimal("12.495")), currency) == expected


def test_a_unit_price_has_five_decimals_at_most():
    assert f"{unit_price(Price('product', Decimal(40)), 'CAD')}" == "40.00"
    assert f"{unit_price(Price('product', Decimal('19.99'), Decimal(10)), 'CAD')}" == "17.991"
    assert f"{unit_price(Price('product', Decimal(10), Decimal(0), Decimal('33.333335')), 'CAD')}" == "13.33333"
    assert f"{unit_price(Price('product', Decimal('0.00001'), Decimal(50)), 'CAD')}" == "0.00001"


def test_an_item_is_billed_with_its_rebate_and_markup():
    hotel = item("1", "10-05", "180", "2", rebate_percent="10")

    document = only(bill(of(hotel, expenses=[expense("Hotel", markup_percent=Decimal(8))])))

    assert told(document) == [("expense", "2", "174.96", "349.92")]
    assert [line.item for line in document.lines] == ["Expenses"]
    assert shown(document) == [("Hotel, October 2026", "349.92")]
    (row,) = document.allocations
    assert (row.seconds, row.billed_seconds, row.scaled_quantity, row.amount_minor) == (0, 0, 200_000, 34992)


def test_items_are_rounded_each_by_itself_on_the_line_that_they_share():
    stamps = [item(str(number), "10-05", "0.335") for number in range(3)]

    assert told(only(bill(of(*stamps)))) == [("expense", "3", "0.335", "1.02")]


def test_items_of_other_prices_and_kinds_stand_on_other_lines():
    entries = [
        item("1", "10-05", "10", "2"),
        item("2", "10-06", "10"),
        item("3", "10-07", "12"),
        item("5", "10-08", "10", kind="product"),
        entry("6", "10-09", 1, service="Hotel"),
    ]

    assert told(only(bill(of(*entries)))) == [
        ("time", "1", "84", "84.00"),
        ("product", "1", "10.00", "10.00"),
        ("expense", "3", "10.00", "30.00"),
        ("expense", "1", "12.00", "12.00"),
    ]


def test_neither_increments_nor_premiums_nor_retainers_touch_an_item():
    everything = retainer(None, "500")
    nights = premium("Always", factor="2")
    hotel = item("1", "10-05", "180", "2")

    made = bill(of(hotel, retainers=[everything], premiums=[nights], rounding=(60, "up", "entry")))

    assert told(only(made)) == [("retainer", "1", "500", "500.00"), ("expense", "2", "180.00", "360.00")]


def test_an_item_of_zero_is_a_line_and_none_of_something_is_not():
    assert told(only(bill(of(item("1", "10-05", "0", "2"))))) == [("expense", "2", "0.00", "0.00")]

    nothing = of(item("1", "10-05", "180", "0"))
    assert bill(nothing).documents == ()
    assert bill(nothing).standings == ()


def test_a_refund_is_a_credit():
    alone = of(item("1", "10-05", "-25.50"))
    document = only(bill(alone))
    assert (document.kind, told(document)) == ("credit-memo", [("expense", "1", "-25.50", "-25.50")])

    returned = of(item("1", "10-05", "10", "-2", kind="product"), entry("2", "10-06", 1))
    assert amounts(bill(returned)) == {("Hydro", "2026-10"): ["84.00", "-20.00"]}


def test_an_item_in_another_currency_blocks_its_own_client():
    dollars = item("1", "10-05", "180", source_currency="USD")
    fine = item("2", "10-05", "10", client="Acme", source_currency="CAD")

    made = bill(of(dollars, fine, clients=TWO_CLIENTS))

    assert [(one.key.client, [problem.code for problem in one.problems]) for one in made.documents] == [
        ("Acme", []),
        ("Hydro", ["currency-mismatch"]),
    ]
    assert stands(made)["1"] == [("blocked", "currency-mismatch", 0, 100_000)]


def test_an_unmapped_category_blocks_its_own_client():
    flight = item("1", "10-05", "180", "2", service="Flight")
    fine = item("2", "10-05", "10", client="Acme")

    made = bill(of(flight, fine, clients=TWO_CLIENTS))

    (problem,) = next(one for one in made.documents if one.key.client == "Hydro").problems
    assert problem.what == "Flight (source tool) is not in the expenses table."
    assert problem.fix == "Add a row to expenses: category 'Flight', quickbooks_item = the item that it is billed as."
    assert stands(made)["1"] == [("blocked", "unmapped-category", 0, 200_000)]
    assert amounts(made)["Acme", "2026-10"] == ["10.00"]


def test_a_product_that_is_not_listed_is_its_services_row():
    tables = {
        "services": [service("Toner", "Supplies", ours="Ink", tax_code="Zero", class_name="Shop"), service("Café")],
        "expenses": [expense("Café", "Catering", markup_percent=Decimal(10))],
        "lines_per": "service",
    }
    products = [item("1", "10-05", "20", kind="product", service="Toner")]
    products.append(item("2", "10-06", "20", kind="product", service="Café"))

    document = only(bill(of(*products, **tables)))

    assert [(line.description, line.item, line.tax_code, line.class_name) for line in document.lines] == [
        ("Café, October 2026", "Catering", "", ""),
        ("Ink, October 2026", "Supplies", "Zero", "Shop"),
    ]
    assert amounts(bill(of(*products, **tables)))["Hydro", "2026-10"] == ["22.00", "20.00"]
    unknown = bill(of(item("1", "10-05", "20", kind="product", service="Pen"), **tables))
    assert [problem.code for problem in unknown.documents[0].problems] == ["unmapped-category"]


def test_an_expense_is_never_its_services_row():
    made = bill(of(item("1", "10-05", "20", service="Taxi"), services=[service("Taxi", "Taxis"), service("")]))

    assert [problem.code for problem in made.documents[0].problems] == ["unmapped-category"]


def test_an_exact_category_beats_a_pattern_and_that_an_empty_cell():
    rows = [expense("", "Other"), expense("Ho*", "Lodging"), expense("Hotel", "Hotels")]
    items = [item(str(at), "10-05", "1", service=name) for at, name in enumerate(("Hotel", "Hostel", "Bus", ""))]

    document = only(bill(of(*items, expenses=rows)))

    assert {line.description: line.item for line in document.lines} == {
        "Hotel, October 2026": "Hotels",
        "Hostel, October 2026": "Lodging",
        "Bus, October 2026": "Other",
        "Work, October 2026": "Other",
    }


def test_a_category_that_is_not_billed_and_an_item_that_is_not_stand_so():
    rows = [expense("Hotel"), expense("Lunch", billable=False)]
    items = [item("1", "10-05", "9", "3", service="Lunch"), item("2", "10-05", "180", billable=False)]

    made = bill(of(*items, expenses=rows))

    assert made.documents == ()
    assert stands(made) == {
        "1": [("not-billable", "category-not-billable", 0, 300_000)],
        "2": [("not-billable", "not-billable", 0, 100_000)],
    }


def test_an_item_without_an_amount_costs_its_rate_of_unit_each():
    rates = [
        rate("84"),
        rate("99", client="Hydro"),
        rate("0.58", service="Hotel", unit="each"),
        rate("0.61", service="Hotel", unit="each", valid_from="11-01"),
    ]
    items = [item("1", "10-05", None, "120"), entry("2", "10-05", 1)]

    document = only(bill(of(*items, rates=rates)))

    assert told(document) == [("time", "1", "99", "99.00"), ("expense", "120", "0.58", "69.60")]


def test_an_item_without_an_amount_and_without_a_rate_blocks_its_client():
    made = bill(of(item("1", "10-05", None, "120"), rates=[rate("84"), rate("5", service="Other", unit="each")]))

    assert [problem.code for problem in made.documents[0].problems] == ["no-rate"]
    assert stands(made)["1"] == [("blocked", "no-rate", 0, 12_000_000)]


def test_a_rate_that_names_no_unit_is_for_what_its_service_is_sold_by():
    tables = {
        "services": [service("Toner", "Supplies", unit="each"), service("")],
        "rates": [rate("84"), rate("45", service="Toner")],
    }
    toner = item("1", "10-05", None, "2", kind="product", service="Toner")

    assert told(only(bill(of(toner, **tables)))) == [("product", "2", "45.00", "90.00")]
    hours = bill(of(entry("2", "10-06", 1, service="Toner"), **tables))
    assert [problem.code for problem in hours.documents[0].problems] == ["no-rate"], "hours of it have no price"


def test_the_items_own_tax_code_wins_then_the_clients_then_the_categorys():
    rows = [expense("Hotel", tax_code="Category")]

    def code(tax_code: str, of_client: str, of_category: str) -> str:
        hotel = item("1", "10-05", "180", tax_code=tax_code)
        tables = {"clients": [client(tax_code=of_client)], "expenses": [replace(rows[0], tax_code=of_category)]}
        return only(bill(of(hotel, tax_code="Company", **tables))).lines[0].tax_code

    assert code("Own", "Client", "Category") == "Own"
    assert code("", "Client", "Category") == "Client"
    assert code("", "", "Category") == "Category"
    assert code("", "", "") == "Company"


def changed(before: Entry, *more: Entry, today: str = "12-03", **tables: Any) -> list[tuple[str, str, str, str]]:
    """What the next document says after `before` was posted, and is now as `more` say."""
    now = post(of(before, **tables))
    return told(only(bill(later(now, today, *more))))


def test_another_quantity_is_charged_at_the_price_that_was_billed():
    hotel = item("1", "10-05", "0.335", "3")

    assert changed(hotel, edited(hotel, quantity=Decimal(2))) == [("adjustment", "-1", "0.335", "-0.34")]
    assert changed(hotel, edited(hotel, quantity=Decimal("4.5"))) == [("adjustment", "1.5", "0.335", "0.50")]


def test_another_markup_of_the_table_changes_nothing_billed_nor_what_is_corrected():
    hotel = item("1", "10-05", "100", "3")
    now = post(of(hotel, expenses=[expense("Hotel", markup_percent=Decimal(10))]))
    now = replace(now, tables=replace(now.tables, expenses=(expense("Hotel", markup_percent=Decimal(50)),)))

    assert bill(later(now, "12-03")).documents == ()
    assert told(only(bill(later(now, "12-03", edited(hotel, quantity=Decimal(4)))))) == [
        ("adjustment", "1", "110.00", "110.00")
    ]
    assert told(only(bill(later(now, "12-03", edited(hotel, amount=Decimal(90)))))) == [
        ("adjustment", "1", "None", "-33.00")
    ]


def test_a_corrected_price_is_one_line_and_the_next_correction_starts_from_it():
    hotel = item("1", "10-05", "180", "2")
    cheaper = edited(hotel, amount=Decimal(170), quantity=Decimal(3))
    now = later(post(of(hotel)), "12-03", cheaper)

    document = only(bill(now))
    assert shown(document) == [("Adjustment AB-2026-0001: 2026-10-05 Marie, Hotel: 2 × 180.00 → 3 × 170.00", "150.00")]
    assert [(row.scaled_quantity, row.amount_minor) for row in document.allocations] == [
        (-200_000, -36000),
        (300_000, 51000),
    ]
    now = later(post(now), "2027-01-03", edited(cheaper, quantity=Decimal(2)))
    assert told(only(bill(now))) == [("adjustment", "-1", "170.00", "-170.00")]


def test_a_rebate_that_is_given_later_is_a_correction():
    hotel = item("1", "10-05", "180", "2")

    given = edited(hotel, rebate_percent=Decimal(50))
    assert changed(hotel, given) == [("adjustment", "1", "None", "-180.00")]


def test_a_deleted_item_is_taken_back_as_it_was_billed():
    stamps = [item(str(number), "10-05", "0.335") for number in range(3)]
    now = later(post(of(*stamps)), "12-03", edited(stamps[1], deleted=True))

    document = only(bill(now))

    assert (document.kind, told(document)) == ("credit-memo", [("adjustment", "-1", "0.335", "-0.34")])
    assert shown(document)[0][0] == "Adjustment AB-2026-0001: 2026-10-05 Marie, Hotel: 1 → 0"
    assert bill(later(post(now), "2027-01-03")).documents == ()


@pytest.mark.parametrize("more", [{"billable": False}, {"service": "Lunch"}])
def test_an_item_that_is_billed_no_more_is_taken_back(more: dict[str, Any]):
    hotel = item("1", "10-05", "180", "2")
    now = post(of(hotel, expenses=[expense("Hotel"), expense("Lunch", billable=False)]))
    now = later(now, "12-03", edited(hotel, **more))

    assert told(only(bill(now))) == [("adjustment", "-2", "180.00", "-360.00")]
    now = post(now)
    assert bill(later(now, "2027-01-03")).documents == ()
    assert [one[0::3] for one in stands(bill(now))["1"]] == [("not-billable", 200_000)]


def test_an_item_that_moves_to_another_client_is_credited_here_and_charged_there():
    hotel = item("1", "10-05", "180", "2")
    now = later(post(of(hotel, clients=TWO_CLIENTS)), "12-03", edited(hotel, client="Acme"))

    assert {one.key.client: told(one) for one in bill(now).documents} == {
        "Acme": [("expense", "2", "180.00", "360.00")],
        "Hydro": [("adjustment", "-2", "180.00", "-360.00")],
    }


@pytest.mark.parametrize(
    "more", [{"tax_code": "Exempt"}, {"service": "Motel"}, {"kind": "product"}, {"worked_on": "09-30"}]
)
def test_an_item_that_belongs_on_another_line_is_moved(more: dict[str, Any]):
    hotel = item("1", "10-05", "180", "2")
    rows = [expense("Hotel"), expense("Motel")]

    lines = changed(hotel, edited(hotel, **more), expenses=rows)

    assert sorted(line[3] for line in lines) == ["-360.00", "360.00"]


@pytest.mark.parametrize("more", [{"notes": "With breakfast"}, {"worked_on": "10-06"}, {"quantity": Decimal("2.0")}])
def test_an_edit_that_leaves_an_item_on_its_line_adjusts_nothing(more: dict[str, Any]):
    hotel = item("1", "10-05", "180", "2")
    now = later(post(of(hotel)), "12-03", edited(hotel, **more))

    assert bill(now).documents == ()


def test_time_that_was_an_expense_all_along_changes_places():
    meal = entry("1", "10-05", 2, service="Hotel")
    now = later(post(of(meal)), "12-03", edited(meal, 0, kind="expense", amount=Decimal(30)))

    assert told(only(bill(now))) == [
        ("expense", "1", "30.00", "30.00"),
        ("adjustment", "-2", "84", "-168.00"),
    ]
    now = later(post(now), "2027-01-03", replace(meal, revision=3))
    assert sorted(line[3] for line in told(only(bill(now)))) == ["-30.00", "168.00"]


def test_the_price_of_a_rate_row_stays_what_it_was():
    rides = item("1", "10-05", None, "100")
    now = post(of(rides, rates=[rate("0.58", unit="each")]))
    now = replace(now, tables=replace(now.tables, rates=(rate("0.70", unit="each"),)))

    assert told(only(bill(later(now, "12-03", edited(rides, quantity=Decimal(110)))))) == [
        ("adjustment", "10", "0.58", "5.80")
    ]
    own = edited(rides, amount=Decimal("0.60"))
    assert told(only(bill(later(now, "12-03", own)))) == [("adjustment", "1", "None", "2.00")]
    now = later(post(later(now, "12-03", own)), "2027-01-03", edited(own, amount=None))
    assert sorted(line[3] for line in told(only(bill(now)))) == ["-60.00", "70.00"], "it has lost its own price"


def test_a_late_item_is_a_line_of_its_own():
    now = later(post(of(item("1", "10-05", "180"))), "12-03", item("2", "10-06", "180"), item("3", "11-06", "180"))

    assert shown(only(bill(now))) == [("Hotel, November 2026", "180.00"), ("Hotel (late: October 2026)", "180.00")]


def test_items_wait_as_time_does():
    late = later(post(of(item("1", "10-05", "180"), late_work="ask")), "12-03", item("2", "10-06", "180", "2"))
    assert stands(bill(late))["2"] == [("waiting", "late-work-ask", 0, 200_000)]
    released = replace(late, released=frozenset({("tool", "2")}))
    assert amounts(bill(released))["Hydro", "2026-11"] == ["360.00"]

    assert stands(bill(of(item("1", "11-02", "180"))))["1"] == [("waiting", "running-period", 0, 100_000)]
    asked = of(item("1", "10-05", "180"), client_must_approve_hours=True)
    assert stands(bill(asked))["1"] == [("waiting", "not-signed-off", 0, 100_000)]
    approved = of(item("1", "10-05", "180", sign_off="approved"), client_must_approve_hours=True)
    assert amounts(bill(approved)) == {("Hydro", "2026-10"): ["180.00"]}
    before = of(item("1", "10-05", "180"), go_live="10-15")
    assert stands(bill(before))["1"] == [("not-billable", "before-go-live", 0, 100_000)]


@pytest.mark.parametrize(("policy", "state"), [("ask", "waiting"), ("report", "not-billable")])
def test_changes_of_items_wait_by_their_quantity(policy: str, state: str):
    hotel = item("1", "10-05", "180", "2")
    now = post(of(hotel, changed_after_posting=policy, clients=TWO_CLIENTS))

    more = bill(later(now, "12-03", edited(hotel, quantity=Decimal(5))))
    assert [one[0::3] for one in stands(more)["1"]] == [(state, 300_000)]
    moved = bill(later(now, "12-03", edited(hotel, client="Acme")))
    assert [one[0::3] for one in stands(moved)["1"]] == [(state, 200_000), (state, -200_000)]
    assert more.documents == moved.documents == ()
    dearer = bill(later(now, "12-03", edited(hotel, amount=Decimal(200))))
    assert dearer.documents == ()


def test_a_frozen_item_is_neither_billed_nor_adjusted():
    hotel = item("1", "10-05", "180", "2")
    now = replace(post(of(hotel)), frozen=frozenset({("tool", "1")}))

    made = bill(later(now, "12-03", edited(hotel, quantity=Decimal(5))))

    assert made.documents == ()
    assert stands(made)["1"] == [("waiting", "held-for-decision", 0, 300_000)]


def wrote_off(before: World, scaled_quantity: int, revision: int) -> World:
    """A person has written off so much of the last entry, which is unbilled."""
    posted = before.ledger[-1]
    nothing: dict[str, Any] = {"amount_minor": 0, "line": None, "rounding": Rounding()}
    row: Allocation = replace(
        posted.allocation, revision=revision, effect="written-down", scaled_quantity=scaled_quantity, **nothing
    )
    return replace(before, ledger=(*before.ledger, Posted("W-1", "", posted.period_last, row)))


def test_what_was_written_off_of_an_item_is_the_first_to_go():
    hotel = item("1", "10-05", "180", "2")
    more = edited(hotel, quantity=Decimal(5))
    now = later(wrote_off(post(of(hotel)), 300_000, 2), "12-03", more)
    assert bill(now).documents == ()

    fewer = edited(more, quantity=Decimal(3))
    now = later(now, "12-03", fewer)
    (made,) = bill(now).documents
    assert (made.kind, [row.scaled_quantity for row in made.allocations]) == ("settlement", [-200_000])
    now = later(post(now), "2027-01-03", edited(fewer, quantity=Decimal(1)))
    assert told(only(bill(now))) == [("adjustment", "-1", "180.00", "-180.00")]


def test_why_an_item_costs_what_it_costs_is_kept():
    hotel = item("1", "10-05", "180", "2", rebate_percent="10")
    (row,) = only(bill(of(hotel, expenses=[expense("Hotel", markup_percent=Decimal(8))]))).allocations

    assert row.reason.service_row.startswith("mappings/expenses.csv:")
    assert [step if isinstance(step, str) else (step.code, dict(step.values)) for step in row.reason.steps] == [
        ("item", {"quantity": "2", "amount": "180", "currency": "CAD"}),
        ("item-rebate", {"percent": "10"}),
        ("item-markup", {"percent": "8"}),
    ]
    assert [say(step, "fr-CA") for step in row.reason.steps] == [
        "2 à 180 CAD.",
        "Moins un rabais de 10\u00a0%.",
        "Plus la marge de sa catégorie, 8\u00a0%.",
    ]
    (stamp,) = only(bill(of(item("1", "10-05", "0.335")))).allocations
    assert [say(step, "fr") for step in stamp.reason.steps] == ["1 à 0,335 CAD."]


def history(chance: random.Random) -> tuple[World, int]:
    """A world in which one item was corrected and posted a few times, with the steps that billed it."""
    now = of(item("1", "10-05", "19.99", "3"), clients=TWO_CLIENTS, expenses=[expense("Hotel"), expense("Taxi")])
    billed = 0
    for month in range(11, 16):
        (one,) = now.entries
        work = one.work
        changed = {
            "quantity": chance.choice([work.quantity, Decimal(chance.randint(-3, 9)), Decimal("1.33333")]),
            "amount": chance.choice([work.amount, Decimal("0.335"), Decimal("7.77")]),
            "rebate_percent": chance.choice([work.rebate_percent, Decimal("33.3")]),
            "client": chance.choice(["Hydro", "Hydro", "Acme"]),
            "service": chance.choice(["Hotel", "Hotel", "Taxi"]),
            "tax_code": chance.choice(["", "", "Zero"]),
            "billable": chance.random() < 0.9,
        }
        made = bill(now)
        billed += bool(made.documents)
        now = post(now, made)
        assert bill(now).documents == (), "billed again although nothing changed"
        today = f"{2026 + month // 13}-{month % 13 + month // 13:02}-03"
        now = later(now, today, edited(one, deleted=chance.random() < 0.2, **changed))
    return post(now), billed


def test_whatever_happens_to_an_item_its_reversal_is_the_exact_negative():
    """`bill` itself asserts that each quantity stands exactly once, and that ledger rows and lines add up."""
    chance, billed = random.Random(4711), 0
    for _ in range(150):
        now, steps = history(chance)
        billed += steps
        (one,) = now.entries
        gone = post(later(now, "2027-06-03", edited(one, deleted=True)))
        sums: dict[str, list[int]] = {}
        for posted in gone.ledger:
            row = posted.allocation
            mine = sums.setdefault(row.terms.client, [0, 0])
            mine[0] += row.scaled_quantity
            mine[1] += row.amount_minor
        assert all(pair == [0, 0] for pair in sums.values()), (now.ledger, sums)
    assert billed > 400, "documents were made"
